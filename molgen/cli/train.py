"""molgen train: a model from measured values, with its card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.cli.console import Console
from molgen.cli.input import account, refuse_rejects
from molgen.cli.learning import LearningConfig
from molgen.cli.options import command as make_command
from molgen.cli.options import option
from molgen.models.recipe import RecipeConfig


class TrainConfig(LearningConfig):
    """What to learn from, what to learn, how."""

    preset: str | None = option(None, "recipe by name; `molgen list presets`; potency if not given, of pairs pairs")
    recipe: Path | None = option(None, "recipe TOML file, instead of a preset")
    coverage: float = option(0.9, "share of true values the intervals shall hold", gt=0, lt=1)
    out: Path = option(..., "folder for the model; the same command goes on where it was ended", short="o")


def run(config: TrainConfig, console: Console) -> dict[str, Any]:
    """Trains, saves, shows the test metrics."""
    if config.preset is not None and config.recipe is not None:
        raise MolgenError("a preset and a recipe, of which one decides", where="--recipe", fix="leave one out")
    executor = config.start_workers()
    from molgen.models.card import LIMITS
    from molgen.models.metrics import DECADES  # a second of imports, which workers do meanwhile
    from molgen.models.train import train

    library = config.read(config.data)
    counts = account(library, console)
    refused = config.account_values(library, console)
    with console.progress("train") as bar:
        predictor = train(
            library,
            config.tasks,
            recipe=RecipeConfig.from_toml(config.recipe) if config.recipe else config.preset,
            split=config.split,
            split_column=config.split_column,
            units=config.units,
            coverage=config.coverage,
            seed=config.seed,
            device=config.device,
            executor=executor,
            progress=bar.step,
            out=config.out,
        )
    for limit in predictor.card["limits"][len(LIMITS) :]:  # what holds for this model and not for all
        console.say(f"  {limit}")
    _account_labels(predictor.card, console)
    metrics = predictor.card["metrics"]
    config.account_logarithms((task.name for task in predictor.tasks if task.scale == "log"), console)
    rows = [({"task": task, "part": part}, values) for task, parts in metrics.items() for part, values in parts.items()]
    decades = ("n_log10", *DECADES)  # apart, since beside the others they make lines wider than a screen
    console.table([of | {name: values[name] for name in values if name not in decades} for of, values in rows], title="how well it does")
    logs = [of | {name: values[name] for name in decades if name in values} for of, values in rows if "n_log10" in values]
    console.table(logs, title="how well it does, in decades: what is learned as logarithms")
    refuse_rejects(console, config.strict, counts["rejected"], fix="molgen prepare says why for each")
    return {"rows": counts["read"], "metrics": metrics, "refused_values": refused, "written": config.out}


def _account_labels(card: Mapping[str, Any], console: Console) -> None:
    """How many values repeat a molecule's, how many molecules have values that disagree, how many are bounds; said where there are any."""
    for task, labels in card["audit"]["labels"].items():
        if labels["repeats"]:
            apart = f"; conflicts: {labels['conflicts']:,}, see card.json" if labels["conflicts"] else ""
            console.say(f"  {task}: {labels['repeats']:,} of {labels['rows']:,} values are duplicates, merged{apart}")
        if labels["bounds"]:
            many = f"{labels['bounds']:,} of {labels['molecules']:,} values"
            console.say(f"  {task}: {many} are bounds (> or <), left out of the metrics")


command = make_command(TrainConfig, run)
