"""molgen evaluate: recipes beside each other and beside the mean, on repeated splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.input import account, check_place, refuse_rejects
from molgen.cli.learning import LearningConfig
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.data.writers import write
from molgen.models.audit import rows_of
from molgen.models.evaluate import evaluate, summary


class EvaluateConfig(LearningConfig):
    """On what, for what, which recipes, how often."""

    recipe: tuple[str, ...] = option(
        (), "preset to try; give several to compare, network, boosting and potency if not given, of pairs pairs; the mean is always there"
    )
    repeats: int = option(3, "splits, each with another seed", gt=0)
    audit: bool = option(
        False, "show what the scores hide: leakage, balance, conflicts, errors by size, charge, scaffold, similarity, cliff"
    )
    group_column: str | None = option(None, "column, of assays say, by whose values the audit tells errors apart")
    out: Path | None = option(None, "file for every single result", short="o")


def run(config: EvaluateConfig, console: Console) -> dict[str, Any]:
    """Evaluates, shows mean and spread a system, writes single results when asked."""
    if config.out is not None:
        form = check_place(config.out, data=config.data, partners=config.part_table)
        if form in (".smi", ".sdf"):
            raise MolgenError("results are no structures", where=str(config.out), fix="name a .csv, .tsv, .xlsx or .parquet file")
    if config.group_column is not None and not config.audit:
        raise MolgenError("groups are for the audit to tell apart", where="--group-column", fix="--audit")
    executor = config.start_workers()
    library = config.read(config.data)
    counts = account(library, console)
    refused = config.account_values(library, console)
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
    config.account_logarithms(records.loc[records["metric"] == "n_log10", "task"].unique(), console)
    if config.out is not None:
        write(records, config.out, structures=[], ids=[])
    if config.audit:
        audits = records.attrs["audit"]
        first = next(iter(audits.values()))  # the same of all systems, but for the errors
        console.table([{"task": task, **values} for task, values in first["balance"].items()], title="balance")
        console.table([{"task": task, **values} for task, values in first["labels"].items()], title="duplicates and conflicting labels")
        console.table([{"what": name.replace("_", " "), "": value} for name, value in first["leakage"].items()], title="leakage")
        for system, found in audits.items():
            console.table(rows_of(found), title=f"{system}: errors of the first split, groups of 5 or more")
    audited = {"audit": records.attrs["audit"]} if config.audit else {}
    refuse_rejects(console, config.strict, counts["rejected"], fix="molgen prepare says why for each")
    return {"summary": summary(records).to_dict("records"), **audited, "refused_values": refused, "written": config.out}


command = make_command(EvaluateConfig, run)
