"""One query after another against a million fingerprints of 2,048 bits: molgen's kernels, FPSim2's, RDKit's, and reading the memory.

    PYTHONPATH=benchmarks python benchmarks/own/similarity.py --system molgen --bits FILE.npy --out FILE.json
    PYTHONPATH=benchmarks python benchmarks/own/similarity.py --make FILE.npy FILE.smi

Rates are references over CPU time a query, whether or not a system had to look at all of them. Queries are asked one by one,
but by `molgen-batch`, which is given them together. RDKit only works all similarities out: choosing among them is not counted.
`memory` reads every bit once, the floor of an exhaustive search. FPSim2 has a database of its own beside the bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import measure
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

PACKAGES = ("molgen", "FPSim2", "rdkit", "numba", "numpy")
QUERIES = 32
SEARCHES = ("top_10", "above_0.7", "above_0.01")

Bits = NDArray[np.uint8]  # [molecules, 256]
Search = Callable[[str, Bits], int]  # name of the search, queries -> how many were found


def molgen(bits: Bits, file: Path) -> Search:
    from molgen.features import bits as kernels

    known = kernels.Bits(bits)

    def search(name: str, queries: Bits) -> int:
        if name == "top_10":
            return sum(len(of_query.row) for of_query in kernels.top(queries, known, 10))
        return sum(len(of_query.row) for of_query in kernels.above(queries, known, float(name.removeprefix("above_"))))

    return search


def fpsim2(bits: Bits, file: Path) -> Search:
    from FPSim2 import FPSim2Engine

    engine = FPSim2Engine(str(file.with_suffix(".h5")))

    def search(name: str, queries: Bits) -> int:
        asked = [_vector(query) for query in queries]
        if name == "top_10":
            return sum(len(engine.top_k(query, k=10, threshold=0.0)) for query in asked)
        return sum(len(engine.similarity(query, float(name.removeprefix("above_")))) for query in asked)

    return search


def rdkit(bits: Bits, file: Path) -> Search:
    known = [_vector(row) for row in bits]

    def search(name: str, queries: Bits) -> int:
        return sum(len(DataStructs.BulkTanimotoSimilarity(_vector(query), known)) for query in queries)

    return search


def memory(bits: Bits, file: Path) -> Search:
    words = bits.view(np.uint64).ravel()
    return lambda name, queries: sum(int(np.bitwise_or.reduce(words) != 0) for _ in queries)


SYSTEMS = {"molgen": molgen, "molgen-batch": molgen, "fpsim2": fpsim2, "rdkit": rdkit, "memory": memory}


def _vector(row: Bits) -> DataStructs.ExplicitBitVect:
    return DataStructs.CreateFromFPSText(row_hex(row))


def row_hex(row: Bits) -> str:
    """The FPS text of packed bits: there the first bit of a byte is its lowest, in numpy.packbits its highest."""
    return np.packbits(np.unpackbits(row), bitorder="little").tobytes().hex()


def measured(system: str, file: Path) -> dict[str, float]:
    bits = np.load(file)
    search = SYSTEMS[system](bits, file)
    chosen = np.random.default_rng(0).choice(len(bits), QUERIES, replace=False)
    queries = [bits[chosen]] if system == "molgen-batch" else [bits[i : i + 1] for i in chosen]
    found: dict[str, float] = {}
    for name in SEARCHES:
        search(name, queries[0])  # compiling, tables
        clock, hits = measure.Clock(), 0
        for query in queries:
            with clock:
                hits += search(name, query)
        found[f"{name}_million_per_cpu_second"] = len(bits) * QUERIES / clock.cpu / 1e6
        found[f"{name}_found"] = hits
    return found


def make(file: Path, smiles: Path) -> None:
    """The packed ECFP4 bits of the SMILES, and FPSim2's database of the same molecules where FPSim2 is there."""
    generator = GetMorganGenerator(radius=2, fpSize=2048)
    texts = measure.readable(smiles, None)
    packed = np.zeros((len(texts), 256), dtype=np.uint8)
    for row, text in zip(packed, texts):
        row[:] = np.packbits(generator.GetFingerprintAsNumPy(Chem.MolFromSmiles(text)))
    np.save(file, packed)
    try:
        from FPSim2.io import create_db_file
    except ImportError:
        return
    listed = [[text, number] for number, text in enumerate(texts)]
    create_db_file(listed, str(file.with_suffix(".h5")), mol_format="smiles", fp_type="Morgan", fp_params={"radius": 2, "fpSize": 2048})


def main() -> None:
    options = measure.command_line(__doc__)
    options.add_argument("--system", required=True, choices=list(SYSTEMS))
    options.add_argument("--bits", type=Path, required=True)
    asked = options.parse_args()
    rows = len(np.load(asked.bits, mmap_mode="r"))
    measure.write(asked.out, molecules=rows, packages=PACKAGES, metrics=measured(asked.system, asked.bits))


if __name__ == "__main__":
    measure.quiet()
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
