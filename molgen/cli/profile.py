"""molgen profile: what molecules do to every protein, or cell line, a model knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account, check_place, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.data.writers import write
from molgen.models.panel import panel, value_column
from molgen.models.predictor import Predictor


class ProfileConfig(InputConfig):
    """Which model of pairs, which molecules."""

    model: Path = argument("folder that molgen train wrote from pairs, or our kinases")
    input: Path = argument("file of molecules; - is standard input")
    most: int = option(1000, "molecules taken, each of which is a line for every partner the model knows", gt=0)
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: ProfileConfig, console: Console) -> dict[str, Any]:
    """Writes a line a molecule and partner, strongest first."""
    check_place(config.out, library=config.input)
    model, library = Predictor.load(config.model), config.read(config.input)
    counts = account(library, console)
    if len(library) > config.most:
        fix = "rank first, or raise --most; for a matrix of many, molgen predict --target"
        raise MolgenError(f"{len(library):,} molecules, more than {config.most:,}", where=str(config.input), fix=fix)
    told = panel(model, library)
    write(told, config.out, structures=told["smiles"].fillna("").tolist(), ids=told["id"].tolist())
    for row, own in told[told["rank"] <= 5].groupby("row", sort=False):
        strongest = zip(own["partner"], own.get("gene", own["partner"]), own[value_column(model.tasks[0])])
        if int(row) < 5:
            console.say(f"  {own['id'].iloc[0]}: " + ", ".join(f"{_known_as(*names)} {value:.1f}" for *names, value in strongest))
    partners = int(told["partner"].nunique())
    refuse_rejects(console, config.strict, counts["rejected"])
    return {**counts, "partners": partners, "lines": len(told), "written": None if str(config.out) == "-" else config.out}


def _known_as(partner: str, gene: str) -> str:
    """An accession says little to most."""
    return partner if not gene or partner.startswith(gene) else f"{partner} ({gene})"


command = make_command(ProfileConfig, run)
