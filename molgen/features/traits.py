"""What a search compares molecules by: fragments of four kinds, and what they are made of in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from molgen.features.fingerprint import saved_counts
from molgen.features.overlap import COLUMNS, Counted

KINDS = ("ecfp4", "ecfp6", "fcfp4", "pairs")
_LENGTHS = (2.0, 8.0)  # of closeness by numbers: about one atom of each kind, about a ring
KERNELS = len(KINDS) + 2 * len(_LENGTHS)

_ELEMENTS = (6, 7, 8, 9, 15, 16, 17, 35)
# How much of each number is one step: chosen so that a methyl, a ring and a change of logP a chemist notices weigh alike.
_STEPS = np.array([1.0] * len(_ELEMENTS) + [2.0, 0.5, 8.0, 0.5, 0.5, 1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Traits:
    """Of molecules, in order."""

    fragments: tuple[Counted, ...]  # one a kind
    numbers: NDArray[np.float64]  # [molecules, numbers], in steps

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, mols: Sequence[Chem.Mol]) -> Traits:
        """Of sanitised molecules."""
        found = []
        for kind in KINDS:
            sizes, pairs = saved_counts(_generator(kind), mols, COLUMNS)
            found.append(Counted.of(sizes, pairs[:, 0], pairs[:, 1]))
        return cls(tuple(found), np.array([_numbers(mol) for mol in mols]).reshape(len(mols), -1) / _STEPS)

    @classmethod
    def joined(cls, parts: Sequence[Traits]) -> Traits:
        """All molecules of all parts, in order."""
        fragments = tuple(Counted.joined([part.fragments[i] for part in parts]) for i in range(len(KINDS)))
        return cls(fragments, np.concatenate([part.numbers for part in parts]))

    def take(self, rows: NDArray[np.int64]) -> Traits:
        """Some of the molecules, in this order."""
        return Traits(tuple(one.take(rows) for one in self.fragments), self.numbers[rows])

    def alike(self, others: Traits) -> NDArray[np.float64]:
        """[KERNELS, molecules, others], each in [0, 1]: shared fragments by kind, closeness by numbers, both at once."""
        shared = [one.alike(other) for one, other in zip(self.fragments, others.fragments)]
        apart = (self.numbers**2).sum(1)[:, None] + (others.numbers**2).sum(1) - 2.0 * self.numbers @ others.numbers.T
        close = [np.exp(-0.5 * np.maximum(apart, 0.0) / length**2) for length in _LENGTHS]
        return np.stack([*shared, *close, *(sum(shared) / len(shared) * one for one in close)])


@cache
def _generator(kind: str) -> Any:
    if kind == "pairs":  # ten bonds are a molecule's width; farther pairs say little but how long it is
        return rdFingerprintGenerator.GetAtomPairGenerator(fpSize=COLUMNS, maxDistance=10)
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen() if kind == "fcfp4" else None
    return rdFingerprintGenerator.GetMorganGenerator(radius=3 if kind == "ecfp6" else 2, fpSize=COLUMNS, atomInvariantsGenerator=invariants)


def _numbers(mol: Chem.Mol) -> list[float]:
    atoms = [mol.GetAtomWithIdx(i) for i in range(mol.GetNumAtoms())]
    elements = [atom.GetAtomicNum() for atom in atoms]
    logp, _ = rdMolDescriptors.CalcCrippenDescriptors(mol)
    return [
        *(elements.count(element) for element in _ELEMENTS),
        sum(atom.GetTotalNumHs() for atom in atoms),
        logp,
        rdMolDescriptors.CalcTPSA(mol),
        rdMolDescriptors.CalcNumRings(mol),
        rdMolDescriptors.CalcNumAromaticRings(mol),
        rdMolDescriptors.CalcNumRotatableBonds(mol, rdMolDescriptors.NumRotatableBondsOptions.NonStrict),
        rdMolDescriptors.CalcNumHBD(mol),
        rdMolDescriptors.CalcNumHBA(mol),
    ]
