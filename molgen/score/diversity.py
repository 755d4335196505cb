"""A list in which no two molecules are alike, kept as good as its order allows."""

from __future__ import annotations

from collections.abc import Sequence

from rdkit import Chem

from molgen.chem.fingerprints import packed_ecfp4
from molgen.features.bits import nearest


def pick(smiles: Sequence[str], n: int, *, most_alike: float) -> list[int]:
    """Rows of at most `n` molecules, best first: each the next one no more similar than `most_alike` to any before.

    Tanimoto on ECFP4; the sphere exclusion of Hudson et al., Quant. Struct.-Act. Relat. 15 (1996) 285, in
    the order given, of the molecules as they are written. A row that is no molecule is never picked.

    >>> pick(["CCCCO", "CCCCN", "c1ccccc1"], 2, most_alike=0.3)
    [0, 2]
    """
    mols = [Chem.MolFromSmiles(text) if text else None for text in smiles]
    rows = [row for row, mol in enumerate(mols) if mol is not None]
    bits = packed_ecfp4([mol for mol in mols if mol is not None])
    picked: list[int] = []  # positions in `rows`
    for position in range(len(rows)):
        if len(picked) == n:
            break
        if not picked or nearest(bits[position][None], bits[picked]).tanimoto[0] <= most_alike:
            picked.append(position)
    return [rows[position] for position in picked]
