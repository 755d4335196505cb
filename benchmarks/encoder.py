"""The encoder that networks of molgen may begin from: taught to foretell descriptors and fragments from the graph.

    python benchmarks/encoder_molecules.py WORK               # first
    python benchmarks/encoder.py WORK --gather                # WORK/encoder.npz
    python benchmarks/encoder.py WORK [--device cuda]         # WORK/dmpnn-200.safetensors, minutes on a GPU, and what it foretells

As CheMeleon (Burns et al., arXiv 2506.15792) with RDKit's descriptors for Mordred's, and the presence of circular fragments beside them.
Descriptors that hardly vary are left out, and none counts as more than six standard deviations from its mean. A hundredth of the
molecules is held back, to say how much of a descriptor's variance is foretold.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from encoder_molecules import DESCRIPTORS, gathered, tested
from folder import benchmark_files
from numpy.typing import NDArray
from records import grouped, record

from molgen.base.files import write_json

_FAR = 6.0  # standard deviations
_STEPS = 127 / _FAR  # a standard deviation in a byte
_UNKNOWN = -128
_FRAGMENTS = 1024
_COMMON = 0.99  # share of molecules with one and the same value, past which a descriptor says too little
_HELD_BACK = 0.01
_SEED = 1
RESULTS = Path(__file__).parent / "results"
PARTS = RESULTS / "parts" / "encoder"


def gather(work: Path, folder: Path) -> None:
    """All molecules in one file, their descriptors in standard deviations, a byte each."""
    parts = list(gathered(work, tested(folder)))
    smiles, values = np.concatenate([names for names, _ in parts]), np.concatenate([rows for _, rows in parts])
    values[~np.isfinite(values)] = np.nan
    names, columns = [], []
    for (name, _), column in zip(DESCRIPTORS, values.T):
        _, count = np.unique(column, return_counts=True)
        if count.max() > _COMMON * len(column):
            continue
        low, high = np.nanpercentile(column, [0.5, 99.5])
        usual = column[(column >= low) & (column <= high)].astype(np.float64)
        if usual.std() == 0:
            continue
        deviations = np.clip((column - usual.mean()) / usual.std(), -_FAR, _FAR) * _STEPS
        columns.append(np.where(np.isnan(column), _UNKNOWN, np.round(deviations)).astype(np.int8))
        names.append(name)
    np.savez_compressed(work / "encoder.npz", smiles=np.array("\n".join(smiles)), names=np.array(names), descriptors=np.stack(columns))
    print(f"{len(smiles)} molecules, {len(names)} descriptors", flush=True)


def fragments(smiles: list[str]) -> NDArray[np.bool_]:
    """[molecules, fragments], circular fragments of diameter four that are there, hashed."""
    from rdkit import Chem

    from molgen.features.fingerprint import Fingerprint

    found = Fingerprint(kind="ecfp4", size=_FRAGMENTS)([Chem.MolFromSmiles(one) for one in smiles])
    return np.asarray(found > 0)


def in_chunks(smiles: list[str], processes: int) -> NDArray[np.bool_]:
    """`fragments` on several cores."""
    from multiprocessing import get_context

    size = 5_000
    with get_context("spawn").Pool(processes) as pool:
        return np.concatenate(pool.map(fragments, [smiles[i : i + size] for i in range(0, len(smiles), size)]))


def teach(work: Path, *, width: int, depth: int, epochs: int, batch: int, rows: int | None, device: str, processes: int) -> None:
    """The encoder in its file beside a record of how it went."""
    from molgen.chem.bulk import graph_mols
    from molgen.features.graph import graphs
    from molgen.nn.fit import NetworkSettings, fit_network
    from molgen.nn.taught import write_encoder

    with np.load(work / "encoder.npz") as data:
        smiles = str(data["smiles"]).split("\n")[:rows]
        names, bytes_of = data["names"], data["descriptors"].T[:rows]
    descriptors = np.where(bytes_of == _UNKNOWN, np.nan, bytes_of / np.float32(_STEPS))
    began = time.perf_counter()
    targets = np.concatenate([descriptors, in_chunks(smiles, processes)], axis=1)
    many = graphs(graph_mols(smiles))
    print(f"features of {len(smiles)} molecules in {time.perf_counter() - began:.0f} s", flush=True)
    settings = NetworkSettings(
        width=width,
        dropout=0.0,
        encoder_options={"readout": "sum", "depth": depth},
        head_width=1024,
        epochs=epochs,
        batch_size=batch,
        weight_decay=1e-4,
        learning_rate=1e-3,
    )
    held = np.random.default_rng(0).random(len(smiles)) < _HELD_BACK
    wanted = np.where(held[:, None], np.nan, targets)
    began = time.perf_counter()

    def told(done: int, every: int, loss: float) -> None:
        print(f"epoch {done} of {every}: loss {loss:.4f}, {time.perf_counter() - began:.0f} s", flush=True)

    kinds = ("regression",) * len(names) + ("classification",) * _FRAGMENTS
    fitted = fit_network(settings, many, None, wanted, kinds=kinds, seed=_SEED, device=device, progress=told)
    write_encoder(work / f"dmpnn-{width}.safetensors", fitted)
    said = fitted.predict(many.take(np.flatnonzero(held)), device=device)[:, : len(names)]
    truth = descriptors[held]
    explained = 1 - np.nanmean((said - truth) ** 2, axis=0) / np.nanvar(truth, axis=0)
    found = {"r2_median": float(np.median(explained)), "r2_worst_tenth": float(np.quantile(explained, 0.1))}
    found |= {"molecules": len(smiles), "descriptors": len(names), "epochs": epochs, "seconds": time.perf_counter() - began}
    command = f"python benchmarks/encoder.py WORK --width {width} --depth {depth} --epochs {epochs}"
    about = {"task": "descriptors", "system": f"dmpnn-{width}", "seed": _SEED, "command": command}
    write_json(PARTS / f"dmpnn-{width}.json", about | {"found": found})
    print(found, sorted(zip(explained.round(3).tolist(), names.tolist()))[:12], flush=True)
    combine()


def combine() -> None:
    """What was found of each encoder, as flat records."""
    records = [
        record("encoder", metric, [value], runs, task=task, variant="held back molecules", system=system)
        for (task, system), runs in grouped(PARTS, "task", "system").items()
        for metric, value in runs[0]["found"].items()
    ]
    write_json(RESULTS / "encoder.json", records)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("work", type=Path)
    options.add_argument("--gather", action="store_true")
    options.add_argument("--width", type=int, default=200)
    options.add_argument("--depth", type=int, default=4)
    options.add_argument("--epochs", type=int, default=12)
    options.add_argument("--batch", type=int, default=256)
    options.add_argument("--rows", type=int, help="no more molecules than these")
    options.add_argument("--device", default="auto")
    options.add_argument("--processes", type=int, default=2)
    asked = vars(options.parse_args())
    if asked.pop("gather"):
        folder = benchmark_files()
        gather(asked["work"], folder)
        return
    teach(asked.pop("work"), **asked)


if __name__ == "__main__":
    main()
