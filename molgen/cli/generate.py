"""molgen generate: novel molecules for an objective."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account, refuse_rejects
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.generate.run import generate
from molgen.score.config import read_objective


class GenerateConfig(InputConfig):
    """What to aim at, what to start from, how long to search."""

    objective: Path = option(..., "objective TOML file")
    seeds: Path | None = option(None, "file of molecules to start from; lead-like ones that ship with molgen when not given")
    known: Path | None = option(None, "file of molecules that do not count as novel")
    library: Path | None = option(None, "file of molecules to be had, a vendor's say: the one most like each proposal is shown")
    budget: int = option(2_000, "how many distinct molecules may be scored", gt=0)
    keep: str | None = option(None, "substructure (SMILES or SMARTS) that every proposal must have")
    decorate: str | None = option(None, "scaffold that stays, a star at each place for a substituent: '*c1ccc(*)nc1'")
    link: str | None = option(None, "pieces that stay, a star at each end that one linker joins: '*c1ccccc1.*C1CC1'")
    edit: str | None = option(None, "lead that stays, numbers on those atoms that may change: 'CC(=O)Nc1ccc([OH:1])cc1'")
    avoid: tuple[str, ...] = option((), "substructure (SMILES or SMARTS) that no proposal may have; repeat for more")
    allow: tuple[str, ...] = option((), "structural alert that proposals may have, by its name, or `all`; repeat for more")
    generator: str = option("genetic", "`molgen list generators`")
    options: tuple[str, ...] = option((), "an option of the generator, as name=value: steps=1, blocks=shelf.smi; repeat for more")
    batch: int = option(64, "molecules scored and kept at a time: what a kill can lose, and from how many a generator learns at once", gt=0)
    top: int = option(100, "how many proposals to keep", gt=0)
    diverse: float | None = option(None, "no two proposals more alike than this (Tanimoto, ECFP4)")
    seed: int = option(0, "decides every random choice", ge=0)
    out: Path = option(..., "folder of the run; the same command goes on where it was ended", short="o")


def run(config: GenerateConfig, console: Console) -> dict[str, Any]:
    """Searches, writes the run folder, says the shares."""
    seeds, known, library = (None if path is None else config.read(path) for path in (config.seeds, config.known, config.library))
    rejected = sum(account(given, console)["rejected"] for given in (seeds, known, library) if given is not None)
    with console.progress("generate") as bar:
        ranking = generate(
            read_objective(config.objective),
            seeds=seeds,
            budget=config.budget,
            generator=config.generator,
            options=dict(map(_named, config.options)),
            keep=config.keep,
            decorate=config.decorate,
            link=config.link,
            edit=config.edit,
            avoid=config.avoid,
            allow=config.allow,
            top=config.top,
            diverse=config.diverse,
            batch=config.batch,
            seed=config.seed,
            known=known,
            library=library,
            progress=lambda done, total, best: bar.step(done, total, f"best {best:.3f}"),
            out=config.out,
        )
    shares = {name: value for name, value in ranking.extras["generation"].items() if name != "trace"}
    console.interrupted = shares["stop"] == "interrupted"
    console.say(str(ranking.counts))
    refuse_rejects(console, config.strict, rejected, fix="molgen prepare says why for each")
    return {**shares, "written": None if "kept" in shares else config.out}


def _named(text: str) -> tuple[str, Any]:
    """A name and its value, read as TOML reads it, True and FALSE too; what it does not know is a string, a path without quotes say."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise MolgenError(f"{text!r} is not name=value", where="options")
    if value.strip().casefold() in ("true", "false"):  # as Python writes them
        value = value.casefold()
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


command = make_command(GenerateConfig, run)
