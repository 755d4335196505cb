"""Files of molecules to rows, in chunks: every record becomes a row, broken ones with their reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.parallel import Executor, Pool, Serial
from molgen.base.wanted import checked
from molgen.chem.parse import Limits
from molgen.data.columns import Choice
from molgen.data.library import Library, Rows
from molgen.data.parquet import parquet_rows
from molgen.data.prepared import joined
from molgen.data.sdf import sdf_rows
from molgen.data.sheets import sheet_rows
from molgen.data.streams import inner_suffix, open_text
from molgen.data.tables import smi_rows, table_rows

Format = Literal["smi", "csv", "tsv", "sdf", "parquet", "xlsx"]

_BY_SUFFIX: dict[str, Format] = {
    ".smi": "smi",
    ".smiles": "smi",
    ".ism": "smi",
    ".cxsmiles": "smi",
    ".csv": "csv",
    ".tsv": "tsv",
    ".sdf": "sdf",
    ".sd": "sdf",
    ".mol": "sdf",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}

ENDINGS = tuple(_BY_SUFFIX)

# What chemists have beside these, which a well-kept program turns into one of them better than we could.
_ELSEWHERE = {
    **dict.fromkeys((".xls", ".xlsb", ".ods"), "save it as .xlsx"),
    **dict.fromkeys((".zip", ".7z", ".rar"), "unpack it first"),
    **dict.fromkeys((".dwar", ".cdx", ".cdxml", ".mol2", ".mae", ".pdb"), "save it as SDF"),
}

CHUNK = 1_000  # rows: a second or so of work, small enough to lose and to hold

# Below this a pool of processes takes longer to start than the work takes to do.
_POOL_FROM = 3_000


@checked
def read(
    path: Path | str,
    *,
    format: Format | None = None,
    smiles_col: str | None = None,
    id_col: str | None = None,
    limits: Limits = Limits(),
    executor: Executor | None = None,
) -> Library:
    """The whole file as a Library: one row a record, in order, bad ones as rejects.

    .smi .csv .tsv .sdf (V2000, V3000), each also .gz .zst .bz2 .xz, .parquet, .xlsx .xlsm; ``-`` is standard input.
    The structure and id columns are found by name; when several could be meant, the error lists them.
    """
    rows = join(list(read_rows(path, format=format, choice=Choice(smiles_col, id_col), chunk=CHUNK, limits=limits)))
    executor = executor or (Pool() if len(rows) >= _POOL_FROM else Serial())
    return Library.from_rows(rows, limits=limits, source=str(path), executor=executor)


def read_rows(
    path: Path | str, *, format: Format | None = None, choice: Choice = Choice(), chunk: int = CHUNK, limits: Limits | None = None
) -> Iterator[Rows]:
    """The file's rows in chunks, nothing standardised yet: constant memory for any size of file.

    Of a prepared library (`molgen prepare -o x.parquet`) what was standardised comes along, if it was within these `limits`.
    """
    kind = format or format_of(path)
    if kind == "parquet":
        yield from parquet_rows(path, choice, chunk, limits)
        return
    if kind == "xlsx":
        yield from sheet_rows(path, choice, chunk)
        return
    if kind in ("sdf", "smi"):
        _refuse_columns(choice, kind)
    with open_text(path) as stream:
        if kind == "sdf":
            yield from sdf_rows(stream, choice, chunk, str(path))
        elif kind == "smi":
            yield from smi_rows(stream, chunk, str(path))
        else:
            yield from table_rows(stream, choice, chunk, str(path), delimiter="\t" if kind == "tsv" else None)


def _refuse_columns(choice: Choice, kind: Format) -> None:
    """Columns chosen of files that have none for it; what we call those of a .smi file ourselves does no harm."""
    if choice.smiles_col is not None and (kind, choice.smiles_col) != ("smi", "smiles"):
        raise MolgenError(f"a structure column of a .{kind} file, whose rows are structures", where="--smiles-col", fix="leave it out")
    if choice.id_col not in (None, "id") and kind == "smi":
        raise MolgenError("an id column of a .smi file, whose ids follow the structures", where="--id-col", fix="leave it out")


def format_of(path: Path | str) -> Format:
    """The format a file's name says; standard input is taken for CSV unless told otherwise."""
    if str(path) == "-":
        return "csv"
    ending = inner_suffix(path)
    if ending in _ELSEWHERE:
        raise MolgenError(f"{ending} files are not read", where=str(path), fix=_ELSEWHERE[ending])
    if ending not in _BY_SUFFIX:
        choices = f"--format {' | '.join(get_args(Format))}"
        # A SMILES where a file belongs is the usual reason.
        fix = choices if ending or os.path.exists(path) else f"{choices}; a single molecule: echo '{path}' | molgen ... - --format smi"
        raise MolgenError("can't tell the format from the name", where=str(path), fix=fix)
    return _BY_SUFFIX[ending]


def join(chunks: list[Rows]) -> Rows:
    """One Rows of several; a column that a chunk lacks is empty there."""
    if not chunks:
        return Rows((), (), pd.DataFrame(), ())
    if len(chunks) == 1:
        return chunks[0]
    faults: dict[int, str] = {}
    given_up: dict[int, str] = {}
    start = 0
    for rows in chunks:
        faults.update({start + row: reason for row, reason in rows.faults.items()})
        given_up.update({start + row: reason for row, reason in rows.given_up.items()})
        start += len(rows)
    return Rows(
        tuple(chain.from_iterable(rows.ids for rows in chunks)),
        tuple(chain.from_iterable(rows.raw for rows in chunks)),
        _stacked([rows.columns for rows in chunks]),
        tuple(chain.from_iterable(rows.lines for rows in chunks)),
        faults,
        given_up,
        joined([rows.prepared for rows in chunks]),
        any(rows.titled for rows in chunks),
    )


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    if any(len(frame.columns) != len(names) for frame in frames) and all(frame.columns.is_unique for frame in frames):
        frames = [frame.reindex(columns=names, fill_value="") for frame in frames]
    return pd.concat(frames, ignore_index=True)
