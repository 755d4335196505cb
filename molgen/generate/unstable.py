"""Groups that fall apart before anybody can measure them, and that no catalogue of alerts names."""

from __future__ import annotations

from functools import cache

from rdkit import Chem

# Of 20,000 lead-like molecules that ship with molgen one has any of these, of 1,935 approved drugs four, two of them one natural product.
_GROUPS = {
    "carbamic acid": "[NX3][CX3](=O)[OX2H]",
    "half ester of carbonic acid": "[OX2;!H][CX3](=O)[OX2H]",
    "geminal diol": "[CX4;!$(C-C(F)(F)F)]([OX2H])[OX2H]",
    "hemiaminal": "[CX4]([OX2H])[NX3;!$(N-[C,S,P]=[O,S,N]);!$(N-a);!$(N-C#N)]",
    "halogen beside nitrogen or hydroxyl": "[CX4;!$(C([F,Cl])[F,Cl])]([F,Cl,Br,I])[NX3,OX2H]",
}


def unstable(mol: Chem.Mol, given: frozenset[int] = frozenset()) -> str:
    """The first such group, "" for none; one that is all among `given` atoms is somebody's wish.

    >>> unstable(Chem.MolFromSmiles("OC(=O)Nc1ccccc1")), unstable(Chem.MolFromSmiles("COC(=O)Nc1ccccc1"))
    ('carbamic acid', '')
    """
    for name, pattern in _patterns():
        if any(not given.issuperset(match) for match in mol.GetSubstructMatches(pattern)):
            return name
    return ""


@cache
def _patterns() -> tuple[tuple[str, Chem.Mol], ...]:
    return tuple((name, Chem.MolFromSmarts(smarts)) for name, smarts in _GROUPS.items())
