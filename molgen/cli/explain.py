"""molgen explain: which atoms carry a prediction, which measured molecules stand behind it, which edit would change it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.base.files import check_folder_place
from molgen.cli.against import AskedConfig
from molgen.cli.console import Console
from molgen.cli.input import account, check_free_of, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.explain.explanations import FILES, Method
from molgen.explain.run import explain
from molgen.models.predictor import Predictor
from molgen.report.explained import explained_page
from molgen.score.folder import check_free, check_verb

_PAGE = "explained.html"


class ExplainConfig(AskedConfig):
    """Which model, which molecules, how."""

    model: Path = argument("folder that molgen train wrote, or a model of ours: admet, admet-fast, kinases")
    input: Path = argument("file of molecules; - is standard input")
    out: Path = option(..., "folder for the page and its tables", short="o")
    task: tuple[str, ...] = option((), "an endpoint of a model that has several; repeat for more, all when not given")
    method: Method = option("shapley", "shares that sum to the prediction (shapley, myerson), or what is lost without each atom (masking)")
    rounds: int = option(32, "pairs of orders drawn for shares; more are steadier and take as many times longer", gt=0)
    neighbours: int = option(3, "measured molecules shown beside each", ge=0)
    edits: int = option(3, "edits shown that raise, and that lower, each prediction", ge=0)
    most: int = option(200, "refuse files with more molecules than this: each asks the model about a thousand of its parts", gt=0)
    seed: int = option(0, "what chance starts from", ge=0)


def run(config: ExplainConfig, console: Console) -> dict[str, Any]:
    """Writes explained.html and the tables it was made from."""
    check_folder_place(config.out)
    check_verb(config.out)
    _check_files(config)
    model, library = config.bound(Predictor.load(config.model)), config.read(config.input)
    pairing = config.pairing(model)
    library = library if pairing is None else pairing(library)
    model = model.only(config.task) if config.task else model
    counts = account(library, console)
    if len(library) > config.most:
        seen = f"{len(library):,} {'molecules' if pairing is None else 'pairs'}, more than {config.most:,}"
        raise MolgenError(seen, where=str(config.input), fix="rank first, or raise --most")
    with console.progress("explain") as bar:
        found = explain(
            model, library,
            method=config.method, rounds=config.rounds, neighbours=config.neighbours, edits=config.edits, seed=config.seed,
            progress=bar.step,
        )  # fmt: skip
    page = explained_page(found, config.out / _PAGE)  # first: by it the folder is known as ours
    found.save(config.out)
    refuse_rejects(console, config.strict, counts["rejected"])
    return {**counts, "explained": len(found.there), "written": page}


def _check_files(config: ExplainConfig) -> None:
    """Nothing when what will be written takes the place of nothing that is read, nor of anybody's own tables."""
    page, *tables = (config.out / name for name in (_PAGE, *FILES))
    for path in (page, *tables):
        for read in (config.input, *config.target, config.context):
            check_free_of(path, input=read)
        check_free_of(path, partners=config.part_table)
    if not page.exists():
        check_free(config.out, *FILES)


command = make_command(ExplainConfig, run)
