"""Rows of a Parquet file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from molgen.base.errors import MolgenError
from molgen.data.columns import Choice, id_column, structure_column
from molgen.data.library import Rows


def parquet_rows(path: Path, choice: Choice, chunk: int) -> Iterator[Rows]:
    """Rows with every column in its own type; a null structure is an empty one."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise MolgenError(f"not a whole Parquet file: {error}", where=str(path)) from None
    names = file.schema_arrow.names
    structure = structure_column(names, choice, str(path))
    named = id_column(names, choice, str(path), structure=structure)
    count = 0
    for batch in file.iter_batches(batch_size=chunk):
        table = batch.to_pandas()
        raw = tuple("" if text is None else str(text) for text in batch.column(structure).to_pylist())
        numbers = tuple(range(count + 1, count + len(raw) + 1))
        given = batch.column(named).to_pylist() if named is not None else [None] * len(raw)
        ids = tuple(str(name) if name not in (None, "") else f"row_{number}" for name, number in zip(given, numbers))
        count += len(raw)
        yield Rows(ids, raw, table, numbers)
    if not count:
        yield Rows((), (), file.schema_arrow.empty_table().to_pandas(), ())
