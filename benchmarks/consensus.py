"""What a model's word is worth beside likeness to the known actives: the screens of dude.py, on targets that are not among its twelve.

    python benchmarks/consensus.py [--targets drd4 ...]

Actives are molecules of a MoleculeACE target with 100 nM or better, at most 400, of which ten are known; they are to be found among 3,000
molecules measured on its other targets and 4,000 of ZINC. Some of the 3,000 may bind too, nobody has looked. The table has some of the
proteins and not others, so that one sees whether the model is worth more where it knows one.
Each target is a small file in results/parts/consensus, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from dude import KNOWN, opinions, sequences, together
from folder import benchmark_files
from kinases import pooled
from records import grouped, record

from molgen.base.files import write_json
from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.data.proteins import Proteins
from molgen.features.partner import view_of
from molgen.models.metrics import bedroc

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "consensus"
# By MoleculeACE's names; each with the accession, or the beginning of the sequence where BIOSNAP has it.
TARGETS = {
    "drd4": ("CHEMBL219_Ki", "MGNRSTADADGLLAGRGPAA"),
    "abl1": ("CHEMBL1862_Ki", "P00519"),
    "thrb": ("CHEMBL204_Ki", "MAHVRGLQLPGCLALAALCS"),
    "ppara": ("CHEMBL239_EC50", "MVDTESPLCPLSPLEAGDLE"),
    "hrh1": ("CHEMBL231_Ki", "MSLPNSSCLLEDKMCEGNKT"),
    "gsk3b": ("CHEMBL262_Ki", "P49841"),
    "gcr": ("CHEMBL2034_Ki", "MDSKESLTPGREENPSSVLA"),
    "oprd": ("CHEMBL236_Ki", "MEPAPSAGAELQPPLFANAS"),
}
AMONG_THE_TWELVE = "CHEMBL234_Ki"  # the D3 receptor
WORTHS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
_SEED, _POTENT, _ACTIVES, _MEASURED, _BOUGHT = 7, -2.0, 400, 3_000, 4_000  # log10 of 1/nM: 100 nM


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--targets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    asked = [target for target in options.parse_args().targets if not (PARTS / f"{target}.json").exists()]
    folder = benchmark_files()
    if asked:
        known, measured = pooled(folder), of_moleculeace(folder)
        proteins = sequences(folder, {target: told for target, (_, told) in TARGETS.items()})
        for target in asked:
            run(known, screen(folder, measured, target), target, proteins[target])
    combine()


def of_moleculeace(folder: Path) -> pd.DataFrame:
    """Its molecules: smiles, y (log10 of 1/nM) and target."""
    files = sorted((folder / "moleculeace").glob("*.csv.gz"))
    tables = {file.name.split(".")[0]: pd.read_csv(file) for file in files if not file.name.startswith(AMONG_THE_TWELVE)}
    return pd.concat([table[["smiles", "y"]].assign(target=name) for name, table in tables.items()], ignore_index=True)


def screen(folder: Path, measured: pd.DataFrame, target: str) -> Library:
    """Actives and others, told by the column active."""
    chance, own = np.random.default_rng(_SEED), measured["target"] == TARGETS[target][0]
    active = chance.permutation(measured.loc[own & (measured["y"] >= _POTENT), "smiles"].unique())[:_ACTIVES]
    elsewhere = measured.loc[~measured["smiles"].isin(measured.loc[own, "smiles"]), "smiles"].unique()
    bought = pd.read_csv(folder / "generation" / "zinc250k.csv.gz")["smiles"].str.strip().to_numpy()
    others = [*chance.permutation(elsewhere)[:_MEASURED], *chance.permutation(bought)[:_BOUGHT]]
    return Library.from_frame(pd.DataFrame({"smiles": [*active, *others], "active": [1] * len(active) + [0] * len(others)}))


def run(known: Library, library: Library, target: str, sequence: str) -> None:
    """BEDROC of likeness, of the model and of both, by what the model is taken to be worth."""
    began, good = time.perf_counter(), library.ok
    active = (library.rows.columns["active"] == 1).to_numpy() & good
    given = np.random.default_rng(_SEED).permutation(np.flatnonzero(active))[:KNOWN]
    wanted = active[np.setdiff1d(np.flatnonzero(good), given)]
    both, near = opinions(known, library, active, given, sequence, target, _SEED), nearness(known, sequence)
    found = {f"worth {worth:g}": bedroc(together(both, worth), wanted) for worth in WORTHS}
    found |= {"nearness": near, "worth its nearness": bedroc(together(both, near), wanted), "model": bedroc(both["model"], wanted)}
    told: dict[str, Any] = {"task": target, "seed": _SEED, "found": found, "seconds": time.perf_counter() - began}
    write_json(PARTS / f"{target}.json", told)
    print(target, {name: round(value, 3) for name, value in found.items()}, round(told["seconds"]), flush=True)


def nearness(known: Library, sequence: str) -> float:
    """How like the protein is to the nearest of the table, in [0, 1], by alignment."""
    partners = partners_of(known)
    view = view_of(partners, np.unique(partners.of_row))
    return float(view.closeness(Partners(Proteins.of([sequence]), np.zeros(1, dtype=np.int64))).max())


def combine() -> None:
    """All parts as records."""
    records = []
    for (task,), runs in grouped(PARTS, "task").items():
        for system, value in runs[0]["found"].items():
            metric = "nearness" if system == "nearness" else "bedroc"
            records.append(record("consensus", metric, [value], runs, task=task, variant="excluded", system=system))
    write_json(RESULTS / "consensus.json", records)


if __name__ == "__main__":
    main()
