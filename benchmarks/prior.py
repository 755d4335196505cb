"""The language model that is to ship: a recurrent network taught to write lead-like molecules, and drugs from any of their atoms on.

    pip download --no-deps molsets --dest WORK                 # MOSES, a wheel of 50 MB
    python benchmarks/prior.py WORK --gather                   # texts and pieces, 6 minutes
    python benchmarks/prior.py WORK --until 20000 [--bf16] [--device cuda]     # goes on where it stopped, with steady steps
    python benchmarks/prior.py WORK --finish 4000 [--bf16] [--device cuda]     # WORK/prior.safetensors: ever smaller steps from there
    python benchmarks/prior.py WORK --begin FILE STEPS --finish 4000           # or from a model that has so many steps behind it

--bf16: products of half the digits, about twice as fast on a processor that has them.

Lead-like molecules are the training part of MOSES, drugs those of ChEMBL and ZINC in MOSES' neighbour tables (MOLGEN_DATA, generation);
what is in either test part of MOSES is left out of all of them. One molecule in two hundred is held back, to say how unlikely
the model finds what it has not seen.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import json
import random
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from folder import benchmark_files
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.files import write_json
from molgen.nn.tokens import Tokens, units

if TYPE_CHECKING:
    from molgen.nn.language import Language

_PARTS = {"lead": "train", "test": "test", "test_scaffolds": "test_scaffolds"}  # our name, MOSES' file
_DRUGS = ("chembl_reinvent_validation", "zinc250k")
_PIECES, _SAMPLE, _RARE, _LONGEST_PIECE = 800, (40_000, 20_000), 20, 12
_HELD_BACK = 200  # one in so many
_BATCH, _SORTED_TOGETHER = 128, 256
_RATE, _WARM = 1e-3, 500
_SEED = 1
PARTS = Path(__file__).parent / "results" / "parts" / "moses"
Given = TypeVar("Given")


def gather(work: Path, folder: Path) -> None:
    """Canonical SMILES a line, in a file each for lead-like molecules, drugs and MOSES' two test parts; pieces for all."""
    wheel = zipfile.ZipFile(sorted(work.glob("molsets-*.whl"))[-1])
    for name, member in _PARTS.items():
        if not (work / f"{name}.smi").exists():
            table = gzip.decompress(wheel.read(f"moses/dataset/data/{member}.csv.gz")).decode()
            _write(work / f"{name}.smi", canonical(row["SMILES"] for row in csv.DictReader(io.StringIO(table))))
    held = set(texts(work, "test")) | set(texts(work, "test_scaffolds"))
    if not (work / "drug.smi").exists():
        raw = [smiles for name in _DRUGS for smiles in pd.read_csv(folder / "generation" / f"{name}.csv.gz")["smiles"]]
        _write(work / "drug.smi", sorted(set(canonical(raw)) - held))
    assert not held & set(texts(work, "lead")), "MOSES' training part holds molecules of its test parts"
    chance = random.Random(_SEED)
    sample = [smiles for name, size in zip(("lead", "drug"), _SAMPLE) for smiles in chance.sample(texts(work, name), size)]
    (work / "pieces.json").write_text(json.dumps(pieces(sample, _PIECES)), encoding="utf-8")


def canonical(smiles: Iterable[str]) -> list[str]:
    with get_context("spawn").Pool() as pool:
        return [found for part in pool.imap(_canonical, _blocks(iter(smiles), 20_000)) for found in part]


def _canonical(smiles: Sequence[str]) -> list[str]:
    with BlockLogs():
        mols = (Chem.MolFromSmiles(text) for text in smiles)
        return [Chem.MolToSmiles(mol) for mol in mols if mol is not None]


def texts(work: Path, name: str) -> list[str]:
    return (work / f"{name}.smi").read_text(encoding="utf-8").split()


def pieces(sample: Sequence[str], size: int) -> list[str]:
    """Units that are not rare, and runs: the most frequent pair of neighbours becomes one piece, again and again."""
    split = [units(smiles) for smiles in sample]
    count = Counter(unit for row in split for unit in row)
    found = sorted(unit for unit, times in count.items() if times >= _RARE or not unit.startswith(("[", "%")))
    number = {unit: i for i, unit in enumerate(found)}
    flat = np.array([code for row in split for code in (*(number.get(unit, -1) for unit in row), -1)])
    while len(found) < size:
        both = (flat[:-1] >= 0) & (flat[1:] >= 0)
        pairs, times = np.unique(flat[:-1][both] * size + flat[1:][both], return_counts=True)
        common = (divmod(int(pair), size) for pair in pairs[np.argsort(-times, kind="stable")])
        first, second = next(pair for pair in common if len(found[pair[0]] + found[pair[1]]) <= _LONGEST_PIECE)
        flat = _merged(flat, first, second, len(found))
        found.append(found[first] + found[second])
    return list(dict.fromkeys(found))


def _merged(flat: NDArray[np.int64], first: int, second: int, code: int) -> NDArray[np.int64]:
    starts = np.flatnonzero((flat[:-1] == first) & (flat[1:] == second))
    if first == second:  # of a run, every other one
        run = np.cumsum(np.diff(starts, prepend=-2) > 1)
        starts = starts[(starts - starts[np.searchsorted(run, run)]) % 2 == 0]
    flat = flat.copy()
    flat[starts] = code
    return np.delete(flat, starts + 1)


class Lessons(NamedTuple):
    """All that is read in an epoch, end to end."""

    tokens: NDArray[np.int16]
    places: NDArray[np.uint8]  # [tokens, codes]
    starts: NDArray[np.int64]  # where each text begins, and the end of the last

    @classmethod
    def of(cls, work: Path, tokens: Tokens, epoch: int) -> Lessons:
        """Leads and drugs, the same in each epoch; drugs from a random atom on; kept in WORK."""
        drugs = _taught(work, "drug")
        same = [_Text(smiles, style) for style, rows in (("lead", _taught(work, "lead")), ("drug", drugs)) for smiles in rows]
        anew = [_Text(smiles, "any", epoch * len(drugs) + i + 1) for i, smiles in enumerate(drugs)]
        parts = cls.kept(work / "same.npz", tokens, same), cls.kept(work / f"epoch-{epoch}.npz", tokens, anew)
        ends = parts[0].starts[-1] + parts[1].starts[1:]
        return cls(*(np.concatenate([part[i] for part in parts]) for i in (0, 1)), np.concatenate([parts[0].starts, ends]))

    @classmethod
    def kept(cls, file: Path, tokens: Tokens, rows: Sequence[_Text]) -> Lessons:
        if not file.exists():
            with get_context("spawn").Pool() as pool:
                parts = list(pool.imap(partial(_read, tokens), _blocks(iter(rows), 20_000)))
            flat, places = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
            np.savez(file, tokens=flat, places=places, starts=np.cumsum([0, *(length for part in parts for length in part[2])]))
        with np.load(file) as read:
            return cls(read["tokens"], read["places"], read["starts"])


class _Text(NamedTuple):
    """What is to be read, and how; with a seed, from an atom of chance on."""

    smiles: str
    style: str
    seed: int = 0


def _taught(work: Path, name: str) -> list[str]:
    """All that is not held back."""
    return [smiles for i, smiles in enumerate(texts(work, name)) if i % _HELD_BACK]


def _blocks(rows: Iterator[Given], size: int) -> Iterator[list[Given]]:
    while block := list(itertools.islice(rows, size)):
        yield block


def _read(tokens: Tokens, rows: list[_Text]) -> tuple[NDArray[np.int16], NDArray[np.uint8], list[int]]:
    read = [tokens.encode(_from_an_atom(row) if row.seed else row.smiles, row.style) for row in rows]
    places = np.array([codes for row in read for codes in tokens.places(row)], dtype=np.uint8)
    return np.array([token for row in read for token in row], dtype=np.int16), places, [len(row) for row in read]


def _from_an_atom(row: _Text) -> str:
    return Chem.MolToRandomSmilesVect(Chem.MolFromSmiles(row.smiles), 1, row.seed)[0]


def course(work: Path, tokens: Tokens, step: int) -> Iterator[tuple[list[NDArray[np.int16]], list[NDArray[np.uint8]]]]:
    """Batches (tokens, places) from that step on, for ever: rows of alike length together, in an order of chance."""
    rows = len(_taught(work, "lead")) + 2 * len(_taught(work, "drug"))
    each = -(-rows // _BATCH)
    for epoch in itertools.count(step // each):
        flat, places, starts = Lessons.of(work, tokens, epoch)
        assert len(starts) == rows + 1
        chance = np.random.default_rng((_SEED, epoch))
        order, lengths, together = chance.permutation(rows), np.diff(starts), _BATCH * _SORTED_TOGETHER
        blocks = [order[i : i + together] for i in range(0, rows, together)]
        sorted_rows = [block[np.argsort(lengths[block], kind="stable")] for block in blocks]
        plan = [block[i : i + _BATCH] for block in sorted_rows for i in range(0, len(block), _BATCH)]
        for place in chance.permutation(each)[step - epoch * each if epoch == step // each else 0 :]:
            spans = [slice(starts[row], starts[row + 1]) for row in plan[place]]
            yield [flat[span] for span in spans], [places[span] for span in spans]


def teach(work: Path, *, until: int, finish: int, device: str, width: int, bf16: bool, begin: tuple[Path, int] | None) -> None:
    """Steps up to `until` from the last checkpoint; or `finish` more that grow smaller, and the model in its file.

    Without a checkpoint from the model to `begin` with, if there is one.
    """
    import torch

    from molgen.nn.checkpoint import cpu_copy, optimizer_tensors, prefixed, read_checkpoint, restore_optimizer, under, write_checkpoint
    from molgen.nn.language import Language, language
    from molgen.nn.writer import Writer, padded

    tokens = Tokens(json.loads((work / "pieces.json").read_text(encoding="utf-8")))
    torch.manual_seed(_SEED)
    writer = Writer(len(tokens), width=width).to(device)
    optimizer = torch.optim.AdamW(writer.parameters(), _RATE, weight_decay=0.01, fused=True)
    checkpoint, step = work / f"steady-{width}.safetensors", 0
    if checkpoint.exists():
        tensors, facts = read_checkpoint(checkpoint)
        writer.load_state_dict(under("writer", tensors))
        restore_optimizer(optimizer, under("optimizer", tensors))
        step = facts["step"]
    elif begin:
        file, step = begin
        assert language(file).tokens.pieces == tokens.pieces, "another model's tokens"
        writer.load_state_dict(language(file).writer.state_dict())
    first, last, began, losses = step, (step + finish if finish else until), time.perf_counter(), []
    for rows, places in course(work, tokens, step):
        if step >= last:
            break
        for group in optimizer.param_groups:
            warm = step + 1 - (begin[1] if begin else 0)
            group["lr"] = _RATE * min(1, warm / _WARM) * (1 - (step - first) / finish if finish else 1)
        with torch.autocast(device, torch.bfloat16, enabled=bf16):
            loss = writer(padded(rows, places).to(torch.device(device))).mean()
        optimizer.zero_grad()
        (loss / 10).backward()
        torch.nn.utils.clip_grad_norm_(writer.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
        step += 1
        if step % 500 == 0 or step == last:
            speed = (step - first) * _BATCH / (time.perf_counter() - began)
            print(f"step {step}: {torch.stack(losses).mean().item():.3f} nats, {speed:.0f} molecules/s", flush=True)
            losses = []
            if not finish:
                state = {**prefixed("writer", cpu_copy(writer)), **prefixed("optimizer", optimizer_tensors(optimizer))}
                write_checkpoint(checkpoint, state, {"step": step})
    if finish:
        model = Language(writer.eval(), tokens)
        model.save(work / "prior.safetensors")
        options = f"{f'--begin FILE {begin[1]} ' if begin else ''}--finish {finish} --width {width}{' --bf16' if bf16 else ''}"
        account(work, model, {"steps": step, "falling_steps": finish, "texts": step * _BATCH, "width": width}, options)


def account(work: Path, model: Language, found: dict[str, float], options: str) -> None:
    """How long it was taught, and how unlikely it finds what was held back, for the results."""
    found |= {f"{style}_nats": float(model.nll(texts(work, style)[::_HELD_BACK], style=style).mean()) for style in ("lead", "drug")}
    print(found, flush=True)
    about = {"task": "taught", "variant": "molecules", "system": "language", "seed": _SEED}
    about |= {"command": f"python benchmarks/prior.py WORK {options}"}
    write_json(PARTS / "taught.json", about | {"found": found})


def _write(file: Path, lines: Sequence[str]) -> None:
    draft = file.with_suffix(".partial")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--gather", action="store_true")
    parser.add_argument("--until", type=int, default=0)
    parser.add_argument("--finish", type=int, default=0)
    parser.add_argument("--begin", nargs=2, metavar=("FILE", "STEPS"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--bf16", action="store_true")
    asked = parser.parse_args()
    if asked.gather:
        folder = benchmark_files()
        gather(asked.work, folder)
    if asked.until or asked.finish:
        begun = (Path(asked.begin[0]), int(asked.begin[1])) if asked.begin else None
        teach(asked.work, until=asked.until, finish=asked.finish, device=asked.device, width=asked.width, bf16=asked.bf16, begin=begun)
