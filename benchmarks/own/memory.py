"""The most memory a screen takes, its workers with it, for a library of so many rows.

    PYTHONPATH=benchmarks python benchmarks/own/memory.py --library FILE --rows 1000000 --objective o.toml --work FOLDER --out OUT

The library is FILE, which `molgen prepare` wrote, over and over: each copy's molecules have ids and keys of their own, so that
none is a duplicate and all have to be remembered. Resident memory of the command and of all its children is added up
four times a second; pages that they share count for each.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import measure
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGES = ("molgen", "rdkit", "pyarrow", "numpy")
OWN = ("molgen_id", "molgen_inchikey")  # columns in which no two rows of the library are alike
MIB = 2**20


def grown(prepared: Path, rows: int, folder: Path) -> Path:
    """The prepared library as often as it takes to have so many rows."""
    made = folder / f"library-{rows}.parquet"
    if made.exists():
        return made
    table = pq.read_table(prepared)
    table = table.filter(pc.not_equal(table["molgen_smiles"], ""))
    draft = made.with_suffix(".partial")
    with pq.ParquetWriter(draft, table.schema) as writer:
        for copy in range(-(-rows // len(table))):
            part = table.slice(0, min(len(table), rows - copy * len(table)))
            for name in OWN:
                place = part.schema.get_field_index(name)
                said = pc.binary_join_element_wise(part[name].cast(pa.string()), pa.scalar(str(copy)), "-")
                part = part.set_column(place, part.schema.field(place), said.cast(part.schema.field(place).type))
            writer.write_table(part, row_group_size=10_000)
    draft.replace(made)
    return made


def watched(command: list[str]) -> dict[str, float]:
    """The command run to its end, under observation."""
    start = time.monotonic()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL)
    peak = {"tree": 0.0, "parent": 0.0, "largest_worker": 0.0}
    while process.poll() is None:
        own, others = resident(process), [resident(child) for child in children(process)]
        now = {"tree": own + sum(others), "parent": own, "largest_worker": max(others, default=0.0)}
        peak = {name: max(peak[name], value) for name, value in now.items()}
        time.sleep(0.25)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[1:])} ended with {process.returncode}")
    return {**{f"peak_{name}_mib": value for name, value in peak.items()}, "wall_s": time.monotonic() - start}


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def resident(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / MIB
    except psutil.NoSuchProcess:
        return 0.0


def main() -> None:
    options = measure.command_line(__doc__)
    options.add_argument("--library", type=Path, required=True)
    options.add_argument("--rows", type=int, required=True)
    options.add_argument("--objective", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True, help="folder for the library and the run")
    options.add_argument("--workers", type=int, default=2)
    asked = options.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    rows = grown(asked.library, asked.rows, asked.work)
    run = asked.work / f"run-{asked.rows}"
    shutil.rmtree(run, ignore_errors=True)
    command = [
        sys.executable, "-m", "molgen", "screen", str(rows), "--objective", str(asked.objective), "--out", str(run), "--quiet",
        "--executor", "pool", "--workers", str(asked.workers),
    ]  # fmt: skip
    found = watched(command)
    kept = sum(file.stat().st_size for file in (run / "scores").glob("*.parquet"))
    found |= {
        "rows_per_second": asked.rows / found["wall_s"],
        "library_bytes_per_row": rows.stat().st_size / asked.rows,
        "scores_bytes_per_row": kept / asked.rows,
    }
    shutil.rmtree(run)
    measure.write(asked.out, molecules=asked.rows, packages=PACKAGES, metrics=found)


if __name__ == "__main__":
    main()
