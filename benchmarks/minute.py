"""The preset `fast` against Chemprop at its defaults, by the clock: command against command, in alternation, on all cores.

    python benchmarks/minute.py CHEMPROP [--seed 1] [--only caco2_wang ...]

CHEMPROP is the program of an environment that has chemprop 2.3.1. Eight tasks of the ADMET group of Therapeutics Data Commons
(MOLGEN_DATA), official parts; each command starts, reads, trains and saves, and its wall time is all of that. How good the models are
is told by tdc_admet.py. To be run on a machine that does nothing else. Each task is a file in results/parts/minute.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from admet import CLASSES, EIGHT, METRICS, read
from folder import benchmark_files
from official import official
from records import grouped, record

from molgen.base.files import write_json

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "minute"


def run(data: Path, task: str, chemprop: Path, seed: int) -> dict[str, float]:
    table = official(read(data, task)).rows.columns  # a molecule in both parts is left out of the training one
    kind = "classification" if task in CLASSES else "regression"
    training = np.flatnonzero(table["split"] == "train")
    early = table.copy()  # a tenth of the training rows stops Chemprop's training early, as it wants it
    early.loc[np.random.default_rng(seed).permutation(training)[: round(0.1 * len(training))], "split"] = "val"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_csv(folder / "ours.csv", index=False)
        early.to_csv(folder / "theirs.csv", index=False)
        ours = [str(Path(sys.executable).with_name("molgen")), "train", "--data", "ours.csv", "--target", "y", "--preset", "fast"]
        ours += ["--split", "column", "--split-column", "split", "--workers", "2", "--seed", str(seed), "--out", "ours"]
        theirs = [str(chemprop), "train", "-i", "theirs.csv", "-s", "smiles", "--target-columns", "y", "-t", kind]
        theirs += ["--splits-column", "split", "--pytorch-seed", str(seed), "--num-workers", "0", "--accelerator", "cpu", "-o", "theirs"]
        return {"chemprop": timed(theirs, folder), "molgen fast": timed(ours, folder)}


def timed(command: list[str], folder: Path) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:2])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def main() -> None:
    folder = benchmark_files()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("chemprop", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="+", default=list(EIGHT), choices=list(METRICS))
    asked = options.parse_args()
    for task in asked.only:
        file = PARTS / f"{task}-{asked.seed}.json"
        if not file.exists():
            found = run(folder / "tdc_admet", task, asked.chemprop, asked.seed)
            write_json(file, {"task": task, "seed": asked.seed, "found": found, "command": "python benchmarks/minute.py CHEMPROP"})
            print(task, found, f"{found['molgen fast'] / found['chemprop']:.3f}", flush=True)
    combine()


def combine() -> None:
    """All parts as flat records."""
    records = [
        record("minute", "wall_s", [one["found"][system] for one in runs], runs, task=task, variant="train", system=system)
        for (task,), runs in grouped(PARTS, "task").items()
        for system in runs[0]["found"]
    ]
    write_json(RESULTS / "minute.json", records)


if __name__ == "__main__":
    main()
