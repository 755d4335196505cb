"""How well recipes do on molecules they have not seen: the same splits for all, repeated, with the mean as the line to clear."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.parallel import Executor
from molgen.base.wanted import checked
from molgen.data.library import Library
from molgen.models.base import Progress, Task
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train

COLUMNS = ("task", "system", "split", "repeat", "metric", "value")
_SHOWN = 5  # molecules in conflict that an audit names; the card of a model has all


@checked
def evaluate(
    library: Library,
    targets: str | Task | Sequence[str | Task],
    *,
    recipes: Sequence[str] | Mapping[str, RecipeConfig] = ("potency", "mean"),
    split: str = "scaffold",
    split_column: str | None = None,
    fractions: Sequence[float] = (0.8, 0.0, 0.2),
    units: dict[str, str] | None = None,
    repeats: int = 3,
    group: str | None = None,
    seed: int = 0,
    device: str = "auto",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """One row a task, system, repeat and metric of the test part; `summary` puts repeats together.

    `recipes` are presets by name, or recipes under names of their own. Each repeat has another
    seed, and with it another split, unless the split is written in a column or goes by time.
    `coverage` among the metrics is the share of test values inside their interval. In the frame's `attrs` under "audit" stands
    each system's audit of the first split: balance, labels and conflicts, leakage, and errors by group (`molgen.models.audit`).
    """
    if split == "none":
        raise MolgenError("an evaluation needs a test part", fix="choose another split")
    if repeats < 1:
        raise MolgenError(f"{repeats} repeats, want 1 or more")
    recipes = [recipes] if isinstance(recipes, str) else recipes
    systems: dict[str, RecipeConfig | str] = dict(recipes) if isinstance(recipes, Mapping) else {name: name for name in recipes}
    if not systems:
        raise MolgenError("no recipe to evaluate", fix="name presets, as in recipes=['potency', 'mean']")
    records: list[dict[str, Any]] = []
    audits: dict[str, Any] = {}
    heard: set[tuple[object, ...]] = set()
    for repeat, (system, recipe) in product(range(repeats), systems.items()):
        with _heard(heard):
            card = train(
                library,
                targets,
                recipe=recipe,
                split=split,
                split_column=split_column,
                fractions=fractions,
                units=units,
                group=group,
                seed=seed + repeat,
                device=device,
                executor=executor,
                progress=progress,
            ).card
        records += [{"system": system, "split": split, "repeat": repeat, **record} for record in _records(card)]
        some = {task: conflicts[:_SHOWN] for task, conflicts in card["conflicts"].items()}
        audits.setdefault(system, card["audit"] | {"conflicts": some})
    found = pd.DataFrame(records, columns=list(COLUMNS))
    found.attrs["audit"] = audits
    return found


def summary(records: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over repeats of each task, system and metric; one repeat has no deviation."""
    grouped = records.groupby(["task", "system", "split", "metric"], sort=False)["value"]
    return grouped.agg(mean="mean", sd="std", repeats="count").reset_index()


@contextmanager
def _heard(before: set[tuple[object, ...]]) -> Iterator[None]:
    """What `train` says of a task, or of a task and a predictor, is not said again for each repeat."""

    def new(record: logging.LogRecord) -> bool:
        words = record.args if isinstance(record.args, tuple) else ()
        about = (record.msg, *(word for word in words if isinstance(word, str)))  # numbers differ a little each time
        known = about in before
        before.add(about)
        return not known

    voice = logging.getLogger(train.__module__)
    voice.addFilter(new)
    try:
        yield
    finally:
        voice.removeFilter(new)


def _records(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for task, parts in card["metrics"].items():
        if "test" not in parts:
            raise MolgenError("the split has no test part", fix="a split column wants rows that say test")
        for metric, value in parts["test"].items():
            yield {"task": task, "metric": metric, "value": value}
        seen = card["calibration"]["seen"][task]["test"]
        if seen is not None:
            yield {"task": task, "metric": "coverage", "value": seen}
