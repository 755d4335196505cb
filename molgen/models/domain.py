"""Where the model may be believed: near the molecules it was shown, task by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.chem.bulk import heavy_atoms
from molgen.data.library import Library
from molgen.data.partners import Partners
from molgen.features.bits import Bits, ecfp4, nearest, top
from molgen.features.partner import view_of
from molgen.features.similarity import Nearest
from molgen.models.base import Values

# A molecule is inside while it lies no farther from the training set than 95 in 100 of the
# training molecules lie from their own nearest neighbour.
_QUANTILE = 0.05

# Of models saved before sizes were kept; few molecules of the ADMET sets of Therapeutics Data Commons are beyond.
USUAL_SIZES = (3, 80)

# Partners are few, and often none is like another; one that is like none of them is no more inside for that.
_LEAST_CLOSE, _CLOSE_TO_ONE = 0.1, 0.5  # where there are several, and where there is one

# Molecules looked at together before each group of tasks is searched by itself: the large groups, where searching takes long, are
# nearly always among them.
_CLOSEST = 128


class Group(NamedTuple):
    """The tasks that were measured on the same molecules, and those molecules: one search answers for all of them."""

    tasks: NDArray[np.int64]
    rows: NDArray[np.int64]  # of the known molecules
    bits: Bits


@dataclass(frozen=True, eq=False)
class Known:
    """The molecules a model has seen, and what was measured of them.

    A model that goes out without its data keeps fingerprints only: then `smiles` and `ids` are "" and all values NaN.
    """

    ids: tuple[str, ...]
    smiles: tuple[str, ...]
    values: Values
    packed: NDArray[np.uint8]  # [molecules, 256], ECFP4 bits
    measured: NDArray[np.bool_]  # [molecules, tasks]
    fold: NDArray[np.int64]  # [molecules], the one that was held out with it; -1 where that is not known

    @classmethod
    def of(cls, library: Library, values: Values, fold_of: NDArray[np.int64] | None = None) -> Known:
        fold = np.full(len(library), -1) if fold_of is None else fold_of
        return cls(library.ids, tuple(library.smiles), values, ecfp4(library), np.isfinite(values), fold)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def told(self) -> bool:
        """Whether structures and values are there, and not fingerprints alone."""
        return any(self.smiles)

    @cached_property
    def bits(self) -> Bits:
        """The fingerprints, ready to be searched again and again."""
        return Bits(self.packed)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every task is in one of them."""
        masks, place = np.unique(self.measured, axis=1, return_inverse=True)
        found = []
        for i, mask in enumerate(masks.T):
            rows = np.flatnonzero(mask)
            found.append(Group(np.flatnonzero(place == i), rows, self.bits if mask.all() else Bits(self.packed[rows])))
        return tuple(found)

    def only(self, tasks: Sequence[int]) -> Known:
        """Those that were measured for one of these tasks, and what was measured for them."""
        values, measured = self.values[:, list(tasks)], self.measured[:, list(tasks)]
        rows = np.flatnonzero(measured.any(axis=1)).tolist()
        ids, smiles = tuple(self.ids[row] for row in rows), tuple(self.smiles[row] for row in rows)
        return Known(ids, smiles, values[rows], self.packed[rows], measured[rows], self.fold[rows])

    def without_data(self) -> Known:
        """The same without structures and values, to be passed on where the data themselves may not be."""
        nothing = ("",) * len(self)
        return replace(self, ids=nothing, smiles=nothing, values=np.full(self.values.shape, np.nan))


@dataclass(frozen=True, eq=False)
class Domain:
    """Inside is at or above a task's threshold of Tanimoto similarity (ECFP4) to the nearest molecule measured for that task,
    and no smaller or larger than all of these: of one piece repeated ECFP4 does not see how often."""

    known: Known
    thresholds: NDArray[np.float64]  # [tasks]
    sizes: NDArray[np.int64]  # [tasks, 2], heavy atoms of the smallest and the largest
    closest: float = 0.0  # of pairs: how like its partner must be to one of those learned from

    @classmethod
    def of(cls, library: Library, values: Values, fold_of: NDArray[np.int64] | None = None) -> Domain:
        """The domain of distinct training molecules, or pairs; thresholds are learned from how near those of a task lie to each other."""
        if library.partners is not None:
            return cls._of_pairs(library.molecules, _closeness(library.partners))
        known, atoms = Known.of(library, values, fold_of), heavy_atoms(library.smiles)
        thresholds, sizes = np.empty(values.shape[1]), np.empty((values.shape[1], 2), dtype=np.int64)
        for tasks, rows, bits in known.groups:
            thresholds[tasks] = np.quantile(_to_the_others(bits), _QUANTILE)
            sizes[tasks] = atoms[rows].min(), atoms[rows].max()
        return cls(known, thresholds, sizes)

    @classmethod
    def _of_pairs(cls, molecules: Library, closeness: Values) -> Domain:
        """Near both the molecules and the partners, which are so like each other [partners, partners]."""
        alone = cls.of(molecules, np.ones((len(molecules), 1)))
        others = closeness.copy()
        np.fill_diagonal(others, 0.0)
        # What was measured of a molecule is a matter of the partner.
        untold = replace(alone.known, values=np.full(alone.known.values.shape, np.nan))
        seen = float(np.quantile(others.max(axis=1), _QUANTILE))
        return cls(untold, alone.thresholds, alone.sizes, max(seen, _LEAST_CLOSE) if len(closeness) > 1 else _CLOSE_TO_ONE)

    def only(self, tasks: Sequence[int]) -> Domain:
        """The same for these of its tasks."""
        return Domain(self.known.only(tasks), self.thresholds[list(tasks)], self.sizes[list(tasks)], self.closest)

    def times(self, tasks: int) -> Domain:
        """The same for so many tasks, all like the one there is."""
        values, measured = np.repeat(self.known.values, tasks, axis=1), np.repeat(self.known.measured, tasks, axis=1)
        known = replace(self.known, values=values, measured=measured)
        return Domain(known, np.repeat(self.thresholds, tasks), np.repeat(self.sizes, tasks, axis=0), self.closest)

    def nearness(self, library: Library, similarity: Values, closeness: Values | None = None) -> Values:
        """[rows, tasks] of valid rows, so similar to the nearest known molecule and, of pairs, with partners so close to a known one:
        1 inside, outside the product of the parts of what is asked that there are, as half of the similarity."""
        atoms = heavy_atoms(library.molecules.smiles)[library.molecule_of_row, None]
        near = _part(similarity, self.thresholds) * _part(atoms, self.sizes[:, 0]) * _part(self.sizes[:, 1], atoms)
        return near if closeness is None else near * _part(closeness, self.closest)

    def nearest(self, library: Library) -> Nearest:
        """For each distinct valid molecule and task [molecules, tasks], the nearest known one and how similar it is."""
        packed, known = ecfp4(library), self.known
        row = np.empty((len(packed), len(self.thresholds)), dtype=np.int64)
        tanimoto = np.empty(row.shape, dtype=np.float32)
        closest = _closest(packed, known.bits) if len(packed) and len(known.groups) > 1 else None
        for group in known.groups if len(packed) else ():
            found, alike = np.empty(len(packed), dtype=np.int64), np.empty(len(packed), dtype=np.float32)
            left = np.ones(len(packed), dtype=bool)
            if closest is not None:  # of the closest of all, the first that was measured for the task is the nearest
                there = known.measured[closest.row, group.tasks[0]]
                place, left = there.argmax(axis=1), ~there.any(axis=1)
                found[:], alike[:] = (np.take_along_axis(one, place[:, None], axis=1)[:, 0] for one in closest)
            if left.any():
                rest = nearest(packed[left], group.bits)
                found[left], alike[left] = group.rows[rest.row], rest.tanimoto
            row[:, group.tasks], tanimoto[:, group.tasks] = found[:, None], alike[:, None]
        return Nearest(row, tanimoto)


def to_other_folds(library: Library, values: Values, fold_of: NDArray[np.int64]) -> Values:
    """[molecules, tasks], similarity of each distinct molecule to the nearest one measured outside its fold: what it would
    have been, unseen. NaN where the molecule was not measured itself. Of pairs that of the molecule times that of the partner."""
    if library.partners is not None:
        return _pairs_to_other_folds(library, library.partners, fold_of)
    known = Known.of(library, values)
    best = np.full(values.shape, np.nan)
    for tasks, rows, bits in known.groups:
        for fold in np.unique(fold_of[rows]).tolist():
            inside = fold_of[rows] == fold
            away = nearest(bits.packed[inside], Bits(bits.packed[~inside])).tanimoto if not inside.all() else np.zeros(len(rows))
            best[np.ix_(rows[inside], tasks)] = away[:, None]
    return best


def _part(there: Values | NDArray[np.int64], asked: Values | NDArray[np.int64] | float) -> Values:
    """How much there is of what is asked, 1 at most."""
    enough = np.greater_equal(there, asked)
    return np.where(enough, 1.0, there / np.where(enough, 1.0, asked))


def _closeness(partners: Partners) -> Values:
    """[used partners, used partners], how alike they are."""
    used = partners.used()
    return view_of(partners, used).closeness(partners)[used]


def _pairs_to_other_folds(library: Library, partners: Partners, fold_of: NDArray[np.int64]) -> Values:
    molecule, packed, closeness = library.molecule_of_row, ecfp4(library), _closeness(partners)
    partner = np.searchsorted(partners.used(), partners.of_row)
    best = np.ones((len(library), 1))
    for fold in np.unique(fold_of).tolist():
        inside = fold_of == fold
        there, asked = np.unique(molecule[~inside]), np.unique(molecule[inside])
        alike = np.zeros(len(packed))
        if len(there):
            alike[asked] = nearest(packed[asked], Bits(packed[there])).tanimoto
        away = closeness[:, np.unique(partner[~inside])].max(axis=1, initial=0.0)
        best[inside, 0] = alike[molecule[inside]] * away[partner[inside]]
    return best


def _closest(packed: NDArray[np.uint8], bits: Bits) -> Nearest:
    """[molecules, _CLOSEST], of all known molecules the most alike, in order."""
    found = top(packed, bits, min(_CLOSEST, len(bits)))
    return Nearest(np.stack([one.row for one in found]), np.stack([one.tanimoto for one in found]))


def _to_the_others(bits: Bits) -> NDArray[np.float64]:
    """[molecules], similarity of each to the nearest of the others; 0 for one alone."""
    best = np.zeros(len(bits))
    for row, found in enumerate(top(bits.packed, bits, 2)):  # of any two, one is another
        best[row] = found.tanimoto[found.row != row].max(initial=0.0)
    return best
