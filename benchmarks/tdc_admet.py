"""The twenty-two tasks of the ADMET group of Therapeutics Data Commons: official parts, five seeds, each task's own metric.

    python benchmarks/tdc_admet.py [--seeds 1 2 3 4 5] [--systems best fast svr forest] [--only caco2_wang ...] [--workers 2]
    python benchmarks/tdc_admet.py --systems informed --profile WORK/strict-fast.zip
    python benchmarks/tdc_admet.py --systems informed --variant siblings

Huang et al., NeurIPS Datasets and Benchmarks 2021; the files are read from the folder that MOLGEN_DATA names. Variant `strict`: a
task's model learns from the official train_val rows of that task alone, without those that are in its test part too (bbb_martins
has some). The seed deals the folds and starts the learners; test molecules are predicted once a seed and choose nothing.
The preset `informed` leans on networks that know other endpoints too. Strict, those are the ones that benchmarks/admet_models.py
makes without any molecule of the twenty-two test parts; `siblings`, those that come with molgen. Those have seen test molecules in
endpoints that measure something else; the networks of its own fold, by which such a molecule is told, have not.
Beside the presets stand a random forest and a support-vector machine on ECFP4; values that `train` would learn as logarithms are
logarithms for them too. A test row that cannot be read is answered by the mean of the training values, and counted.
Rivals run in environments of their own, rivals/maplight.py and rivals/chemprop_admet.py; they write into the same folder.
Each (task, system, seed) is a file in results/parts/tdc_admet, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from admet import CLASSES, METRICS, part, read, score
from classic import CLASSIC, classic
from folder import benchmark_files
from official import official
from records import grouped, record

from molgen.base.files import write_json
from molgen.base.parallel import Pool, Serial
from molgen.models.base import Task
from molgen.models.predictions import Predictions
from molgen.models.recipe import RecipeConfig, preset
from molgen.models.scale import settled
from molgen.models.train import train

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "tdc_admet"
_COMMANDS = {  # of systems that need more than the defaults
    ("molgen informed", "strict"): "python benchmarks/tdc_admet.py --systems informed --profile WORK/strict-fast.zip",
    ("molgen informed", "siblings"): "python benchmarks/tdc_admet.py --systems informed --variant siblings",
}


def run(folder: Path, task: str, system: str, seed: int, *, variant: str, profile: Path | None, workers: int) -> dict[str, object]:
    library = official(read(folder, task))
    test = (library.rows.columns["split"] == "test").to_numpy()
    truth = library.rows.columns["y"].to_numpy(dtype=float)
    target = Task("y", "classification" if task in CLASSES else "regression")
    began = time.perf_counter()
    weights, more = None, {}
    if system in CLASSIC:
        (target,) = settled([target], truth[~test, None])
        said = classic(library, np.log10(truth) if target.scale == "log" else truth, test, system, seed, classes=task in CLASSES)
        said = (10.0**said if target.scale == "log" else said)[test]
    else:
        official_parts = {"split": "column", "split_column": "split"}
        executor = Pool(workers=workers) if workers > 1 else Serial()
        recipe = leaning_on(preset(system), profile)
        predictor = train(library, target, recipe=recipe, **official_parts, seed=seed, device="cpu", executor=executor)
        answers = predictor.predict(library.take(test))
        said = answers.mean[:, 0].copy()
        more = trusted(truth[test], answers, classes=task in CLASSES)
        weights = predictor.model.about().get("weights")
    seconds = time.perf_counter() - began
    silent = ~np.isfinite(said)
    said[silent] = truth[~test].mean()
    found = {METRICS[task]: score(task, truth[test], said), "wall_s": seconds, "unreadable": int(silent.sum()), **more}
    called = system if system in CLASSIC else f"molgen {system}"
    return {"task": task, "variant": variant, "system": called, "seed": seed, "found": found, "weights": weights}


def leaning_on(config: RecipeConfig, profile: Path | None) -> RecipeConfig:
    """The same with another model wherever members lean on one."""
    if profile is None or "members" not in config.options:
        return config
    members = {
        name: member | ({"profile": str(profile)} if "profile" in member else {}) for name, member in config.options["members"].items()
    }
    return config.model_copy(update={"options": {**config.options, "members": members}})


def trusted(truth: np.ndarray, answers: Predictions, *, classes: bool, column: int = 0) -> dict[str, float]:
    """Mean error (of a class, squared) inside and outside the domain; whether intervals hold is told by reliability.py."""
    said, inside = answers.mean[:, column], answers.in_domain[:, column]
    told = np.isfinite(said)
    error = (said - truth) ** 2 if classes else np.abs(said - truth)
    found = {"share_inside": float(inside.mean())}
    for name, rows in (("inside", inside & told), ("outside", ~inside & told)):
        if rows.any():
            found[f"error_{name}"] = float(error[rows].mean())
    return found


def main() -> None:
    folder = benchmark_files()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options.add_argument("--systems", nargs="+", default=["best", "fast", *CLASSIC])
    options.add_argument("--only", nargs="+", default=list(METRICS), choices=list(METRICS))
    options.add_argument("--workers", type=int, default=2, help="processes that fit the folds")
    options.add_argument("--variant", choices=["strict", "siblings"], default="strict")
    options.add_argument("--profile", type=Path, help="what `informed` leans on, in place of the model that comes with molgen")
    asked = options.parse_args()
    if "informed" in asked.systems and (asked.variant == "strict") != (asked.profile is not None):
        raise SystemExit("strict, `informed` needs the --profile of networks without test molecules; siblings, the one it has")
    for seed in asked.seeds:
        for task in asked.only:
            for system in asked.systems:
                file = part(PARTS, task, system if asked.variant == "strict" else f"{system}-{asked.variant}", seed)
                if not file.exists():
                    how = {"variant": asked.variant, "profile": asked.profile, "workers": asked.workers}
                    write_json(file, run(folder / "tdc_admet", task, system, seed, **how))
                    print(file.stem, json.loads(file.read_text(encoding="utf-8"))["found"], flush=True)
    combine()


def combine() -> None:
    """All parts as flat records: mean and standard deviation over seeds."""
    records = []
    for (task, variant, system), runs in grouped(PARTS, "task", "variant", "system").items():
        if command := _COMMANDS.get((system, variant)):
            runs = [{**one, "command": command} for one in runs]
        for metric in runs[0]["found"]:
            values = [one["found"][metric] for one in runs]
            records.append(record("tdc_admet", metric, values, runs, task=task, variant=variant, system=system))
    write_json(RESULTS / "tdc_admet.json", records)


if __name__ == "__main__":
    main()
