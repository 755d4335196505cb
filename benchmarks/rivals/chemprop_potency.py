"""Chemprop at its defaults on the potency sets of benchmarks/potency.py, same splits, same seeds.

    python benchmarks/rivals/chemprop_potency.py DATA OUT [--epochs 50] [--seeds 0 1 2 3 4]

Runs in an environment of its own that has chemprop 2.3.1 and nothing of molgen. DATA is a folder with
CHEMBL2971_Ki.csv.gz and CHEMBL2835_Ki.csv.gz (columns smiles, y = -log10 of Ki in nM, split); each result is a
file OUT/chemprop-<task>-<seed>.json. With OUT benchmarks/results/parts, potency.py puts it beside the others.
A tenth of the training molecules, chosen by the seed, stops the training early, as Chemprop wants it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

TASKS = {"JAK2": "CHEMBL2971_Ki", "JAK1": "CHEMBL2835_Ki"}
CHEMPROP = Path(sys.executable).with_name("chemprop")
PACKAGES = ("chemprop", "torch", "rdkit", "lightning", "numpy")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--epochs", type=int, default=50)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for seed in asked.seeds:
        for task in TASKS:
            result = asked.out / f"chemprop-{task}-{seed}.json"
            if not result.exists():
                found = run(asked.data, task, seed, asked.epochs)
                draft = result.with_suffix(".partial")
                draft.write_text(json.dumps(found, indent=1) + "\n")
                draft.rename(result)


def run(data: Path, task: str, seed: int, epochs: int) -> dict[str, object]:
    table = pd.read_csv(data / f"{TASKS[task]}.csv.gz")
    table = pd.DataFrame({"smiles": table["smiles"], "pki": table["y"] + 9, "split": table["split"]})
    return judged(table, "pki", task, seed, epochs) | {"command": "python benchmarks/rivals/chemprop_potency.py DATA OUT"}


def judged(table: pd.DataFrame, target: str, task: str, seed: int, epochs: int) -> dict[str, object]:
    """Chemprop's scores on the test rows, and how they came about."""
    said, seconds = learned(table, target, "regression", epochs=epochs, seed=seed)
    return scores(table[target][table["split"] == "test"].to_numpy(), said) | {
        "task": task,
        "seed": seed,
        "system": "chemprop",
        "epochs": epochs,
        "seconds": {"fit": round(seconds, 1)},
        "versions": {package: version(package) for package in PACKAGES},
    }


def learned(table: pd.DataFrame, target: str, kind: str, *, epochs: int, seed: int) -> tuple[np.ndarray, float]:
    """What Chemprop says of the test rows of a table with the columns smiles, `target` and split, and the seconds of its training.

    A tenth of the training rows, chosen by the seed, stops the training early, as Chemprop wants it.
    """
    table = table.copy()
    training = np.flatnonzero(table["split"] == "train")
    table.loc[np.random.default_rng(seed).permutation(training)[: round(0.1 * len(training))], "split"] = "val"
    test = table[table["split"] == "test"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_csv(folder / "all.csv", index=False)
        test[["smiles"]].to_csv(folder / "test.csv", index=False)
        began = time.perf_counter()
        train = ["train", "-i", "all.csv", "-s", "smiles", "--target-columns", target, "-t", kind, "--splits-column", "split"]
        chemprop(folder, *train, "--epochs", str(epochs), "--pytorch-seed", str(seed), "-o", "model")
        seconds = time.perf_counter() - began
        weights = min((folder / "model").rglob("best.pt"))
        chemprop(folder, "predict", "-i", "test.csv", "-s", "smiles", "--model-paths", str(weights), "-o", "said.csv")
        said = pd.read_csv(folder / "said.csv")
    if said["smiles"].tolist() != test["smiles"].tolist():
        raise SystemExit("chemprop gave other rows than it was asked for")
    return said[target].to_numpy(), seconds


def chemprop(folder: Path, *arguments: str) -> None:
    where = ["--num-workers", "0", "--accelerator", "cpu"]
    done = subprocess.run([CHEMPROP, *arguments, *where], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"chemprop {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def scores(truth: np.ndarray, said: np.ndarray) -> dict[str, object]:
    error = said - truth
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": float(1 - (error**2).sum() / ((truth - truth.mean()) ** 2).sum()),
        "spearman": float(spearmanr(said, truth).statistic),
    }


if __name__ == "__main__":
    main()
