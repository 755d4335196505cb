"""molgen predict: what a model says of each row, and when not to believe it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from molgen.cli.console import Console
from molgen.cli.input import InputConfig, account, refuse_rejects
from molgen.cli.options import argument, option
from molgen.cli.options import command as make_command
from molgen.data.writers import write
from molgen.models.predictor import Predictor


class PredictConfig(InputConfig):
    """Which model, which molecules."""

    model: Path = argument("folder that molgen train wrote")
    input: Path = argument("file of molecules; - is standard input")
    out: Path = option(Path("-"), "file to write, form told by its name; - is CSV on standard output", short="o")


def run(config: PredictConfig, console: Console) -> dict[str, Any]:
    """Writes every input row with its prediction or its reason."""
    predictor = Predictor.load(config.model)
    library = config.read(config.input)
    counts = account(library, console)
    with console.progress("predict") as bar:
        predictions = predictor.predict(library)
        bar.step(len(library), len(library))
    outside = int((library.ok & ~predictions.in_domain).sum())
    console.say(f"{outside:,} of {counts['ok']:,} molecules are outside the model's domain: do not trust those")
    structures = [smiles or raw for smiles, raw in zip(library.smiles, library.rows.raw)] if config.out.suffix == ".smi" else library.smiles
    write(predictions.to_frame(), config.out, structures=structures, ids=library.ids)
    refuse_rejects(config.strict, counts["rejected"])
    return {**counts, "outside_domain": outside, "written": None if str(config.out) == "-" else config.out}


command = make_command(PredictConfig, run)
