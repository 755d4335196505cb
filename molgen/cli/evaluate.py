"""molgen evaluate: recipes beside each other and beside the mean, on repeated splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool, Serial
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.cli.train import SplitConfig
from molgen.data.writers import write
from molgen.models.base import Task
from molgen.models.evaluate import evaluate, summary


class EvaluateConfig(InputConfig, SplitConfig):
    """On what, for what, which recipes, how often."""

    data: Path = option(..., "table of measured molecules")
    target: tuple[str, ...] = option(..., "column to predict; may be given several times")
    kind: Literal["regression", "classification"] = option("regression", "what the targets are")
    unit: str | None = option(None, "concentration unit of the targets (nM, uM, M): read as p-values")
    recipe: tuple[str, ...] = option(
        ("network", "boosting", "potency"), "preset to try, several times for several; the mean is always there"
    )
    repeats: int = option(3, "splits, each with another seed", gt=0)
    seed: int = option(0, "of the first split; the others follow")
    device: str = option("auto", "auto, cpu, cuda ...")
    workers: int = option(0, "processes; 0 takes every core", ge=0)
    out: Path | None = option(None, "file for every single result", short="o")


def run(config: EvaluateConfig, console: Console) -> dict[str, Any]:
    """Evaluates, shows mean and spread a system, writes single results when asked."""
    library = config.read(config.data)
    account(library, console)
    if config.unit and config.kind == "classification":
        raise MolgenError("a class has no concentration unit", where="--unit")
    with console.progress("evaluate") as bar:
        records = evaluate(
            library,
            [Task(name, config.kind) for name in config.target],
            recipes=tuple(dict.fromkeys((*config.recipe, "mean"))),
            split=config.split,
            split_column=config.split_column,
            units=dict.fromkeys(config.target, config.unit) if config.unit else None,
            repeats=config.repeats,
            seed=config.seed,
            device=config.device,
            executor=Serial() if config.workers == 1 else Pool(workers=config.workers),
            progress=bar.step,
        )
    if config.out is not None:
        write(records, config.out, structures=[""] * len(records), ids=[""] * len(records))
    return {"summary": summary(records).to_dict("records"), "written": config.out}


command = make_command(EvaluateConfig, run)
