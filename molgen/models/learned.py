"""What a model of pairs learns from: its molecules and partners, how alike they are, and the grid of what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.features.partner import View, view_of, worked_out
from molgen.models.base import RowKind, Training
from molgen.models.crossfit import Single
from molgen.models.grid import Grid, Matrix, gridded
from molgen.models.kernel import one_thread
from molgen.models.likeness import Likeness, Measure, Measuring
from molgen.models.scores import NormalScores


class LearnsPairs(Measuring, Single):
    """A recipe that learns a grid of molecules and partners by how alike each side is."""

    most_molecules: int = Field(5000, ge=2, description="Molecules kept at most, by chance; memory goes with their square, time with more")

    @property
    def rows(self) -> tuple[RowKind, ...]:
        return ("pairs",)

    @one_thread
    def features(self, library: Library) -> Any:
        worked_out(partners_of(library))
        measure = self.measure()
        measure.share(library.molecules)
        return measure.fragments(library.molecules), measure.numbers(library.molecules, None)


@dataclass(frozen=True, eq=False)
class Learned:
    """The measured pairs of a training, molecules and partners numbered as they stand in the grid."""

    partners: Partners
    used: NDArray[np.int64]  # which of the partners stand in the grid
    likeness: Likeness
    view: View
    among: Matrix  # [molecules, molecules], how alike
    i: NDArray[np.int64]  # [pairs], the molecule
    j: NDArray[np.int64]  # [pairs], the partner
    values: NDArray[np.float64]  # [pairs], or their normal scores
    bounds: NDArray[np.float64]  # [pairs], as `Training.signs`
    grid: Grid
    centre: float  # the mean and standard deviation that the grid leaves out
    scale: float
    inchikeys: tuple[str, ...]  # [molecules]
    scores: NormalScores | None  # by which values were made scores

    @classmethod
    def of(cls, training: Training, measure: Measure, rng: np.random.Generator, *, most: int, scored: bool = False) -> Learned:
        """Of these, at most so many molecules, by chance; `scored` as normal scores, which classes have none of."""
        library, partners = training.library, partners_of(training.library)
        kept = rng.permutation(np.unique(library.molecule_of_row[training.learned]))[:most]
        rows = np.flatnonzero(training.learned & np.isin(library.molecule_of_row, kept))
        molecules, i = np.unique(library.molecule_of_row[rows], return_inverse=True)
        used, j = np.unique(partners.of_row[rows], return_inverse=True)
        likeness = Likeness.of(measure, library.molecules, molecules)
        among = likeness.among(library.molecules).astype(np.float32)
        values = training.targets[rows, 0]
        scores = NormalScores.of(values) if scored and training.tasks[0].kind == "regression" else None
        values = values if scores is None else scores.taught(values)
        bounds = np.zeros(len(rows)) if training.signs is None else training.signs[rows, 0].astype(np.float64)
        grid, centre, scale = gridded(values, bounds, i, j, (len(molecules), len(used)))
        keys = tuple(library.molecules.inchikeys[row] for row in molecules.tolist())
        view = view_of(partners, used)
        return cls(partners, used, likeness, view, among, i, j, values, bounds, grid, centre, scale, keys, scores)
