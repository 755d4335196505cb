"""The scores of a run, one Parquet file a chunk, each whole or absent: what resuming reads and analysis starts from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain, whole_file, write_json
from molgen.data.library import Library
from molgen.score.objective import Scores

_INPUT = "in"  # input columns are kept as "in<occurrence>:<name>", since a table may have two of one name


@dataclass(frozen=True)
class Parts:
    """Numbered files in ``<run>/scores``; without a folder, nothing is kept and nothing resumes."""

    folder: Path | None
    done: int = 0  # parts 0..done-1 are there

    @classmethod
    def open(cls, run: Path | None, identity: dict[str, Any]) -> Parts:
        """The parts of this run: new, or as an interrupted run of the same `identity` left them."""
        if run is None:
            return cls(None)
        written = run / "scores" / "identity.json"
        if written.is_file():
            _same_or_refuse(json.loads(written.read_text(encoding="utf-8")), plain(identity), run)
        else:
            write_json(written, identity)
        return cls.of(run)

    @classmethod
    def of(cls, run: Path) -> Parts:
        """The parts a run folder holds, up to the first gap."""
        folder, done = run / "scores", 0
        while (folder / _file(done)).is_file():
            done += 1
        return cls(folder, done)

    def read(self, number: int) -> pd.DataFrame:
        assert self.folder is not None
        return pd.read_parquet(self.folder / _file(number))

    def keep(self, number: int, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame as a resumed run would read it, so that a broken run and an unbroken one say the same."""
        if self.folder is None:
            return frame
        with whole_file(self.folder / _file(number)) as draft:
            frame.to_parquet(draft, index=False)
        return self.read(number)

    def frames(self) -> Iterator[pd.DataFrame]:
        return (self.read(number) for number in range(self.done))


def part_of(library: Library, scores: Scores) -> pd.DataFrame:
    """One row a row of the library: its input columns, what it is or why it was rejected, and its scores."""
    stage: list[str] = [structure.stage for structure in library.structures]
    reason = [structure.reason for structure in library.structures]
    for row, total in enumerate(scores.total.tolist()):
        if not reason[row] and total != total:
            unsaid = [name for name, value in zip(scores.names, scores.desirability[row]) if value != value]
            stage[row], reason[row] = "score", f"no value for {', '.join(unsaid)}"
    ours = {
        "id": library.ids,
        "line": library.rows.lines,
        "raw": library.rows.raw,
        "smiles": library.smiles,
        "inchikey": library.inchikeys,
        "changes": ["; ".join(structure.changes) for structure in library.structures],
        "stage": stage,
        "reason": reason,
        **{f"molgen_{name}": values for name, values in scores.columns().items()},
    }
    return pd.concat([_numbered(library.rows.columns), pd.DataFrame(ours)], axis=1)


def input_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The input's own columns under their own names, and ours.

    An input that is itself a result of molgen keeps its columns as ``input_molgen_...``, so that
    ``molgen_`` always names what this run found.
    """
    own = [name for name in frame.columns if name.startswith(_INPUT) and ":" in name]
    renamed = frame[own].copy()
    names = [name.partition(":")[2] for name in own]
    renamed.columns = [f"input_{name}" if name.startswith("molgen_") else name for name in names]
    ours = frame[[name for name in frame.columns if name.startswith("molgen_")]].copy()
    for position, name in enumerate(("id", "smiles", "inchikey", "changes")):
        ours.insert(position, f"molgen_{name}", frame[name])
    return renamed, ours


def _numbered(columns: pd.DataFrame) -> pd.DataFrame:
    seen: dict[str, int] = {}
    names = []
    for name in map(str, columns.columns):
        names.append(f"{_INPUT}{seen.setdefault(name, 0)}:{name}")
        seen[name] += 1
    return columns.set_axis(names, axis=1)


def _same_or_refuse(before: dict[str, Any], now: dict[str, Any], run: Path) -> None:
    differing = [key for key in now if before.get(key) != now[key]]
    if differing:
        raise MolgenError(
            f"the folder holds a run with another {' and '.join(differing)}",
            where=str(run),
            fix="choose another folder, or delete this one to start again",
        )


def _file(number: int) -> str:
    return f"part-{number:06d}.parquet"
