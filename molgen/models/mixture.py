"""A Gaussian process whose kernel is a sum of kernels, so weighed that the scores known are as plain as can be.

Lanckriet et al., "Learning the kernel matrix with semidefinite programming", J. Mach. Learn. Res. 5 (2004) 27; Rasmussen & Williams,
Gaussian Processes for Machine Learning (2006), algorithm 2.1. Likelihood is no guide here: a search knows a hundred relatives of its
best find and little else, which is likeliest under a kernel that tells relatives apart and foretells nothing of strangers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from molgen.models.process import Matrix, inverse_of

Stack = NDArray[np.float64]  # [kernels, rows, columns]

LIFTS = (np.inf, 0.1, 1e-3)  # see Mixing.lift
NOISE = 1e-4  # variance, beside 1 for what a score may be: scores are worked out, not measured
_LEAST = 0.02  # weight
_BOUNDS = (-6.0, 4.0)  # of the logarithms of weights, before they are made to add up to 1


@dataclass(frozen=True, eq=False)
class Mixing:
    """How much each kernel counts, and how scores are learned.

    Weights add up to 1: before anything is known of a molecule, its score is 0, give or take 1.
    """

    weights: NDArray[np.float64]  # [kernels]
    lift: float  # scores are learned as log(1 + score / (lift x best)), 1 for the best; infinite for the scores themselves

    @classmethod
    def of(cls, kernels: Stack, scores: NDArray[np.float64]) -> Mixing:
        """Weights under which scores, from 0 to 1, are a function of least norm; the lift whose ranks are foretold best."""
        tried = [cls(_plainest(kernels, _lifted(scores, lift, float(scores.max()))), lift) for lift in LIFTS]
        return max(tried, key=lambda one: _foresight(one, kernels, scores))

    def kernel(self, kernels: Stack) -> Matrix:
        """The weighted sum."""
        return np.tensordot(self.weights, kernels, 1)

    def learn(self, kernel: Matrix, scores: NDArray[np.float64]) -> Mixture:
        """From weighted sums [molecules, molecules] and scores from 0 to 1."""
        best = float(scores.max())
        factor = _factor(kernel)
        return Mixture(self, best, factor, cho_solve((factor, True), _lifted(scores, self.lift, best), check_finite=False))


@dataclass(frozen=True, eq=False)
class Mixture:
    """A process that has seen scores; asked by the weighted sum of how alike new molecules are to those it has seen."""

    mixing: Mixing
    best: float
    factor: Matrix
    pull: NDArray[np.float64]

    def predict(self, across: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64], Matrix]:
        """(mean, spread, rest) of new molecules, on the scale that is learned, for weighted sums [new, seen].

        `rest` [seen, new]: what two new molecules share by way of those seen is the product of their columns. A molecule
        is its own equal: each kernel of it with itself is 1.
        """
        rest = solve_triangular(self.factor, across.T, lower=True, check_finite=False)
        variance = 1.0 - np.einsum("ij,ij->j", rest, rest)
        return across @ self.pull, np.sqrt(np.maximum(variance, 1e-10)), rest

    def standard(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores on the scale that is learned."""
        return _lifted(scores, self.mixing.lift, self.best)


def _plainest(kernels: Stack, lifted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights under which these scores are the function of least norm."""
    from scipy.optimize import minimize  # a second of imports that only a search needs

    start, bounds = np.zeros(len(kernels)), [_BOUNDS] * len(kernels)
    found = minimize(_cost, start, args=(kernels, lifted), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40})
    weights = _shares(found.x)
    weights = np.where(weights < _LEAST, 0.0, weights)  # what hardly counts need not be worked out
    return np.asarray(weights / weights.sum())


def _foresight(mixing: Mixing, kernels: Stack, scores: NDArray[np.float64]) -> float:
    """Rank correlation of scores with what all others make one expect of each (Rasmussen & Williams 5.12)."""
    lifted = _lifted(scores, mixing.lift, float(scores.max()))
    inverse = inverse_of(_factor(mixing.kernel(kernels)))
    expected = lifted - (inverse @ lifted) / np.diag(inverse)
    ranks = [np.argsort(np.argsort(one, kind="stable"), kind="stable") for one in (expected, scores)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _cost(logs: NDArray[np.float64], kernels: Stack, lifted: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The logarithm of the squared norm, and its slopes: convex in the weights, so that there is one valley."""
    weights = _shares(logs)
    pull = cho_solve((_factor(np.tensordot(weights, kernels, 1)), True), lifted, check_finite=False)
    norm = float(lifted @ pull) + 1e-12
    slopes = -(kernels @ pull) @ pull / norm
    return float(np.log(norm)), weights * (slopes - weights @ slopes)


def _lifted(scores: NDArray[np.float64], lift: float, best: float) -> NDArray[np.float64]:
    if np.isinf(lift):
        return scores
    return np.log1p(np.maximum(scores, 0.0) / (lift * max(best, 1e-12))) / np.log1p(1.0 / lift)


def _shares(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _factor(kernel: Matrix) -> Matrix:
    return cholesky(kernel + NOISE * np.eye(len(kernel)), lower=True, overwrite_a=True, check_finite=False)
