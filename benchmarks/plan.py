"""What benchmarks/throughput.py measures: for each task its candidates, and what each of them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import molecules
from bench import Bench


@dataclass(frozen=True)
class Candidate:
    """One system at one task. `{out}` in its command is the file it writes its measurement to.

    A command that writes none is timed from outside, with its start and all its children; `{scratch}` is an empty folder.
    """

    task: str
    variant: str  # which molecules, and in how many processes where that is more than one
    system: str
    command: tuple[str, ...]
    molecules: int

    @property
    def outside(self) -> bool:
        return not any("{out}" in word for word in self.command)


def featurize(bench: Bench) -> Iterator[Candidate]:
    """SMILES to a batch of graphs, parsing part of it."""
    for name, file in bench.sets.items():
        for system, python, most in _featurizers(bench):
            folder = "own" if python == bench.own else "rivals"
            count = min(bench.molecules, most)
            words = ("--system", system, "--smiles", file, "--molecules", count)
            yield Candidate("featurize", name, system, bench.script(python, f"{folder}/featurize.py", *words), count)


def predict(bench: Bench) -> Iterator[Candidate]:
    """SMILES to predictions in one process: the network alone, then each system whole, by its own command line."""
    for name, file in bench.sets.items():
        count, size = bench.molecules, ("--molecules", bench.molecules)
        for system in ("network", "everything", "prepared"):
            words = ("--smiles", bench.prepared[name].with_suffix(".smi"), *size, "--model", bench.model, "--chunk", 1000)
            command = bench.script(bench.own, "own/predict.py", "--system", system, *words)
            yield Candidate("predict", name, f"molgen-{system}", command, count)
        if bench.rivals:
            for system in ("chemprop", "chemprop-cuik"):
                command = bench.script(bench.rivals, "rivals/predict.py", "--system", system, "--smiles", file, *size)
                yield Candidate("predict", name, system, command, count)
    yield Candidate("predict", "moses, command line", "molgen", _molgen_predict(bench, bench.moses), bench.molecules)
    if bench.rivals:
        table = bench.table(bench.moses, bench.molecules)
        for system, extra in (("chemprop", ()), ("chemprop-cuik", ("--use-cuikmolmaker-featurization",))):
            yield Candidate("predict", "moses, command line", system, _chemprop_predict(bench, table, *extra), bench.molecules)


def processes(bench: Bench) -> Iterator[Candidate]:
    """One process against two, each given as many molecules, by the wall's clock."""
    count = max(1, bench.molecules // 4)
    words = ("--smiles", bench.moses, "--molecules", count)
    for number in (1, bench.workers):
        many = ("--processes", number)
        command = bench.script(bench.own, "own/predict.py", "--system", "network", *words, *many, "--model", bench.model, "--chunk", 1000)
        yield Candidate("processes", f"moses, {number}", "molgen-network", command, count)
        if bench.rivals:
            command = bench.script(bench.rivals, "rivals/predict.py", "--system", "chemprop", *words, *many)
            yield Candidate("processes", f"moses, {number}", "chemprop", command, count)


def ensemble(bench: Bench) -> Iterator[Candidate]:
    """Five networks of all endpoints."""
    count = min(300, bench.molecules)
    for name, file in bench.sets.items():
        words = ("--smiles", file, "--molecules", count, "--chunk", count)
        yield Candidate("ensemble", name, "molgen", bench.script(bench.own, "own/ensemble.py", "--system", "molgen", *words), count)
        if bench.rivals:
            for system in ("admet-ai", "admet-ai-networks"):
                command = bench.script(bench.rivals, "rivals/ensemble.py", "--system", system, *words)
                yield Candidate("ensemble", name, system, command, count)


def train(bench: Bench) -> Iterator[Candidate]:
    """An epoch of the default network."""
    count = min(4_000, bench.molecules)
    words = ("--smiles", bench.moses, "--molecules", count)
    yield Candidate("train", "moses", "molgen", bench.script(bench.own, "own/train.py", *words), count)
    if bench.rivals:
        yield Candidate("train", "moses", "chemprop", bench.script(bench.rivals, "rivals/train.py", *words), count)


def start(bench: Bench) -> Iterator[Candidate]:
    """A command that predicts one molecule."""
    yield Candidate("start", "one molecule", "molgen", _molgen_predict(bench, bench.one), 1)
    if bench.rivals:
        yield Candidate("start", "one molecule", "chemprop", _chemprop_predict(bench, bench.table(bench.one, 1)), 1)


def similarity(bench: Bench) -> Iterator[Candidate]:
    """A query against very many fingerprints."""
    for system in ("molgen", "molgen-batch", "fpsim2", "rdkit", "memory"):
        command = bench.script(bench.own, "own/similarity.py", "--system", system, "--bits", bench.bits)
        yield Candidate("similarity", f"{bench.fingerprints} x 2048 bits", system, command, bench.fingerprints)


def screen(bench: Bench) -> Iterator[Candidate]:
    """The screen command: a library as it came and prepared, in this process and in workers; and of one molecule, which is its start."""
    for objective in ("similarity", "prediction"):
        command = ("screen", bench.one, "--objective", bench.objective(objective), "--out", "{scratch}/run", "--quiet")
        yield Candidate("screen", f"one molecule, {objective}", "molgen", bench.molgen(*command), 1)
        for kind, file in (("raw", bench.moses), ("prepared", bench.prepared["moses"])):
            for workers in (1, bench.workers):
                place = ("--executor", "pool", "--workers", workers) if workers > 1 else ("--executor", "serial")
                words = ("screen", file, "--objective", bench.objective(objective), "--out", "{scratch}/run", "--quiet", *place)
                variant = f"moses, {objective}, {workers} worker{'s' * (workers > 1)}"
                yield Candidate("screen", variant, f"molgen-{kind}", bench.molgen(*words), bench.molecules)


def memory(bench: Bench) -> Iterator[Candidate]:
    """The same screen with ever more rows."""
    for rows in bench.rows:
        words = ("--library", bench.prepared["moses"], "--rows", rows, "--objective", bench.objective("similarity"))
        command = bench.script(bench.own, "own/memory.py", *words, "--work", bench.cache / "memory", "--workers", bench.workers)
        yield Candidate("memory", f"{rows} rows", "molgen", command, rows)


def kill(bench: Bench) -> Iterator[Candidate]:
    """A screen that is killed again and again."""
    words = ("--smiles", molecules.moses(bench.cache, bench.kill_rows, bench.moses_file), "--objective", bench.objective("measured"))
    work = bench.cache / f"kill-{bench.kill_rows}"
    size = ("--rows", bench.kill_rows, "--kills", bench.kills, "--workers", bench.workers, "--work", work)
    yield Candidate("kill", f"{bench.kill_rows} rows", "molgen", bench.script(bench.own, "own/kill.py", *words, *size), bench.kill_rows)


TASKS: dict[str, Callable[[Bench], Iterator[Candidate]]] = {
    task.__name__: task for task in (featurize, predict, processes, ensemble, train, start, similarity, screen, memory, kill)
}
ONCE = {"memory", "kill"}  # long, and no timings that a repetition would steady


def _featurizers(bench: Bench) -> Iterator[tuple[str, Path, int]]:
    """System, who runs it, and how many molecules are enough for one so slow."""
    whole = bench.molecules
    yield from (("molgen", bench.own, whole), ("molgen-plain", bench.own, whole))
    if bench.rivals:
        yield from (("chemprop-cuik", bench.rivals, whole), ("chemprop", bench.rivals, whole), ("pyg", bench.rivals, whole))
    if bench.deepchem:
        yield from (("deepchem-dmpnn", bench.deepchem, 2_000), ("deepchem-conv", bench.deepchem, 1_000))


def _molgen_predict(bench: Bench, file: Path) -> tuple[str, ...]:
    return bench.molgen("predict", bench.model, file, "--out", "{scratch}/said.csv", "--quiet")


def _chemprop_predict(bench: Bench, table: Path, *extra: str) -> tuple[str, ...]:
    here = ("--accelerator", "cpu", "--devices", 1, "--output", "{scratch}/said.csv")
    return bench.chemprop("predict", "--test-path", table, "--model-paths", bench.chemprop_model, *here, *extra)
