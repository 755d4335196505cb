"""How close molecules are by what they are as a whole: size, greasiness, charge, where fragments only say what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FAR = 4.0  # standard deviations, beyond which farther says no more
_REACH = 2.0  # root mean square of the differences, in standard deviations, at which closeness is exp(-1/2)


@dataclass(frozen=True, eq=False)
class Closeness:
    """Known molecules by their descriptors; 1 for a molecule like one of them in all, towards 0 with distance."""

    centre: NDArray[np.float64]  # [descriptors], of the logarithms
    inverse: NDArray[np.float64]  # [descriptors], 1 / standard deviation; 0 where all are the same
    known: NDArray[np.float64]  # [molecules, descriptors], standardised

    @classmethod
    def of(cls, descriptors: NDArray[Any]) -> Closeness:
        """Closeness to these molecules, on the scale of their own variety. A descriptor that is NaN counts as typical."""
        grown = _grown(descriptors)
        centre, deviation = np.nan_to_num(np.nanmean(grown, axis=0)), np.nanstd(grown, axis=0)
        inverse = np.divide(1.0, deviation, out=np.zeros_like(centre), where=deviation > 1e-6)
        return cls(centre, inverse, _standard(grown, centre, inverse))

    def similarity(self, descriptors: NDArray[Any]) -> NDArray[np.float64]:
        """[queries, known molecules], in (0, 1]."""
        asked = _standard(_grown(descriptors), self.centre, self.inverse)
        return _near(asked, self.known, int((self.inverse > 0).sum()))

    def among(self) -> NDArray[np.float64]:
        """[known molecules, known molecules]"""
        return _near(self.known, self.known, int((self.inverse > 0).sum()))


def _near(asked: NDArray[np.float64], known: NDArray[np.float64], descriptors: int) -> NDArray[np.float64]:
    square = (asked**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2.0 * asked @ known.T
    return np.exp(-np.maximum(square, 0.0) / (2.0 * _REACH**2 * max(descriptors, 1)))


def _grown(descriptors: NDArray[Any]) -> NDArray[np.float64]:
    """Logarithms that keep the sign: a descriptor with a long tail is not all tail."""
    wide = np.asarray(descriptors, dtype=np.float64)
    return np.sign(wide) * np.log1p(np.abs(wide))


def _standard(grown: NDArray[np.float64], centre: NDArray[np.float64], inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.nan_to_num((grown - centre) * inverse), -_FAR, _FAR)
