"""What was measured of each distinct molecule: repeats merged, disagreements kept for the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.labels import Labels, labels
from molgen.data.library import Library
from molgen.models.base import Kind, Task, Values

# Repeats of one assay in one molecule usually agree within a log unit; farther apart, one of them is wrong.
_FAR_APART = 1.0
_FEWEST = 10  # measured molecules a task: below, neither folds nor an interval say anything


@dataclass(frozen=True, eq=False)
class Measured:
    """One row a distinct molecule with at least one value."""

    library: Library  # distinct
    rows: NDArray[np.int64]  # [molecules], the row of the whole library each is taken from
    targets: Values
    relations: NDArray[np.str_]  # [molecules, tasks]
    tasks: tuple[Task, ...]
    problems: dict[str, list[dict[str, Any]]]  # per task: refused labels
    conflicts: dict[str, list[dict[str, Any]]]  # per task: repeats that disagree
    repeats: int  # rows with a value that were merged into another

    @property
    def exact(self) -> Values:
        """The targets with bounds (">5") left out: what a prediction can be compared with."""
        return np.where(self.relations == "=", self.targets, np.nan)


def measured(library: Library, tasks: Sequence[Task | str], *, units: dict[str, str] | None = None) -> Measured:
    """The labels of these columns by distinct molecule: the median of repeats, a vote for classes.

    A column named by itself becomes a classification when all its values are 0 and 1.
    """
    if not tasks:
        raise MolgenError("no target column is named")
    read = [labels(library, _name(task), unit=(units or {}).get(_name(task))) for task in tasks]
    told = tuple(_task(task, column) for task, column in zip(tasks, read))
    labelled = np.flatnonzero(library.ok & np.any([column.known for column in read], axis=0))
    groups: dict[int, list[int]] = {}
    for row in labelled.tolist():
        groups.setdefault(int(library.first_row[row]), []).append(row)
    targets, relations = np.full((len(groups), len(told)), np.nan), np.full((len(groups), len(told)), "=", dtype="<U1")
    conflicts: dict[str, list[dict[str, Any]]] = {task.name: [] for task in told}
    for i, group in enumerate(groups.values()):
        for j, (task, column) in enumerate(zip(told, read)):
            known = [row for row in group if column.known[row]]
            if known:
                targets[i, j], relations[i, j] = _merged(column.values[known], column.relations[known], task.kind)
                if _disagree(column.values[known], column.relations[known], task.kind):
                    conflicts[task.name].append({"ids": [library.ids[row] for row in known], "values": column.values[known].tolist()})
    rows = np.array([group[0] for group in groups.values()], dtype=np.int64)
    problems = {task.name: _problems(library, column) for task, column in zip(told, read)}
    _enough(targets, told, library.source)
    return Measured(library.take(rows), rows, targets, relations, told, problems, conflicts, len(labelled) - len(groups))


def _name(task: Task | str) -> str:
    return task if isinstance(task, str) else task.name


def _task(task: Task | str, column: Labels) -> Task:
    values = column.values[column.known]
    binary = len(values) > 0 and bool(np.isin(values, (0.0, 1.0)).all())
    if isinstance(task, str):
        return Task(task, "classification" if binary else "regression")
    if task.kind == "classification" and not binary:
        odd = next((value for value in values if value not in (0.0, 1.0)), None)
        raise MolgenError(f"a classification with a value of {odd}, want 0 and 1", where=f"column {task.name}")
    return task


def _merged(values: Values, relations: NDArray[np.str_], kind: Kind) -> tuple[float, str]:
    """The median of the exact values; of the bounds only where there is nothing else."""
    exact = relations == "="
    if kind == "classification":
        return float(np.median(values) >= 0.5), "="
    if exact.any():
        return float(np.median(values[exact])), "="
    same = relations == relations[0]
    return float(np.median(values[same])), str(relations[0])


def _disagree(values: Values, relations: NDArray[np.str_], kind: Kind) -> bool:
    exact = values[relations == "="]
    return len(exact) > 1 and float(np.ptp(exact)) > (0.0 if kind == "classification" else _FAR_APART)


def _problems(library: Library, column: Labels) -> list[dict[str, Any]]:
    return [{"row": row, "id": library.ids[row], "reason": reason} for row, reason in column.problems.items()]


def _enough(targets: Values, tasks: tuple[Task, ...], source: str) -> None:
    for task, column in zip(tasks, targets.T):
        known = column[np.isfinite(column)]
        if len(known) < _FEWEST:
            raise MolgenError(
                f"{len(known)} molecules with a value, want at least {_FEWEST}", where=f"column {task.name} of {source or 'the library'}"
            )
        if np.ptp(known) == 0:
            raise MolgenError(
                f"every value is {known[0]:g}; there is nothing to learn", where=f"column {task.name} of {source or 'the library'}"
            )
