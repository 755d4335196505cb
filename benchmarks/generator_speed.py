"""How fast generators breed and propose, on one core: alone, with the guard of precedents, and as shipped, with structural alerts too.

    python benchmarks/generator_speed.py [--turns 3]

All start from the same thousand lead-like molecules and are told random scores, so that their populations move; scoring costs nothing
here. `children` are molecules that edits lead to, whether new or not, of pairs drawn by chance from a population of the usual size; all
others are proposals, each new.
CPU-seconds, by turns, medians; the first rounds, in which parents are read for the first time, count as well.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rdkit.rdBase import BlockLogs
from records import grouped, record

from molgen.base.files import write_json
from molgen.data.catalogue import load_rows
from molgen.generate.base import GENERATORS
from molgen.generate.breeding import Breeder

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "generator_speed"
_BARE: dict[str, Any] = {"guard": False, "alerts": lambda mol: ()}
SYSTEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "bare": ("genetic", _BARE),
    "guarded": ("genetic", {"alerts": lambda mol: ()}),
    "genetic": ("genetic", {}),
    "language": ("language", {"learn": False}),
}
_SEEDS, _ROUNDS, _ASKED, _POPULATION = 1_000, 10, 200, 200


def rate(system: str, turn: int) -> float:
    """Children or proposals a CPU-second."""
    seeds, rng = list(load_rows("moses_sample").raw[:_SEEDS]), np.random.default_rng(turn)
    if system == "children":
        return _children(Breeder(seeds=seeds, **_BARE), rng.permutation(seeds)[:_POPULATION].tolist(), rng)
    name, options = SYSTEMS[system]
    source = GENERATORS.build(name, {"seeds": seeds, **options})
    made, seconds = 0, 0.0
    for _ in range(_ROUNDS):
        began = time.process_time()
        asked = source.ask(_ASKED, rng)
        seconds += time.process_time() - began
        made += len(asked)
        source.tell([one.smiles for one in asked], rng.random(len(asked)))
    return made / seconds


def _children(breeder: Breeder, population: list[str], rng: np.random.Generator) -> float:
    made, began = 0, time.process_time()
    with BlockLogs():
        for _ in range(_ROUNDS * _ASKED):
            parent, mate = rng.integers(len(population), size=2).tolist()
            made += breeder.child(population[parent], population[mate], rng, lambda _: False) is not None
    return made / (time.process_time() - began)


def main(turns: int) -> None:
    import torch

    torch.set_num_threads(1)
    rates: dict[str, list[float]] = {system: [] for system in ("children", *SYSTEMS)}
    for turn in range(turns):
        for system in rates:
            rates[system].append(rate(system, turn))
            print(f"{system}: {rates[system][-1]:.0f} a CPU-second", flush=True)
    for system, found in rates.items():
        about = {"task": "proposals", "variant": "cpu", "system": system, "seed": 0, "command": "python benchmarks/generator_speed.py"}
        write_json(PARTS / f"{system}.json", about | {"rates": found})
    combine()


def combine() -> None:
    """Medians over the turns."""
    records = []
    for (task, variant, system), parts in grouped(PARTS, "task", "variant", "system").items():
        values = [median(part["rates"]) for part in parts]
        records.append(record("generator_speed", "per_cpu_second", values, parts, task=task, variant=variant, system=system))
    write_json(RESULTS / "generator_speed.json", records)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=3)
    main(parser.parse_args().turns)
