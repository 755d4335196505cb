"""What pairs cost: scored from encoded tables, and a screen against one protein beside a prediction of molecules alone.

    OMP_NUM_THREADS=1 python benchmarks/pair_speed.py [--repeats 3] [--ligands 1000000] [--molecules 2000]

One core and one numeric thread. `tables`: so many ligands with 100 proteins, both encoded already; weights are random, which costs what
trained ones cost. `screen`: MOSES molecules, from SMILES to a table, by a process over KIBA's pairs bound to one protein, and in
alternation by a kernel on the same molecules alone, which has learned each one's mean. `training`: seconds of the parts of dti.json.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measure
import numpy as np
import pandas as pd
import torch
from affinity import read_pairs
from folder import benchmark_files
from records import record

from molgen.base.files import write_json
from molgen.data.catalogue import load_rows
from molgen.data.library import Library
from molgen.data.partners import partners_of
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from molgen.nn.pairs import PairNetwork, PairSettings, Tables

RESULTS = Path(__file__).parent / "results"
PROTEINS, KNOWN, AT_ONCE, CHUNK = 100, 3_000, 2_048, 250


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--ligands", type=int, default=1_000_000)
    options.add_argument("--molecules", type=int, default=2_000)
    asked = options.parse_args()
    torch.set_num_threads(1)
    records = []
    for name, rate in {"network": network_rate, "kernel": kernel_rate}.items():
        rates = [rate(asked.ligands) for _ in range(asked.repeats)]
        records.append(made("pairs_per_core_second", rates, name, "tables"))
        print(name, rates, flush=True)
    texts = [text for text in load_rows("moses_sample").raw if text][: CHUNK + asked.molecules]
    pairs, alone = models()
    for one in (pairs, alone):
        one.predict(Library.of(texts[:CHUNK])).to_frame()  # compiled code is loaded here
    runs = [(cost(pairs, texts[CHUNK:]), cost(alone, texts[CHUNK:])) for _ in range(asked.repeats)]
    records.append(made("molecules_per_cpu_second", [one for one, _ in runs], "pairs, one protein", "screen"))
    records.append(made("molecules_per_cpu_second", [other for _, other in runs], "molecules alone", "screen"))
    records.append(made("over_molecules_alone", [other / one for one, other in runs], "pairs, one protein", "screen"))
    print(runs)
    write_json(RESULTS / "pair_speed.json", records)


def network_rate(ligands: int) -> float:
    """Pairs a second by the distances of the plain network."""
    settings = PairSettings()
    model = PairNetwork(settings, ligand=1, partner=1).eval()
    torch.nn.init.normal_(model.weights)
    rank = settings.rank
    one, other = (Tables(torch.randn(many), torch.randn(many, rank), torch.randn(many, rank)) for many in (AT_ONCE, PROTEINS))

    def block() -> None:
        with torch.inference_mode():
            model.all_pairs(one, other)

    return _rate(block, ligands)


def kernel_rate(ligands: int) -> float:
    """Pairs a second by the product of how far a ligand goes together with the known ones, and what those say of each protein."""
    rng = np.random.default_rng(0)
    near, pull = (rng.random(size, dtype=np.float32) for size in ((AT_ONCE, KNOWN), (KNOWN, PROTEINS)))
    return _rate(lambda: near @ pull, ligands)


def _rate(block: Callable[[], object], ligands: int) -> float:
    """Pairs a CPU-second, if a call does a block of ligands with all proteins."""
    blocks, began = max(1, ligands // AT_ONCE), time.process_time()
    for _ in range(blocks):
        block()
    return blocks * AT_ONCE * PROTEINS / (time.process_time() - began)


def models() -> tuple[Predictor, Predictor]:
    """A process over KIBA bound to its first protein, and a kernel of the same molecules."""
    folder = benchmark_files()
    library = read_pairs(folder, "kiba")
    recipe = RecipeConfig(predictor="pair_kernel", options={"sought_on": 50}, folds=2, fold_method="scaffold")
    pairs = train(library, "affinity", recipe=recipe, split="none")
    mean = pd.DataFrame({"i": library.molecule_of_row, "affinity": library.rows.columns["affinity"]}).groupby("i")["affinity"].mean()
    molecules = [library.molecules.smiles[i] for i in mean.index]
    table = Library.from_frame(pd.DataFrame({"smiles": molecules, "affinity": mean.to_numpy()}))
    alone = train(table, "affinity", recipe=RecipeConfig(predictor="kernel", folds=2, fold_method="scaffold"), split="none")
    return pairs.against(partners_of(library).each.take([0])), alone


def cost(predictor: Predictor, texts: list[str]) -> float:
    """Molecules a CPU-second."""
    told = measure.against_parse(texts, lambda some: predictor.predict(Library.of(some)).to_frame(), chunk=CHUNK)
    return told["molecules_per_cpu_second"]


def made(metric: str, values: list[float], system: str, task: str) -> dict[str, Any]:
    runs = [{"seed": repeat} for repeat in range(len(values))]
    return record("pair_speed", metric, values, runs, task=task, variant="one core", system=system)


if __name__ == "__main__":
    main()
