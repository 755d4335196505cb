"""Where a prediction stands among those for molecules everybody knows: approved drugs, say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.models.base import Values

RUNGS = 201  # quantiles kept a task, every half per cent


@dataclass(frozen=True, eq=False)
class Reference:
    """How the predictions for a set of molecules are spread."""

    name: str  # of the molecules, as a column can say it: "drug"
    molecules: int
    quantiles: NDArray[np.float64]  # [tasks, RUNGS], rising

    @classmethod
    def of(cls, name: str, mean: Values) -> Reference:
        """That of predictions [molecules, tasks]; rows without one are left out.

        >>> Reference.of("drug", np.arange(5.0)[:, None]).percentiles(np.array([[2.0], [9.0]])).ravel().tolist()
        [50.0, 100.0]
        """
        there = mean[np.isfinite(mean).all(axis=1)]
        if not len(there):
            raise MolgenError("none of them has a prediction to compare with", where=f"reference {name!r}")
        return cls(name, len(there), np.quantile(there, np.linspace(0, 1, RUNGS), axis=0).T)

    def only(self, tasks: Sequence[int]) -> Reference:
        """The same for these of its tasks."""
        return Reference(self.name, self.molecules, self.quantiles[list(tasks)])

    def percentiles(self, mean: Values) -> Values:
        """[molecules, tasks], the share in per cent of the reference with a smaller prediction; half of those with the same count."""
        found = np.full(mean.shape, np.nan)
        places = np.linspace(0, 100, self.quantiles.shape[1])
        for task, (said, rungs) in enumerate(zip(mean.T, self.quantiles)):
            below, upto = (np.searchsorted(rungs, said, side=side) for side in ("left", "right"))
            tied = (places[np.minimum(below, len(places) - 1)] + places[np.maximum(upto - 1, 0)]) / 2
            found[:, task] = np.where(upto > below, tied, np.interp(said, rungs, places))
        return np.where(np.isfinite(mean), found, np.nan)
