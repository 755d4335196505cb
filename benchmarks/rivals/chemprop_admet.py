"""Chemprop at its defaults on eight tasks of the ADMET group of Therapeutics Data Commons, same rows, same metrics.

    PYTHONPATH=benchmarks python benchmarks/rivals/chemprop_admet.py DATA OUT [--seeds 1 2 3 4 5] [--only caco2_wang ...]

Runs in an environment of its own that has chemprop 2.3.1 and nothing of molgen. DATA is the folder with the group's files; each
result is a file OUT/<task>-chemprop-<seed>.json, skipped when it is there. A tenth of the training rows, chosen by the
seed, stops the training early, as Chemprop wants it; the wall time is that of training alone, its own start included.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from admet import CLASSES, EIGHT, METRICS, keep, part, read, score
from chemprop_potency import PACKAGES, learned

EPOCHS = 50  # the default
COMMAND = "PYTHONPATH=benchmarks python benchmarks/rivals/chemprop_admet.py DATA OUT"


def run(table: pd.DataFrame, task: str, seed: int) -> dict[str, float]:
    kind = "classification" if task in CLASSES else "regression"
    said, seconds = learned(table, "y", kind, epochs=EPOCHS, seed=seed)
    return {METRICS[task]: score(task, table["y"][table["split"] == "test"].to_numpy(), said), "wall_s": seconds}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options.add_argument("--only", nargs="+", default=list(EIGHT), choices=list(METRICS))
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for seed in asked.seeds:
        for task in asked.only:
            file = part(asked.out, task, "chemprop", seed)
            if not file.exists():
                found = run(read(asked.data, task), task, seed)
                keep(file, found, PACKAGES, task=task, system="chemprop", seed=seed, command=COMMAND)


if __name__ == "__main__":
    main()
