"""Raw values to desirability: how a chemist's "above 8 is enough, below 6 is useless" becomes a number in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.base.registry import Registry

Values = NDArray[np.float64]  # [molecules]; NaN where there is no value

CURVES = Registry(
    "curve",
    {
        "ramp": "molgen.score.curves:Ramp",
        "sigmoid": "molgen.score.curves:Sigmoid",
        "range": "molgen.score.curves:Range",
        "as_is": "molgen.score.curves:AsIs",
    },
)


class Curve(Protocol):
    """Rises, falls, or rises then falls; never outside [0, 1]; NaN stays NaN. A `wish` says in words what it asks for."""

    def __call__(self, raw: Values) -> Values: ...

    def window(self) -> tuple[float, float]:
        """Raw values between which something happens, for a plot."""


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """0 at and beyond `worst`, 1 at and beyond `best`, straight between; `best` below `worst` wants small values.

    >>> Ramp(worst=6.0, best=8.0)(np.array([5.0, 7.0, 9.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    worst: float
    best: float

    def __post_init__(self) -> None:
        _finite(worst=self.worst, best=self.best)
        if self.worst == self.best:
            raise MolgenError(f"a ramp from {self.worst} to {self.best}, want two values", where="curve")

    def __call__(self, raw: Values) -> Values:
        return np.clip((raw - self.worst) / (self.best - self.worst), 0.0, 1.0)

    def window(self) -> tuple[float, float]:
        return min(self.worst, self.best), max(self.worst, self.best)

    @property
    def wish(self) -> str:
        if self.best > self.worst:
            return f"high: best from {self.best:g}; nothing below {self.worst:g}"
        return f"low: best up to {self.best:g}; nothing above {self.worst:g}"


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """0.1 at `poor`, 0.9 at `good`, never quite 0 or 1: two weak molecules can still be told apart.

    >>> Sigmoid(poor=6.0, good=8.0)(np.array([6.0, 7.0, 8.0])).round(3).tolist()
    [0.1, 0.5, 0.9]
    """

    poor: float
    good: float

    def __post_init__(self) -> None:
        _finite(poor=self.poor, good=self.good)
        if self.poor == self.good:
            raise MolgenError(f"a sigmoid from {self.poor} to {self.good}, want two values", where="curve")

    def __call__(self, raw: Values) -> Values:
        steepness = 2 * np.log(9.0) / (self.good - self.poor)  # logistic(±ln 9) = 0.9, 0.1
        exponent = np.clip(-steepness * (raw - (self.poor + self.good) / 2), -700, 700)
        return 1.0 / (1.0 + np.exp(exponent))

    def window(self) -> tuple[float, float]:
        reach = abs(self.good - self.poor)
        return min(self.poor, self.good) - reach, max(self.poor, self.good) + reach

    @property
    def wish(self) -> str:
        return f"{'high' if self.good > self.poor else 'low'}: 0.9 at {self.good:g}, 0.1 at {self.poor:g}"


@dataclass(frozen=True, kw_only=True)
class Range:
    """1 from `low` to `high`, falling straight to 0 over `margin` on either side.

    >>> Range(low=1.0, high=3.0, margin=1.0)(np.array([0.5, 2.0, 5.0])).tolist()
    [0.5, 1.0, 0.0]
    """

    low: float
    high: float
    margin: float

    def __post_init__(self) -> None:
        _finite(low=self.low, high=self.high, margin=self.margin, fix="a range open on one side is a ramp: worst, best")
        if not (self.low <= self.high and self.margin > 0):
            raise MolgenError(f"range {self.low} to {self.high}, margin {self.margin}: want low <= high and margin > 0", where="curve")

    def __call__(self, raw: Values) -> Values:
        outside = np.maximum(self.low - raw, raw - self.high)
        return np.clip(1.0 - outside / self.margin, 0.0, 1.0)

    def window(self) -> tuple[float, float]:
        return self.low - self.margin, self.high + self.margin

    @property
    def wish(self) -> str:
        best = f"between {self.low:g} and {self.high:g}" if self.high > self.low else f"near {self.low:g}"
        return f"{best}; nothing below {self.low - self.margin:g} or above {self.high + self.margin:g}"


@dataclass(frozen=True, kw_only=True)
class AsIs:
    """The raw value itself, for one that is a desirability already (QED, a probability); clipped to [0, 1]."""

    def __call__(self, raw: Values) -> Values:
        return np.clip(raw, 0.0, 1.0)

    def window(self) -> tuple[float, float]:
        return 0.0, 1.0


def _finite(*, fix: str = "", **numbers: float) -> None:
    for name, number in numbers.items():
        if not (isinstance(number, Real) and np.isfinite(float(number))):
            raise MolgenError(f"{name} is {number!r}, want a finite number", where="curve", fix=fix)
