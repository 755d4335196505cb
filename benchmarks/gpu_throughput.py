"""What a GPU makes of it: parsing on the cores, the network on the device, and which of them the other waits for.

    PYTHONPATH=. python benchmarks/gpu_throughput.py [--smiles FILE] [--molecules 20000] [--device auto] [--out FILE.json]

Needs torch, torch-geometric, numpy and RDKit only; numba makes the graphs sooner where it is. FILE holds a SMILES a line;
without one some drugs are written in many ways, which costs as much to read as so many molecules. Where there is no GPU it
says so and measures the CPU; every record says on which device. The network is a D-MPNN of width 300 and depth 3 with a
hidden layer and one output, weights as they start: time does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import measure
import torch
from rdkit import Chem
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.nn import GINEConv, global_add_pool
from torch_geometric.utils import from_smiles

from molgen.chem.bulk import graph_mols
from molgen.features.graph import Graphs, graphs
from molgen.nn.batch import GraphBatch
from molgen.nn.dmpnn import DMPNN
from molgen.nn.gine import GINE

OUT = Path(__file__).parent / "results" / "gpu_throughput.json"
PACKAGES = ("torch", "torch-geometric", "rdkit", "numpy", "numba")
CHUNK = 1_000
WIDTH, DEPTH, LAYERS = 300, 3, 4
DRUGS = (
    "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1", "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1", "CC(C)Cc1ccc(cc1)C(C)C(=O)O",
    "N#CCC(C1CCCC1)n1cc(cn1)-c1ncnc2[nH]ccc12", "CS(=O)(=O)CCNCc1ccc(o1)-c1ccc2ncnc(Nc3ccc(OCc4cccc(F)c4)c(Cl)c3)c2c1",
    "Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(CN2CCN(C)CC2)cc1", "OC(=O)c1ccccc1OC(C)=O", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc12",
    "C[C@H](N)C(=O)N1CCC[C@H]1C(=O)O", "CC12CCC3C(CCC4=CC(=O)CCC34C)C1CCC2O", "O=C(O)c1cn(C2CC2)c2cc(N3CCNCC3)c(F)cc2c1=O",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--smiles", type=Path)
    options.add_argument("--molecules", type=int, default=20_000)
    options.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1")
    options.add_argument("--batches", type=int, nargs="+", default=[64, 256, 1024, 4096])
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--workers", type=int, default=0, help="processes that parse; 0 is as many as there are cores")
    options.add_argument("--out", type=Path, default=OUT)
    asked = options.parse_args()
    measure.quiet()
    there = torch.cuda.is_available()
    device = torch.device(("cuda" if there else "cpu") if asked.device == "auto" else asked.device)
    if device.type == "cpu":
        print("no GPU is asked for or there is none: what follows is of the CPU")
    texts = read(asked.smiles, asked.molecules) if asked.smiles else written_in_many_ways(asked.molecules)
    workers = asked.workers or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    found: dict[tuple[str, str, str], float] = {}
    for part in (
        core(texts),
        networks(texts, device, asked.batches, asked.repeats),
        pipeline(texts, device, max(asked.batches), workers),
        agreement(texts[:CHUNK], device),
    ):
        for key, value in part:
            found[key] = value
            print(f"{' '.join(key):<60} {value:12.6g}", flush=True)
    machine = measure.machine() | {"device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu", "workers": workers}
    records = [
        {
            "benchmark": "gpu_throughput", "task": task, "variant": device.type, "system": system, "metric": metric,
            "value": value, "sd": None, "repeats": asked.repeats, "molecules": len(texts), "command": "python benchmarks/gpu_throughput.py",
            "versions": measure.versions(PACKAGES), "machine": machine, "device": device.type,
        }
        for (task, system, metric), value in found.items()
    ]  # fmt: skip
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


Found = Iterator[tuple[tuple[str, str, str], float]]  # (task, system, metric), value


def core(texts: list[str]) -> Found:
    """One core: parsing, and parsing with graphs, in turns."""
    make_graphs(texts[:CHUNK])
    found = measure.against_parse(texts, make_graphs, chunk=CHUNK)
    yield ("featurize", "molgen", "molecules_per_cpu_second"), found["molecules_per_cpu_second"]
    yield ("featurize", "molgen", "over_parse"), found["over_parse"]
    yield ("featurize", "rdkit-parse", "molecules_per_cpu_second"), 1e6 / found["parse_us"]
    some = texts[:CHUNK]
    clock = measure.Clock()
    with clock:
        Batch.from_data_list([from_smiles(text) for text in some])
    yield ("featurize", "pyg", "molecules_per_cpu_second"), len(some) / clock.cpu


def networks(texts: list[str], device: torch.device, sizes: list[int], repeats: int) -> Found:
    """The forward pass with the way to the device and back: molgen's encoders, and PyG's layers on PyG's own batches."""
    many = make_graphs(texts)
    for name, encoder in (("dmpnn", DMPNN(width=WIDTH, depth=DEPTH)), ("gine", GINE(width=WIDTH, depth=LAYERS))):
        network = with_head(encoder).to(device)
        for size in sizes:
            parts = [GraphBatch.of(many.take(range(start, min(start + size, len(many))))) for start in range(0, len(many), size)]
            for precision in precisions(device):
                rate = len(many) / fastest(lambda p=precision, n=network, b=parts: through(n, b, device, p), repeats, device)
                yield ("forward", f"molgen-{name}", f"{precision}_batch_{size}_molecules_per_second"), rate
    plain = PlainGINE().eval().to(device)
    records = [from_smiles(text) for text in texts[: max(sizes)]]
    for size in sizes:
        batches = [Batch.from_data_list(records[start : start + size]) for start in range(0, len(records), size)]
        for precision in precisions(device):
            rate = len(records) / fastest(lambda p=precision, b=batches: through(plain, b, device, p), repeats, device)
            yield ("forward", "pyg-gine", f"{precision}_batch_{size}_molecules_per_second"), rate


def pipeline(texts: list[str], device: torch.device, size: int, workers: int) -> Found:
    """All cores make graphs, this process feeds the device: the rate, what the cores could parse, and the device's share of the time."""
    network = with_head(DMPNN(width=WIDTH, depth=DEPTH)).to(device)
    chunks = list(measure.chunks(texts, CHUNK))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(ready, range(4 * workers)))
        start = time.perf_counter()
        list(pool.map(count_parsed, chunks))
        parsing = time.perf_counter() - start
        busy, start = 0.0, time.perf_counter()
        waiting: list[GraphBatch] = []
        for number, made in enumerate(pool.map(make_graphs, chunks), start=1):
            waiting.append(GraphBatch.of(made))
            if len(waiting) * CHUNK >= size or number == len(chunks):
                begin = time.perf_counter()
                through(network, waiting, device, "fp32")
                synchronize(device)
                busy, waiting = busy + time.perf_counter() - begin, []
        whole = time.perf_counter() - start
    yield ("pipeline", "molgen", "molecules_per_second"), len(texts) / whole
    yield ("pipeline", "molgen", "parsed_per_second"), len(texts) / parsing
    yield ("pipeline", "molgen", "rate_over_parsing"), parsing / whole
    yield ("pipeline", "molgen", "network_share"), busy / whole


def agreement(texts: list[str], device: torch.device) -> Found:
    """The largest difference that the device makes to a prediction, in units of the output; and what half precision makes."""
    network, batch = with_head(DMPNN(width=WIDTH, depth=DEPTH)), GraphBatch.of(make_graphs(texts))
    (here,) = through(network, [batch], torch.device("cpu"), "fp32")
    network = network.to(device)
    for precision in ("fp32", "bf16"):
        (there,) = through(network, [batch], device, precision)
        yield ("agreement", "molgen", f"{precision}_largest_difference"), float((here - there).abs().max())


class PlainGINE(nn.Module):
    """The network of `molgen.nn.gine` on PyG's own atoms and bonds, as its examples write it."""

    def __init__(self) -> None:
        super().__init__()
        self.atom, self.bond = nn.Linear(9, WIDTH), nn.Linear(3, WIDTH)
        self.rounds = nn.ModuleList(
            GINEConv(nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH)), train_eps=True)
            for _ in range(LAYERS)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(LAYERS))
        self.head = head()

    def forward(self, batch: Batch) -> Tensor:
        atoms, bonds = self.atom(batch.x.float()), self.bond(batch.edge_attr.float())
        for messages, norm in zip(self.rounds, self.norms):
            atoms = atoms + norm(messages(atoms, batch.edge_index, bonds)).relu()
        return self.head(global_add_pool(atoms, batch.batch, size=batch.num_graphs))


def precisions(device: torch.device) -> tuple[str, ...]:
    """What is worth timing: on a CPU half precision is several times slower than whole."""
    return ("fp32",) if device.type == "cpu" else ("fp32", "bf16")


def with_head(encoder: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(encoder, head()).eval()


def head() -> nn.Module:
    return nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))


def through(network: nn.Module, batches: Iterable[Any], device: torch.device, precision: str) -> list[Tensor]:
    half = torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()
    with torch.inference_mode(), half:
        return [network(batch.to(device)).float().cpu() for batch in batches]


def fastest(work: Callable[[], object], repeats: int, device: torch.device) -> float:
    """Seconds of the quickest of some runs, after one that does not count."""
    work()
    seconds = []
    for _ in range(repeats):
        synchronize(device)
        start = time.perf_counter()
        work()
        synchronize(device)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def make_graphs(texts: list[str]) -> Graphs:
    return graphs(graph_mols(texts), fresh=True)


def count_parsed(texts: list[str]) -> int:
    measure.parse(texts)
    return len(texts)


def ready(_: int) -> None:
    """A worker that has imported, and compiled, what it will need."""
    measure.quiet()
    torch.set_num_threads(1)
    make_graphs(written_in_many_ways(CHUNK))


def read(file: Path, most: int) -> list[str]:
    return measure.readable(file, most)


def written_in_many_ways(count: int) -> list[str]:
    """So many SMILES of the drugs above, each from another atom on."""
    mols, rng = [Chem.MolFromSmiles(text) for text in DRUGS], random.Random(0)
    starts = [(mol, rng.randrange(mol.GetNumAtoms())) for _ in range(-(-count // len(mols))) for mol in mols]
    return [Chem.MolToSmiles(mol, rootedAtAtom=atom, canonical=False) for mol, atom in starts[:count]]


if __name__ == "__main__":
    main()
