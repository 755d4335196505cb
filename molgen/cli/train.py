"""molgen train: a model from measured values, with its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool, Serial
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.models.base import Task
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train


class SplitConfig(Config):
    """Which rows judge the model."""

    split: str = option("scaffold", "scaffold, random, cluster, time, column, deepchem:ButinaSplitter ..., or none to learn from every row")
    split_column: str | None = option(None, "column of train/valid/test, or of dates for a time split")


class TrainConfig(InputConfig, SplitConfig):
    """What to learn from, what to learn, how."""

    data: Path = option(..., "table of measured molecules")
    target: tuple[str, ...] = option(..., "column to learn; give several for one multi-task model")
    kind: Literal["regression", "classification"] = option("regression", "what the targets are")
    unit: str | None = option(None, "concentration unit of the targets (nM, uM, M): learned as p-values, -log10 mol/L")
    preset: str = option("potency", "recipe by name; `molgen list presets`")
    recipe: Path | None = option(None, "recipe TOML file, instead of a preset")
    coverage: float = option(0.9, "share of true values the intervals shall hold", gt=0, lt=1)
    seed: int = option(0, "decides every random choice")
    device: str = option("auto", "auto, cpu, cuda ...")
    workers: int = option(0, "processes; 0 takes every core", ge=0)
    out: Path = option(..., "folder for the model", short="o")


def run(config: TrainConfig, console: Console) -> dict[str, Any]:
    """Trains, saves, shows the test metrics."""
    library = config.read(config.data)
    counts = account(library, console)
    if config.unit and config.kind == "classification":
        raise MolgenError("a class has no concentration unit", where="--unit")
    with console.progress("train") as bar:
        predictor = train(
            library,
            [Task(name, config.kind) for name in config.target],
            recipe=RecipeConfig.from_toml(config.recipe) if config.recipe else config.preset,
            split=config.split,
            split_column=config.split_column,
            units=dict.fromkeys(config.target, config.unit) if config.unit else None,
            coverage=config.coverage,
            seed=config.seed,
            device=config.device,
            executor=Serial() if config.workers == 1 else Pool(workers=config.workers),
            progress=bar.step,
            out=config.out,
        )
    metrics = predictor.card["metrics"]
    rows = [{"task": task, "part": part, **values} for task, parts in metrics.items() for part, values in parts.items()]
    console.table(rows, title="how well it does")
    return {"rows": counts["read"], "metrics": metrics, "written": config.out}


command = make_command(TrainConfig, run)
