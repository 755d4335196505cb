"""What chemists hang on a scaffold first, and the molecules that it makes of one with several open places."""

from __future__ import annotations

from rdkit import Chem

from molgen.generate.keep import stars_of
from molgen.generate.linkers import put_together

# Small ones, since there are several: larger ones the search grows.
_ON_ANY = ("CC", "C(C)C", "C1CC1", "CCOC", "CC1CC1", "CCC", "C1COC1")  # bound by a carbon, as a hetero atom wants it
_ON_ARENE = ("OC", "F", "C1CC1", "Cl", "C#N", "N(C)C", "C(F)(F)F", "CC", "C(=O)NC", "CO", "OCC")
_MADE = 11


def dressed(drawn: Chem.Mol) -> list[str]:
    """SMILES with an arm of its own at every star, other ones in each; of a single star nothing, whose arm comes by itself.

    >>> dressed(Chem.MolFromSmiles("*c1ccc(*)nc1"))[:2]
    ['COc1ccc(Cl)nc1', 'CN(C)c1ccc(F)cn1']
    """
    stars = stars_of(drawn)
    if len(stars) < 2:
        return []
    pieces = Chem.RWMol(drawn)
    for number, i in enumerate(stars, start=1):
        pieces.GetAtomWithIdx(i).SetIsotope(number)
    fitting = [_ON_ARENE if _arene(drawn.GetAtomWithIdx(i).GetNeighbors()[0]) else _ON_ANY for i in stars]
    order = tuple(range(1, len(stars) + 1))
    made = [put_together(pieces, ".".join(_arm(arms, n, turn) for n, arms in zip(order, fitting)), order) for turn in range(_MADE)]
    return list(dict.fromkeys(smiles for smiles in made if smiles))


def _arene(atom: Chem.Atom) -> bool:
    return bool(atom.GetIsAromatic() and atom.GetAtomicNum() == 6)


def _arm(arms: tuple[str, ...], number: int, turn: int) -> str:
    """Of each place another one by turns, so that no two places keep the same pace."""
    return f"[{number}*]{arms[(3 * (number - 1) + number * turn) % len(arms)]}"
