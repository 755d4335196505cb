"""MapLight's recipe on the ADMET group of Therapeutics Data Commons: CatBoost on counts and descriptors, run again by us.

    PYTHONPATH=benchmarks python benchmarks/rivals/maplight.py DATA OUT [--seeds 1 2 3 4 5] [--only caco2_wang ...]

Notwell and Wood, arXiv 2310.00174 (2023): Morgan and Avalon counts of 1,024 columns each, ErG, and two hundred of RDKit's descriptors;
CatBoost at its defaults but for random_strength 2, absolute error for values, which are standardised, after a logarithm for the four
sets named in LOGARITHM. Runs in an environment of its own that has catboost, rdkit, pandas and scikit-learn. DATA is the folder
with the group's files; each result is a file OUT/<task>-maplight-<seed>.json, skipped when it is there.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from admet import CLASSES, METRICS, keep, part, read, score
from catboost import CatBoostClassifier, CatBoostRegressor
from rdkit import Chem, RDLogger
from rdkit.Avalon.pyAvalonTools import GetAvalonCountFP
from rdkit.Chem import rdReducedGraphs
from rdkit.Chem.Descriptors import descList
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
from rdkit.DataStructs import ConvertToNumpyArray

COMMAND = "PYTHONPATH=benchmarks python benchmarks/rivals/maplight.py DATA OUT"
LOGARITHM = ("vdss_lombardo", "half_life_obach", "clearance_hepatocyte_az", "clearance_microsome_az")
# What RDKit has gained since the two hundred were chosen.
YOUNGER = {
    "AvgIpc", "SPS", "Phi", "NumAmideBonds", "NumAtomStereoCenters", "NumBridgeheadAtoms", "NumHeterocycles", "NumSpiroAtoms",
    "NumUnspecifiedAtomStereoCenters",
}  # fmt: skip
DESCRIPTORS = [function for name, function in descList if name not in YOUNGER and not name.startswith("BCUT2D")]


def features(smiles: list[str]) -> np.ndarray:
    RDLogger.DisableLog("rdApp.*")
    morgan = GetMorganGenerator(radius=2, fpSize=1024)
    rows = np.zeros((len(smiles), 1024 + 1024 + 315 + len(DESCRIPTORS)))
    for row, text in zip(rows, smiles):
        mol = Chem.MolFromSmiles(text)
        if mol is None:
            row[:] = np.nan
            continue
        row[:1024] = morgan.GetCountFingerprintAsNumPy(mol)
        avalon = np.zeros(1024, dtype=np.int32)
        ConvertToNumpyArray(GetAvalonCountFP(mol, nBits=1024), avalon)
        row[1024:2048] = avalon
        row[2048:2363] = rdReducedGraphs.GetErGFingerprint(mol)
        row[2363:] = [function(mol) for function in DESCRIPTORS]
    return rows


def run(task: str, known: np.ndarray, values: np.ndarray, unseen: np.ndarray, seed: int) -> np.ndarray:
    options = {"random_strength": 2, "random_seed": seed, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    if task in CLASSES:
        model = CatBoostClassifier(loss_function="Logloss", **options)
        return model.fit(known, values).predict_proba(unseen)[:, 1]
    logarithm = task in LOGARITHM
    offset = min(values.min(), 0.0)
    scaled = np.log10(values - offset + 1.0) if logarithm else values - offset
    centre, width = scaled.mean(), scaled.std()
    model = CatBoostRegressor(loss_function="MAE", **options).fit(known, (scaled - centre) / width)
    said = model.predict(unseen) * width + centre
    return (10.0**said - 1.0 if logarithm else said) + offset


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options.add_argument("--only", nargs="+", default=list(METRICS), choices=list(METRICS))
    asked = options.parse_args()
    if len(DESCRIPTORS) != 200:
        raise SystemExit(f"{len(DESCRIPTORS)} descriptors, want 200: another RDKit?")
    asked.out.mkdir(parents=True, exist_ok=True)
    for task in asked.only:
        missing = [seed for seed in asked.seeds if not part(asked.out, task, "maplight", seed).exists()]
        if not missing:
            continue
        table = read(asked.data, task)
        columns, test = features(table["smiles"].tolist()), (table["split"] == "test").to_numpy()
        readable = ~np.isnan(columns).all(axis=1)
        columns, values = np.clip(columns, -3e38, 3e38), table["y"].to_numpy(dtype=float)
        for seed in missing:
            began = time.perf_counter()
            said = run(task, columns[~test & readable], values[~test & readable], columns[test], seed)
            found = {METRICS[task]: score(task, values[test], said), "wall_s": time.perf_counter() - began}
            file = part(asked.out, task, "maplight", seed)
            keep(file, found, ("catboost", "rdkit", "numpy"), task=task, system="maplight", seed=seed, command=COMMAND)


if __name__ == "__main__":
    main()
