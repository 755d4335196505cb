"""What a predictor says of a library: numbers, how sure it is of them, and what known molecule they lean on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.library import Library, with_columns
from molgen.models.base import Task, Values


@dataclass(frozen=True, eq=False)
class Predictions:
    """One entry a row of `library`, in its order; NaN, False and "" where the row was rejected."""

    library: Library
    tasks: tuple[Task, ...]
    mean: Values  # [rows, tasks]; the probability of 1 for a classification
    spread: Values  # [rows, tasks], standard deviation of the truth about the mean
    low: Values  # [rows, tasks], the interval that holds the truth as often as `coverage`; NaN for a classification
    high: Values  # [rows, tasks]
    classes: NDArray[np.str_]  # [rows, tasks], classes that can't be ruled out at this coverage: "0", "1", "0 1"; "" for values
    coverage: float
    in_domain: NDArray[np.bool_]  # [rows]
    similarity: NDArray[np.float64]  # [rows], Tanimoto (ECFP4) to the nearest known molecule
    nearest_id: tuple[str, ...]
    nearest_smiles: tuple[str, ...]
    nearest_value: Values  # [rows, tasks], what was measured of the nearest known molecule

    def __len__(self) -> int:
        return len(self.library)

    def columns(self) -> dict[str, Any]:
        """The predictions as table columns: each task's value, spread, interval and classes, then domain and nearest known."""
        new: dict[str, Any] = {}
        for i, task in enumerate(self.tasks):
            parts = {"": self.mean, "_spread": self.spread, "_low": self.low, "_high": self.high}
            new |= {f"{task.name}{ending}": values[:, i] for ending, values in parts.items()}
            if task.kind == "classification":
                new[f"{task.name}_classes"] = self.classes[:, i]
        new |= {"in_domain": self.in_domain, "similarity": self.similarity}
        new |= {"nearest_id": self.nearest_id, "nearest_smiles": self.nearest_smiles}
        return new | {f"nearest_{task.name}": self.nearest_value[:, i] for i, task in enumerate(self.tasks)}

    def to_frame(self) -> pd.DataFrame:
        """The input's own columns, what became of each row, then `columns`, each with ``molgen_`` before its name."""
        return with_columns(self.library.to_frame(), self.columns())

    def _repr_html_(self) -> str:
        from molgen.chem.depict import table_html  # drawing is for notebooks

        columns = {}
        for i, task in enumerate(self.tasks):
            columns[task.name] = [f"{mean:.2f} ± {spread:.2f}" for mean, spread in zip(self.mean[:, i], self.spread[:, i])]
        columns["in domain"] = ["yes" if inside else "no" for inside in self.in_domain]
        return table_html(self.library.smiles, self.library.ids, columns)
