"""Spreads that mean what they say, and intervals that hold the truth as often as promised.

Conformal prediction: how far off the model was on molecules it had not seen, ranked, gives an interval
that covers the next exchangeable molecule with at least the asked probability, whatever the model.
Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005); Lei et al., J. Am. Stat.
Assoc. 113 (2018) 1094. The residuals are cross-fitted, as in CV+ (Barber et al., Ann. Stat. 49 (2021) 486).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.models.base import Estimate, Task, Values


@dataclass(frozen=True)
class Scaling:
    """A model's own spread made a standard deviation: the root of floor squared plus slope times spread, squared."""

    slope: float
    floor: float

    @classmethod
    def of(cls, residual: NDArray[np.float64], spread: NDArray[np.float64]) -> Scaling:
        """The scaling under which these residuals are likeliest, were they normal. Spreads that say nothing get slope near 0."""
        size = float(np.sqrt(np.mean(residual**2))) if len(residual) else 1.0
        size = max(size, 1e-9)
        typical = float(np.sqrt(np.mean(spread**2))) if len(spread) else 0.0
        if typical == 0.0 or len(residual) < 5:
            return cls(0.0, size)
        from scipy.optimize import minimize  # a second of imports that only training needs

        start = np.log([0.5, 0.5])
        found = minimize(
            _unlikely, start, args=((residual / size) ** 2, (spread / typical) ** 2), method="L-BFGS-B", bounds=[(-7.0, 3.0), (-4.0, 1.0)]
        )
        slope, floor = np.sqrt(np.exp(found.x)).tolist()
        return cls(slope * size / typical, floor * size)

    def __call__(self, spread: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sqrt((self.slope * spread) ** 2 + self.floor**2)


def _unlikely(logs: NDArray[np.float64], residual2: NDArray[np.float64], spread2: NDArray[np.float64]) -> float:
    variance = np.exp(logs[0]) * spread2 + np.exp(logs[1])
    return float(np.mean(np.log(variance) + residual2 / variance))


@dataclass(frozen=True)
class Calibration:
    """One scaling and one half-width, in standard deviations, a task."""

    coverage: float
    scalings: tuple[Scaling, ...]
    half_widths: tuple[float, ...]  # NaN for a classification: a probability is its own interval

    @classmethod
    def of(cls, held_out: Estimate, targets: Values, tasks: tuple[Task, ...], *, coverage: float) -> Calibration:
        """Learned from what the model said of molecules it had not seen. `targets` is NaN where there is nothing to compare."""
        scalings, half_widths = [], []
        for task, mean, spread, measured in zip(tasks, held_out.mean.T, held_out.spread.T, targets.T):
            known = np.isfinite(measured) & np.isfinite(mean)
            residual, told = measured[known] - mean[known], spread[known]
            scaling = Scaling.of(residual, told) if task.kind == "regression" else Scaling(1.0, 0.0)
            scalings.append(scaling)
            half_widths.append(conformal_quantile(np.abs(residual) / scaling(told), coverage) if task.kind == "regression" else math.nan)
        return cls(coverage, tuple(scalings), tuple(half_widths))

    def spread(self, spread: Values) -> Values:
        """[molecules, tasks], the model's own spreads as standard deviations."""
        return np.stack([scaling(column) for scaling, column in zip(self.scalings, spread.T)], axis=1)

    def interval(self, mean: Values, spread: Values) -> tuple[Values, Values]:
        """Low and high ends [molecules, tasks], for calibrated spreads."""
        reach = spread * np.array(self.half_widths)
        return mean - reach, mean + reach


def conformal_quantile(scores: NDArray[np.float64], coverage: float) -> float:
    """The score that the next one does not exceed with at least this probability; infinite when there are too few to say.

    The ceil((n + 1) coverage)-th smallest of n: the next score is as likely as any to be the largest.

    >>> conformal_quantile(np.arange(1.0, 10.0), 0.9), conformal_quantile(np.arange(1.0, 9.0), 0.9)
    (9.0, inf)
    """
    # Rounded, so that 0.9 * 10 is 9 and not a whisker more.
    rank = math.ceil(round((len(scores) + 1) * coverage, 9))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else math.inf
