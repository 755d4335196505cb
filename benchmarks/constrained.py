"""Fragment-constrained generation: is what must stay always there, and are the proposals drug-like?

    python benchmarks/constrained.py [--tasks linker_design ...] [--variants blind aimed] [--seeds 0]

The protocol of SAFE and GenMol: ten drugs, parts of each given, 100 proposals a drug; quality is the share of them that are valid,
distinct, of QED at least 0.6 and SA score at most 4. `blind` asks the generator for 100 and never tells it a score, as those
methods are asked. `aimed` gives the best 100 of 500 scored by QED and SA, as molgen is used: it goes by what is measured and is
not to be compared as if it did not.

What the filter asks of atoms was changed once after a look at this benchmark: a given part is no longer judged itself, since for
cyclothiazide's nothing was let through.

`obeyed` is the share that keeps what was given, found without our own code: RDKit's R-group decomposition, substituents at the given
attachment points only, for each piece; for superstructures its substructure search. It is counted over 250 blind proposals a drug and task.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
from folder import benchmark_files
from rdkit import Chem
from rdkit.Chem import QED, rdFingerprintGenerator, rdRGroupDecomposition
from rdkit.DataStructs import BulkTanimotoSimilarity
from records import grouped, record

from molgen.base.files import write_json
from molgen.chem.properties import sa_score
from molgen.generate.base import GENERATORS
from molgen.generate.constraints import Constraints
from molgen.generate.run import generate
from molgen.score.objective import Objective

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "constrained"
TASKS = {"motif_extension": "decorate", "linker_design": "link", "scaffold_decoration": "decorate", "superstructure_generation": "keep"}
VARIANTS = ("blind", "aimed")
SAMPLES, SCORED, OBEYING = 100, 500, 250
METRICS = ("quality", "valid", "unique", "diversity", "distance", "obeyed")
GOALS = [{"term": "qed"}, {"term": "sa", "curve": {"kind": "ramp", "worst": 6.0, "best": 3.0}}]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    options.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    options.add_argument("--seeds", type=int, nargs="+", default=[0])
    asked = options.parse_args()
    folder = benchmark_files()
    drugs = pd.read_csv(folder / "generation" / "constrained_fragments.csv")
    for seed in asked.seeds:
        for variant in asked.variants:
            for task in asked.tasks:
                run(drugs, task, variant, seed)
    combine()


def run(drugs: pd.DataFrame, task: str, variant: str, seed: int) -> None:
    """One task on all drugs, unless its file is there."""
    path = PARTS / f"{task}-{variant}-{seed}.json"
    if path.exists():
        return
    told = {row["name"]: measured(row["smiles"], row[task], task, variant, seed) for _, row in drugs.iterrows()}
    overall = {metric: mean(one[metric] for one in told.values()) for metric in METRICS}
    write_json(path, {"task": task, "variant": variant, "system": "genetic", "seed": seed, **overall, "drugs": told})
    print(task, variant, seed, {name: round(value, 3) for name, value in overall.items()}, flush=True)


def measured(drug: str, given: str, task: str, variant: str, seed: int) -> dict[str, float]:
    """Shares for one drug, of as many proposals as were wanted: what could not be made counts as bad."""
    if variant == "blind":
        judged = blind(given, task, seed, OBEYING)
        smiles = judged[:SAMPLES]
    else:
        smiles = judged = generate(Objective.of(GOALS), budget=SCORED, top=SAMPLES, seed=seed, **{TASKS[task]: given}).smiles
    mols = [mol for mol in map(Chem.MolFromSmiles, dict.fromkeys(smiles)) if mol is not None]
    good = sum(QED.qed(mol) >= 0.6 and sa_score(mol) <= 4.0 for mol in mols)
    morgan = [_ECFP4.GetFingerprint(mol) for mol in mols]
    alike = [BulkTanimotoSimilarity(one, morgan[:row]) for row, one in enumerate(morgan)]  # of the first to none before it: no entry
    to_drug = BulkTanimotoSimilarity(_ECFP4.GetFingerprint(Chem.MolFromSmiles(drug)), morgan)
    return {
        "quality": good / SAMPLES,
        "valid": sum(Chem.MolFromSmiles(text) is not None for text in smiles) / SAMPLES,
        "unique": len(set(smiles)) / SAMPLES,
        "diversity": 1 - float(np.mean(np.concatenate(alike))),
        "distance": 1 - float(np.mean(to_drug)),
        "obeyed": mean(obeys(Chem.MolFromSmiles(text), given, task) for text in judged),
        "judged": len(judged),
    }


def blind(given: str, task: str, seed: int, n: int) -> list[str]:
    """What the generator proposes when it is never told a score."""
    source = GENERATORS.build("genetic", {"seeds": [], "constraints": Constraints.of(**{TASKS[task]: given}), "opening": 0})
    return [proposal.smiles for proposal in source.ask(n, np.random.default_rng(seed))]


def obeys(mol: Chem.Mol, given: str, task: str) -> bool:
    """Whether RDKit alone finds what was given, and nothing on it but at its attachment points."""
    if TASKS[task] == "keep":
        return bool(mol.HasSubstructMatch(Chem.MolFromSmiles(given), useChirality=True))
    return all(_decomposes(mol, piece) for piece in given.split("."))


def _decomposes(mol: Chem.Mol, piece: str) -> bool:
    core = Chem.MolFromSmiles(piece)
    for number, star in enumerate((atom for atom in core.GetAtoms() if atom.GetAtomicNum() == 0), start=1):
        star.SetIsotope(0)
        star.SetAtomMapNum(number)
    options = rdRGroupDecomposition.RGroupDecompositionParameters()
    options.onlyMatchAtRGroups = True
    return rdRGroupDecomposition.RGroupDecomposition(core, options).Add(mol) >= 0


def combine() -> None:
    """All parts as records, seeds together."""
    records: list[dict[str, Any]] = []
    for (task, variant, system), runs in grouped(PARTS, "task", "variant", "system").items():
        for metric in METRICS:
            values = [float(one[metric]) for one in runs]
            records.append(record("constrained", metric, values, runs, task=task, variant=variant, system=system))
        judged = [float(sum(drug["judged"] for drug in one["drugs"].values())) for one in runs]
        records.append(record("constrained", "judged", judged, runs, task=task, variant=variant, system=system))
    write_json(RESULTS / "constrained.json", records)


_ECFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)

if __name__ == "__main__":
    main()
