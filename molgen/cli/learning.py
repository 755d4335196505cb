"""The options that learning and judging models share: measured values, how to split them, with what to work."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import model_validator

from molgen.base.errors import MolgenError
from molgen.base.parallel import Executor, Pool, Serial
from molgen.cli.console import Console
from molgen.cli.input import PairedConfig
from molgen.cli.options import option
from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.partners import Pairing
from molgen.models.base import Kind, Task

_FEW, _MANY = 3, 8  # whole numbers that may be the names of classes
_FOR_WORKERS = ("molgen.models.boosting", "molgen.models.kernel")  # what most presets fit, and a second and a half of imports


class LearningConfig(PairedConfig):
    """What was measured, and which rows judge a model."""

    data: Path = option(..., "table of measured molecules")
    target: tuple[str, ...] = option(..., "column to learn; give several for one multi-task model")
    parts: Literal["ligand", "ligand,target", "ligand,context"] = option(
        "ligand", "what a row is: `ligand`, a molecule; `ligand,target`, its pair with a protein; `ligand,context`, with a cell line"
    )
    kind: Literal["auto", "regression", "classification"] = option("auto", "what targets are; auto: classes where all values are 0 and 1")
    scale: Literal["auto", "linear", "log"] = option("auto", "learn values as they are, or their logarithms; auto asks the training values")
    unit: str | None = option(None, "concentration unit of the targets (nM, uM, M): learned as p-values, -log10 mol/L")
    split: str = option("scaffold", "scaffold, random, cluster, time, column, deepchem:ButinaSplitter ..., or none to learn from every row")
    split_column: str | None = option(None, "column of train/valid/test, or of dates for a time split")
    seed: int = option(0, "decides every random choice", ge=0)
    device: str = option("auto", "auto, cpu, cuda ...")
    workers: int = option(0, "processes; 0 takes every core", ge=0)

    @model_validator(mode="after")
    def _classes_have_no_unit(self) -> LearningConfig:
        if self.unit and self.kind == "classification":
            raise MolgenError("a class has no concentration unit", where="--unit")
        return self

    @model_validator(mode="after")
    def _molecules_have_no_partner(self) -> LearningConfig:
        for name, value in (("--part-col", self.part_col), ("--part-table", self.part_table)):
            if value is not None and self.parts == "ligand":
                raise MolgenError("rows are molecules alone", where=name, fix="say what each is paired with: --parts ligand,target")
        return self

    def read(self, path: Path) -> Library:
        library = super().read(path)
        if self.parts == "ligand":
            return library
        return Pairing.of("target" if self.parts == "ligand,target" else "context", column=self.part_col, table=self.part_table)(library)

    @property
    def tasks(self) -> list[Task | str]:
        if self.kind == "auto" and self.scale == "auto" and not self.unit:
            return list(self.target)
        kind: Kind = "classification" if self.kind == "classification" else "regression"  # a unit or a scale is of numbers
        return [Task(name, kind, scale=self.scale) for name in self.target]

    def account_values(self, library: Library, console: Console) -> dict[str, int]:
        """How many cells of each target say nothing that can be learned; said before the work begins, and returned."""
        read = {name: labels(library, name, unit=self.unit) for name in self.target}
        for name, column in read.items():
            grades = np.unique(column.values[column.known])
            if self.tasks == list(self.target) and _FEW <= len(grades) <= _MANY and not (grades % 1).any():
                console.say(f"  {name} has {len(grades)} whole numbers only, learned as values; for classes, give each a column of 0 and 1")
        refused = {name: column.problems for name, column in read.items()}
        for name, problems in refused.items():
            if problems:
                row, reason = next(iter(problems.items()))
                many = "1 value" if len(problems) == 1 else f"{len(problems):,} values"
                console.say(f"  {many} of {name} refused, the first at line {library.rows.lines[row]}: {reason}")
        return {name: len(problems) for name, problems in refused.items() if problems}

    def account_logarithms(self, names: Iterable[str], console: Console) -> None:
        """Which targets were learned as logarithms; said, so that nobody reads their metrics in the wrong unit."""
        for name in names:
            console.say(f"  {name} is learned as logarithms: judge it by the metrics in decades (_log10), within_2fold, within_3fold, gmfe")

    @property
    def units(self) -> dict[str, str] | None:
        return dict.fromkeys(self.target, self.unit) if self.unit else None

    def start_workers(self) -> Executor:
        """To be called first: they get ready while this process reads."""
        return Serial() if self.workers == 1 else Pool(workers=self.workers, ready=_FOR_WORKERS)
