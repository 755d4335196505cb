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
_ELEMENTS = (6, 7, 8, 9, 15, 16, 17, 35)
# How much of each number is one step: chosen so that a methyl, a ring and a change of logP a chemist notices weigh alike.
_STEPS = np.array([1.0] * len(_ELEMENTS) + [2.0, 0.5, 8.0, 0.5, 0.5, 1.0, 1.0, 1.0])
_LENGTHS = (2.0, 8.0)  # of closeness by all numbers, in steps: about one atom of each kind, about a ring
_LENGTH = 3.0  # of closeness by one
_SORTS = np.cumsum([len(KINDS), len(_LENGTHS), len(_LENGTHS)])  # where the kernels of each sort end
KERNELS = int(_SORTS[-1]) + len(_STEPS)

Parts = frozenset[str]  # of KINDS and "numbers"
ALL: Parts = frozenset((*KINDS, "numbers"))


def weighty(weights: NDArray[np.float64]) -> Parts:
    """What there is to know of molecules to compare them by kernels so weighed."""
    of_shared, _, of_both, _ = np.split(weights, _SORTS)
    kinds = {kind for kind, weight in zip(KINDS, of_shared) if weight or of_both.any()}
    return frozenset(kinds | {"numbers"} if weights[len(KINDS) :].any() else kinds)


@dataclass(frozen=True, eq=False)
class Traits:
    """Of molecules, in order."""

    fragments: tuple[Counted, ...]  # one a kind
    numbers: NDArray[np.float64]  # [molecules, numbers], in steps
    parts: Parts  # those worked out; the others look as if molecules had none

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, mols: Sequence[Chem.Mol], parts: Parts = ALL) -> Traits:
        """Of sanitised molecules; no more than the parts asked for."""
        fragments = tuple(_counted(kind, mols) if kind in parts else Counted.none(len(mols)) for kind in KINDS)
        numbers = np.array([_numbers(mol) for mol in mols]) if mols and "numbers" in parts else np.zeros((len(mols), len(_STEPS)))
        return cls(fragments, numbers / _STEPS, parts)

    @classmethod
    def joined(cls, several: Sequence[Traits]) -> Traits:
        """All molecules of several, in order; what is worked out for all of them."""
        fragments = tuple(Counted.joined([one.fragments[i] for one in several]) for i in range(len(KINDS)))
        return cls(fragments, np.concatenate([one.numbers for one in several]), ALL.intersection(*(one.parts for one in several)))

    def of_kind(self, kind: str) -> Counted:
        """Fragments of one of KINDS."""
        return self.fragments[KINDS.index(kind)]

    def take(self, rows: NDArray[np.int64]) -> Traits:
        """Some of the molecules, in this order."""
        return Traits(tuple(one.take(rows) for one in self.fragments), self.numbers[rows], self.parts)

    def alike(self, others: Traits) -> NDArray[np.float64]:
        """[KERNELS, molecules, others], each in [0, 1].

        Shared fragments by kind; closeness by all numbers; both at once; closeness by each number on its own, so that
        the logarithm of a product of desirabilities, one for each property, is a sum of functions that are learned apart.
        """
        shared = [one.alike(other) for one, other in zip(self.fragments, others.fragments)]
        close = self._close(others)
        each = [self._close_by(others, number) for number in range(len(_STEPS))]
        return np.stack([*shared, *close, *(sum(shared) / len(shared) * one for one in close), *each])

    def mixed(self, others: Traits, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """[molecules, others], the sum of what `alike` returns, each times its weight; what has no weight is not looked at."""
        needed = weighty(weights)
        if not needed <= self.parts & others.parts:
            raise ValueError(f"not worked out: {', '.join(sorted(needed - (self.parts & others.parts)))}")
        of_shared, of_close, of_both, of_each = np.split(weights, _SORTS)
        whole, along = np.zeros((len(self), len(others))), np.zeros((1, 1))
        if of_close.any() or of_both.any():
            close = self._close(others)
            whole, along = np.tensordot(of_close, close, 1), np.tensordot(of_both / len(KINDS), close, 1)
        for kind, weight, one, other in zip(KINDS, of_shared, self.fragments, others.fragments):
            if kind in needed:
                whole += one.alike(other) * (along + weight)
        for number in np.flatnonzero(of_each).tolist():
            whole += of_each[number] * self._close_by(others, number)
        return whole

    def _close(self, others: Traits) -> NDArray[np.float64]:
        """[lengths, molecules, others], by all numbers."""
        apart = (self.numbers**2).sum(1)[:, None] + (others.numbers**2).sum(1) - 2.0 * self.numbers @ others.numbers.T
        return np.exp(-0.5 * np.maximum(apart, 0.0) / np.square(_LENGTHS)[:, None, None])

    def _close_by(self, others: Traits, number: int) -> NDArray[np.float64]:
        """[molecules, others], by one of the numbers."""
        apart = self.numbers[:, number, None] - others.numbers[:, number]
        return np.exp(-0.5 * (apart / _LENGTH) ** 2)


def _counted(kind: str, mols: Sequence[Chem.Mol]) -> Counted:
    sizes, pairs = saved_counts(_generator(kind), mols, COLUMNS)
    return Counted.of(sizes, pairs[:, 0], pairs[:, 1])


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
