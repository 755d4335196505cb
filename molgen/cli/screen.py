"""molgen screen: a library ranked by an objective, in a folder that resumes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from molgen.base.parallel import EXECUTORS, Executor, Pool
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.screen.run import screen


class ScreenConfig(InputConfig):
    """What to rank, by what, how many to keep."""

    input: Path = argument("library to rank; - is standard input")
    objective: Path = option(..., "objective TOML file")
    out: Path = option(..., "folder of the run; the same command resumes it", short="o")
    top: int = option(1_000, "how many to rank", gt=0)
    diverse: float | None = option(None, "no two ranked molecules more alike than this (Tanimoto, ECFP4)")
    chunk: int = option(1_000, "rows scored and kept at a time: what an interruption can lose", gt=0)
    executor: str | None = option(None, "serial, pool or ray; serial or pool by the library's size when not given")
    workers: int = option(0, "worker processes; 0 is as many as there are cores", ge=0)
    patience_s: float = option(60.0, "seconds of silence, beyond what is usual, after which a molecule is given up", gt=0)


def run(config: ScreenConfig, console: Console) -> dict[str, Any]:
    """Screens, writes the run folder, says the counts."""
    with console.progress("screen") as bar:
        ranking = screen(
            config.input,
            config.objective,
            out=config.out,
            top=config.top,
            diverse=config.diverse,
            format=config.format,
            smiles_col=config.smiles_col,
            id_col=config.id_col,
            limits=config.limits,
            chunk=config.chunk,
            patience_s=config.patience_s,
            executor=_executor(config),
            progress=bar.reach,
        )
    console.say(str(ranking.counts))
    refuse_rejects(console, config.strict, ranking.counts.rejected)
    return {**asdict(ranking.counts), "written": config.out}


def _executor(config: ScreenConfig) -> Executor | None:
    if config.executor is None:
        return Pool(workers=config.workers) if config.workers else None
    executor: Executor = EXECUTORS.build(config.executor, {"workers": config.workers} if config.workers else {})
    return executor


command = make_command(ScreenConfig, run)
