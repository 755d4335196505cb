"""The scores of a run, one Parquet file a chunk, each whole or absent: what resuming, ranking and analysis read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain, sweep, whole_file, write_json

_NAME = re.compile(r"part-(\d{6,})\.parquet")
_IDENTITY = "identity.json"


@dataclass(frozen=True)
class Parts:
    """Numbered files in a folder. They may come in any order, and an interrupted run leaves gaps."""

    folder: Path
    left: frozenset[int] = field(default_factory=frozenset)  # numbers an earlier run left here
    taken_up: bool = False  # an earlier run of the same identity was here and did not end

    @classmethod
    def open(cls, folder: Path, identity: dict[str, Any]) -> Parts:
        """The parts of this run: new, or as an interrupted run of the same `identity` left them."""
        written = folder / _IDENTITY
        taken_up = written.is_file()
        if taken_up:
            _same_or_refuse(json.loads(written.read_text(encoding="utf-8")), plain(identity), folder.parent)
        else:
            write_json(written, identity)
        sweep(folder)
        for keys in folder.glob(".keys-*"):
            shutil.rmtree(keys, ignore_errors=True)
        return cls(folder, _numbers(folder), taken_up)

    @classmethod
    def of(cls, folder: Path) -> Parts:
        """The parts there are, for reading."""
        return cls(folder, _numbers(folder))

    def read(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part, whole or only some columns of it."""
        import pyarrow.parquet

        path = self.folder / _file(number)
        return pyarrow.parquet.read_table(path, columns=columns, use_threads=False, memory_map=False, partitioning=None).to_pandas()

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Every part there is by now, in the library's order."""
        return (self.read(number, columns) for number in sorted(_numbers(self.folder)))


def write_part(folder: Path, number: int, frame: pd.DataFrame) -> None:
    """The part on disk, for good once this returns."""
    with whole_file(folder / _file(number)) as draft:
        frame.to_parquet(draft, index=False)


def _same_or_refuse(before: dict[str, Any], now: dict[str, Any], run: Path) -> None:
    differing = [key for key in now if before.get(key) != now[key]]
    if differing:
        raise MolgenError(
            f"the folder holds a run with another {' and '.join(map(_said, differing))}",
            where=str(run),
            fix="choose another folder, or delete this one to start again",
        )


def _said(key: str) -> str:
    return {"versions": "set of versions", "columns": "choice of columns or format", "chunk": "chunk size"}.get(key, key)


def _numbers(folder: Path) -> frozenset[int]:
    found = (_NAME.fullmatch(path.name) for path in folder.glob("part-*.parquet"))
    return frozenset(int(match[1]) for match in found if match)


def _file(number: int) -> str:
    return f"part-{number:06d}.parquet"
