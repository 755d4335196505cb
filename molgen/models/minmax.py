"""The MinMax kernel: how much of two molecules' fragment counts is shared, in one matrix product.

Tanimoto similarity for counts (Ralaivola et al., Neural Networks 18 (2005) 1093): sum of the smaller
counts over sum of the larger, each count by its logarithm here. It is a valid kernel, and tells decane
from hexane where bits do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.models.counts import MOST, as_counts

_BLOCK = 512  # queries at once


@dataclass(frozen=True, eq=False)
class References:
    """Molecules to compare with, their counts written in unary: a column for "at least 1 of it", "at least 2" ...

    A count stands for log2(1 + count), so each step up weighs less than the one before, and the smaller of two
    counts is the weights of the columns that both have: for every pair at once, and exact but for rounding.
    """

    counts: NDArray[np.uint8]  # [references, width], at most MOST

    @cached_property
    def _steps(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Column and level of each unary column that some reference has."""
        highest = self.counts.max(axis=0, initial=0).astype(np.int64)
        column = np.repeat(np.arange(len(highest)), highest)
        level = np.arange(len(column)) - np.repeat(np.cumsum(highest) - highest, highest) + 1
        return column, level.astype(np.uint8)

    @cached_property
    def _weighted(self) -> NDArray[np.float32]:  # [unary columns, references]
        level = self._steps[1].astype(np.float64)
        weight = np.log2(1.0 + level) - np.log2(level)
        return np.ascontiguousarray((self._written(self.counts) * weight.astype(np.float32)).T)

    def _written(self, counts: NDArray[np.uint8]) -> NDArray[np.float32]:
        column, level = self._steps
        return (counts[:, column] >= level).astype(np.float32)

    def similarity(self, counts: NDArray[np.uint8]) -> NDArray[np.float64]:
        """[queries, references], in [0, 1]; two molecules without any fragment have nothing in common: 0."""
        out = np.zeros((len(counts), len(self.counts)))
        totals = _totals(self.counts)
        for start in range(0, len(counts), _BLOCK):
            block = counts[start : start + _BLOCK]
            smaller = (self._written(block) @ self._weighted).astype(np.float64)
            larger = _totals(block)[:, None] + totals - smaller
            np.divide(smaller, larger, out=out[start : start + _BLOCK], where=larger > 0)
        return out


def minmax(queries: Any, references: Any) -> NDArray[np.float64]:
    """Similarity of each query to each reference, in [0, 1]; rows of counts in, [queries, references] out.

    >>> minmax([[1, 3]], [[1, 3], [1, 0]]).round(3).tolist()
    [[1.0, 0.333]]
    """
    return References(as_counts(references)).similarity(as_counts(queries))


def _totals(counts: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.log2(1.0 + np.arange(MOST + 1))[counts].sum(axis=1)
