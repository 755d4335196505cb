"""Spreads that mean what they say, intervals and sets that hold the truth as often as promised, chances that come true as often.

Conformal prediction: how far off the model was on molecules it had not seen, ranked, gives an interval
that covers the next exchangeable molecule with at least the asked probability, whatever the model.
Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005); Lei et al., J. Am. Stat.
Assoc. 113 (2018) 1094. The residuals are cross-fitted, as in CV+ (Barber et al., Ann. Stat. 49 (2021) 486).
Chances are calibrated as by Platt (Advances in Large Margin Classifiers (1999) 61), on log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.models.base import Estimate, Task, Values
from molgen.models.scaling import Column, Scaling, Trend

LEVELS = 99  # coverages kept with a model: 0.01 to 0.99
Ladder = tuple[float, ...]  # [LEVELS], the score that covers each; infinite where too few were seen to say

_FEWEST = 20  # molecules to calibrate chances by
_EDGE = 1e-6  # chances nearer to 0 or 1 are taken for this, where it is not known how many molecules they were calibrated by


class Calibrated(NamedTuple):
    """What is told of molecules, once a model's own word has been weighed."""

    mean: Values  # [molecules, tasks]; the probability of 1 for a classification
    spread: Values  # [molecules, tasks]
    low: Values  # [molecules, tasks]; NaN for a classification
    high: Values  # [molecules, tasks]
    classes: NDArray[np.str_]  # [molecules, tasks], those that can't be ruled out: "0", "1", "0 1", ""; "" for a regression


@dataclass(frozen=True)
class Spreads:
    """A regression's: how its spread is scaled, also by what is predicted, and how many of these an interval reaches."""

    scaling: Scaling
    trend: Trend
    reach: Ladder  # in spreads

    @classmethod
    def of(cls, truth: Column, said: Column, spread: Column, distance: Column | None) -> Spreads:
        scaling = Scaling.of(truth - said, spread, distance)
        scaled = np.abs(truth - said) / scaling(spread, distance)
        trend = Trend.of(scaled, said)
        return cls(scaling, trend, ladder(scaled / trend(said)))

    def spread(self, said: Column, spread: Column, distance: Column | None) -> Column:
        """The standard deviation of the truth about what was said."""
        return self.scaling(spread, distance) * self.trend(said)


@dataclass(frozen=True)
class Chances:
    """A classification's: log-odds times `slope`, plus `offset`; and how unlikely a class may look before it is ruled out."""

    slope: float
    offset: float
    zero: Ladder  # chance of 1 that molecules of class 0 were given
    one: Ladder  # chance of 0 that molecules of class 1 were given
    seen: int = 0  # molecules calibrated by; of models trained earlier none are told

    @classmethod
    def of(cls, truth: Column, said: Column) -> Chances:
        plain = cls(1.0, 0.0, (), ())
        fitted = _platt(truth, said) if len(truth) >= _FEWEST and np.ptp(truth) > 0 else plain
        chance = fitted.chance(said)
        return replace(fitted, zero=ladder(chance[truth == 0]), one=ladder(1 - chance[truth == 1]))

    def chance(self, said: Column) -> Column:
        """The probability of 1; a molecule that the model is as sure of as of another stays so."""
        if self.slope == 1.0 and self.offset == 0.0:
            return said
        told: Column = 1 / (1 + np.exp(-(self.slope * _log_odds(said, self.seen) + self.offset)))
        return told

    def classes(self, chance: Column, coverage: float) -> NDArray[np.str_]:
        """[molecules], the classes that can't be ruled out; each class is covered as often as asked, the rare one too."""
        zero, one = chance <= rung(self.zero, coverage), 1 - chance <= rung(self.one, coverage)
        found = np.where(zero & one, "0 1", np.where(zero, "0", np.where(one, "1", "")))
        return np.where(np.isnan(chance), "", found)


@dataclass(frozen=True)
class Calibration:
    """What was learned from what a model said of molecules it had not seen, a task; and the coverage that is told."""

    coverage: float
    tasks: tuple[Spreads | Chances, ...]

    @classmethod
    def of(
        cls, held_out: Estimate, targets: Values, tasks: tuple[Task, ...], *, coverage: float, distance: Values | None = None
    ) -> Calibration:
        """`targets` is NaN where there is nothing to compare; `distance` [molecules, tasks] is that to the molecules learned from."""
        learned: list[Spreads | Chances] = []
        for i, (task, mean, spread, measured) in enumerate(zip(tasks, held_out.mean.T, held_out.spread.T, targets.T)):
            known = np.isfinite(measured) & np.isfinite(mean)
            if task.kind == "regression":
                away = None if distance is None else distance[known, i]
                learned.append(Spreads.of(measured[known], mean[known], spread[known], away))
            else:
                learned.append(Chances.of(measured[known], mean[known]))
        return cls(coverage, tuple(learned))

    def only(self, tasks: Sequence[int]) -> Calibration:
        """The same for these of its tasks."""
        return Calibration(self.coverage, tuple(self.tasks[i] for i in tasks))

    def __call__(self, said: Estimate, distance: Values | None = None) -> Calibrated:
        """What the model said, calibrated. Without `distance` every molecule counts as one that was measured."""
        mean, spread, low, high = said.mean.copy(), said.spread.copy(), *(np.full_like(said.mean, np.nan) for _ in range(2))
        classes = np.full(said.mean.shape, "", dtype="<U3")
        for i, task in enumerate(self.tasks):
            if isinstance(task, Spreads):
                spread[:, i] = task.spread(said.mean[:, i], said.spread[:, i], None if distance is None else distance[:, i])
                reach = spread[:, i] * rung(task.reach, self.coverage)
                low[:, i], high[:, i] = mean[:, i] - reach, mean[:, i] + reach
            else:
                mean[:, i] = task.chance(said.mean[:, i])
                classes[:, i] = task.classes(mean[:, i], self.coverage)
        return Calibrated(mean, spread, low, high, classes)


def check_coverage(coverage: float) -> None:
    """Nothing for a coverage whose intervals are kept, else a MolgenError."""
    if not isinstance(coverage, Real) or not 0 < coverage <= LEVELS / (LEVELS + 1):
        raise MolgenError(f"coverage is {coverage!r}, want a share above 0, of at most {LEVELS / (LEVELS + 1):g}")


def ladder(scores: Column) -> Ladder:
    """The score that covers the next one with each of the kept probabilities.

    >>> ladder(np.arange(1.0, 10.0))[89], ladder(np.arange(1.0, 9.0))[89]
    (9.0, inf)
    """
    return tuple(conformal_quantile(scores, level / (LEVELS + 1)) for level in range(1, LEVELS + 1))


def rung(scores: Ladder, coverage: float) -> float:
    """The score for this coverage, or for the next kept one above; infinite above the last."""
    place = math.ceil(round(coverage * (LEVELS + 1), 9)) - 1
    return scores[max(place, 0)] if place < len(scores) else math.inf


def conformal_quantile(scores: NDArray[np.float64], coverage: float) -> float:
    """The score that the next one does not exceed with at least this probability; infinite when there are too few to say.

    The ceil((n + 1) coverage)-th smallest of n: the next score is as likely as any to be the largest.

    >>> conformal_quantile(np.arange(1.0, 10.0), 0.9), conformal_quantile(np.arange(1.0, 9.0), 0.9)
    (9.0, inf)
    """
    # Rounded, so that 0.9 * 10 is 9 and not a whisker more.
    rank = math.ceil(round((len(scores) + 1) * coverage, 9))
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else math.inf


def _platt(truth: Column, said: Column) -> Chances:
    from scipy.optimize import minimize

    odds = _log_odds(said, len(said))
    # Platt's targets: as if each class had been seen once more than it was, so that no chance becomes certain.
    ones, zeros = (truth == 1).sum(), (truth == 0).sum()
    wanted = np.where(truth == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))

    def unlikely(chosen: Column) -> float:
        told = chosen[0] * odds + chosen[1]
        return float(np.mean(np.logaddexp(0, told) - wanted * told))

    slope, offset = minimize(unlikely, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.05, 20.0), (-10.0, 10.0)]).x.tolist()
    return Chances(slope, offset, (), (), len(said))


def _log_odds(said: Column, seen: int) -> Column:
    """Of chances as if each class had been seen once more than it was, so that none is surer than so many molecules can make it."""
    inside = (said * seen + 1) / (seen + 2) if seen else np.clip(said, _EDGE, 1 - _EDGE)
    odds: Column = np.log(inside / (1 - inside))
    return odds
