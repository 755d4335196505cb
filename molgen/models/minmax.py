"""The MinMax kernel: how much of two molecules' fragment counts is shared, in one matrix product.

Tanimoto similarity for counts (Ralaivola et al., Neural Networks 18 (2005) 1093): sum of the smaller
counts over sum of the larger, each count by its logarithm here. It is a valid kernel, and tells decane
from hexane where bits do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from molgen.models.counts import MOST, as_counts

_BLOCK = 512  # queries at once
_MANY = 0.05  # share of the references from which on a column is cheaper as it stands


@dataclass(frozen=True, eq=False)
class _Steps:
    """Unary columns: a count is written as a one in each of its column's levels that it reaches."""

    column: NDArray[np.int64]  # of the counts
    level: NDArray[np.uint8]

    def of(self, counts: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """[steps, molecules]"""
        return np.ascontiguousarray(counts.T)[self.column] >= self.level[:, None]

    @property
    def weight(self) -> NDArray[np.float64]:
        """What each step adds to log2(1 + count)."""
        level = self.level.astype(np.float64)
        return np.log2(1.0 + level) - np.log2(level)

    def where(self, some: NDArray[np.bool_]) -> _Steps:
        return _Steps(self.column[some], self.level[some])


class _Unary(NamedTuple):
    """The unary columns that some reference has, and the weights of those that have it: [steps, references]."""

    often: _Steps
    dense: NDArray[np.float32]
    seldom: _Steps
    sparse: csr_array


@dataclass(frozen=True, eq=False)
class References:
    """Molecules to compare with, their counts written in unary: a column for "at least 1 of it", "at least 2" ...

    A count stands for log2(1 + count), so each step up weighs less than the one before, and the smaller of two
    counts is the weights of the columns that both have: for every pair at once, and exact but for rounding.
    Most columns are of few molecules: those are multiplied as what is in them, the others as they stand.
    """

    counts: NDArray[np.uint8]  # [references, width], at most MOST

    @cached_property
    def _unary(self) -> _Unary:
        highest = self.counts.max(axis=0, initial=0).astype(np.int64)
        column = np.repeat(np.arange(len(highest)), highest)
        level = np.arange(len(column)) - np.repeat(np.cumsum(highest) - highest, highest) + 1
        steps = _Steps(column, level.astype(np.uint8))
        there = steps.of(self.counts)
        often = there.sum(axis=1) >= _MANY * len(self.counts)
        step, reference = np.nonzero(there[~often])
        weights = csr_array((steps.weight[~often][step], (step, reference)), shape=(int((~often).sum()), len(self.counts)))
        return _Unary(
            steps.where(often), there[often] * steps.weight[often, None].astype(np.float32), steps.where(~often), weights
        )

    @cached_property
    def _own(self) -> NDArray[np.float64]:
        return _totals(self.counts)

    def similarity(self, counts: NDArray[np.uint8]) -> NDArray[np.float64]:
        """[queries, references], in [0, 1]; two molecules without any fragment have nothing in common: 0."""
        out = np.zeros((len(counts), len(self.counts)))
        for start in range(0, len(counts), _BLOCK):
            block = counts[start : start + _BLOCK]
            smaller = self._smaller(block)
            larger = _totals(block)[:, None] + self._own - smaller
            np.divide(smaller, larger, out=out[start : start + _BLOCK], where=larger > 0)
        return out

    def _smaller(self, counts: NDArray[np.uint8]) -> NDArray[np.float64]:
        unary = self._unary
        smaller = (unary.often.of(counts).T.astype(np.float32) @ unary.dense).astype(np.float64)
        step, query = np.nonzero(unary.seldom.of(counts))
        asked = csr_array((np.ones(len(step)), (query, step)), shape=(len(counts), unary.sparse.shape[0]))
        return smaller + (asked @ unary.sparse).toarray()


def minmax(queries: Any, references: Any) -> NDArray[np.float64]:
    """Similarity of each query to each reference, in [0, 1]; rows of counts in, [queries, references] out.

    >>> minmax([[1, 3]], [[1, 3], [1, 0]]).round(3).tolist()
    [[1.0, 0.333]]
    """
    return References(as_counts(references)).similarity(as_counts(queries))


def _totals(counts: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.log2(1.0 + np.arange(MOST + 1))[counts].sum(axis=1)
