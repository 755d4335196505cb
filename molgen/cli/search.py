"""molgen search: the molecules of a library like a query, or those that hold a substructure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.data.writers import check_out
from molgen.search.run import search


class SearchConfig(InputConfig):
    """Where to look, for what, how much of it to give."""

    input: Path = argument("library to search, fastest as molgen prepare -o writes a .parquet; - is standard input")
    query: str | None = option(None, "SMILES, or a file of molecules: what hits are similar to")
    top: int | None = option(None, "how many hits a query; 10 when there is no threshold either", gt=0)
    threshold: float | None = option(None, "least similarity of a hit (Tanimoto, ECFP4), 0 to 1")
    smarts: tuple[str, ...] = option((), "pattern that hits hold; given more than once, all of them")
    limit: int | None = option(None, "matches of a pattern after which the search ends", gt=0)
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: SearchConfig, console: Console) -> dict[str, Any]:
    """Searches, writes the hits, says the counts."""
    check_out(config.out)
    _spare_what_is_read(config)
    with console.progress("search") as bar:
        found = search(
            config.input,
            queries=config.query,
            top=config.top,
            threshold=config.threshold,
            smarts=config.smarts,
            limit=config.limit,
            format=config.format,
            smiles_col=config.smiles_col,
            id_col=config.id_col,
            limits=config.limits,
            progress=bar.reach,
        )
    said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in found.counts.items() if name != "read")
    console.say(f"read {found.counts['read']:,}: {said}")
    for reject in found.bad_queries[:3]:
        console.say(f"  query {reject.id}: {reject.reason}")
    if len(found.bad_queries) > 3:
        console.say(f"  and {len(found.bad_queries) - 3:,} more queries that can't be read")
    found.save(config.out)
    refuse_rejects(config.strict, found.counts["rejected"] + len(found.bad_queries))
    return {**found.counts, "bad_queries": len(found.bad_queries), "written": None if str(config.out) == "-" else config.out}


def _spare_what_is_read(config: SearchConfig) -> None:
    """Refuses to put the hits in the place of the library or of the queries."""
    if not config.out.is_file():
        return
    for name, read in (("the library", config.input), ("the query", Path(config.query or ""))):
        if read.resolve() == config.out.resolve():
            raise MolgenError(f"the hits would take the place of what is read as {name}", where=str(config.out), fix="name another file")


command = make_command(SearchConfig, run)
