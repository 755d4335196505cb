"""What each member of a preset is worth, by cross-validation on training molecules: what choices between presets are made by.

    python benchmarks/members.py [--presets best informed] [--only caco2_wang ...] [--seed 1] [--workers 2]

Official train_val parts of the ADMET group of Therapeutics Data Commons (MOLGEN_DATA), folds of whole scaffolds, each task's own metric
over all held-out estimates together. No test molecule is read. `blend` is the weighted mean, each fold under weights chosen
without it; `without NAME` the blend of the others. `graph network, taught` begins from the encoder that came with molgen.
Each (task, preset, seed) is a file in results/parts/members, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from admet import CLASSES, METRICS, read, score
from folder import benchmark_files
from official import official
from records import grouped, record
from tdc_admet import leaning_on

from molgen.base.files import write_json
from molgen.base.parallel import Pool
from molgen.models.base import Fitted, Task, Workplace
from molgen.models.blend import Member, blended
from molgen.models.crossfit import cross_fit
from molgen.models.recipe import preset
from molgen.models.train import Prepared, prepared

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "members"
GRAPH = "graph network"


def run(folder: Path, task: str, name: str, seed: int, *, profile: Path | None, workers: int) -> dict[str, Any]:
    config = leaning_on(preset(name), profile)
    target = Task("y", "classification" if task in CLASSES else "regression")
    ready = prepared(official(read(folder, task)), target, config=config, split="column", split_column="split", seed=seed, device="cpu")
    members = config.build().members_for(len(ready.training.library))
    if GRAPH in members:
        options = config.options["members"][GRAPH]
        members |= {f"{GRAPH}, taught": Member.of(GRAPH, {**options, "network": {**options["network"], "start": "dmpnn-200"}})}
    fitted, seconds = {}, {}
    for called, member in members.items():
        began = time.perf_counter()
        (fitted[called],) = cross_fit([member.recipe], ready.training, ready.fold_of, Workplace(Pool(workers=workers)))
        seconds[called] = round(time.perf_counter() - began, 1)
    own = {called: fit for called, fit in fitted.items() if not called.endswith("taught")}
    found = {called: judged(task, ready, fit) for called, fit in fitted.items()}
    found["blend"] = judged(task, ready, together(ready, members, own))
    for left in own if len(own) > 1 else ():
        found[f"without {left}"] = judged(task, ready, together(ready, members, {k: fit for k, fit in own.items() if k != left}))
    return {"task": task, "preset": name, "seed": seed, "found": found, "seconds": seconds, "molecules": len(ready.training.library)}


def together(ready: Prepared, members: dict[str, Member], fitted: dict[str, Fitted]) -> Fitted:
    kinds = {name: members[name].predictor for name in fitted}
    return blended(kinds, list(fitted.values()), ready.training, ready.fold_of)


def judged(task: str, ready: Prepared, fit: Fitted) -> float:
    return float(score(task, ready.training.targets[:, 0], fit.held_out.mean[:, 0]))


def main() -> None:
    folder = benchmark_files()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--presets", nargs="+", default=["best", "informed"])
    options.add_argument("--only", nargs="+", default=list(METRICS), choices=list(METRICS))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2, help="processes that fit the folds")
    options.add_argument("--profile", type=Path, help="what `informed` leans on, in place of the model that comes with molgen")
    asked = options.parse_args()
    for task in asked.only:
        for name in asked.presets:
            file = PARTS / f"{task}-{name}-{asked.seed}.json"
            if not file.exists():
                write_json(file, run(folder / "tdc_admet", task, name, asked.seed, profile=asked.profile, workers=asked.workers))
                print(file.stem, json.loads(file.read_text(encoding="utf-8"))["found"], flush=True)
    combine()


def combine() -> None:
    """All parts as flat records."""
    records = [
        record("members", METRICS[task], [one["found"][system] for one in runs], runs, task=task, variant=name, system=system)
        for (task, name), runs in grouped(PARTS, "task", "preset").items()
        for system in runs[0]["found"]
    ]
    write_json(RESULTS / "members.json", records)


if __name__ == "__main__":
    main()
