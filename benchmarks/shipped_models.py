"""What the models that come with molgen cost a molecule, and what their cards say of them.

    OMP_NUM_THREADS=1 python benchmarks/shipped_models.py [--repeats 3] [--molecules 1000]

One core and one numeric thread; molecules are approved drugs (ChEMBL) and MOSES, both in the package. `everything` is what `molgen predict`
does with a chunk: standardised, keys, descriptors, all endpoints, intervals, domain, percentiles, a table. Beside it in
alternation: RDKit's parsing of the same SMILES, in the same process. Loading is timed by itself.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import measure
import torch
from records import record

from molgen.base.files import write_json
from molgen.data.catalogue import load_rows
from molgen.data.library import Library
from molgen.models.predictor import Predictor
from molgen.models.shipped import shipped

RESULTS = Path(__file__).parent / "results"
SETS = {"drugs": "chembl_drugs", "moses": "moses_sample"}
CHUNK = 250


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--molecules", type=int, default=1000)
    asked = options.parse_args()
    torch.set_num_threads(1)
    records = []
    for name, path in shipped().items():
        began = time.perf_counter()
        predictor = Predictor.load(name)
        predictor = predictor if predictor.pairs is None else predictor.against_named(["ABL1"])
        loading = time.perf_counter() - began
        records.append(made("load_s", [loading], name, "-"))
        records.append(made("megabytes", [path.stat().st_size / 1e6], name, "-"))
        for about, dataset in SETS.items():
            texts = [text for text in load_rows(dataset).raw if text][: CHUNK + asked.molecules]
            predictor.predict(Library.of(texts[:CHUNK])).to_frame()  # compiled code is loaded here
            runs = [cost(predictor, texts[CHUNK:]) for _ in range(asked.repeats)]
            for metric in ("molecules_per_cpu_second", "over_parse"):
                records.append(made(metric, [run[metric] for run in runs], name, about))
            print(name, about, runs, flush=True)
    write_json(RESULTS / "shipped_models.json", records)


def cost(predictor: Predictor, texts: list[str]) -> dict[str, float]:
    return measure.against_parse(texts, lambda some: predictor.predict(Library.of(some)).to_frame(), chunk=CHUNK)


def made(metric: str, values: list[float], system: str, task: str) -> dict[str, Any]:
    runs = [{"seed": repeat} for repeat in range(len(values))]
    return record("shipped_models", metric, values, runs, task=task, variant="one core", system=system)


if __name__ == "__main__":
    main()
