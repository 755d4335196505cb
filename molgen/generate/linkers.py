"""What chemists put between two parts of a molecule, and the simplest molecules that it makes of pieces to be linked."""

from __future__ import annotations

from functools import cache
from itertools import permutations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.generate.joining import join, renumbered
from molgen.generate.keep import stars_of

# With the kinds of atoms at its ends; used both ways round.
LINKERS = (
    ("[1*]C[2*]", "C3", "C3"),
    ("[1*]CC[2*]", "C3", "C3"),
    ("[1*]O[2*]", "O3", "O3"),
    ("[1*]N[2*]", "N3", "N3"),
    ("[1*]C(=O)[2*]", "C2", "C2"),
    ("[1*]C(=O)N[2*]", "C2", "N2"),
    ("[1*]S(=O)(=O)N[2*]", "S3", "N3"),
    ("[1*]CO[2*]", "C3", "O3"),
    ("[1*]CN[2*]", "C3", "N3"),
    ("[1*]NC(=O)N[2*]", "N2", "N2"),
)
_STARTS = {
    2: (*(text for text, _, _ in LINKERS), "[1*]c1ccc([2*])cc1", "[1*]c1cccc([2*])c1", "[1*]N1CCC([2*])CC1", "[1*]N1CCN([2*])CC1"),
    3: ("[1*]C([2*])[3*]", "[1*]N([2*])[3*]", "[1*]c1cc([2*])cc([3*])c1", "[1*]C1CC([2*])CN([3*])C1"),
    4: ("[1*]C([2*])([3*])[4*]", "[1*]c1cc([2*])c([3*])cc1[4*]", "[1*]C([2*])C([3*])[4*]"),
}
# Where a piece has several stars: wide enough for the far corners of a ring.
_WIDE = {
    3: ("[1*]CCCC([3*])CCC[2*]", "[1*]CCCC(CCC[2*])CCC[3*]"),
    4: ("[1*]CCC([3*])CC([4*])CC[2*]", "[1*]CCCC(CCC[2*])(CCC[3*])CCC[4*]"),
}
_UNSTABLE = ("[#7,#8,#16;!a][#7,#8,#16;!a;!$(*=*)]", "[#7X3,#8X2,#16X2][CX4][#7X3,#8X2,#16X2]")  # where two parts would meet badly
_CHAINS = (("[1*]", 0), ("[1*]C(=O)N", 2), ("[1*]O", 1))  # what a chain that closes a ring begins with, and how many atoms of it that is
_RINGS = range(12, 19)  # atoms of the smallest rings that a macrocycle starts with


def joined(drawn: Chem.Mol, *, ring: bool) -> list[str]:
    """SMILES of the pieces put together by plain linkers at their stars; when both ends are on one, by chains that close a ring.

    >>> joined(Chem.MolFromSmiles("*c1ccccc1.*CC"), ring=False)[0]
    'CCCc1ccccc1'
    """
    stars = stars_of(drawn)
    pieces = Chem.RWMol(drawn)
    for number, i in enumerate(stars, start=1):
        pieces.GetAtomWithIdx(i).SetIsotope(number)
    several = len(stars) > len(Chem.GetMolFrags(drawn))
    texts = _chains(drawn, stars) if ring and len(stars) == 2 else (*_STARTS[len(stars)], *(_WIDE[len(stars)] if several else ()))
    orders = list(permutations(range(1, len(stars) + 1)))
    made = [put_together(pieces, text, order) for text in texts for order in orders]
    return list(dict.fromkeys(smiles for smiles in made if smiles))


def _chains(drawn: Chem.Mol, stars: list[int]) -> list[str]:
    """Chains with two ends for rings of `_RINGS`; shorter ones where the piece itself is long."""
    between = int(Chem.GetDistanceMatrix(drawn)[stars[0], stars[1]]) - 1  # atoms of the piece in the ring
    lengths = sorted({max(1, size - between) for size in _RINGS})
    return [f"{first}{'C' * max(0, length - atoms)}[2*]" for length in lengths for first, atoms in _CHAINS]


def put_together(pieces: Chem.Mol, linker: str, order: tuple[int, ...]) -> str:
    """The SMILES, "" when it is no molecule."""
    middle = renumbered(Chem.MolFromSmiles(linker), order)
    with BlockLogs():
        whole = join(pieces, middle)
        if Chem.SanitizeMol(whole, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
            return ""
    return "" if _unstable(whole) > _unstable(pieces) + _unstable(middle) else str(Chem.MolToSmiles(whole))


def _unstable(mol: Chem.Mol) -> int:
    return sum(len(mol.GetSubstructMatches(pattern)) for pattern in _patterns())


@cache
def _patterns() -> tuple[Chem.Mol, ...]:
    return tuple(Chem.MolFromSmarts(text) for text in _UNSTABLE)
