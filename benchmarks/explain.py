"""Are the reasons right? Contributions of atoms against tasks whose truth is known atom by atom.

    python benchmarks/explain.py [--seeds 0 1 2] [--presets kernel network fast]

`motif` is the number of a molecule's atoms in amide groups and halogens, learned from molecules of MOSES' sample that ships
with molgen; an atom is part of the truth or not, and each method is judged by the area under its ROC curve, molecule by
molecule, as in Sanchez-Lengeling et al., NeurIPS 33 (2020) 5898. `crippen` is logP as the sum of atom contributions (Wildman &
Crippen, J. Chem. Inf. Comput. Sci. 39 (1999) 868), a hydrogen's added to its heavy atom; there the rank correlation is reported.
The explained molecules are not among those learned from. Each (task, preset, seed) is a file in results/parts/explain, so an
interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from records import grouped, record
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from molgen.base.files import write_json
from molgen.data.catalogue import load
from molgen.data.library import Library
from molgen.explain.run import explain
from molgen.models.train import train

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "explain"
METHODS = ("shapley", "myerson", "masking")
MOTIF = Chem.MolFromSmarts("[$([NX3][CX3]=[OX1]),$([CX3](=[OX1])[NX3]),$([OX1]=[CX3][NX3]),F,Cl,Br]")  # an atom of an amide, a halogen
LEARNED, EXPLAINED = 800, 60


def motif(mol: Chem.Mol) -> np.ndarray:  # [atoms], 1 in a motif
    inside = np.zeros(mol.GetNumAtoms())
    inside[[atom for (atom,) in mol.GetSubstructMatches(MOTIF)]] = 1
    return inside


def crippen(mol: Chem.Mol) -> np.ndarray:  # [atoms], with their hydrogens
    whole = Chem.AddHs(mol)
    parts = [logp for logp, _ in rdMolDescriptors._CalcCrippenContribs(whole)]
    added = np.array(parts[: mol.GetNumAtoms()])
    for atom in whole.GetAtoms():
        if atom.GetIdx() >= mol.GetNumAtoms():
            added[atom.GetNeighbors()[0].GetIdx()] += parts[atom.GetIdx()]
    return added


TRUTHS = {"motif": motif, "crippen": crippen}


def score(task: str, truth: np.ndarray, said: np.ndarray) -> float | None:
    """None where the molecule has nothing to tell apart."""
    if task == "motif":
        return float(roc_auc_score(truth, said)) if 0 < truth.sum() < len(truth) else None
    return float(spearmanr(truth, said).statistic) if np.ptp(said) > 0 else None


def run(task: str, preset: str, seed: int) -> dict[str, object]:
    library = load("moses_sample")
    order = np.random.default_rng(seed).permutation(len(library))[: LEARNED + EXPLAINED]
    library = library.take(order.tolist())
    truths = [TRUTHS[task](mol) for mol in library.mols]
    values = [float(truth.sum()) for truth in truths]
    frame = library.rows.columns[["smiles"]].assign(smiles=library.smiles, value=values)
    predictor = train(Library.from_frame(frame.head(LEARNED)), "value", recipe=preset, split="none", seed=seed)
    unseen = library.smiles[LEARNED:]
    found: dict[str, float] = {}
    for method in METHODS:
        began = time.process_time()
        explained = explain(predictor, unseen, method=method, neighbours=0, edits=0, seed=seed)
        found[f"{method}_cpu_s_per_molecule"] = (time.process_time() - began) / len(unseen)
        rows = zip(explained.rows, map(Chem.MolFromSmiles, unseen))
        scores = [score(task, TRUTHS[task](mol), one.atoms[:, 0]) for one, mol in rows if one is not None]
        found[method] = float(np.mean([value for value in scores if value is not None]))
    said = predictor.predict(unseen).mean[:, 0]
    found["r2"] = float(1 - np.mean((said - values[LEARNED:]) ** 2) / np.var(values[LEARNED:]))
    return {"task": task, "preset": preset, "seed": seed, "found": found}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--presets", nargs="+", default=["kernel", "network", "fast"])
    asked = options.parse_args()
    for seed in asked.seeds:
        for task in TRUTHS:
            for preset in asked.presets:
                part = PARTS / f"{task}-{preset}-{seed}.json"
                if not part.exists():
                    write_json(part, run(task, preset, seed))
                    print(part.name, json.loads(part.read_text())["found"], flush=True)
    combine()


def combine() -> None:
    """All parts as flat records: mean and standard deviation over seeds."""
    records = []
    for (task, preset), runs in grouped(PARTS, "task", "preset").items():
        for name in runs[0]["found"]:
            method, _, seconds = name.partition("_")
            metric = "r2" if name == "r2" else seconds or {"motif": "auroc"}.get(task, "spearman")
            system = "molgen" if name == "r2" else f"molgen {method}"
            values = [one["found"][name] for one in runs]
            records.append(record("explain", metric, values, runs, task=task, variant=preset, system=system))
    write_json(RESULTS / "explain.json", records)


if __name__ == "__main__":
    main()
