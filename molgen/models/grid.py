"""A grid of molecules and partners of which some pairs were measured, and what makes them all as they are.

The kernel of its pairs is the Kronecker product of two, and is never there: conjugate gradients ask for what it does to a grid.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Lead = Callable[[Matrix], Matrix]

_ENOUGH = 0.02  # of what is to be explained, left when the search for the answer ends
_TELLING = 1e-5  # of likeness all told; what is less may be no more than rounding
_ROUNDED = 1e-8  # of a kernel's eigenvalues together, which is more than 32 bits leave out of any
_ASTRAY = 100.0  # times the smallest rest so far, above which it will not find back
# Share of the grid that was measured, above which the search is led by the whole of it; else the ways it is led by, one for so many pairs.
_DENSE, _PAIRS_A_WAY, _FEWEST_WAYS, _MOST_WAYS, _WAYS_AT_ONCE = 0.15, 32, 100, 1_200, 100


@dataclass(frozen=True, eq=False)
class Grid:
    """What was measured, in standard deviations from the mean."""

    values: Matrix  # [molecules, partners], mean of the measurements; 0 where there is none
    times: Matrix  # [molecules, partners], measurements
    signs: Matrix  # [molecules, partners], 1 where it truly lies above, -1 below, 0 where equal

    def where(self, kept: NDArray[np.bool_]) -> Grid:
        """The same with some of the pairs."""
        return Grid(np.where(kept, self.values, 0), np.where(kept, self.times, 0), self.signs)

    def of(self, molecules: NDArray[np.int64]) -> Grid:
        """The same with some of the molecules."""
        return Grid(self.values[molecules], self.times[molecules], self.signs[molecules])


def gridded(
    values: NDArray[np.float64], bounds: NDArray[Any], i: NDArray[np.int64], j: NDArray[np.int64], shape: tuple[int, int]
) -> tuple[Grid, float, float]:
    """What was measured as a grid, and the mean and standard deviation that it leaves out."""
    centre, scale = float(values.mean()), float(values.std()) or 1.0
    total, times, signed = (np.zeros(shape) for _ in range(3))
    np.add.at(total, (i, j), (values - centre) / scale)
    np.add.at(times, (i, j), 1)
    signed[i, j] = bounds
    mean = np.divide(total, times, out=np.zeros(shape), where=times > 0)
    return Grid(*(one.astype(np.float32) for one in (mean, times, signed))), centre, scale


def places(keys: Sequence[Hashable], known: Sequence[Hashable]) -> NDArray[np.int64]:
    """[keys], which of the known each is, -1 for none."""
    place = {key: i for i, key in enumerate(known)}
    return np.array([place.get(key, -1) for key in keys], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Factors:
    """How far molecules go together, and partners, each with its eigenvalues and eigenvectors."""

    one: Matrix
    other: Matrix
    levels: NDArray[np.float64]
    ways: Matrix
    other_levels: NDArray[np.float64]
    other_ways: Matrix

    @classmethod
    def of(cls, one: Matrix, other: Matrix) -> Factors:
        return cls(one, other, *_spectrum(one), *_spectrum(other))

    def times(self, grid: Matrix) -> Matrix:
        """What a pull of every pair says of every pair."""
        return np.asarray(self.one @ grid @ self.other, dtype=np.float32)


def lead_of(factors: Factors, grid: Grid, noise: float) -> Lead:
    """What turns a rest into about the pull that explains it. Kernels are next to constant, so that without, each step undoes another.

    Where most pairs have been measured, what would be exact if all had; where few have, what would be if the kernel had no more ways
    than its largest, exact for the pairs there are (Woodbury's identity): the first leads astray there.
    """
    known = grid.times > 0
    ways, other_ways, levels = factors.ways, factors.other_ways, np.outer(factors.levels, factors.other_levels)
    if known.mean() > _DENSE:
        share = (1.0 / (levels + noise)).astype(np.float32)
        return lambda rest: np.where(known, ways @ (ways.T @ rest @ other_ways * share) @ other_ways.T, 0)
    from scipy.linalg import cho_factor, cho_solve

    i, j = np.nonzero(known)
    rank = min(levels.size, max(_FEWEST_WAYS, min(_MOST_WAYS, len(i) // _PAIRS_A_WAY)))
    a, b = np.unravel_index(np.argpartition(levels, -rank, axis=None)[-rank:], levels.shape)
    scale = np.sqrt(grid.times[known] / noise)
    told = np.empty((len(i), rank), dtype=np.float32)
    for start in range(0, rank, _WAYS_AT_ONCE):
        some = slice(start, start + _WAYS_AT_ONCE)
        told[:, some] = ways[np.ix_(i, a[some])] * other_ways[np.ix_(j, b[some])] * scale[:, None]
    factor = cho_factor((told.T @ told).astype(np.float64) + np.diag(1.0 / np.maximum(levels[a, b], 1e-9)))

    def led(rest: Matrix) -> Matrix:
        own = scale * rest[known]
        pull = np.zeros_like(rest)
        pull[known] = scale * (own - told @ cho_solve(factor, (told.T @ own).astype(np.float64)).astype(np.float32))
        return pull

    return led


def solved(factors: Factors, lead: Lead, grid: Grid, noise: float, *, start: Matrix, steps: int) -> Matrix:
    """The pull of each measured pair, by conjugate gradients from `start`, each of at most so many steps led by `lead`.

    In 32 bits it can go astray, where there is little noise: then the best there was is what comes back.
    """
    known = grid.times > 0
    noises = np.where(known, noise / np.maximum(grid.times, 1), 0).astype(np.float32)

    def explained(pull: Matrix) -> Matrix:
        return np.where(known, factors.times(pull) + noises * pull, 0)

    pull, enough = start, _ENOUGH * np.linalg.norm(grid.values)
    rest = grid.values - explained(pull) if start.any() else grid.values.copy()
    led = lead(rest)
    way, told = led, np.vdot(rest, led)
    best, least = pull, float("inf")
    for _ in range(steps):
        size = float(np.linalg.norm(rest))
        if size < least:
            best, least = pull, size
        if not (enough < size < _ASTRAY * least and 0 < told < np.inf):
            break
        moved = explained(way)
        step = told / np.vdot(way, moved)
        pull, rest = pull + step * way, rest - step * moved
        led = lead(rest)
        before, told = told, np.vdot(rest, led)
        way = led + told / before * way
    return best


def _spectrum(kernel: Matrix) -> tuple[NDArray[np.float64], Matrix]:
    """Eigenvalues, and eigenvectors by column."""
    from scipy.linalg import eigh  # a second of imports that a mean does without

    levels, ways = eigh(kernel, check_finite=False)
    return np.maximum(levels, 0.0).astype(np.float64), ways


def valid(alike: Matrix) -> Matrix:
    """The nearest that is a valid kernel: alignments are not, quite."""
    levels, ways = _spectrum(alike)
    return np.asarray((ways * levels.astype(np.float32)) @ ways.T, dtype=np.float32)


def principal(alike: Matrix, ways: int) -> Matrix:
    """[known, ways], what turns likeness to the known ones into their principal parts, the largest first; fewer where there are fewer."""
    levels, vectors = _spectrum(alike)
    some = np.flatnonzero(levels > _TELLING * levels.sum())[::-1][:ways]
    return np.asarray(vectors[:, some] / np.sqrt(levels[some]), dtype=np.float32)


def inverse_root(kernel: Matrix, noise: float) -> Matrix:
    """R with R'R = 1 / (kernel + noise), a triangle (Cholesky). What 32 bits rounded off the kernel is given back, and a little more."""
    from scipy.linalg import cholesky
    from scipy.linalg.lapack import dtrtri

    whole = kernel.astype(np.float64)
    whole[np.diag_indices_from(whole)] += noise + _ROUNDED * np.trace(whole)
    return np.asarray(dtrtri(cholesky(whole, lower=True), lower=True)[0], dtype=np.float32)
