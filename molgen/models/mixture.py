"""A Gaussian process whose kernel is a sum of kernels, each weighed by what the data make of it.

Rasmussen & Williams, Gaussian Processes for Machine Learning (2006): algorithm 2.1, equations 5.8 to 5.12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

from molgen.models.process import Matrix, inverse_of

Stack = NDArray[np.float64]  # [kernels, rows, columns]

LIFTS = (np.inf, 0.1, 1e-3)  # see Mixture.lift
_START, _NOISE = 0.3, 1e-2  # of each weight and of the noise, where the search begins
_BOUNDS, _NOISE_BOUNDS = (-9.0, 4.0), (-11.0, 0.0)  # natural logarithms
_PRIOR = (-2.0, 2.5)  # a weak belief about each logarithm: mean and standard deviation


@dataclass(frozen=True, eq=False)
class Mixture:
    """A process that has seen scores from 0 up; asked by how alike new molecules are to those it has seen."""

    weights: NDArray[np.float64]  # [kernels]
    noise: float
    lift: float  # scores are learned as log(score + lift x the best): infinite for the scores themselves
    best: float
    centre: float
    scale: float
    factor: Matrix
    pull: NDArray[np.float64]

    @classmethod
    def of(cls, kernels: Stack, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> Mixture:
        """Weights and lift are those under which `rows` are likeliest; then all are learned."""
        some = kernels[:, rows[:, None], rows]
        tried = [_Settings.of(some, scores[rows], lift) for lift in LIFTS]
        return max(tried, key=lambda one: one.worth).learn(kernels, scores)

    def again(self, kernels: Stack, scores: NDArray[np.float64]) -> Mixture:
        """The same settings, other data."""
        return _Settings(self.weights, self.noise, self.lift, 0.0).learn(kernels, scores)

    def kernel(self, kernels: Stack) -> Matrix:
        """The weighted sum."""
        return np.tensordot(self.weights, kernels, 1)

    def predict(self, kernels: Stack) -> tuple[NDArray[np.float64], NDArray[np.float64], Matrix]:
        """(mean, spread, rest) of new molecules, on the scale that is learned, for kernels [kernels, new, seen].

        `rest` [seen, new]: what two new molecules share by way of those seen is the product of their columns. A molecule
        is its own equal: each kernel of it with itself is 1.
        """
        across = self.kernel(kernels)
        rest = solve_triangular(self.factor, across.T, lower=True, check_finite=False)
        variance = self.weights.sum() - np.einsum("ij,ij->j", rest, rest)
        return across @ self.pull, np.sqrt(np.maximum(variance, 1e-10)), rest

    def standard(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores on the scale that is learned."""
        return (_lifted(scores, self.lift, self.best) - self.centre) / self.scale


@dataclass(frozen=True, eq=False)
class _Settings:
    weights: NDArray[np.float64]
    noise: float
    lift: float
    worth: float  # mean log likelihood of the better half's scores, each by the others

    @classmethod
    def of(cls, kernels: Stack, scores: NDArray[np.float64], lift: float) -> _Settings:
        best = float(scores.max())
        lifted = _lifted(scores, lift, best)
        centre, scale = float(lifted.mean()), float(lifted.std()) or 1.0
        standard = (lifted - centre) / scale
        logs = _likeliest(kernels, standard)
        weights, noise = np.exp(logs[:-1]), float(np.exp(logs[-1]))
        inverse = inverse_of(_factor(kernels, weights, noise))
        variance = 1.0 / np.diag(inverse)
        off = (inverse @ standard) * variance
        likelihood = -0.5 * (off**2 / variance + np.log(variance)) - np.log(scale) + np.log(_slope(scores, lift, best))
        return cls(weights, noise, lift, float(likelihood[scores >= np.median(scores)].mean()))

    def learn(self, kernels: Stack, scores: NDArray[np.float64]) -> Mixture:
        best = float(scores.max())
        lifted = _lifted(scores, self.lift, best)
        centre, scale = float(lifted.mean()), float(lifted.std()) or 1.0
        factor = _factor(kernels, self.weights, self.noise)
        pull = cho_solve((factor, True), (lifted - centre) / scale, check_finite=False)
        return Mixture(self.weights, self.noise, self.lift, best, centre, scale, factor, pull)


def _lifted(scores: NDArray[np.float64], lift: float, best: float) -> NDArray[np.float64]:
    return scores if np.isinf(lift) else np.log(np.maximum(scores, 0.0) + lift * max(best, 1e-12))


def _slope(scores: NDArray[np.float64], lift: float, best: float) -> NDArray[np.float64]:
    """Of the lifted scores along the scores."""
    return np.ones_like(scores) if np.isinf(lift) else 1.0 / (np.maximum(scores, 0.0) + lift * max(best, 1e-12))


def _factor(kernels: Stack, weights: NDArray[np.float64], noise: float) -> Matrix:
    covariance = np.tensordot(weights, kernels, 1)
    covariance[np.diag_indices_from(covariance)] += noise + 1e-8 * weights.sum()
    return cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)


def _likeliest(kernels: Stack, standard: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms of the weights and of the noise."""
    from scipy.optimize import minimize  # a second of imports that only a search needs

    start = np.log([_START] * len(kernels) + [_NOISE])
    bounds = [_BOUNDS] * len(kernels) + [_NOISE_BOUNDS]
    return np.asarray(
        minimize(_cost, start, args=(kernels, standard), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 30}).x
    )


def _cost(logs: NDArray[np.float64], kernels: Stack, standard: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    weights, noise = np.exp(logs[:-1]), float(np.exp(logs[-1]))
    try:
        factor = _factor(kernels, weights, noise)
    except LinAlgError:
        return 1e10, np.zeros_like(logs)
    inverse = inverse_of(factor)
    pull = inverse @ standard
    pulled = inverse - np.outer(pull, pull)
    slopes = np.append(weights * (kernels.reshape(len(kernels), -1) @ pulled.ravel()), noise * np.trace(pulled))
    off = (logs - _PRIOR[0]) / _PRIOR[1]
    off[-1] = 0.0
    cost = 0.5 * standard @ pull + np.log(np.diag(factor)).sum() + 0.5 * off @ off
    return float(cost), 0.5 * slopes + off / _PRIOR[1]
