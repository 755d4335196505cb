"""On which scale a task is learned: its values as they are, or their logarithms where they span orders of magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import skew

from molgen.base.errors import MolgenError
from molgen.models.base import Task, Values
from molgen.models.calibration import Calibrated
from molgen.models.scaling import Column

_DECADES = 1.0  # from the first to the last of a hundred values, before logarithms are considered
_FEWEST = 30


def settled(tasks: Sequence[Task], values: Values) -> tuple[Task, ...]:
    """The tasks with `auto` decided by the values [molecules, tasks] that will be learned from; a log of 0 or less is refused."""
    return tuple(_settled(task, column[np.isfinite(column)]) for task, column in zip(tasks, values.T))


def _settled(task: Task, known: Column) -> Task:
    if task.kind == "classification":
        return replace(task, scale="linear")
    if task.scale == "log" and (known <= 0).any():
        raise MolgenError(f"a value of {known.min():g} has no logarithm", where=f"column {task.name}", fix="learn it on the linear scale")
    if task.scale == "auto":
        return replace(task, scale="log" if _wide(known) else "linear")
    return task


def _wide(known: Column) -> bool:
    """Values above 0, most within more than a decade, whose logarithms lie far more evenly than they do."""
    if len(known) < _FEWEST or (known <= 0).any():
        return False
    first, last = np.quantile(known, [0.01, 0.99])
    return bool(np.log10(last / first) > _DECADES and skew(known) > 1 and abs(skew(np.log(known))) < skew(known) / 2)


def to_learn(tasks: Sequence[Task], values: Values) -> Values:
    """The values [molecules, tasks] as they are learned; NaN where a logarithm does not exist."""
    columns = values.copy()
    for i, task in enumerate(tasks):
        if task.scale == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                columns[:, i] = np.log10(np.where(columns[:, i] > 0, columns[:, i], np.nan))
    return columns


_POSSIBLE = {"% bound": (0.0, 100.0), "% unbound": (0.0, 100.0)}  # by unit; a percentage of inhibition may well be past 100


def as_measured(tasks: Sequence[Task], told: Calibrated) -> Calibrated:
    """What is told, in the units of the measurement and not beyond what is possible in them; of a logarithm the mean becomes the
    median, the spread its slope there."""
    mean, spread, low, high = (column.copy() for column in told[:4])
    for i, task in enumerate(tasks):
        if task.scale == "log":
            mean[:, i], low[:, i], high[:, i] = (10.0 ** column[:, i] for column in (mean, low, high))
        if task.unit in _POSSIBLE:
            mean[:, i], low[:, i], high[:, i] = (np.clip(column[:, i], *_POSSIBLE[task.unit]) for column in (mean, low, high))
        if task.scale == "log":
            spread[:, i] *= np.log(10) * mean[:, i]
    return Calibrated(mean, spread, low, high, told.classes)
