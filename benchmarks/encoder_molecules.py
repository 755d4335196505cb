"""The molecules the shipped encoder is taught on, and the descriptors of each, which it is to foretell.

    pip download --no-deps molsets --dest WORK                 # MOSES, a wheel of 50 MB
    python benchmarks/encoder_molecules.py WORK                # WORK/molecules/*.npz, an hour on one core, goes on where it stopped

A sample of every structure in the ADMET tables and the other benchmark files of MOLGEN_DATA and of 150 thousand of MOSES, each in the
form that is scored. No measured value is read. What is in the test part of any task of the ADMET group is left out all the same,
whatever its stereo centres, so that `strict` means what it says.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from admet import METRICS
from folder import benchmark_files
from molecules import SEED, _column, _moses_table
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.Descriptors import descList
from rdkit.rdBase import BlockLogs

from molgen.chem.standardize import standardize_all
from molgen.data.endpoints import endpoints, read_endpoint

_MOSES = 150_000
_STRUCTURES = 328_000  # of a million and a quarter there are, in an order of chance: more would teach little more
_CHUNK = 4_000
_SMALLEST, _LARGEST = 4, 80  # heavy atoms

# A few of RDKit's 217 take half of the time, and say little that the others don't.
_COSTLY = frozenset(("qed", "BCUT2D", "AvgIpc", "Ipc", "SPS", "BertzCT", "BalabanJ", "MaxAbsEStateIndex", "MinAbsEStateIndex"))
_FOLDERS = ("generation", "moleculenet", "chembl_pic50", "simpd", "oracles", "virtual_screening", "dti", "reactions")

DESCRIPTORS = [(name, function) for name, function in descList if name.split("_")[0] not in _COSTLY]


def written(folder: Path, cache: Path) -> list[str]:
    """SMILES as their files have them, drawn from all distinct ones by chance of a fixed seed."""
    found = {text for endpoint in endpoints().values() for text in read_endpoint(folder, endpoint)["smiles"]}
    for place in _FOLDERS:
        for file in sorted((folder / place).glob("*.csv.gz")):
            if "smiles" in pd.read_csv(file, nrows=0).columns:
                found.update(pd.read_csv(file, usecols=["smiles"])["smiles"].dropna())
    chance = random.Random(SEED)
    found.update(chance.sample(sorted(_column(_moses_table(cache, None), "SMILES")), _MOSES))
    every = sorted(found)
    chance.shuffle(every)
    return every[:_STRUCTURES]


def tested(folder: Path) -> set[str]:
    """Molecules of the group's test parts, without their stereo centres."""
    tables = [read_endpoint(folder, endpoint) for endpoint in endpoints().values() if endpoint.dataset in METRICS]
    texts = [text for table in tables for text in table.loc[table["part"] == "test", "smiles"]]
    return {flat(structure.smiles) for structure in standardize_all(texts) if structure.smiles}


def flat(smiles: str) -> str:
    """The canonical SMILES without stereo centres."""
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles), isomericSmiles=False)


def described(task: tuple[Path, list[str]]) -> Path:
    """One chunk in its file: SMILES in the form that is scored, what they are without stereo centres, descriptors."""
    file, texts = task
    if file.exists():
        return file
    with BlockLogs():
        smiles = [structure.smiles for structure in standardize_all(texts) if structure.smiles]
        mols = [Chem.MolFromSmiles(one) for one in smiles]
        kept = [i for i, mol in enumerate(mols) if mol is not None and _SMALLEST <= mol.GetNumHeavyAtoms() <= _LARGEST]
        values = np.array([[_value(function, mols[i]) for _, function in DESCRIPTORS] for i in kept])
        names = np.array([smiles[i] for i in kept])
        plain = np.array([flat(one) for one in names])
    draft = file.with_suffix(".partial")
    with draft.open("wb") as opened:
        np.savez_compressed(opened, smiles=names, flat=plain, descriptors=values.astype(np.float32))
    return draft.replace(file)


def _value(function: Callable[[Chem.Mol], float], mol: Chem.Mol) -> float:
    try:
        return function(mol)
    except (ValueError, ZeroDivisionError, RuntimeError, OverflowError):  # undefined for this molecule
        return math.nan


def gathered(work: Path, tests: set[str]) -> Iterator[tuple[NDArray[np.str_], NDArray[np.float32]]]:
    """SMILES and descriptors chunk by chunk: each molecule once, those of test parts left out."""
    seen = set(tests)
    for file in sorted((work / "molecules").glob("*.npz")):
        with np.load(file) as chunk:
            fresh = np.zeros(len(chunk["flat"]), dtype=bool)
            for i, name in enumerate(chunk["flat"].tolist()):
                fresh[i] = name not in seen
                seen.add(name)
            yield chunk["smiles"][fresh], chunk["descriptors"][fresh]


def main() -> None:
    folder = benchmark_files()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("work", type=Path)
    options.add_argument("--processes", type=int, default=2)
    asked = options.parse_args()
    place = asked.work / "molecules"
    place.mkdir(parents=True, exist_ok=True)
    texts = written(folder, asked.work)
    print(f"{len(texts)} structures as written", flush=True)
    chunks = [(place / f"{start:07d}.npz", texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
    with get_context("spawn").Pool(asked.processes) as pool:
        for done, file in enumerate(pool.imap_unordered(described, chunks), 1):
            print(f"{done}/{len(chunks)} {file.name}", flush=True)


if __name__ == "__main__":
    main()
