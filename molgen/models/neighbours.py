"""What was measured around a pair: of its molecule, of its partner and of those like them, told as columns.

Neighbourhood models of recommender systems are its kin (Koren, "Factorization meets the neighborhood", KDD 2008): who likes what, told by
what those alike like. Who learns from this hides a pair from the grid before it asks what is around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.models.grid import Grid, Matrix

Column = NDArray[np.float32]  # [pairs]
Rows = NDArray[np.int64]

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_NEAREST = 6  # each told by itself
_STEEPNESS = (4, 12, 30)  # powers of likeness by which the rest is weighed
_BOTH = ((4, 4), (12, 4), (12, 12))  # the same, of molecules and of partners
_SHARED = 5.0  # values two rows need in common, for half of their likeness by values to be believed
_NONE = 1e-9
_A_SIDE = 3 + len(_QUANTILES) + 3 * len(_STEEPNESS) + 2 * _NEAREST + 3 + 1
WIDTH = 2 * _A_SIDE + len(_BOTH)  # columns a pair


@dataclass(frozen=True, eq=False)
class Asked:
    """One side of the pairs asked about, molecules or partners, as it is seen from the known ones."""

    alike: Matrix  # [asked, known], in [0, 1]
    place: Rows  # [asked], which of the known each is, -1 for a new one

    @classmethod
    def among(cls, alike: Matrix) -> Asked:
        """The known ones themselves."""
        return cls(alike, np.arange(len(alike)))

    def others(self) -> Matrix:
        """How alike, 0 to itself, and to one more known one of which nothing is known: what new ones are put in the place of."""
        told = np.pad(self.alike, ((0, 0), (0, 1)))
        told[np.arange(len(told)), self.place] = 0.0
        return told


@dataclass(frozen=True, eq=False)
class _Side:
    """One side of a panel, its rows: all that can be said of them before anybody asks."""

    values: Matrix  # [rows, columns], 0 where nothing was measured
    known: NDArray[np.bool_]
    there: Matrix  # the same as numbers
    off: Matrix  # from the row's mean, 0 where nothing was measured
    own: NDArray[np.float32]  # [what is told, rows]
    by_values: Matrix  # [rows, columns]

    @classmethod
    def of(cls, values: Matrix, known: NDArray[np.bool_]) -> _Side:
        there = known.astype(np.float32)
        count, mean = there.sum(axis=1), _means(values, there)
        off = np.where(known, values - mean[:, None], 0.0).astype(np.float32)
        # A row of nothing has no quantiles, and numpy complains of it.
        filled = np.where(count[:, None] > 0, np.where(known, values, np.nan), 0.0)
        spread = np.sqrt((off**2).sum(axis=1) / np.maximum(count, 1))
        own = np.stack([count, mean, spread, *np.nanquantile(filled, _QUANTILES, axis=1)])
        return cls(values, known, there, off, np.where(count > 0, own, np.nan).astype(np.float32), _by_values(values, there))

    def told(self, others: Matrix, asked: Rows, row: Rows, column: Rows) -> list[Column]:
        """Of each pair the row it is in, and its column where rows are alike. `asked` are rows of `others`, `row` and `column` places."""
        told = list(self.own[:, row])
        for power in _STEEPNESS:
            near = others**power
            weight = near @ self.there
            told += [_ratio(near @ own, weight)[asked, column] for own in (self.values, self.off)]
            told.append(weight[asked, column])
        return [*told, *self._nearest(others, asked, column), self.by_values[row, column]]

    def _nearest(self, others: Matrix, asked: Rows, column: Rows) -> list[Column]:
        """How alike the nearest are of those measured in the same column, what they have there, and what that is off their own means."""
        alike = np.zeros((len(asked), _NEAREST), dtype=np.float32)
        theirs, astray = (np.full((len(asked), _NEAREST), np.nan, dtype=np.float32) for _ in range(2))
        for one in np.unique(column).tolist():
            pairs, there = np.flatnonzero(column == one), np.flatnonzero(self.known[:, one])
            if not len(there):
                continue
            near = others[asked[pairs]][:, there]
            first = np.argpartition(-near, min(_NEAREST, near.shape[1]) - 1, axis=1)[:, :_NEAREST]
            first = np.take_along_axis(first, np.argsort(-np.take_along_axis(near, first, axis=1), axis=1, kind="stable"), axis=1)
            like = np.take_along_axis(near, first, axis=1)
            some = np.ix_(pairs, np.arange(first.shape[1]))
            alike[some] = like
            theirs[some] = np.where(like > 0, self.values[there[first], one], np.nan)
            astray[some] = np.where(like > 0, self.off[there[first], one], np.nan)
        return [*alike.T, *theirs.T, astray[:, 0], _mean(theirs), _mean(astray)]


@dataclass(frozen=True, eq=False)
class Panel:
    """A grid of which some was measured, with one more row and one more column of which nothing was: where new ones are put."""

    molecules: _Side
    partners: _Side
    off: Matrix  # [molecules, partners], what a pair has off what its molecule and its partner usually have

    @classmethod
    def of(cls, grid: Grid) -> Panel:
        """All that can be worked out before anybody asks."""
        values, known = np.pad(grid.values, ((0, 1), (0, 1))), np.pad(grid.times > 0, ((0, 1), (0, 1)))
        there = known.astype(np.float32)
        rows, columns = _means(values, there), _means(values.T, there.T)
        middle = values.sum() / max(float(there.sum()), 1.0)
        off = np.where(known, values - rows[:, None] - columns + middle, 0.0).astype(np.float32)
        return cls(_Side.of(values, known), _Side.of(values.T, known.T), off)

    def columns(self, molecules: Asked, partners: Asked, i: Rows, j: Rows) -> NDArray[np.float32]:
        """[pairs, WIDTH], of the molecules `i` and partners `j` of those asked about; NaN where nothing near was measured."""
        one, other = molecules.others(), partners.others()
        a, b = molecules.place[i], partners.place[j]
        told = [*self.molecules.told(one, i, a, b), *self.partners.told(other, j, b, a), *self._both(one, other, i, j)]
        return np.stack(told, axis=1).astype(np.float32)

    def _both(self, one: Matrix, other: Matrix, i: Rows, j: Rows) -> list[Column]:
        """What pairs have, off the usual, that are near in both."""
        told = []
        for power, across in _BOTH:
            near, far = one**power, other**across
            told.append(_ratio(near @ self.off @ far.T, near @ self.molecules.there @ far.T)[i, j])
        return told


def _by_values(values: Matrix, there: Matrix) -> Matrix:
    """[rows, columns], what rows have that run alike, off the usual of the column; NaN for a row of which nothing is known."""
    off = np.where(there > 0, values - _means(values.T, there.T), 0.0).astype(np.float32)
    size = off**2 @ there.T
    shared = there @ there.T
    alike = np.maximum(off @ off.T / np.sqrt(np.maximum(size * size.T, _NONE)), 0.0) * shared / (shared + _SHARED)
    np.fill_diagonal(alike, 0.0)
    return _ratio(alike**2 @ off, alike**2 @ there)


def _means(values: Matrix, there: Matrix) -> Matrix:
    """[rows], of what is there; 0 of nothing."""
    return np.asarray(values.sum(axis=1) / np.maximum(there.sum(axis=1), 1), dtype=np.float32)


def _ratio(total: NDArray[Any], weight: NDArray[Any]) -> Matrix:
    return np.divide(total, weight, out=np.full(total.shape, np.nan, dtype=np.float32), where=weight > _NONE)


def _mean(rows: NDArray[np.float32]) -> Column:
    """[rows], of what is not NaN; NaN where all is."""
    good = np.isfinite(rows)
    return _ratio(np.where(good, rows, 0).sum(axis=1), good.sum(axis=1).astype(np.float32))
