"""What fragments molecules share, counted by compiled code: for a search that compares thousands of new molecules a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from molgen.features.compiled import compiled

COLUMNS = 2**20  # so many that two fragments hardly ever meet in one


@dataclass(frozen=True, eq=False)
class Counted:
    """Fragment counts of molecules beside zeros, one after the other."""

    starts: NDArray[np.int64]  # [molecules + 1], where each molecule's entries begin
    column: NDArray[np.int32]  # [entries]
    times: NDArray[np.int32]  # [entries]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, sizes: NDArray[np.int64], column: NDArray[np.int64], times: NDArray[np.int64]) -> Counted:
        """From the entries of each molecule in turn, `sizes` of them."""
        return cls(np.concatenate([[0], np.cumsum(sizes)]), column.astype(np.int32), times.astype(np.int32))

    @classmethod
    def none(cls, molecules: int) -> Counted:
        """Of molecules that have no fragment."""
        nothing = np.empty(0, dtype=np.int64)
        return cls.of(np.zeros(molecules, dtype=np.int64), nothing, nothing)

    @classmethod
    def joined(cls, parts: Sequence[Counted]) -> Counted:
        """All molecules of all parts, in order."""
        sizes = np.concatenate([np.diff(part.starts) for part in parts])
        return cls.of(sizes, np.concatenate([part.column for part in parts]), np.concatenate([part.times for part in parts]))

    def take(self, rows: NDArray[np.int64]) -> Counted:
        """Some of the molecules, in this order."""
        sizes = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(sizes)
        entries = np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[rows] - ends + sizes, sizes)
        return Counted.of(sizes, self.column[entries], self.times[entries])

    def columns(self) -> list[NDArray[np.int32]]:
        """Each molecule's."""
        return np.split(self.column, self.starts[1:-1])

    @cached_property
    def totals(self) -> NDArray[np.float64]:
        """[molecules], how many fragments each has."""
        return np.diff(np.concatenate([[0], np.cumsum(self.times)])[self.starts]).astype(np.float64)

    @cached_property
    def _by_column(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Where each column's entries begin, and whose and how many they are."""
        order = np.argsort(self.column, kind="stable")
        molecule = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
        starts = np.zeros(COLUMNS + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.column, minlength=COLUMNS), out=starts[1:])
        return starts, molecule[order], self.times[order]

    def alike(self, others: Counted) -> NDArray[np.float64]:
        """[molecules, others], Tanimoto similarity of counts: the sum of the smaller over the sum of the larger, 0 of nothing."""
        smaller = np.zeros((len(self), len(others)), dtype=np.int32)
        _meet(self.starts, self.column, self.times, *others._by_column, smaller)
        larger = self.totals[:, None] + others.totals - smaller
        return np.divide(smaller, larger, out=np.zeros(smaller.shape), where=larger > 0)


@compiled(nogil=True)
def _meet(
    starts: NDArray[np.int64],
    column: NDArray[np.int32],
    times: NDArray[np.int32],
    places: NDArray[np.int64],
    whose: NDArray[np.int32],
    held: NDArray[np.int32],
    smaller: NDArray[np.int32],
) -> None:
    """Adds up the smaller of two counts, fragment by fragment, over the others that have it."""
    for molecule in range(len(starts) - 1):
        row = smaller[molecule]
        for entry in range(starts[molecule], starts[molecule + 1]):
            own = times[entry]
            for place in range(places[column[entry]], places[column[entry] + 1]):
                row[whose[place]] += min(own, held[place])
