"""A list in which no two molecules are alike, kept as good as its order allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from molgen.data.library import Library
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import tanimoto


def pick(smiles: Sequence[str], n: int, *, most_alike: float) -> list[int]:
    """Rows of at most `n` molecules, best first: each the next one no more similar than `most_alike` to any before.

    Tanimoto on ECFP4; the sphere exclusion of Hudson et al., Quant. Struct.-Act. Relat. 15 (1996) 285, in
    the order given. A row that is no molecule is never picked.

    >>> pick(["CCCCO", "CCCCN", "c1ccccc1"], 2, most_alike=0.3)
    [0, 2]
    """
    library = Library.of(smiles)
    bits = Fingerprint().of(library)
    place = library.fill(np.arange(len(library.distinct())))
    picked: list[int] = []
    for row, position in enumerate(place.tolist()):
        if len(picked) == n:
            break
        if position != position:
            continue
        alike = tanimoto(bits[int(position)][None], bits[[int(place[i]) for i in picked]]) if picked else None
        if alike is None or alike.max() <= most_alike:
            picked.append(row)
    return picked
