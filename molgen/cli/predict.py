"""molgen predict: what a model says of each row, and when not to believe it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.cli.against import AskedConfig
from molgen.cli.console import Console
from molgen.cli.input import check_place, refuse_rejects, say_account
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.models.predictor import Predictor
from molgen.models.stream import predict_file


class PredictConfig(AskedConfig):
    """Which model, which molecules."""

    model: Path = argument("folder that molgen train wrote, or a model of ours: admet, admet-fast, kinases")
    input: Path = argument("file of molecules; - is standard input")
    task: tuple[str, ...] = option((), "an endpoint of a model that has several; repeat for more, all when not given")
    coverage: float | None = option(None, "how often intervals shall hold the truth; as the model was trained when not given", gt=0, lt=1)
    brief: bool = option(False, "the value of each task and the domain alone: no spread, interval, percentile or neighbour")
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: PredictConfig, console: Console) -> dict[str, Any]:
    """Writes every input row with its prediction or its reason."""
    check_place(config.out, library=config.input, partners=config.part_table)
    for partner in (*config.target, config.context):
        check_place(config.out, partners=partner)
    model = config.bound(Predictor.load(config.model))
    pairing = config.pairing(model)
    model = model.only(config.task) if config.task else model
    model = model.at(config.coverage) if config.coverage is not None else model
    with console.progress("predict") as bar:
        done, outside = predict_file(
            model,
            config.input,
            config.out,
            format=config.format,
            smiles_col=config.smiles_col,
            id_col=config.id_col,
            pairing=pairing,
            brief=config.brief,
            limits=config.limits,
            progress=bar.reach,
        )
    counts = say_account(done, console)
    asked = "molecules" if len(model.tasks) == 1 else f"answers, {len(model.tasks)} a molecule,"
    if counts["ok"]:
        console.say(f"{outside:,} of {counts['ok'] * len(model.tasks):,} {asked} are outside the model's domain: do not trust those")
    refuse_rejects(console, config.strict, counts["rejected"])
    return {**counts, "outside_domain": outside, "written": None if str(config.out) == "-" else config.out}


command = make_command(PredictConfig, run)
