"""What every edit shares: its tools, its result, and the seal that turns an edited graph back into a molecule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from rdkit import Chem

from molgen.generate.pieces import Parent
from molgen.generate.vocabulary import Vocabulary

T = TypeVar("T")


@dataclass(frozen=True)
class Tools:
    """What an edit may reach for beside the parent itself."""

    vocabulary: Vocabulary
    mate: Callable[[], Parent]  # a second parent, drawn when it is needed
    largest: int  # heavy atoms a child may have


@dataclass(frozen=True)
class Child:
    """An edited graph, not yet a molecule, and how it was made."""

    mol: Chem.Mol
    origin: str


Edit = Callable[[Parent, Tools, np.random.Generator], "Child | None"]  # None: no place for this edit here


def seal(mol: Chem.Mol) -> tuple[str, Chem.Mol]:
    """(canonical SMILES, the same graph as a molecule); the SMILES is "" when it is no molecule or more than one.

    Marks of stereo that the edit left standing are kept where they still mean something and dropped where not.
    """
    if Chem.SanitizeMol(mol, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return "", mol
    Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    smiles = Chem.MolToSmiles(mol)
    return "" if "." in smiles or "*" in smiles else smiles, mol


def loosen(mol: Chem.RWMol, atoms: Sequence[int]) -> None:
    """Let these atoms take new neighbours: hydrogens follow from the valence again, and stereo is forgotten.

    A mark of stereo means an order of neighbours; among others, it would say something that nobody meant.
    """
    for i in atoms:
        atom = mol.GetAtomWithIdx(i)
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        if not atom.GetIsAromatic():  # pyrrole's hydrogen has to be said
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0)
        for bond in atom.GetBonds():
            bond.SetBondDir(Chem.BondDir.NONE)
            if bond.GetBondType() == Chem.BondType.DOUBLE:
                bond.SetStereo(Chem.BondStereo.STEREONONE)


def pick(options: Sequence[T], rng: np.random.Generator) -> T:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


@cache
def piece_of(smiles: str) -> Chem.Mol:
    """A piece written down by hand, its cuts as numbered dummies."""
    return Chem.MolFromSmiles(smiles)


def take_hydrogen(atom: Chem.Atom) -> None:
    """Make room for one bond: a hydrogen written out (as in pyrrole) would otherwise stay."""
    if atom.GetNumExplicitHs():
        atom.SetNumExplicitHs(atom.GetNumExplicitHs() - 1)
