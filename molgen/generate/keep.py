"""The substructure that stays: every proposal has it, without exception."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.standardize import standardize


@dataclass(frozen=True)
class Keep:
    """A substructure to hold on to; the empty one is in every molecule.

    >>> Keep.of("c1ccccc1").holds(Chem.MolFromSmiles("Cc1ccccc1"))
    True
    """

    text: str = ""
    pattern: Chem.Mol | None = None
    seed: str = ""  # the substructure as a molecule of its own, "" when it is none (SMARTS, several pieces)
    stars: frozenset[int] = frozenset()  # the pattern's atoms that may be any: there, but free to change

    @classmethod
    def of(cls, text: str | None, *, name: str = "keep") -> Keep:
        """The substructure written as SMILES, or else as SMARTS.

        SMILES comes first because it is what people paste: a Kekulé ring in it means the aromatic ring,
        which the same letters read as SMARTS would never match. ``*`` stands for any atom.
        """
        if not text or not text.strip():
            return cls()
        text = text.strip()
        with BlockLogs():
            drawn = _complete(Chem.MolFromSmiles(text))
            pattern = drawn if drawn is not None else Chem.MolFromSmarts(text)
        if pattern is None or pattern.GetNumAtoms() == 0:
            raise MolgenError(f"the substructure to {name} is neither SMILES nor SMARTS: {text!r}", where=name)
        if drawn is None:
            return cls(text, pattern)
        return cls._of_molecule(text, drawn)

    @classmethod
    def _of_molecule(cls, text: str, drawn: Chem.Mol) -> Keep:
        if stars_of(drawn):
            pattern = any_atom_for_stars(drawn)
            seed = _as_seed(standardize(methyl_for_stars(drawn)).smiles, pattern)
            return cls(text, pattern, seed, frozenset(stars_of(drawn)))
        structure = standardize(text)
        # Molecules are scored as neutral parents: a carboxylate asked for has to be looked for as the acid.
        whole = Chem.MolFromSmiles(structure.smiles) if structure.smiles else None
        pattern = whole if whole is not None and whole.GetNumAtoms() == drawn.GetNumAtoms() else drawn
        return cls(text, pattern, _as_seed(structure.smiles, pattern))

    def __bool__(self) -> bool:
        return self.pattern is not None

    def holds(self, mol: Chem.Mol) -> bool:
        """Whether the molecule has the substructure, its stereo included where the substructure says one."""
        return self.pattern is None or mol.HasSubstructMatch(self.pattern, useChirality=True)

    def atoms(self, mol: Chem.Mol) -> frozenset[int]:
        """The atoms of one occurrence, which edits leave alone; a second occurrence may change, and so may what stars stand for."""
        if self.pattern is None:
            return frozenset()
        match = mol.GetSubstructMatch(self.pattern, useChirality=True)
        return frozenset(atom for place, atom in enumerate(match) if place not in self.stars)


ANYTHING = Keep()


def _complete(mol: Chem.Mol | None) -> Chem.Mol | None:
    """None for SMARTS that happens to be SMILES: ``[#6]N`` would be a bare carbon without hydrogens."""
    radicals = mol is not None and any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms())
    return None if radicals else mol


def any_atom_for_stars(drawn: Chem.Mol) -> Chem.Mol:
    """The drawn structure as a query whose stars are any atom, hydrogen not counted."""
    query = Chem.RWMol(drawn)
    for i in stars_of(drawn):
        query.ReplaceAtom(i, Chem.AtomFromSmarts("*"))
    return query.GetMol()


def methyl_for_stars(drawn: Chem.Mol) -> str:
    """The drawn structure as a molecule, methyl for each star: a hydrogen would not match it."""
    capped = Chem.RWMol(drawn)
    for i in stars_of(drawn):
        capped.ReplaceAtom(i, Chem.Atom(6))
    return str(Chem.MolToSmiles(capped))


def stars_of(mol: Chem.Mol) -> list[int]:
    """Places of the dummy atoms."""
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def _as_seed(smiles: str, pattern: Chem.Mol) -> str:
    """The SMILES when it is one molecule that has the pattern, else ""."""
    mol = Chem.MolFromSmiles(smiles) if smiles and "." not in smiles else None
    return smiles if mol is not None and mol.HasSubstructMatch(pattern, useChirality=True) else ""
