"""What was measured of each distinct molecule: repeats merged, disagreements kept for the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError, meant
from molgen.data.labels import P_UNIT, Labels, labels
from molgen.data.library import Library
from molgen.models.base import Kind, Task, Values
from molgen.models.scale import settled, to_learn

_LARGEST = 1e15  # of values: beyond, nothing that is worked out from their squares can be told
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
    labelled: dict[str, int]  # per task: rows with a value

    @property
    def exact(self) -> Values:
        """The targets with bounds (">5") left out: what a prediction can be compared with."""
        return np.where(self.relations == "=", self.targets, np.nan)


def measured(library: Library, tasks: Sequence[Task | str], *, units: dict[str, str] | None = None) -> Measured:
    """The labels of these columns by distinct molecule: the median of repeats (of two, their middle; where the column is of logarithms,
    asked for or by its values, 10 and 1000 make 100), a vote for classes.

    Repeats farther apart than the standard deviation of the column say little more than two molecules picked at random would,
    and are a conflict.
    Of bounds that repeat, the tightest is the label. A bound beside an exact value adds nothing; where the median of the exact
    values is on its wrong side, it is a conflict. Bounds of both directions, for which there is no label, leave the tightest of
    the direction that more rows say (the lower bound, where as many do), and are a conflict where nothing lies between them.
    A molecule with a conflict keeps its label, and is listed. The order of the rows decides nothing.

    A column named by itself becomes a classification when all its values are 0 and 1, or true and false.
    """
    if not tasks:
        raise MolgenError("no target column is named")
    names = [_name(task) for task in tasks]
    for name in units or {}:
        if name not in names:
            raise MolgenError(f"a unit for {name!r}, which is not learned", fix=meant(name, names))
    if len(set(names)) < len(names):
        raise MolgenError(f"{next(name for name in names if names.count(name) > 1)!r} is named twice", fix="name each column to learn once")
    read = [labels(library, name, unit=(units or {}).get(name)) for name in names]
    told = tuple(_task(task, column) for task, column in zip(tasks, read))
    told = tuple(replace(task, unit=task.unit or P_UNIT) if task.name in (units or {}) else task for task in told)
    labelled = np.flatnonzero(library.ok & np.any([column.known for column in read], axis=0))
    groups: dict[int, list[int]] = {}
    for row in labelled.tolist():
        groups.setdefault(int(library.first_row[row]), []).append(row)
    targets, relations = np.full((len(groups), len(told)), np.nan), np.full((len(groups), len(told)), "=", dtype="<U1")
    conflicts: dict[str, list[dict[str, Any]]] = {task.name: [] for task in told}
    scales = [_Scale.of(task, column.values[column.known & library.ok]) for task, column in zip(told, read)]
    for i, group in enumerate(groups.values()):
        for j, (task, column, scale) in enumerate(zip(told, read, scales)):
            known = [row for row in group if column.known[row]]
            if known:
                values, signs = column.values[known], column.relations[known]
                targets[i, j], relations[i, j] = _merged(values, signs, scale)
                if _disagree(values, signs, scale):
                    ids = [library.ids[row] for row in known]
                    conflicts[task.name].append({"ids": ids, "values": values.tolist(), "relations": signs.tolist()})
    rows = np.array([group[0] for group in groups.values()], dtype=np.int64)
    problems = {task.name: _problems(library, column) for task, column in zip(told, read)}
    _enough(targets, told, read, library.source)
    own = library.take(rows).with_one_structure_each()
    with_value = {task.name: int((column.known & library.ok).sum()) for task, column in zip(told, read)}
    return Measured(own, rows, targets, relations, told, problems, conflicts, len(labelled) - len(groups), with_value)


def _name(task: Task | str) -> str:
    return task if isinstance(task, str) else task.name


def _task(task: Task | str, column: Labels) -> Task:
    values = column.values[column.known]
    exact = bool((column.relations[column.known] == "=").all())
    binary = len(values) > 0 and exact and bool(np.isin(values, (0.0, 1.0)).all())
    if isinstance(task, str):
        return Task(task, "classification" if binary else "regression")
    if task.kind == "classification" and (column.relations[column.known] != "=").any():
        raise MolgenError("a classification with bounds (<, >), want 0 and 1", where=f"column {task.name}")
    if task.kind == "classification" and len(values) and not binary:
        odd = next(value for value in values if value not in (0.0, 1.0))
        raise MolgenError(f"a classification with a value of {odd:g}, want 0 and 1", where=f"column {task.name}")
    if task.kind == "regression" and column.truths:
        raise MolgenError("a regression of true and false", where=f"column {task.name}", fix="learn them as classes: --kind classification")
    return task


class _Scale(NamedTuple):
    """What repeats of a task are put together by."""

    kind: Kind
    log: bool
    deviation: float  # standard deviation of all values of the column, as they are learned

    @classmethod
    def of(cls, task: Task, known: Values) -> _Scale:
        with np.errstate(over="ignore", invalid="ignore"):  # of values that are refused further on
            (settled_task,) = (task,) if task.scale == "log" else settled([task], known[:, None])
            learned = to_learn([settled_task], known[:, None])
            learned = learned[np.isfinite(learned)]
            return cls(task.kind, settled_task.scale == "log", float(learned.std()) if len(learned) else 0.0)

    def _log(self, values: Values) -> bool:
        return self.log and bool((values > 0).all())

    def middle(self, values: Values) -> float:
        ordered = np.sort(values)
        low, high = ordered[(len(values) - 1) // 2], ordered[len(values) // 2]
        if low == high:  # as it was written, to the last digit
            return float(low)
        return float(np.sqrt(low) * np.sqrt(high)) if self._log(values) else float((low + high) / 2)

    def apart(self, values: Values) -> float:
        return float(np.ptp(np.log10(values) if self._log(values) else values))


def _merged(values: Values, relations: NDArray[np.str_], scale: _Scale) -> tuple[float, str]:
    """The label of a molecule, in the rules of `measured`."""
    exact, above, below = (values[relations == relation] for relation in ("=", ">", "<"))
    if scale.kind == "classification":
        return float(np.median(values) >= 0.5), "="
    if len(exact):
        return scale.middle(exact), "="
    return (float(above.max()), ">") if len(above) >= len(below) else (float(below.min()), "<")


def _disagree(values: Values, relations: NDArray[np.str_], scale: _Scale) -> bool:
    exact, above, below = (values[relations == relation] for relation in ("=", ">", "<"))
    if scale.kind == "classification":
        return len(exact) > 1 and bool(np.ptp(exact) > 0)
    low, high = above.max(initial=-np.inf), below.min(initial=np.inf)
    if not len(exact):
        return bool(low >= high)
    return scale.apart(exact) > scale.deviation or not low <= scale.middle(exact) <= high


def _problems(library: Library, column: Labels) -> list[dict[str, Any]]:
    return [{"row": row, "id": library.ids[row], "reason": reason} for row, reason in column.problems.items()]


def _enough(targets: Values, tasks: tuple[Task, ...], read: Sequence[Labels], source: str) -> None:
    few = [task.name for task, column in zip(tasks, targets.T) if np.isfinite(column).sum() < _FEWEST]
    for task, column, cells in zip(tasks, targets.T, read):
        known, where = column[np.isfinite(column)], f"column {task.name} of {source or 'the library'}"
        if len(known) < _FEWEST:
            reasons = list(cells.problems.values())
            refused = f"; {len(reasons)} cells refused, the first: {reasons[0]}" if reasons else ""
            fix = f"leave out {', '.join(few)}" if len(tasks) > len(few) else ""
            raise MolgenError(f"{len(known)} molecules with a value, want at least {_FEWEST}{refused}", where=where, fix=fix)
        if np.ptp(known) == 0:
            raise MolgenError(f"every value is {known[0]:g}; there is nothing to learn", where=where)
        if np.abs(known).max() > _LARGEST:
            raise MolgenError(f"a value of {known[np.abs(known).argmax()]:g}, want none beyond {_LARGEST:g}", where=where)
