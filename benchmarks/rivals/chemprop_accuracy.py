"""Chemprop at its defaults on the official splits of benchmarks/network_accuracy.py, same molecules, same seeds.

    python benchmarks/rivals/chemprop_accuracy.py DATA OUT [--epochs 50] [--seeds 0 1 2]

Runs in an environment of its own that has chemprop 2.3.1 and nothing of molgen. DATA is a folder with the files of TASKS
(columns smiles, y, split), the admet group of Therapeutics Data Commons; each result is a file
OUT/chemprop-<task>-<seed>.json. A tenth of the training molecules, chosen by the seed, stops the training early, as
Chemprop wants it. The two potency sets beside these are those of chemprop_potency.py.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from chemprop_potency import judged

TASKS = {"caco2": "caco2_wang.csv.gz", "lipophilicity": "lipophilicity_astrazeneca.csv.gz"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--epochs", type=int, default=50)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for seed in asked.seeds:
        for task in TASKS:
            result = asked.out / f"chemprop-{task}-{seed}.json"
            if not result.exists():
                found = run(asked.data / TASKS[task], task, seed, asked.epochs)
                draft = result.with_suffix(".partial")
                draft.write_text(json.dumps(found, indent=1) + "\n")
                draft.rename(result)


def run(file: Path, task: str, seed: int, epochs: int) -> dict[str, object]:
    table = pd.read_csv(file)[["smiles", "y", "split"]]
    table["split"] = np.where(table["split"] == "test", "test", "train").astype(object)
    return judged(table, "y", task, seed, epochs) | {"command": "python benchmarks/rivals/chemprop_accuracy.py DATA OUT"}


if __name__ == "__main__":
    main()
