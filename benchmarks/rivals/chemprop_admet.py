"""Chemprop at its defaults on eight tasks of the ADMET group of Therapeutics Data Commons, same rows, same metrics.

    PYTHONPATH=benchmarks python benchmarks/rivals/chemprop_admet.py DATA OUT [--seeds 1 2 3 4 5] [--only caco2_wang ...]

Runs in an environment of its own that has chemprop 2.3.1 and nothing of molgen. DATA is the folder with the group's files; each
result is a file OUT/<task>-chemprop-<seed>.json, skipped when it is there. A tenth of the training rows, chosen by the
seed, stops the training early, as Chemprop wants it; the wall time is that of training alone, its own start included.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from admet import CLASSES, METRICS, read, score
from chemprop_potency import PACKAGES, chemprop

TASKS = (
    "dili", "herg", "half_life_obach", "caco2_wang", "clearance_microsome_az", "vdss_lombardo", "pgp_broccatelli",
    "lipophilicity_astrazeneca",
)  # fmt: skip
EPOCHS = 50  # the default


def run(table: pd.DataFrame, task: str, seed: int) -> dict[str, float]:
    training = np.flatnonzero(table["split"] == "train")
    held_back = np.random.default_rng(seed).permutation(training)[: round(0.1 * len(training))]
    table.loc[held_back, "split"] = "val"
    test = table[table["split"] == "test"]
    kind = "classification" if task in CLASSES else "regression"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_csv(folder / "all.csv", index=False)
        test[["smiles"]].to_csv(folder / "test.csv", index=False)
        began = time.perf_counter()
        train = ["train", "-i", "all.csv", "-s", "smiles", "--target-columns", "y", "-t", kind, "--splits-column", "split"]
        chemprop(folder, *train, "--epochs", str(EPOCHS), "--pytorch-seed", str(seed), "-o", "model")
        seconds = time.perf_counter() - began
        weights = min((folder / "model").rglob("best.pt"))
        chemprop(folder, "predict", "-i", "test.csv", "-s", "smiles", "--model-paths", str(weights), "-o", "said.csv")
        said = pd.read_csv(folder / "said.csv")
    if said["smiles"].tolist() != test["smiles"].tolist():
        raise SystemExit("chemprop gave other rows than it was asked for")
    return {METRICS[task]: score(task, test["y"].to_numpy(), said["y"].to_numpy()), "wall_s": seconds}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options.add_argument("--only", nargs="+", default=list(TASKS), choices=list(METRICS))
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for seed in asked.seeds:
        for task in asked.only:
            result = asked.out / f"{task}-chemprop-{seed}.json"
            if not result.exists():
                found = run(read(asked.data, task), task, seed)
                about = {"task": task, "variant": "strict", "system": "chemprop", "seed": seed, "found": found}
                command = "PYTHONPATH=benchmarks python benchmarks/rivals/chemprop_admet.py DATA OUT"
                versions = {package: version(package) for package in PACKAGES}
                draft = result.with_suffix(".partial")
                draft.write_text(json.dumps({**about, "versions": versions, "command": command}, indent=1) + "\n")
                draft.rename(result)
                print(task, seed, found, flush=True)


if __name__ == "__main__":
    main()
