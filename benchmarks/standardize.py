"""What standardising costs in multiples of RDKit's parsing, and whether the short way gives what ChEMBL's full chain gives.

    python benchmarks/standardize.py [--molecules 20000] [--check 110000] [--cache build/throughput] [--rivals PYTHON] [--moses FILE]

Cost: CPU seconds of one process. Each block of 500 molecules is timed for every system, in every fourth block for the slow
ones too, right after it was timed for `Chem.MolFromSmiles`; the value is the median of the blocks' ratios, `sd` is over the
blocks. MOSES is clean and written canonically; shuffled is the same written from random atoms on, so that every parent has to
be read back; the drugs hold salts, charges and metals. Equality: parent, key, changes, stage and reason, of `standardize_all`
and of `standardize_fully`, for molecules drawn from MOSES, ZINC, ChEMBL and the messier sets under MOLGEN_DATA. Every block is
a small file in results/parts/standardize, so that an interrupted run goes on where it stopped; results/standardize.json is put
together from them.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, stdev
from typing import Any

import molecules
from chembl_structure_pipeline import standardizer
from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize
from rdkit.rdBase import BlockLogs

from molgen.base.files import write_json
from molgen.chem.standardize import standardize_all, standardize_fully
from molgen.chem.untouched import is_untouched
from molgen.data.catalogue import benchmark_folder

RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "standardize"
BLOCK, CHECKED = 500, 2_000  # molecules timed, and compared, at a time
SHARES = {"moses": 0.4, "zinc250k": 0.2, "chembl": 0.2, "messy": 0.2}  # of the molecules compared
FILES = {"zinc250k": ("generation/zinc250k*",), "chembl": ("generation/chembl_reinvent*",)}
MESSY = ("tdc_admet/*", "tdc_extra/*", "moleculenet/*", "virtual_screening/dude*")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--molecules", type=int, default=20_000, help="MOSES molecules to time")
    options.add_argument("--check", type=int, default=110_000, help="molecules to compare with the full chain; 0 leaves that out")
    options.add_argument("--cache", type=Path, default=Path("build/throughput"))
    options.add_argument("--rivals", type=Path, help="interpreter of an environment with ADMET-AI, whose DrugBank table is read")
    options.add_argument("--moses", type=Path, help="the MOSES wheel or training table, where it is not in the cache")
    asked = options.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    for task, texts in tasks(asked).items():
        for start in range(0, len(texts), BLOCK):
            once(f"cost-{task}-{start}", task, partial(costs, texts[start : start + BLOCK], start // BLOCK))
    for source, share in SHARES.items() if asked.check else ():
        texts = drawn(source, round(share * asked.check), asked)
        for start in range(0, len(texts), CHECKED):
            once(f"check-{source}-{start}", source, partial(compared, texts[start : start + CHECKED]))
    combine()


def once(name: str, task: str, work: Callable[[], dict[str, Any]]) -> None:
    """The work's outcome as a file of that name, unless it is there."""
    file = PARTS / f"{name}.json"
    if not file.exists():
        write_json(file, {"task": task, **work()})


def tasks(asked: argparse.Namespace) -> dict[str, list[str]]:
    moses = molecules.moses(asked.cache, asked.molecules, asked.moses).read_text().split()
    name, file = molecules.drugs(asked.cache, asked.molecules, asked.rivals)
    read = map(Chem.MolFromSmiles, moses[: len(moses) // 4])
    shuffled = [Chem.MolToRandomSmilesVect(mol, 1, molecules.SEED)[0] for mol in read]
    return {"moses": moses, "moses-shuffled": shuffled, name: file.read_text().split()}


def costs(texts: list[str], turn: int) -> dict[str, Any]:
    """Each system's CPU time over that of parsing the same molecules just before; a different system goes first each turn."""
    names = [name for name in SYSTEMS if name not in SLOW or turn % 4 == 0]
    first = turn % len(names)
    return {"ratios": {name: ratio(SYSTEMS[name], texts) for name in (*names[first:], *names[:first])}}


def ratio(work: Callable[[list[str]], object], texts: list[str]) -> float:
    with BlockLogs():
        begin = time.process_time()
        parsed(texts)
        between = time.process_time()
        work(texts)
        return (time.process_time() - between) / (between - begin)


def parsed(texts: list[str]) -> object:
    return [Chem.MolFromSmiles(text) for text in texts]


def keyed(texts: list[str]) -> object:
    return [structure.inchikey for structure in standardize_all(texts)]


def every_rule(texts: list[str]) -> object:
    return [standardize_fully(text) for text in texts]


def chembl(texts: list[str]) -> object:
    return [_written(mol, lambda mol: standardizer.get_parent_mol(standardizer.standardize_mol(mol))[0]) for mol in _read(texts)]


def rdkit(texts: list[str]) -> object:
    largest, uncharger = rdMolStandardize.LargestFragmentChooser(), rdMolStandardize.Uncharger()
    return [_written(mol, lambda mol: uncharger.uncharge(largest.choose(rdMolStandardize.Cleanup(mol)))) for mol in _read(texts)]


def _read(texts: list[str]) -> list[Chem.Mol]:
    return [mol for mol in map(Chem.MolFromSmiles, texts) if mol is not None]


def _written(mol: Chem.Mol, work: Callable[[Chem.Mol], Chem.Mol]) -> str:
    try:
        return Chem.MolToSmiles(work(mol))
    except (ValueError, RuntimeError):  # a metal complex or so
        return ""


SYSTEMS: dict[str, Callable[[list[str]], object]] = {
    "parse": parsed,  # against itself: how much of a ratio is noise
    "molgen": standardize_all,
    "molgen with key": keyed,
    "molgen, every rule run": every_rule,
    "chembl_structure_pipeline": chembl,
    "rdkit cleanup, largest fragment, uncharge": rdkit,
}
SLOW = list(SYSTEMS)[3:]  # timed in every fourth block


def drawn(source: str, number: int, asked: argparse.Namespace) -> list[str]:
    """So many different texts of that source, drawn by a fixed seed."""
    if source == "moses":
        return molecules.moses(asked.cache, number, asked.moses).read_text().split()
    folder = benchmark_folder()
    if folder is None:
        raise SystemExit("no folder of benchmark data: name it by MOLGEN_DATA, or compare nothing with --check 0")
    texts: set[str] = set()
    for pattern in FILES.get(source, MESSY):
        for file in folder.glob(f"{pattern}.csv.gz"):
            with gzip.open(file, "rt") as opened:
                texts.update(row["smiles"] for row in csv.DictReader(opened) if "smiles" in row)
    every = sorted(texts)
    return random.Random(molecules.SEED).sample(every, min(number, len(every)))


def compared(texts: list[str]) -> dict[str, Any]:
    pairs = zip(texts, standardize_all(texts), map(standardize_fully, texts), strict=True)
    with BlockLogs():
        untouched = sum(is_untouched(mol, Chem.MolToSmiles(mol)) for mol in _read(texts))
    return {"molecules": len(texts), "untouched": untouched, "differing": [text for text, short, full in pairs if short != full]}


def combine() -> None:
    """All blocks as flat records, one a task, system and metric."""
    records = []
    cost: dict[tuple[str, str], list[float]] = {}
    check: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(PARTS.glob("*.json")):
        found = json.loads(file.read_text(encoding="utf-8"))
        for system, value in found.get("ratios", {}).items():
            cost.setdefault((found["task"], system), []).append(value)
        if "differing" in found:
            check.setdefault(found["task"], []).append(found)
    for (task, system), values in sorted(cost.items()):
        sd = stdev(values) if len(values) > 1 else None
        records.append(record(task, "CPU time", system, "over_parse", median(values), sd, len(values)))
    for task, blocks in sorted(check.items()):
        total = sum(block["molecules"] for block in blocks)
        counts = {"compared": total, "differing": sum(len(block["differing"]) for block in blocks)}
        counts["untouched"] = sum(block["untouched"] for block in blocks)
        records += [record(task, "short way against full chain", "molgen", metric, n, None, len(blocks)) for metric, n in counts.items()]
    write_json(RESULTS / "standardize.json", records)
    for one in records:
        print(f"{one['task']:16}{one['system']:44}{one['metric']:12}{one['value']:10.2f}  sd {one['sd'] or 0:.2f}")


def record(task: str, variant: str, system: str, metric: str, value: float, sd: float | None, blocks: int) -> dict[str, object]:
    about = {"benchmark": "standardize", "task": task, "variant": variant, "system": system, "metric": metric}
    return {**about, "value": value, "sd": sd, "repeats": blocks, "command": "python benchmarks/standardize.py"}


if __name__ == "__main__":
    main()
