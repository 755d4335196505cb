"""Rows of a Parquet file, batch by batch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from molgen.base.errors import MolgenError
from molgen.data.columns import Choice, id_column, structure_column
from molgen.data.library import Rows


def parquet_rows(path: Path | str, choice: Choice, chunk: int) -> Iterator[Rows]:
    """Rows with every column in its own type; a null structure is an empty one."""
    with _whole(path):
        file = _open(path)
        batches = file.iter_batches(batch_size=chunk)
    names = file.schema_arrow.names
    structure = structure_column(names, choice, str(path))
    named = id_column(names, choice, str(path), structure=structure)
    count = 0
    while True:
        with _whole(path):
            batch = next(batches, None)
            if batch is None:
                break
            # Whole numbers stay whole beside a null, and what pandas calls an index stays a column.
            table = batch.to_pandas(integer_object_nulls=True, ignore_metadata=True)
        raw = tuple("" if text is None else str(text) for text in batch.column(structure).to_pylist())
        numbers = tuple(range(count + 1, count + len(raw) + 1))
        given = batch.column(named).to_pylist() if named is not None else [None] * len(raw)
        ids = tuple(str(name) if name not in (None, "") else f"row_{number}" for name, number in zip(given, numbers))
        count += len(raw)
        yield Rows(ids, raw, table, numbers)
    if not count:
        yield Rows((), (), file.schema_arrow.empty_table().to_pandas(ignore_metadata=True), ())


def _open(path: Path | str) -> Any:
    import pyarrow
    import pyarrow.parquet

    # Its index lies at the end of a Parquet file, so that standard input is read whole.
    return pyarrow.parquet.ParquetFile(pyarrow.BufferReader(sys.stdin.buffer.read()) if str(path) == "-" else path)


@contextmanager
def _whole(path: Path | str) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except (pyarrow.ArrowException, OSError) as error:
        raise MolgenError(f"not a whole Parquet file: {error}", where=str(path), fix="fetch it again") from None
