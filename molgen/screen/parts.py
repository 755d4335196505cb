"""The scores of a run, one Parquet file a chunk, each whole or absent: what resuming, ranking and analysis read."""

from __future__ import annotations

import hashlib
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
from molgen.data.streams import arrow_file
from molgen.data.writers import table_of
from molgen.score.folder import same_or_refuse

_NAME = re.compile(r"part-(\d{6,})\.parquet")
_IDENTITY = "identity.json"

PASSING = ".keys-"  # begins the name of a folder that is only there while a run is ranked


@dataclass(frozen=True)
class Parts:
    """Numbered files in a folder. They may come in any order, and an interrupted run leaves gaps."""

    folder: Path
    left: frozenset[int] = field(default_factory=frozenset)  # numbers an earlier run left here
    taken_up: bool = False  # an earlier run of the same identity was here and did not end

    @classmethod
    def open(cls, folder: Path, identity: dict[str, Any]) -> Parts:
        """The parts of this run: new, or as an interrupted run of the same `identity` left them; one that left none is forgotten."""
        written = folder / _IDENTITY
        before: dict[str, Any] = json.loads(written.read_text(encoding="utf-8")) if written.is_file() else {}
        taken_up = bool(before) and (before == plain(identity) or bool(_numbers(folder)))
        if taken_up:
            same_or_refuse(before, plain(identity), folder.parent)
        else:
            write_json(written, identity)
        sweep(folder)
        for passing in folder.glob(f"{PASSING}*"):
            shutil.rmtree(passing, ignore_errors=True)
        return cls(folder, _numbers(folder), taken_up)

    def forget(self) -> None:
        """Nothing was scored: the folder is whoever's asks next."""
        if not _numbers(self.folder):
            (self.folder / _IDENTITY).unlink(missing_ok=True)

    @classmethod
    def of(cls, folder: Path) -> Parts:
        """The parts there are, for reading; where no run was, it is a MolgenError."""
        if not folder.is_dir():
            raise MolgenError("no scores of a run here", where=str(folder))
        return cls(folder, _numbers(folder))

    def read(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part, whole or only some columns of it."""
        import pyarrow.parquet

        with arrow_file(self.folder / _file(number)) as file:
            table = pyarrow.parquet.read_table(file, columns=columns, use_threads=False, memory_map=False, partitioning=None)
        return table.to_pandas(integer_object_nulls=True)  # whole numbers stay whole beside empty cells

    def holds(self, number: int, read: pd.DataFrame) -> bool:
        """Whether the part is of rows that were read as these were, to the last cell."""
        import pyarrow.parquet

        with arrow_file(self.folder / _file(number)) as file:
            names = pyarrow.parquet.read_schema(file).names
            if names[1 : names.index("raw") + 1] != list(read.columns):
                return False
            written = pyarrow.parquet.read_table(file, columns=list(read.columns), use_threads=False, memory_map=False, partitioning=None)
        return bool(written.equals(table_of(read)))

    @property
    def digest(self) -> str:
        """Hex digest of what was read: ids, raw text, and the order of both."""
        found = hashlib.sha256()
        for frame in self.frames(["id", "raw"]):
            for pair in zip(frame["id"].tolist(), frame["raw"].tolist()):
                found.update(json.dumps(pair).encode())
        return found.hexdigest()

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Every part there is by now, in the library's order."""
        return (self.read(number, columns) for number in sorted(_numbers(self.folder)))


def write_part(folder: Path, number: int, frame: pd.DataFrame) -> None:
    """The part on disk, for good once this returns."""
    import pyarrow.parquet

    with whole_file(folder / _file(number)) as draft, arrow_file(draft, "wb") as file:
        pyarrow.parquet.write_table(table_of(frame), file)


def _numbers(folder: Path) -> frozenset[int]:
    found = (_NAME.fullmatch(path.name) for path in folder.glob("part-*.parquet"))
    return frozenset(int(match[1]) for match in found if match)


def _file(number: int) -> str:
    return f"part-{number:06d}.parquet"
