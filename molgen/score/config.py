"""An objective as a chemist writes it down: a TOML file of goals, refused with the goal's name when it can't be."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from molgen.base.config import Config, read_toml
from molgen.base.errors import MolgenError
from molgen.models.shipped import ours
from molgen.score.base import TERMS
from molgen.score.curves import CURVES
from molgen.score.objective import Goal, Objective
from molgen.score.program import words

# Options that name files are meant from where the objective's own file lies, as in any config.
_PATHS = ("model", "minus", "known", "references")
_PARTNERS = ("target", "minus_target", "over")  # files, sequences or names
_COMMAND = ("program", "command")  # words, some of which may be files


class GoalConfig(Config):
    """One ``[[goal]]``: which term, which curve, how much it matters; the term's own options stand beside them."""

    term: str = Field(description="name from `molgen list terms`")
    curve: dict[str, Any] = Field(default={"kind": "as_is"}, description="kind from `molgen list curves`, with its options")
    weight: float = Field(default=1.0, gt=0, strict=True, description="exponent in the weighted geometric mean")
    caution: float = Field(default=0.0, ge=0, strict=True, description="standard deviations of the prediction taken off before scoring")
    options: dict[str, Any] = Field(default={}, description="what the term's constructor takes")


def read_objective(path: Path) -> Objective:
    """The objective a TOML file describes, its models loaded.

    A goal without a `curve` is read as it is, which suits QED and probabilities, and is refused of what is none. Unknown terms,
    curves and options are refused with the goal they stand in and what there is instead.
    """
    table = read_toml(Path(path))
    unknown = set(table) - {"goal", "title"}
    if unknown or not isinstance(table.get("goal"), list):
        problem = f"unknown key {min(unknown)!r}" if unknown else "no [[goal]] table"
        raise MolgenError(problem, where=str(path), fix="an objective is a list of [[goal]] tables")
    title = table.get("title", "")
    if not isinstance(title, str):
        raise MolgenError(f"title is {title!r}, want text", where=str(path))
    return replace(objective_of(table["goal"], folder=Path(path).parent, where=str(path)), title=title)


def objective_of(goals: list[dict[str, Any]], *, folder: Path = Path(), where: str = "objective") -> Objective:
    """The objective of goals written as dictionaries, paths taken from `folder`."""
    made = tuple(_goal(written, folder, f"{where}, goal {n}") for n, written in enumerate(goals, start=1))
    try:
        return Objective(made)
    except MolgenError as error:
        raise MolgenError(error.what, where=error.where or where, fix=error.fix) from None


def _goal(written: dict[str, Any], folder: Path, where: str) -> Goal:
    if not isinstance(written, dict):
        raise MolgenError(f"{written!r} is not a goal, want a table of its options", where=where, fix='{"term": "qed"}')
    own = {key: value for key, value in written.items() if key in GoalConfig.model_fields}
    rest = {key: value for key, value in written.items() if key not in GoalConfig.model_fields}
    config = GoalConfig.of(own, where=where)
    curve = dict(config.curve)
    try:
        options = {key: _placed(folder, config.term, key, value) for key, value in {**config.options, **rest}.items()}
        return Goal(
            term=TERMS.build(config.term, options),
            curve=CURVES.build(curve.pop("kind", "as_is"), curve),
            weight=config.weight,
            caution=config.caution,
        )
    except TypeError as error:  # a required option is missing, or of a type its term can't use
        raise MolgenError(str(error).replace(".__init__()", ":"), where=where) from None
    except MolgenError as error:
        raise MolgenError(error.what, where=f"{where}: {error.where}" if error.where else where, fix=error.fix) from None


def _placed(folder: Path, term: str, key: str, value: Any) -> Any:
    """Paths are taken from the objective's folder; the name of a model of ours, or of a protein, stays one."""
    if (term, key) == _COMMAND and isinstance(value, (str, list, tuple)):
        return words(value, folder)
    if key in _PARTNERS and isinstance(value, (list, tuple)):
        return [_placed(folder, term, key, one) for one in value]
    if not isinstance(value, str) or key not in (*_PATHS, *_PARTNERS):
        return value
    path = folder / value
    named = key in (*_PARTNERS, "references") or term == "likelihood"  # what may be no file at all
    kept = not os.path.isfile(path) if named else ours(value, path) is not None
    return value if kept else str(path)
