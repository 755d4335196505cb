"""Rows of a Parquet file, batch by batch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.chem.parse import Limits
from molgen.chem.standardize import Structure
from molgen.data.columns import Choice, id_column, spare_id_column, structure_column
from molgen.data.prepared import Label, Prepared, bytes_of
from molgen.data.rows import Rows
from molgen.data.streams import arrow_file, standard_input

_BUFFER = 1 << 20  # bytes of a column read at once


def parquet_rows(path: Path | str, choice: Choice, chunk: int, limits: Limits | None = None) -> Iterator[Rows]:
    """Rows with every column in its own type; a null structure is an empty one.

    Of a file that `molgen prepare` wrote the rows are those of its input, and `Rows.prepared` is what was made of them
    then, unless it was made in another way than would be done here (`limits` apart, where none are given).
    """
    with _whole(path):
        file = _open(path)
        batches = file.iter_batches(batch_size=chunk)
    names, label = file.schema_arrow.names, Label.of(file.schema_arrow)
    if label is not None and choice.smiles_col is None:
        yield from _renamed(_prepared_rows(file, batches, label, path, limits), choice, str(path))
        return
    # Of a column named by hand nothing was prepared, and fingerprints are nothing to show.
    hidden = {label.columns[what] for what in ("ecfp4", "pattern")} if label is not None else set()
    shown = [position for position, name in enumerate(names) if name not in hidden]
    structure = structure_column(names, choice, str(path))
    named = id_column(names, choice, str(path), structure=structure)
    spare = spare_id_column(names, named)
    count = 0
    for batch in _drawn(batches, path):
        table = _frame(batch.select(shown))
        raw = tuple(map(_text, batch.column(structure).to_pylist()))
        numbers = tuple(range(count + 1, count + len(raw) + 1))
        ids = _names([batch.column(position).to_pylist() for position in (named, spare) if position is not None], count, len(raw))
        count += len(raw)
        yield Rows(ids, raw, table, numbers)
    if not count:
        yield Rows((), (), file.schema_arrow.empty_table().select(shown).to_pandas(ignore_metadata=True), ())


def _renamed(found: Iterator[Rows], choice: Choice, where: str) -> Iterator[Rows]:
    """The rows under the ids of the column that was chosen for them, if one was."""
    count = 0
    for rows in found:
        if choice.id_col is not None:
            named = id_column(list(map(str, rows.columns.columns)), choice, where)
            given = [] if named is None else [rows.columns.iloc[:, named].tolist()]
            rows = replace(rows, ids=_names(given, count, len(rows)), titled=False)
        count += len(rows)
        yield rows


def _names(given: list[list[Any]], count: int, rows: int) -> tuple[str, ...]:
    """Ids of so many rows behind the first `count`, by what stands in the first of these columns that says one."""
    said = ([_text(column[row]) for column in given] for row in range(rows))
    return tuple(next((name for name in names if name.strip()), f"row_{row}") for row, names in enumerate(said, start=count + 1))


def _text(cell: Any) -> str:
    """What a cell says, as bytes too, as which some programs write text."""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace")
    return "" if cell is None else str(cell)


def _prepared_rows(file: Any, batches: Iterator[Any], label: Label, path: Path | str, limits: Limits | None) -> Iterator[Rows]:
    asked = limits if limits is not None else Limits(**label.limits)
    outdated = label.outdated(asked)
    if outdated:
        logging.getLogger(__name__).warning("%s: standardised again, since %s", path, outdated)
    for batch in _drawn(batches, path):
        yield rows_of(batch, label, None if outdated else asked)
    if not file.metadata.num_rows:
        yield rows_of(no_rows(file.schema_arrow), label, None if outdated else asked)


def open_prepared(path: Path) -> Any:
    """The file, as pyarrow reads it; one that is missing or broken is a request error."""
    with _whole(path):
        return _open(path)


def rows_of(batch: Any, label: Label, limits: Limits | None) -> Rows:
    """The rows of a prepared library as their reader had them; with `limits`, what was made of them too."""

    def said(what: str) -> list[Any]:
        return batch.column(label.columns[what]).to_pylist()

    stage, error = said("stage"), said("error")
    prepared = None
    if limits is not None:
        changes = (tuple(text.split("; ")) if text else () for text in said("changes"))
        made = tuple(map(Structure, said("smiles"), said("inchikey"), changes, stage, error))
        prepared = Prepared(made, bytes_of(batch.column(label.columns["ecfp4"])), bytes_of(batch.column(label.columns["pattern"])), limits)
    ours = set(label.columns.values())
    return Rows(
        tuple(said("id")),
        tuple(said("raw")),
        _frame(batch.select([position for position, name in enumerate(batch.schema.names) if name not in ours])),
        tuple(said("line")),
        faults={row: error[row] for row, where in enumerate(stage) if where == "row"},
        prepared=prepared,
        titled=label.titled,
    )


def no_rows(schema: Any) -> Any:
    """A batch of this schema without rows."""
    import pyarrow

    return pyarrow.RecordBatch.from_pylist([], schema=schema)


def _drawn(batches: Iterator[Any], path: Path | str) -> Iterator[Any]:
    while True:
        with _whole(path):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _frame(batch: Any) -> pd.DataFrame:
    # Whole numbers stay whole beside a null, and what pandas calls an index stays a column.
    return batch.to_pandas(integer_object_nulls=True, ignore_metadata=True)


def _open(path: Path | str) -> Any:
    import pyarrow
    import pyarrow.parquet

    # Its index lies at the end of a Parquet file, so that standard input is read whole.
    source = pyarrow.BufferReader(standard_input().read()) if str(path) == "-" else arrow_file(Path(path))
    # Buffered ahead, batches would hold on to all bytes read so far: a library's size, at its end.
    return pyarrow.parquet.ParquetFile(source, pre_buffer=False, buffer_size=_BUFFER)


@contextmanager
def _whole(path: Path | str) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except PermissionError:
        raise MolgenError("no permission to read it", where=str(path)) from None
    except (pyarrow.ArrowException, OSError) as error:
        if Path(path).is_dir():
            raise MolgenError("a folder, want a file", where=str(path)) from None
        raise MolgenError(f"not a whole Parquet file: {error}", where=str(path), fix="fetch it again") from None
