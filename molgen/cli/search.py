"""molgen search: the molecules of a library like a query, or those that hold a substructure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.cli.console import Console
from molgen.cli.input import InputConfig, check_place, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.search.run import search


class SearchConfig(InputConfig):
    """Where to look, for what, how much of it to give."""

    input: Path = argument("library to search, fastest as molgen prepare -o writes a .parquet; - is standard input")
    query: tuple[str, ...] = option((), "SMILES, or a file of molecules: what hits are similar to; repeat for more SMILES")
    top: int | None = option(None, "how many hits a query; 10 when there is no threshold either", gt=0)
    threshold: float | None = option(None, "least similarity of a hit (Tanimoto, ECFP4), 0 to 1")
    smarts: tuple[str, ...] = option((), "pattern that hits hold; given more than once, all of them")
    limit: int | None = option(None, "matches of a pattern after which the search ends", gt=0)
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: SearchConfig, console: Console) -> dict[str, Any]:
    """Searches, writes the hits, says the counts."""
    only = config.query[0] if len(config.query) == 1 else None  # it may be a file
    check_place(config.out, library=config.input, query=only)
    with console.progress("search") as bar:
        found = search(
            config.input,
            queries=only or config.query or None,
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
    refuse_rejects(console, config.strict, found.counts["rejected"] + len(found.bad_queries), fix="molgen prepare says why for each")
    return {**found.counts, "bad_queries": len(found.bad_queries), "written": None if str(config.out) == "-" else config.out}


command = make_command(SearchConfig, run)
