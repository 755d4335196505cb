"""Do error bars hold on molecules unlike the training ones? Coverage, calibration, and what the least trusted tenth is worth.

    python benchmarks/reliability.py [--seeds 0 1 2] [--systems fast best admet admet-fast] [--only caco2_wang ...]

Scaffold splits: the official train_val and test parts of the ADMET group of Therapeutics Data Commons (Huang et al., NeurIPS
Datasets and Benchmarks 2021), regression and classification. Time splits: simulated medicinal-chemistry time splits of
ChEMBL assays (SIMPD; Landrum et al., J. Cheminf. 15 (2023) 119), the twelve largest. Both are read from the folder that
MOLGEN_DATA names. A molecule that a set has in both parts is left out of the training one. A preset is trained on the official
training part, one seed a run; `admet` and `admet-fast` are the models that come with molgen, as they are, on the scaffold splits.
Test molecules are predicted once a seed and choose nothing. Each (task, system, seed) is a file in
results/parts/reliability, so that an interrupted run goes on where it stopped.

Metrics. coverage_80, _90, _95: share of test values inside the interval (of classes inside the set) of that level; `inside`
and `outside` are those in and out of the model's domain, `worst_fifth` the least covered of five parts of equal size by predicted
value. error_held_by_least_trusted: share of the absolute error (of the
squared one, for classes) that the tenth with the largest spread (the least sure class) holds, 0.1 if confidence says nothing;
error_order is the rank correlation of the two. calibration_error: for values the mean distance of coverage from its
level over 0.05 ... 0.95; for classes the expected calibration error over ten bins.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from folder import benchmark_files
from official import official
from records import grouped, record
from scipy.stats import spearmanr

from molgen.base.files import write_json
from molgen.base.parallel import Pool, Serial
from molgen.data.endpoints import endpoints
from molgen.data.library import Library
from molgen.models.base import Estimate, Model
from molgen.models.metrics import measure
from molgen.models.predictor import Predictor
from molgen.models.shipped import shipped
from molgen.models.train import train

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "reliability"
VALUES = (
    "caco2_wang", "clearance_hepatocyte_az", "clearance_microsome_az", "half_life_obach", "ppbr_az", "vdss_lombardo",
    "lipophilicity_astrazeneca", "solubility_aqsoldb", "ld50_zhu",
)  # fmt: skip
CLASSES = ("hia_hou", "pgp_broccatelli", "bioavailability_ma", "bbb_martins", "herg", "dili", "ames")
ASSAYS = 12


def tables() -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Split, task and table with the columns smiles, y and split."""
    folder = benchmark_files()
    for task in (*VALUES, *CLASSES):
        frame = pd.read_csv(folder / "tdc_admet" / f"{task}.csv.gz")
        yield "scaffold split", task, frame.assign(split=np.where(frame["split"] == "test", "test", "train"))
    whole = pd.read_csv(folder / "simpd" / "simpd_chembl_ki.csv.gz").rename(columns={"pchembl_value": "y"})
    for assay in whole["assay"].value_counts().index[:ASSAYS]:
        yield "time split", assay, whole[whole["assay"] == assay]


class Asked:
    """A model that is asked once of a library, for all the coverages that are wanted."""

    def __init__(self, model: Model) -> None:
        self.model, self.said = model, dict[int, Estimate]()

    def predict(self, library: Library) -> Estimate:
        if id(library) not in self.said:
            self.said[id(library)] = self.model.predict(library)
        return self.said[id(library)]

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["model"], name)


def run(frame: pd.DataFrame, task: str, system: str, seed: int, workers: int) -> dict[str, float]:
    library = official(frame)
    began = time.perf_counter()
    if system in shipped():
        predictor = Predictor.load(system).only([one.name for one in endpoints().values() if one.dataset == task])
    else:
        how = {"split": "column", "split_column": "split", "executor": Pool(workers=workers) if workers > 1 else Serial()}
        predictor = train(library, "y", recipe=system, seed=seed, device="cpu", **how)
    seconds = time.perf_counter() - began
    judges = library.take((library.rows.columns["split"] == "test").to_numpy() & library.ok)
    truth = judges.rows.columns["y"].to_numpy(dtype=float)
    return {**judged(replace(predictor, model=cast(Model, Asked(predictor.model))), judges, truth), "train_s": seconds}


def judged(predictor: Predictor, unseen: Library, truth: np.ndarray) -> dict[str, float]:
    (task,) = predictor.tasks
    said = predictor.predict(unseen)
    mean, inside = said.mean[:, 0], said.in_domain[:, 0]
    scores = measure(truth, mean, task.kind)
    found = {name: scores[name] for name in ("mae", "rmse", "spearman", "auroc", "brier") if name in scores}
    for percent in (80, 90, 95):
        held = holds(predictor, percent / 100, unseen, truth)
        found[f"coverage_{percent}"] = held.mean()
        if percent == 90:
            found |= {"coverage_90_inside": share(held[inside]), "coverage_90_outside": share(held[~inside])}
            found["coverage_90_worst_fifth"] = min(share(held[fifth]) for fifth in np.array_split(np.argsort(mean, kind="stable"), 5))
    classes = task.kind == "classification"
    error = (mean - truth) ** 2 if classes else np.abs(mean - truth)
    doubt = -np.abs(mean - 0.5) if classes else said.spread[:, 0]
    least = np.argsort(-doubt, kind="stable")[: max(1, round(len(truth) / 10))]
    found["error_held_by_least_trusted"] = error[least].sum() / error.sum()
    found["error_order"] = spearmanr(error, doubt).statistic
    found["error_inside"], found["error_outside"] = share(error[inside]), share(error[~inside])
    found["share_outside"] = float((~inside).mean())
    if classes:
        found["calibration_error"] = expected_error(mean, truth)
        for value in (0, 1):
            found[f"coverage_90_class_{value}"] = share(holds(predictor, 0.9, unseen, truth)[truth == value])
        found["set_size_90"] = float(np.mean([len(text.split()) for text in predictor.at(0.9).predict(unseen).classes[:, 0]]))
    else:
        levels = np.arange(0.05, 1.0, 0.05).round(2)
        found["calibration_error"] = float(np.mean([abs(holds(predictor, level, unseen, truth).mean() - level) for level in levels]))
    return {name: float(value) for name, value in found.items()}


def holds(predictor: Predictor, coverage: float, unseen: Library, truth: np.ndarray) -> np.ndarray:
    said = predictor.at(float(coverage)).predict(unseen)
    if predictor.tasks[0].kind == "classification":
        return np.array([f"{value:.0f}" in text.split() for value, text in zip(truth, said.classes[:, 0])])
    return (said.low[:, 0] <= truth) & (truth <= said.high[:, 0])


def share(held: np.ndarray) -> float:
    return float(held.mean()) if len(held) else float("nan")


def expected_error(chance: np.ndarray, truth: np.ndarray) -> float:
    place = np.minimum((chance * 10).astype(int), 9)
    return float(sum(abs(chance[place == i].mean() - truth[place == i].mean()) * (place == i).mean() for i in np.unique(place)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--systems", nargs="+", default=["fast"])
    options.add_argument("--only", nargs="+", default=[])
    options.add_argument("--workers", type=int, default=2, help="processes that fit the folds")
    asked = options.parse_args()
    for seed in asked.seeds:
        for split, task, frame in tables():
            for system in asked.systems:
                part = PARTS / f"{task}-{system}-{seed}.json"
                if not part.exists() and (not asked.only or task in asked.only) and (split == "scaffold split" or system not in shipped()):
                    found = run(frame, task, system, seed, asked.workers)
                    write_json(part, {"task": task, "split": split, "system": f"molgen {system}", "seed": seed, "found": found})
                    found = json.loads(part.read_text())["found"]
                    shown = ("coverage_80", "coverage_90", "coverage_95", "error_held_by_least_trusted", "calibration_error", "train_s")
                    print(part.name, *(f"{name} {found[name]:.3f}" for name in shown), flush=True)
    combine()


def combine() -> None:
    """All parts as flat records: mean and standard deviation over seeds."""
    records = [
        record("reliability", metric, values, runs, task=task, variant=split, system=system)
        for (split, task, system), runs in grouped(PARTS, "split", "task", "system").items()
        for metric in runs[0]["found"]
        if (values := [one["found"][metric] for one in runs if one["found"][metric] is not None])
    ]
    write_json(RESULTS / "reliability.json", records)


if __name__ == "__main__":
    main()
