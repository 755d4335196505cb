"""Normal scores: values by their place among all measured, as a normal variable would have it, and the way back.

Where values crowd at one end, errors of theirs all but vanish from a sum of squares, and their order with them. As normal scores each
value counts by how many lie below it (van der Waerden 1952; the warped process of Snelson, Rasmussen and Ghahramani, NIPS 16 (2004) 337,
with the ranks as its warp).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from molgen.models.files import check

Numbers = NDArray[np.float64]

_KNOTS = 512  # at most, of a line from values to scores
_NAMES = ("scores.from", "scores.to")  # in a file
_FAR = 10.0  # scores beyond what was measured, where it ends
_STEP = 0.5  # of scores, to either side, over which a slope is taken: wide enough for values that many share


@dataclass(frozen=True, eq=False)
class NormalScores:
    """Values and their scores, both rising: straight lines between, and on beyond as steep as over the outer score."""

    values: Numbers  # [knots]
    scores: Numbers  # [knots]

    @classmethod
    def of(cls, values: Numbers) -> Self:
        """From those learned; equal ones share the score of their middle.

        >>> NormalScores.of(np.array([3.0, 5.0, 5.0, 900.0])).taught(np.array([3.0, 5.0, 900.0])).round(2).tolist()
        [-1.15, 0.0, 1.15]
        """
        from scipy.special import ndtri  # a second of imports that only training needs

        distinct, times = np.unique(values, return_counts=True)
        scores = ndtri((np.cumsum(times) - times / 2) / len(values))
        kept = np.unique(np.linspace(0, len(distinct) - 1, _KNOTS).round().astype(np.int64))
        values, scores = distinct[kept], scores[kept]
        low, high = np.interp([scores[0] + 1, scores[-1] - 1], scores, values)
        least = 1e-9 * max(1.0, float(np.abs(values).max()))
        first, last = values[0] - _FAR * max(low - values[0], least), values[-1] + _FAR * max(values[-1] - high, least)
        return cls(np.array([first, *values, last]), np.array([scores[0] - _FAR, *scores, scores[-1] + _FAR]))

    def taught(self, values: Numbers) -> Numbers:
        """The scores of values."""
        return np.asarray(np.interp(values, self.values, self.scores))

    def told(self, mean: Numbers, spread: Numbers) -> tuple[Numbers, Numbers]:
        """The values that have these scores, and the spreads of scores as spreads of values: by the slope around each."""
        low, middle, high = (np.interp(mean + step, self.scores, self.values) for step in (-_STEP, 0.0, _STEP))
        return middle, spread * (high - low) / (2 * _STEP)


def scores_wanted(scored: bool) -> dict[str, tuple[str, int]]:
    """Names, kinds and axes of the arrays of a model that learned scores, or did not."""
    return dict.fromkeys(_NAMES, ("f", 1)) if scored else {}


def scores_kept(scores: NormalScores | None) -> dict[str, NDArray[Any]]:
    """By name, for a file; nothing for a model that learned values."""
    return {} if scores is None else dict(zip(_NAMES, (scores.values, scores.scores)))


def scores_in(arrays: Mapping[str, NDArray[Any]], path: Path) -> NormalScores | None:
    """The scores of `arrays`, read from `path`."""
    if _NAMES[0] not in arrays:
        return None
    values, scores = (arrays[name] for name in _NAMES)
    rising = all(bool((np.diff(line) > 0).all()) for line in (values, scores))
    check(values.shape == scores.shape and len(values) > 0 and rising, path, "scores that do not rise")
    return NormalScores(values, scores)
