"""A Gaussian process on a matrix of similarities; its few settings are those under which the data are likeliest.

Rasmussen & Williams, Gaussian Processes for Machine Learning (2006): algorithm 2.1 and equation 5.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, lapack, solve_triangular

Shape = Literal["linear", "exponential"]
Matrix = NDArray[np.float64]

# Where settings are looked for (natural logarithms, targets standardised), and the weak beliefs that
# keep a small set from running to an edge: means and standard deviations of normal priors.
_BOUNDS = {"amplitude": (-9.0, 4.0), "noise": (-5.0, 1.0), "length": (-2.5, 2.5)}
_PRIORS = {"amplitude": (0.0, 3.0), "noise": (-1.6, 1.5), "length": (0.0, 1.0)}
_JITTER = 1e-6
_TURNS = 20  # for bounds; a few are enough


@dataclass(frozen=True)
class Settings:
    """What is learned besides the data, for targets of standard deviation 1."""

    shape: Shape
    amplitude: float
    noise: float  # variance
    length: float  # of the exponential; 1 and unused when linear
    level: float  # how freely the whole set may lie higher or lower, next to the similarities

    def kernel(self, similarity: Matrix) -> Matrix:
        """How far two values go together: `similarity` itself, or exp((similarity - 1) / length), and what all share."""
        shaped = similarity if self.shape == "linear" else np.exp((similarity - 1.0) / self.length)
        return self.amplitude * (self.level + shaped)

    def covariance(self, similarity: Matrix) -> Matrix:
        """The kernel among training molecules, their noise on the diagonal."""
        covariance = self.kernel(similarity)
        covariance[np.diag_indices_from(covariance)] += self.noise + _JITTER
        return covariance


@dataclass(frozen=True, eq=False)
class Process:
    """A process that has seen values; asked by the similarities of new molecules to those it has seen."""

    settings: Settings
    centre: float
    scale: float
    pull: NDArray[np.float64]  # [seen], covariance inverse times standardised values
    seen: Matrix  # [seen, seen], similarities

    @classmethod
    def of(
        cls, similarity: Matrix, values: NDArray[np.float64], *, shape: Shape, level: float, most: int, bounds: NDArray[Any] | None = None
    ) -> Process:
        """The process of these values; its settings are sought on the first `most` of them.

        Of `bounds` (1 where the truth is above the value, -1 below) the loss is one-sided: a value known only to lie beyond its
        bound pulls only where the process would otherwise not say so. Which ones do is found in turns.
        """
        centre, scale = float(values.mean()), float(values.std()) or 1.0
        standard = (values - centre) / scale
        settings = likeliest(similarity[:most, :most], standard[:most], shape=shape, level=level)
        covariance = settings.covariance(similarity)
        pull: NDArray[np.float64] = cho_solve((cholesky(covariance, lower=True), True), standard)
        if bounds is not None and bounds.any():
            pull = _one_sided(covariance, settings.noise + _JITTER, standard, pull, bounds)
        return cls(settings, centre, scale, pull, similarity)

    @cached_property
    def _factor(self) -> Matrix:
        return cholesky(self.settings.covariance(self.seen), lower=True)

    def mean(self, similarity: Matrix) -> NDArray[np.float64]:
        """[queries], for similarities [queries, seen]."""
        return self.centre + self.scale * (self.settings.kernel(similarity) @ self.pull)

    def spread(self, similarity: Matrix) -> NDArray[np.float64]:
        """[queries], standard deviation of a new measurement; a molecule is its own equal (similarity 1)."""
        rest = solve_triangular(self._factor, self.settings.kernel(similarity).T, lower=True)
        variance = self.settings.kernel(np.ones(1)) - np.einsum("ij,ij->j", rest, rest)
        return self.scale * np.sqrt(np.maximum(variance, 0.0) + self.settings.noise)


def _one_sided(
    covariance: Matrix, noise: float, standard: NDArray[np.float64], pull: NDArray[np.float64], bounds: NDArray[Any]
) -> NDArray[np.float64]:
    """The pulls when a bound that is passed pulls no more, and one that is passed by no other's doing pulls again."""
    for _ in range(_TURNS):
        said = covariance @ pull - noise * pull
        pulls = beyond(standard, said, bounds) == standard
        before, pull = pull, np.zeros(len(standard))
        pull[pulls] = cho_solve((cholesky(covariance[np.ix_(pulls, pulls)], lower=True), True), standard[pulls])
        if ((before != 0) == pulls).all():
            break
    return pull


def beyond(values: NDArray[Any], said: NDArray[Any], bounds: NDArray[Any]) -> NDArray[Any]:
    """The values, but where one is a bound (1 the truth is above it, -1 below) and what is said lies beyond it, what is said."""
    held = ((bounds > 0) & (said > values)) | ((bounds < 0) & (said < values))
    return np.where(held, said, values)


def likeliest(similarity: Matrix, standard: NDArray[np.float64], *, shape: Shape, level: float) -> Settings:
    """The settings of the largest marginal likelihood, weak beliefs included; the same data give the same ones."""
    from scipy.optimize import minimize  # a second of imports that only training needs

    names = ["amplitude", "noise"] + (["length"] if shape == "exponential" else [])
    start = np.array([_PRIORS[name][0] for name in names])
    found = minimize(
        _cost,
        start,
        args=(similarity, standard, shape, level),
        jac=True,
        method="L-BFGS-B",
        bounds=[_BOUNDS[name] for name in names],
        options={"maxiter": 60},
    )
    return _settings(found.x, shape, level)


def _settings(logs: NDArray[np.float64], shape: Shape, level: float) -> Settings:
    amplitude, noise, *length = np.exp(logs).tolist()
    return Settings(shape, amplitude, noise, length[0] if length else 1.0, level)


def _cost(
    logs: NDArray[np.float64], similarity: Matrix, standard: NDArray[np.float64], shape: Shape, level: float
) -> tuple[float, NDArray[np.float64]]:
    """Negative log posterior of the settings, without its constant, and its slope along each logarithm (equation 5.9)."""
    settings = _settings(logs, shape, level)
    kernel = settings.kernel(similarity)
    try:
        factor = cholesky(settings.covariance(similarity), lower=True, check_finite=False)
    except LinAlgError:  # not positive definite to rounding: a place to turn back from
        return 1e10, np.zeros_like(logs)
    inverse = inverse_of(factor)
    pull = inverse @ standard
    pulled = inverse - np.outer(pull, pull)
    slopes = [np.vdot(pulled, kernel), settings.noise * np.trace(pulled)]
    if shape == "exponential":
        shaped = kernel - settings.amplitude * level
        slopes.append(np.vdot(pulled, shaped * (1.0 - similarity)) / settings.length)
    priors = np.array([_PRIORS[name] for name in ("amplitude", "noise", "length")[: len(logs)]])
    off = (logs - priors[:, 0]) / priors[:, 1]
    cost = 0.5 * standard @ pull + np.log(np.diag(factor)).sum() + 0.5 * off @ off
    return float(cost), 0.5 * np.array(slopes) + off / priors[:, 1]


def inverse_of(factor: Matrix) -> Matrix:
    """The inverse of the matrix with this lower Cholesky factor."""
    lower, _ = lapack.dpotri(factor, lower=1)
    return np.tril(lower) + np.tril(lower, -1).T
