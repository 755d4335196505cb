"""A molecule's atoms and bonds as plain numbers, for what looks at every atom of every child.

RDKit takes longer to hand out an atom or a bond than to answer all that is asked of it, so each atom is handed out once and no bond is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molgen.generate.joining import atoms_of

AROMATIC = 2  # the bit of a kind
_AROMATIC_ORDER, _AROMATIC_TYPE = 1.5, int(Chem.BondType.AROMATIC)


class Graph(NamedTuple):
    """What is where; a bond by its RDKit type, dative ones taken for single and those of order zero for 0."""

    kinds: list[int]  # by atom: element * 32 + (charge + 4) * 4 + AROMATIC + 1 in a ring
    hydrogens: list[int]  # by atom
    bonds: list[dict[int, int]]  # by atom: neighbour -> type
    rings: tuple[tuple[int, ...], ...]  # the smallest ones, each once around

    @classmethod
    def of(cls, mol: Chem.Mol) -> Graph:
        """Of a sanitised molecule.

        >>> Graph.of(Chem.MolFromSmiles("C=O")).bonds
        [{1: 2}, {0: 2}]
        """
        atoms = atoms_of(mol)
        orders = Chem.GetAdjacencyMatrix(mol, useBO=True, force=True)
        begins, ends = np.nonzero(Chem.GetAdjacencyMatrix(mol, force=True))
        bonds: list[dict[int, int]] = [{} for _ in atoms]
        for begin, end, order in zip(begins.tolist(), ends.tolist(), orders[begins, ends].tolist()):
            bonds[begin][end] = _AROMATIC_TYPE if order == _AROMATIC_ORDER else int(order)
        return cls([_kind(atom) for atom in atoms], [atom.GetTotalNumHs() for atom in atoms], bonds, mol.GetRingInfo().AtomRings())


def _kind(atom: Chem.Atom) -> int:
    return int(atom.GetAtomicNum() * 32 + (atom.GetFormalCharge() + 4) * 4 + atom.GetIsAromatic() * AROMATIC + atom.IsInRing())
