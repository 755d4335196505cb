"""What a predictor says of a library: numbers, how sure it is of them, and what known molecule they lean on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.library import Library, with_columns
from molgen.models.base import Task, Values
from molgen.models.domain import Known
from molgen.models.reference import Reference


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
    in_domain: NDArray[np.bool_]  # [rows, tasks]
    similarity: Values  # [rows, tasks], Tanimoto (ECFP4) to the nearest molecule that was measured for the task
    nearest: NDArray[np.int64]  # [rows, tasks], which of the known molecules that is; -1 for none
    known: Known = field(repr=False)
    reference: Reference | None = field(default=None, repr=False)
    closeness: Values | None = None  # [rows, tasks], of pairs: how like the partner is to the nearest of those learned from, in [0, 1]

    def __len__(self) -> int:
        return len(self.library)

    @property
    def percentile(self) -> Values:
        """[rows, tasks], where the value stands among those of the model's reference molecules, 0 to 100; NaN without reference."""
        return np.full(self.mean.shape, np.nan) if self.reference is None else self.reference.percentiles(self.mean)

    @property
    def nearest_id(self) -> NDArray[np.object_]:
        """[rows, tasks], the name of the nearest known molecule, "" for none."""
        return self._of_nearest(self.known.ids)

    @property
    def nearest_smiles(self) -> NDArray[np.object_]:
        """[rows, tasks], the structure of the nearest known molecule, "" for none."""
        return self._of_nearest(self.known.smiles)

    @property
    def nearest_value(self) -> Values:
        """[rows, tasks], what was measured of it; NaN for none."""
        rows = np.where(self.nearest < 0, 0, self.nearest)
        return np.where(self.nearest < 0, np.nan, self.known.values[rows, np.arange(len(self.tasks))])

    def _of_nearest(self, names: tuple[str, ...]) -> NDArray[np.object_]:
        return np.array([*names, ""], dtype=object)[self.nearest]

    def columns(self) -> dict[str, Any]:
        """The predictions as table columns: each task's value and spread, its interval or classes, then domain and nearest known.

        Where all tasks were measured on the same molecules, domain and nearest are told once; if not, a task.
        """
        new: dict[str, Any] = {}
        percentile = self.percentile
        for i, task in enumerate(self.tasks):
            parts: dict[str, NDArray[Any]] = {"": self.mean, "_spread": self.spread}
            parts |= {"_classes": self.classes} if task.kind == "classification" else {"_low": self.low, "_high": self.high}
            new |= {f"{task.name}{ending}": values[:, i] for ending, values in parts.items()}
            if self.reference is not None:
                new[f"{task.name}_{self.reference.name}_percentile"] = percentile[:, i]
        about: dict[str, NDArray[Any]] = {"similarity": self.similarity}
        if self.known.told:
            about |= {"nearest_id": self.nearest_id, "nearest_smiles": self.nearest_smiles}
        apart: dict[str, NDArray[Any]] = {"in_domain": self.in_domain}
        if self.closeness is not None:
            apart["partner_similarity"] = self.closeness
        if self.closeness is None or len(self.tasks) == 1:
            about, apart = apart | about, {}
        new |= {f"{task.name}_{name}": values[:, i] for i, task in enumerate(self.tasks) for name, values in apart.items()}
        if len(self.known.groups) == 1:
            new |= {name: values[:, 0] for name, values in about.items()}
        else:
            new |= {f"{task.name}_{name}": values[:, i] for i, task in enumerate(self.tasks) for name, values in about.items()}
        if self.known.told and self.closeness is None:
            new |= {f"nearest_{task.name}": self.nearest_value[:, i] for i, task in enumerate(self.tasks)}
        return new

    def to_frame(self) -> pd.DataFrame:
        """The input's own columns, what became of each row, then `columns`, each with ``molgen_`` before its name."""
        return with_columns(self.library.to_frame(), self.columns())

    def _repr_html_(self) -> str:
        from molgen.chem.depict import table_html  # drawing is for notebooks

        columns = {}
        for i, task in enumerate(self.tasks):
            columns[task.name] = [f"{mean:.2f} ± {spread:.2f}" for mean, spread in zip(self.mean[:, i], self.spread[:, i])]
            domain = "in domain" if len(self.known.groups) == 1 else f"in domain of {task.name}"
            columns[domain] = ["yes" if inside else "no" for inside in self.in_domain[:, i]]
        return table_html(self.library.smiles, self.library.ids, columns)
