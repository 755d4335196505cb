"""A model's own spread made a standard deviation, wider the farther a molecule is from what was measured, and where values err more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]  # [molecules]

_FEWEST = 5  # residuals to learn anything but their size from
_FEWEST_TO_FADE = 50
_STRETCHES = 10
_FEWEST_A_STRETCH = 60
_EVEN = 20  # residuals of usual size that each stretch is reckoned to have had besides its own


@dataclass(frozen=True)
class Scaling:
    """The root of floor squared plus slope times spread, squared; times e to the power of `fade` for each unit of distance.

    Distance is 1 - Tanimoto similarity to the nearest known molecule; beyond `farthest` none was seen, and nothing grows.
    """

    slope: float
    floor: float
    fade: float = 0.0
    farthest: float = 1.0

    @classmethod
    def of(cls, residual: Column, spread: Column, distance: Column | None = None) -> Scaling:
        """The scaling under which these residuals are likeliest, were they normal. Spreads that say nothing get slope near 0.

        With the `distance` of each molecule, errors that grow with it make spreads that do.
        """
        size = float(np.sqrt(np.mean(residual**2))) if len(residual) else 1.0
        size = size or 1e-9  # no smaller for small units: values in mol/L are of that size
        typical = float(np.sqrt(np.mean(spread**2))) if len(spread) else 0.0
        if len(residual) < _FEWEST or (typical == 0.0 and distance is None):
            return cls(0.0, size)
        from scipy.optimize import minimize  # a second of imports that only training needs

        learned = distance is not None and len(residual) >= _FEWEST_TO_FADE
        farthest = float(np.quantile(distance, 0.95)) if learned and distance is not None else 1.0
        away = np.minimum(distance, farthest) if learned and distance is not None else np.zeros(len(residual))
        told = (spread / typical) ** 2 if typical > 0 else np.zeros(len(residual))
        bounds = [(-7.0, 3.0), (-7.0, 1.0), (0.0, 3.0 if learned else 0.0)]
        start = np.array([*np.log([0.5, 0.5]), 0.0])
        found = minimize(_unlikely, start, args=((residual / size) ** 2, told, away), method="L-BFGS-B", bounds=bounds).x
        slope, floor = np.sqrt(np.exp(found[:2])).tolist()
        return cls(slope * size / typical if typical > 0 else 0.0, floor * size, float(found[2]), farthest)

    def __call__(self, spread: Column, distance: Column | None = None) -> Column:
        whole: Column = np.sqrt((self.slope * spread) ** 2 + self.floor**2)
        return whole if distance is None else whole * np.exp(self.fade * np.minimum(distance, self.farthest))


def _unlikely(chosen: Column, residual2: Column, spread2: Column, distance: Column) -> float:
    variance = (np.exp(chosen[0]) * spread2 + np.exp(chosen[1])) * np.exp(2 * chosen[2] * distance)
    return float(np.mean(np.log(variance) + residual2 / variance))


@dataclass(frozen=True)
class Trend:
    """How much more a model errs at some values than at others: a factor at each knot, straight lines between, level beyond.

    A percentage bound to protein errs by a point near a hundred and by twenty near fifty; no ensemble's disagreement says so as
    plainly as what it got wrong.
    """

    knots: tuple[float, ...]  # predicted values, rising
    factors: tuple[float, ...]  # of the spread

    @classmethod
    def of(cls, scaled: Column, said: Column) -> Trend:
        """From absolute errors in spreads, and what was predicted: equally many a stretch, each drawn to the usual size. Flat for few."""
        stretches = min(_STRETCHES, len(said) // _FEWEST_A_STRETCH)
        usual = float(scaled.mean()) if len(scaled) else 0.0
        if stretches < 2 or usual == 0.0:
            return FLAT
        parts = np.array_split(np.argsort(said, kind="stable"), stretches)
        knots = [float(np.median(said[part])) for part in parts]
        if (np.diff(knots) <= 0).any():  # one and the same prediction for many
            return FLAT
        factors = [float((scaled[part].sum() + _EVEN * usual) / (len(part) + _EVEN) / usual) for part in parts]
        return cls(tuple(knots), tuple(factors))

    def __call__(self, said: Column) -> Column:
        if not self.knots:
            return np.ones_like(said)
        return np.asarray(np.interp(said, self.knots, self.factors))


FLAT = Trend((), ())
