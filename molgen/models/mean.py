"""The average of what was measured: no chemistry at all, and so the line every other model must clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from molgen.data.library import Library
from molgen.data.partners import Partners
from molgen.models.base import Estimate, Model, RowKind, Training
from molgen.models.crossfit import Single
from molgen.models.files import check, read_arrays, write_arrays

_FILE = "weights.safetensors"


class Mean(Single):
    """Each task's mean, for every molecule, whatever it is paired with."""

    @property
    def rows(self) -> tuple[RowKind, ...]:
        return ("molecules", "pairs")

    def features(self, library: Library) -> None:
        return None

    @classmethod
    def read(cls, folder: Path) -> MeanModel:
        return MeanModel.read(folder)

    def learn(self, training: Training) -> MeanModel:
        classes = [task.kind == "classification" for task in training.tasks]  # whose chance says how sure it is
        return MeanModel(np.nanmean(training.targets, axis=0), np.where(classes, 0.0, np.nanstd(training.targets, axis=0)))


@dataclass(frozen=True)
class MeanModel(Model):
    """The mean and the spread of what was measured, the same for every molecule."""

    mean: NDArray[np.float64]  # [tasks]
    spread: NDArray[np.float64]  # [tasks]

    def predict(self, library: Library) -> Estimate:
        return Estimate(np.tile(self.mean, (len(library), 1)), np.tile(self.spread, (len(library), 1)))

    def closeness(self, partners: Partners) -> NDArray[np.float64]:
        return np.ones(len(partners.each))  # to it one is like another

    def against(self, partners: Partners) -> Self:
        return replace(self, mean=np.repeat(self.mean, len(partners.each)), spread=np.repeat(self.spread, len(partners.each)))

    def only(self, tasks: Sequence[int]) -> Self:
        return replace(self, mean=self.mean[list(tasks)], spread=self.spread[list(tasks)])

    def about(self) -> dict[str, Any]:
        return {"mean": self.mean.tolist()}

    def write(self, folder: Path) -> None:
        write_arrays(folder / _FILE, {"mean": self.mean, "spread": self.spread})

    @classmethod
    def read(cls, folder: Path) -> Self:
        arrays = read_arrays(folder / _FILE, {"mean": ("f", 1), "spread": ("f", 1)})
        check(arrays["mean"].shape == arrays["spread"].shape, folder / _FILE, "mean and spread of different tasks")
        return cls(arrays["mean"], arrays["spread"])
