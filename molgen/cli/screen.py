"""molgen screen: a library ranked by an objective, in a folder that resumes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from molgen.base.parallel import EXECUTORS
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
    executor: str | None = option(None, "serial or pool; chosen by the library's size when not given")


def run(config: ScreenConfig, console: Console) -> dict[str, Any]:
    """Screens, writes the run folder, says the counts."""
    executor = EXECUTORS.build(config.executor) if config.executor else None
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
            executor=executor,
            progress=bar.count,
        )
    console.say(str(ranking.counts))
    refuse_rejects(config.strict, ranking.counts.rejected)
    return {**asdict(ranking.counts), "written": config.out}


command = make_command(ScreenConfig, run)
