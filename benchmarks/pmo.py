"""PMO: how soon does a search find the best molecules, on the twenty tasks that RDKit alone can score?

    python benchmarks/pmo.py [--tasks qed ...] [--variants strict] [--systems guided] [--seeds 0]

Gao et al., Sample Efficiency Matters (NeurIPS 2022): 10,000 molecules may be scored; the measure is the area under the mean score
of the ten best so far. `strict` starts from 4,000 molecules of ZINC drawn by the seed, none of them scored; `strict_guarded` does
too, with the guard as users have it: only what has a precedent there or in what ships, and no structural alert. The common drugs
that lend it their pieces leave out the targets of these tasks. `prescreen` is another league: all of ZINC is scored for nothing, and
the search starts from the 4,000 best with their scores. `guided` is the search led by a model, `genetic` the one without.

What the search goes by (fragments, numbers, batches) is the same for all tasks and was chosen on the tasks of `rehearsal`; that formulas,
logP and TPSA are among its numbers, and that scores may be learned as logarithms, was decided knowing what tasks of PMO are made of,
and an early version was seen at work on celecoxib_rediscovery. Detours, and arms that change places or move, came after a first run of
all tasks had ended on plateaus; all were run again.
Each (task, variant, system, seed) is a small file in results/parts/pmo with the mean score of the ten best after every hundred molecules.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from folder import benchmark_files
from numpy.typing import NDArray
from pmo_oracles import Oracle, rehearsal, tasks
from rdkit import Chem
from records import grouped, record

from molgen.base.files import write_json
from molgen.generate.base import GENERATORS, Generator

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "pmo"
BUDGET, STARTED, BATCH = 10_000, 4_000, 100
_UNGUARDED = {"guard": False, "drugs": False}
VARIANTS: dict[str, dict[str, Any]] = {"strict": _UNGUARDED, "strict_guarded": {}, "prescreen": _UNGUARDED | {"opening": 0}}
SYSTEMS = ("guided", "genetic")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", nargs="+", default=list(tasks()), choices=[*tasks(), *rehearsal()])
    options.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    options.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    options.add_argument("--seeds", type=int, nargs="+", default=[0])
    asked = options.parse_args()
    folder = benchmark_files()
    zinc = pd.read_csv(folder / "generation" / "zinc250k.csv.gz")["smiles"]
    for seed in asked.seeds:
        for variant in asked.variants:
            for system in asked.systems:
                for task in asked.tasks:
                    run(zinc, task, variant, system, seed)
    combine()


def run(zinc: pd.Series[str], task: str, variant: str, system: str, seed: int) -> None:
    """One search, unless its file is there."""
    path = PARTS / f"{task}-{variant}-{system}-{seed}.json"
    if path.exists():
        return
    rng, oracle = np.random.default_rng(seed), {**tasks(), **rehearsal()}[task]
    given = best_of(zinc, oracle) if variant == "prescreen" else {}
    began = time.process_time()
    start = list(given) or zinc.iloc[rng.permutation(len(zinc))[:STARTED]].tolist()
    generator = GENERATORS.build(system, {"seeds": start, **VARIANTS[variant]})
    generator.tell(list(given), np.array(list(given.values())))
    scores, best, scoring = search(generator, oracle, rng)
    told = {"task": task, "variant": variant, "system": system, "seed": seed, "top10_auc": top10_auc(scores, budget=BUDGET)}
    told |= {"top10": float(np.sort(scores)[-10:].mean()), "best": best, "scored": len(scores)}
    told |= {"minutes": (time.process_time() - began) / 60, "minutes_scoring": scoring / 60}
    write_json(path, told | {"heights": np.round(heights(scores), 5).tolist()})
    print(task, variant, system, seed, {name: told[name] for name in ("top10_auc", "top10", "best", "minutes")}, flush=True)


def best_of(zinc: pd.Series[str], oracle: Oracle) -> dict[str, float]:
    """Canonical SMILES of the best to start from, the best first, with their scores."""
    mols = (Chem.MolFromSmiles(smiles) for smiles in zinc)
    scores = np.array([oracle(mol) for mol in mols])
    rows = np.argsort(-scores, kind="stable")[:STARTED]
    return {Chem.CanonSmiles(zinc.iloc[row]): float(scores[row]) for row in rows.tolist()}


def search(generator: Generator, oracle: Oracle, rng: np.random.Generator) -> tuple[NDArray[np.float64], str, float]:
    """(scores in order, the best molecule, CPU-seconds of scoring) of as many distinct molecules as may be scored."""
    known: dict[str, float] = {}
    scoring = 0.0
    while len(known) < BUDGET:
        asked = [one.smiles for one in generator.ask(min(BATCH, BUDGET - len(known)), rng)]
        if not asked:
            break
        began = time.process_time()
        scores = [oracle(Chem.MolFromSmiles(smiles)) for smiles in asked]
        scoring += time.process_time() - began
        known.update(zip(asked, scores))
        generator.tell(asked, np.array(scores))
    return np.array(list(known.values())), max(known, key=lambda smiles: known[smiles]), scoring


def top10_auc(scores: NDArray[np.float64], *, budget: int) -> float:
    """Area under `heights` over the share of the budget spent; a search that stopped early stays where it was."""
    reached = heights(scores)
    area = float(np.trapezoid([0.0, *reached], [0, *looks(scores)]))
    return (area + (budget - len(scores)) * reached[-1]) / budget


def heights(scores: NDArray[np.float64]) -> list[float]:
    """Mean of the ten best so far at each of `looks`."""
    return [float(np.sort(scores[:look])[-10:].mean()) for look in looks(scores)]


def looks(scores: NDArray[np.float64]) -> list[int]:
    """After how many molecules the measure looks: every hundred, and at the end."""
    return [*range(100, len(scores), 100), len(scores)]


def combine() -> None:
    """All parts of PMO's own tasks as records, seeds together."""
    records = []
    for (task, variant, system), runs in grouped(PARTS, "task", "variant", "system").items():
        if task in tasks():
            for metric in ("top10_auc", "top10", "minutes", "minutes_scoring"):
                values = [float(one[metric]) for one in runs]
                records.append(record("pmo", metric, values, runs, task=task, variant=variant, system=system))
    write_json(RESULTS / "pmo.json", records)


if __name__ == "__main__":
    main()
