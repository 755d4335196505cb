"""molgen evaluate: recipes beside each other and beside the mean, on repeated splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.cli.console import Console
from molgen.cli.input import account
from molgen.cli.learning import LearningConfig
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.data.writers import check_out, write
from molgen.models.audit import rows_of
from molgen.models.evaluate import evaluate, summary


class EvaluateConfig(LearningConfig):
    """On what, for what, which recipes, how often."""

    recipe: tuple[str, ...] = option(
        (), "preset to try; give several to compare, network, boosting and potency if not given, of pairs pairs; the mean is always there"
    )
    repeats: int = option(3, "splits, each with another seed", gt=0)
    audit: bool = option(False, "show what the scores hide: leakage, balance, errors by size, charge, scaffold, similarity, cliff")
    group_column: str | None = option(None, "column, of assays say, by whose values the audit tells errors apart")
    out: Path | None = option(None, "file for every single result", short="o")


def run(config: EvaluateConfig, console: Console) -> dict[str, Any]:
    """Evaluates, shows mean and spread a system, writes single results when asked."""
    if config.out is not None:
        check_out(config.out)
    executor = config.start_workers()
    library = config.read(config.data)
    account(library, console)
    recipes = config.recipe or (("network", "boosting", "potency") if library.partners is None else ("pairs",))
    with console.progress("evaluate") as bar:
        records = evaluate(
            library,
            config.tasks,
            recipes=tuple(dict.fromkeys((*recipes, "mean"))),
            split=config.split,
            split_column=config.split_column,
            units=config.units,
            repeats=config.repeats,
            group=config.group_column,
            seed=config.seed,
            device=config.device,
            executor=executor,
            progress=bar.step,
        )
    if config.out is not None:
        write(records, config.out, structures=[""] * len(records), ids=[""] * len(records))
    if config.audit:
        for system, found in records.attrs["audit"].items():
            console.table([{"task": task, **values} for task, values in found["balance"].items()], title="balance")
            console.table([found["leakage"]], title="what the training part gives away")
            console.table(rows_of(found), title=f"{system}: errors of the first split")
    audited = {"audit": records.attrs["audit"]} if config.audit else {}
    return {"summary": summary(records).to_dict("records"), **audited, "written": config.out}


command = make_command(EvaluateConfig, run)
