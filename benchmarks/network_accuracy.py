"""The default network beside Chemprop's default network, one of each, on official test splits.

    python benchmarks/network_accuracy.py [--seeds 0 1 2] [--tasks JAK2 JAK1 caco2 lipophilicity]

JAK2 and JAK1 are sets of MoleculeACE (van Tilborg et al., J. Chem. Inf. Model. 62 (2022) 5938) that ship with molgen; caco2
and lipophilicity are of the admet group of Therapeutics Data Commons (Huang et al., NeurIPS Datasets and Benchmarks
2021), read from the folder MOLGEN_DATA names. The network is the preset `network`, trained once on all training
molecules, as `molgen train` keeps it; its settings were chosen on training molecules, and each seed's test molecules
are predicted once. Chemprop's figures come from rivals/chemprop_potency.py and rivals/chemprop_accuracy.py. Each
(task, seed) is a small file in results/parts/network_accuracy, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from records import record

from molgen.base.files import write_json
from molgen.data.catalogue import benchmark_folder, load
from molgen.data.library import Library
from molgen.models.base import Training
from molgen.models.crossfit import Single
from molgen.models.measured import measured
from molgen.models.metrics import r2, rmse, spearman
from molgen.models.recipe import preset

SHIPPED = {"JAK2": ("jak2_ki", "pKi"), "JAK1": ("jak1_ki", "pKi")}
PUBLIC = {"caco2": ("tdc_admet/caco2_wang.csv.gz", "y"), "lipophilicity": ("tdc_admet/lipophilicity_astrazeneca.csv.gz", "y")}
TASKS = (*SHIPPED, *PUBLIC)
METRICS = ("rmse", "r2", "spearman")
RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "network_accuracy"
COMMAND = "python benchmarks/network_accuracy.py"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    asked = options.parse_args()
    for task in asked.tasks:
        if not all(part(task, seed).exists() for seed in asked.seeds):
            library, target = read(task)
            for seed in asked.seeds:
                if not part(task, seed).exists():
                    write_json(part(task, seed), {"task": task, "seed": seed, "system": "network", **run(library, target, seed)})
    combine()


def part(task: str, seed: int) -> Path:
    return PARTS / f"network-{task}-{seed}.json"


def read(task: str) -> tuple[Library, str]:
    """The set, and the column to learn."""
    if task in SHIPPED:
        name, target = SHIPPED[task]
        return load(name), target
    file, target = PUBLIC[task]
    folder = benchmark_folder()
    if folder is None:
        raise SystemExit(f"{file} is not here: set MOLGEN_DATA to the folder that has it")
    return Library.from_frame(pd.read_csv(folder / file)), target


def run(library: Library, target: str, seed: int) -> dict[str, object]:
    """The network of the training molecules, and how far off it is on the test ones."""
    test = (library.rows.columns["split"] == "test").to_numpy()
    data = measured(library.take(~test), [target])
    recipe = preset("network").build()
    if not isinstance(recipe, Single):
        raise SystemExit("the preset is no single model")
    began = time.perf_counter()
    model = recipe.learn(Training(data.library, data.targets, data.tasks, data.relations, seed, "cpu"))
    seconds = time.perf_counter() - began
    unseen = library.take(test)
    said = unseen.fill(model.predict(unseen.distinct()).mean)[:, 0]
    truth = library.rows.columns[target].to_numpy(dtype=float)[test]
    scores = {"rmse": rmse(truth, said), "r2": r2(truth, said), "spearman": spearman(truth, said)}
    return {**scores, "seconds": {"fit": round(seconds, 1)}, "command": COMMAND}


def combine() -> None:
    """All parts as flat records, one a task, system and metric: mean and standard deviation over seeds."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for path in [*sorted(PARTS.glob("*.json")), *sorted((RESULTS / "parts").glob("chemprop-JAK*.json"))]:
        found = json.loads(path.read_text())
        groups.setdefault((found["task"], found["system"]), []).append(found)
    records = [
        record("network_accuracy", metric, [one[metric] for one in runs], runs, task=task, variant="official test split", system=system)
        for (task, system), runs in sorted(groups.items())
        for metric in METRICS
    ]
    write_json(RESULTS / "network_accuracy.json", records)


if __name__ == "__main__":
    main()
