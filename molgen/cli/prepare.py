"""molgen prepare: read, standardise, flag duplicates; every row comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account, check_place, refuse_rejects, say_account
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.data.prepare import prepare
from molgen.data.writers import write


class PrepareConfig(InputConfig):
    """What to read, where to put it."""

    input: Path = argument("file of molecules; - is standard input")
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: PrepareConfig, console: Console) -> dict[str, Any]:
    """Writes the prepared table, says the counts; a .parquet file chunk by chunk, whatever its length."""
    form = check_place(config.out, library=config.input)
    if form == ".parquet":
        with console.progress("prepare") as bar:
            done = prepare(
                config.input,
                config.out,
                format=config.format,
                smiles_col=config.smiles_col,
                id_col=config.id_col,
                limits=config.limits,
                progress=bar.reach,
            )
        counts = say_account(done, console)
        refuse_rejects(console, config.strict, done.rejected)
        return {**counts, "written": config.out}
    library = config.read(config.input)
    counts = account(library, console)
    structures = [smiles or raw for smiles, raw in zip(library.smiles, library.rows.raw)] if form == ".smi" else library.smiles
    write(library.to_frame(), config.out, structures=structures, ids=library.ids)
    refuse_rejects(console, config.strict, counts["rejected"])
    return {**counts, "written": None if str(config.out) == "-" else config.out}


command = make_command(PrepareConfig, run)
