"""Potency of JAK inhibitors, official test splits: molgen's blend, each of its members alone, and what everybody tries first.

    python benchmarks/potency.py [--seeds 0 1 2 3 4] [--systems molgen mean forest svr] [--workers 2]
    python benchmarks/potency.py --systems fast best informed    the presets for any property, at what they are not made for

Two sets of MoleculeACE (van Tilborg et al., J. Chem. Inf. Model. 62 (2022) 5938), its own training and test molecules.
Everything is chosen on training molecules; the test ones are predicted once a seed. The members are those of the
blend, as they were fitted inside it. Each (task, seed, system) is a small file in results/parts, so an
interrupted run goes on where it stopped; results/potency.json is put together from all of them, a rival's among them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from classic import CLASSIC, classic
from records import record

from molgen.base.files import write_json
from molgen.base.parallel import Pool
from molgen.data.catalogue import load
from molgen.data.library import Library
from molgen.models.base import Estimate
from molgen.models.blend import BlendModel
from molgen.models.metrics import r2, rmse, spearman
from molgen.models.train import train

TASKS = {"JAK2": "jak2_ki", "JAK1": "jak1_ki"}
SYSTEMS = ("molgen", "mean", "forest", "svr")
PRESETS = ("fast", "best", "informed")
METRICS = ("rmse", "r2", "spearman", "coverage")
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    options.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=[*SYSTEMS, *PRESETS])
    options.add_argument("--workers", type=int, default=0)
    asked = options.parse_args()
    for seed in asked.seeds:
        for task in asked.tasks:
            for system in asked.systems:
                if not part(task, seed, system).exists():
                    run(task, seed, system, asked.workers)
    combine()


def part(task: str, seed: int, system: str) -> Path:
    return RESULTS / "parts" / f"{system}-{task}-{seed}.json"


def run(task: str, seed: int, system: str, workers: int) -> None:
    library = load(TASKS[task])
    test = (library.rows.columns["split"] == "test").to_numpy()
    truth = library.rows.columns["pKi"].to_numpy(dtype=float)
    if system in CLASSIC:
        write_part(task, seed, system, scores(truth[test], classic(library, truth, test, system, seed)[test]))
        return
    recipe = "potency" if system == "molgen" else system
    predictor = train(
        library, "pKi", recipe=recipe, split="column", split_column="split", seed=seed, device="cpu", executor=Pool(workers=workers)
    )
    unseen = library.take(test)
    said = predictor.predict(unseen)
    inside = (said.low[:, 0] <= truth[test]) & (truth[test] <= said.high[:, 0])
    extra = {"coverage": float(inside.mean()), "seconds": predictor.card["seconds"], "chosen": predictor.card["chosen"]}
    write_part(task, seed, system, scores(truth[test], said.mean[:, 0]) | extra)
    for name, estimate in (members(predictor.model, unseen) if system == "molgen" else {}).items():
        write_part(task, seed, name, scores(truth[test], estimate.mean[:, 0]))


def members(model: object, unseen: Library) -> dict[str, Estimate]:
    """What each member of a blend says by itself."""
    if not isinstance(model, BlendModel):
        return {}
    return {name: model.members[i].predict(unseen.distinct()) for i, name in enumerate(model.names)} if unseen.ok.all() else {}


def scores(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    return {"rmse": rmse(truth, said), "r2": r2(truth, said), "spearman": spearman(truth, said)}


def write_part(task: str, seed: int, system: str, found: dict[str, object]) -> None:
    write_json(part(task, seed, system), {"task": task, "seed": seed, "system": system, **found})


def combine() -> None:
    """All parts as flat records, one a task, system and metric: mean and standard deviation over seeds."""
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for path in sorted((RESULTS / "parts").glob("*.json")):
        found = json.loads(path.read_text())
        groups.setdefault((found["task"], found["system"]), []).append(found)
    records = []
    for (task, system), runs in sorted(groups.items()):
        for metric in METRICS:
            values = [one[metric] for one in runs if one.get(metric) is not None]
            if values:
                records.append(record("potency", metric, values, runs, task=task, variant="official test split", system=system))
    write_json(RESULTS / "potency.json", records)


if __name__ == "__main__":
    main()
