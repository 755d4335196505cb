"""Frameworks: the ring systems of a molecule and what links them (Bemis & Murcko, J. Med. Chem. 39 (1996) 2887)."""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold


def scaffold(mol: Chem.Mol) -> str:
    """Canonical SMILES of the Murcko framework without stereo; "" for a molecule without a ring.

    >>> scaffold(Chem.MolFromSmiles("CCc1ccc(C(=O)NC2CC2)cc1"))
    'O=C(NC1CC1)c1ccccc1'
    """
    return Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(mol), isomericSmiles=False)
