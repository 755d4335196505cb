"""Time by the process's own clock: what every script of the throughput benchmark shares.

Standard library and RDKit only, because the scripts under rivals/ run it in environments that hold nothing of molgen.
CPU seconds are user and system time of the process; a machine that does other things too disturbs them least.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

Work = Callable[[list[str]], object]  # a chunk of SMILES to whatever the system makes of it
Prepare = Callable[[argparse.Namespace], Work]


@dataclass
class Clock:
    """CPU and wall seconds that pass inside its `with` blocks, added up."""

    cpu: float = 0.0
    wall: float = 0.0

    def __enter__(self) -> Clock:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu += time.process_time() - self._cpu
        self.wall += time.perf_counter() - self._wall


def against_parse(texts: Sequence[str], work: Work, *, chunk: int) -> dict[str, float]:
    """What the work costs a molecule, and in multiples of RDKit's parsing of the same molecules in the same process.

    The two take turns, chunk by chunk, and change who goes first: what slows the machine for a while slows both.
    """
    ours, floor = Clock(), Clock()
    for turn, start in enumerate(range(0, len(texts), chunk)):
        some = list(texts[start : start + chunk])
        for parsing in (True, False) if turn % 2 else (False, True):
            with floor if parsing else ours:
                (parse if parsing else work)(some)
    return {**per_molecule(ours, len(texts)), "parse_us": 1e6 * floor.cpu / len(texts), "over_parse": ours.cpu / floor.cpu}


def per_molecule(clock: Clock, molecules: int) -> dict[str, float]:
    """The clock's seconds as rates."""
    return {
        "cpu_us_per_molecule": 1e6 * clock.cpu / molecules,
        "molecules_per_cpu_second": molecules / clock.cpu,
        "molecules_per_second": molecules / clock.wall,
    }


def parse(texts: Iterable[str]) -> None:
    """The floor: RDKit reads each SMILES, and lets go of the molecule."""
    from rdkit.Chem import MolFromSmiles

    for text in texts:
        MolFromSmiles(text)


def side_by_side(prepare: Prepare, asked: argparse.Namespace, texts: Sequence[str]) -> dict[str, float]:
    """All processes at the same work, begun together: how many molecules a second of the wall's clock they do."""
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(asked.processes), spawn.SimpleQueue()
    crew = [spawn.Process(target=_one, args=(prepare, asked, list(texts), barrier, answers)) for _ in range(asked.processes)]
    for process in crew:
        process.start()
    while any(process.exitcode is None for process in crew) and not any(process.exitcode for process in crew):
        time.sleep(0.05)
    if any(process.exitcode for process in crew):  # the others would wait for it for ever
        for process in crew:
            process.kill()
        raise SystemExit("one of the processes failed")
    spans = [answers.get() for _ in crew]
    wall = max(end for _, end in spans) - min(start for start, _ in spans)
    return {"molecules_per_second": len(texts) * len(crew) / wall}


def _one(prepare: Prepare, asked: argparse.Namespace, texts: list[str], barrier: Any, answers: Any) -> None:
    quiet()
    work = prepare(asked)
    work(texts[: asked.chunk])
    barrier.wait()
    start = time.monotonic()  # one clock for all processes of a machine
    for chunk in chunks(texts, asked.chunk):
        work(chunk)
    answers.put((start, time.monotonic()))


def chunks(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    return (list(texts[start : start + size]) for start in range(0, len(texts), size))


def main(about: str | None, systems: dict[str, Prepare], packages: Sequence[str]) -> None:
    """The command line of a script whose systems turn chunks of SMILES into something."""
    options = command_line(about)
    options.add_argument("--system", required=True, choices=list(systems))
    options.add_argument("--smiles", type=Path, required=True, help="a SMILES a line")
    options.add_argument("--molecules", type=int, help="the first so many; all when not given")
    options.add_argument("--chunk", type=int, default=1024, help="SMILES handed over at a time")
    options.add_argument("--batch", type=int, default=64, help="molecules in a batch, where a system has such")
    options.add_argument("--processes", type=int, default=0, help="so many at once, by the wall's clock; 0 is this one, by its own")
    options.add_argument("--model", type=Path, help="folder or file of a model")
    asked = options.parse_args()
    quiet()
    texts = readable(asked.smiles, asked.molecules)
    prepare = systems[asked.system]
    if asked.processes:
        found = side_by_side(prepare, asked, texts)
    else:
        work = prepare(asked)
        work(texts[: asked.chunk])  # compiling, first imports, tables of constants
        found = against_parse(texts, work, chunk=asked.chunk)
        found |= getattr(work, "found", dict)()
    write(asked.out, molecules=len(texts), packages=packages, metrics=found)


def command_line(about: str | None) -> argparse.ArgumentParser:
    """Options every script has."""
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, required=True, help="JSON file to write")
    return options


def readable(file: Path, most: int | None) -> list[str]:
    """The SMILES of a file that this environment's RDKit reads; some systems stop at the first that it does not."""
    from rdkit.Chem import MolFromSmiles

    texts = file.read_text(encoding="utf-8").split()
    good = (text for text in texts if MolFromSmiles(text) is not None)
    return [text for text, _ in zip(good, range(len(texts) if most is None else most))]


def quiet() -> None:
    """RDKit's log off: writing it is not what is measured."""
    from rdkit import RDLogger

    RDLogger.DisableLog("rdApp.*")


def write(out: Path, *, molecules: int, packages: Sequence[str], metrics: dict[str, float]) -> None:
    """The measurement as a file that is whole or absent."""
    found = {"molecules": molecules, "metrics": metrics, "versions": versions(packages)}
    draft = out.with_suffix(".partial")
    draft.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draft.replace(out)


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Python's version and those of the packages that are there."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, object]:
    """How many cores of which kind; nothing that tells one machine of the kind from another."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {"cores": os.cpu_count(), "cpu": models[0] if models else platform.machine()}
