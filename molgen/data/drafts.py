"""Chunks of a prepared library on their way: each a file of its own, put together once the duplicates are known."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.fingerprints import BYTES, packed_ecfp4, packed_patterns
from molgen.chem.parse import Limits
from molgen.data.columns import free_name
from molgen.data.duplicates import Repeats
from molgen.data.library import Library, Reject
from molgen.data.prepared import COLUMNS, KEY, made_with
from molgen.data.streams import arrow_file
from molgen.data.watch import Chunk
from molgen.data.writers import table_of

_TOGETHER = 20  # chunks in a row group: some ten megabytes, which whoever reads the file has in memory at once

_OURS = tuple(name for name in COLUMNS if name != "duplicate_of")
_REPEATING = ("status", "error", "changes", "stage")


@dataclass(frozen=True)
class Drafted:
    """What is known of a chunk that is on disk."""

    start: int
    keys: list[str]  # [rows], "" where rejected
    rejects: tuple[Reject, ...]  # rows counted from the start of the library
    titled: bool  # as of `Rows`


def draft(chunk: Chunk, *, limits: Limits, folder: Path) -> Drafted:
    """The chunk standardised and fingerprinted, in a file of the folder; only keys travel back."""
    library, table = _worked_out(chunk, limits)
    return keep_draft(chunk, library, table, folder)


def keep_draft(chunk: Chunk, library: Library, table: Any, folder: Path) -> Drafted:
    """The table of a chunk, its own columns and then ours, in a file of the folder."""
    import pyarrow

    with arrow_file(folder / f"{chunk.number:08d}.arrow", "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    rejects = tuple(replace(reject, row=chunk.start + reject.row) for reject in library.rejects)
    return Drafted(chunk.start, library.keys, rejects, chunk.rows.titled)


def drafted(chunk: Chunk, *, limits: Limits) -> int:
    """The same, thrown away: how one finds out which row brings a worker down."""
    return len(_worked_out(chunk, limits)[0])


def assemble(folder: Path, repeats: Repeats, limits: Limits, out: Path, *, titled: bool) -> None:
    """The drafts of a folder as one Parquet file, duplicates with the id of the first of their kind."""
    import pyarrow.parquet

    whole = Whole.of(folder, {what: _kind(what) for what in COLUMNS}, repeats)
    label = {"made_with": made_with(), "limits": vars(limits), "columns": whole.columns, "titled": titled}
    schema = whole.schema.with_metadata({KEY: json.dumps(label).encode()})
    few = sorted({*(name for name, _ in whole.own), *(whole.columns[what] for what in _REPEATING)})
    with arrow_file(out, "wb") as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd", use_dictionary=few) as writer:
        for group in _groups(table.replace_schema_metadata(schema.metadata) for table in whole.tables()):
            writer.write_table(pyarrow.concat_tables(group), row_group_size=sum(map(len, group)) or None)


@dataclass(frozen=True)
class Whole:
    """All drafts of a folder as one table: the input's columns in types that hold what all chunks have there, then ours."""

    paths: list[Path]
    own: dict[tuple[str, int], Any]  # (name, which of that name) -> type
    kinds: dict[str, Any]  # of our columns, in order, what they are -> type; `duplicate_of` and `id` are among them
    columns: dict[str, str]  # what they are -> what they are called beside the input's
    repeats: Repeats

    @classmethod
    def of(cls, folder: Path, kinds: dict[str, Any], repeats: Repeats) -> Whole:
        """The drafts there are; each has all of these columns of ours but `duplicate_of`, in this order, behind its own."""
        paths = sorted(folder.glob("*.arrow"))
        own = _own_fields(paths, len(kinds) - 1)
        names = [name for name, _ in own]
        columns: dict[str, str] = {}
        for what in kinds:
            columns[what] = free_name(f"molgen_{what}", {*names, *columns.values()})
        return cls(paths, own, kinds, columns, repeats)

    @property
    def schema(self) -> Any:
        import pyarrow

        ours = [(self.columns[what], kind) for what, kind in self.kinds.items()]
        return pyarrow.schema([*((name, kind) for (name, _), kind in self.own.items()), *ours])

    def tables(self) -> Iterator[Any]:
        """A table a draft, in the library's order, duplicates with the id of the first of their kind."""
        import pyarrow

        schema, made = self.schema, [what for what in self.kinds if what != "duplicate_of"]
        wanted = np.unique(self.repeats.first)
        ids: dict[int, str] = {}
        start = 0
        for path in self.paths:
            with pyarrow.memory_map(os.fsencode(path)) as mapped:
                table = pyarrow.ipc.open_file(mapped).read_all()
            end, places = start + len(table), _places(table.column_names, len(made))
            ours = {what: table.column(len(places) + position) for position, what in enumerate(made)}
            for row in wanted[slice(*np.searchsorted(wanted, (start, end)))].tolist():
                ids[row] = ours["id"][row - start].as_py()
            duplicate_of = [""] * len(table)
            inside = slice(*np.searchsorted(self.repeats.rows, (start, end)))
            for row, first in zip(self.repeats.rows[inside].tolist(), self.repeats.first[inside].tolist()):
                duplicate_of[row - start] = ids[first]  # the first of a kind came before
            ours["duplicate_of"] = pyarrow.chunked_array([duplicate_of], pyarrow.string())
            arrays = [_as(table.column(places[key]) if key in places else None, kind, len(table)) for key, kind in self.own.items()]
            yield pyarrow.Table.from_arrays([*arrays, *(ours[what].cast(kind) for what, kind in self.kinds.items())], schema=schema)
            start = end


def _worked_out(chunk: Chunk, limits: Limits) -> tuple[Library, Any]:
    import pyarrow

    library = Library.from_rows(chunk.rows, limits=limits)
    rows, structures = library.rows, library.structures
    valid = [mol for mol, good in zip(library.mols, library.ok.tolist()) if good]
    prepared = rows.prepared
    ours: dict[str, Any] = {
        "status": ["ok" if good else "invalid" for good in library.ok],
        "error": [structure.reason for structure in structures],
        "smiles": library.smiles,
        "inchikey": library.inchikeys,
        "changes": ["; ".join(structure.changes) for structure in structures],
        "stage": [structure.stage for structure in structures],
        "id": rows.ids,
        "line": rows.lines,
        "raw": rows.raw,
        "ecfp4": _binary(prepared.ecfp4[library.ok] if prepared else packed_ecfp4(valid), library.ok),
        "pattern": _binary(prepared.pattern[library.ok] if prepared else packed_patterns(valid), library.ok),
    }
    own = table_of(rows.columns)
    table = pyarrow.Table.from_arrays(
        [*own.columns, *(pyarrow.array(ours[what], _kind(what)) for what in _OURS)], names=[*own.column_names, *_OURS]
    )
    return library, table


def _kind(what: str) -> Any:
    import pyarrow

    return {"line": pyarrow.int64(), "ecfp4": pyarrow.binary(BYTES), "pattern": pyarrow.binary(BYTES)}.get(what, pyarrow.string())


def _binary(packed: NDArray[np.uint8], ok: NDArray[np.bool_]) -> Any:
    """Fingerprints of the rows that are ok, null in the others."""
    import pyarrow

    laid_out = np.zeros((len(ok), BYTES), dtype=np.uint8)
    laid_out[ok] = packed
    there = pyarrow.array(ok).buffers()[1]
    return pyarrow.FixedSizeBinaryArray.from_buffers(pyarrow.binary(BYTES), len(ok), [there, pyarrow.py_buffer(laid_out)])


def _own_fields(paths: list[Path], ours: int) -> dict[tuple[str, int], Any]:
    """(name, which of that name) of every input column in order, and the type that holds what all chunks have there."""
    import pyarrow

    kinds: dict[tuple[str, int], Any] = {}
    mixed: set[tuple[str, int]] = set()
    for path in paths:
        with pyarrow.memory_map(os.fsencode(path)) as mapped:
            schema = pyarrow.ipc.open_file(mapped).schema
        for key, position in _places(schema.names, ours).items():
            kind = schema.field(position).type
            kind = pyarrow.string() if pyarrow.types.is_large_string(kind) else kind  # pandas' way to hold text
            mixed |= {key} if kinds.get(key, kind) != kind else set()
            kinds[key] = kind if key not in kinds or pyarrow.types.is_null(kinds[key]) else _common(kinds[key], kind)
    kinds |= {key: pyarrow.string() for key in _beyond(paths, {key: kinds[key] for key in mixed}, ours)}
    return {key: pyarrow.string() if pyarrow.types.is_null(kind) else kind for key, kind in kinds.items()}


def _beyond(paths: list[Path], kinds: dict[tuple[str, int], Any], ours: int) -> set[tuple[str, int]]:
    """The columns of which some chunk has a number that its type can't hold to the last digit: text can."""
    import pyarrow

    beyond: set[tuple[str, int]] = set()
    for path in paths if kinds else ():
        with pyarrow.memory_map(os.fsencode(path)) as mapped:
            table = pyarrow.ipc.open_file(mapped).read_all()
        places = _places(table.column_names, ours)
        for key in kinds.keys() & places.keys() - beyond:
            try:
                _as(table.column(places[key]), kinds[key], len(table))
            except pyarrow.ArrowInvalid:
                beyond.add(key)
    return beyond


def _common(one: Any, other: Any) -> Any:
    import pyarrow

    if one == other or pyarrow.types.is_null(other):
        return one
    numbers = (pyarrow.types.is_integer, pyarrow.types.is_floating)
    if all(pyarrow.types.is_decimal(kind) for kind in (one, other)):
        return _wide_enough(one, other)
    is_number = all(any(test(kind) for test in numbers) for kind in (one, other))
    if all(pyarrow.types.is_integer(kind) for kind in (one, other)):
        return pyarrow.uint64() if pyarrow.uint64() in (one, other) else pyarrow.int64()
    return pyarrow.float64() if is_number else pyarrow.string()


def _wide_enough(one: Any, other: Any) -> Any:
    """A type of decimals that holds both; as text they are kept where none does."""
    import pyarrow

    scale = max(one.scale, other.scale)
    digits = scale + max(one.precision - one.scale, other.precision - other.scale)
    return pyarrow.decimal128(digits, scale) if digits <= 38 else pyarrow.string()


def _places(names: list[str], ours: int) -> dict[tuple[str, int], int]:
    """(name, which of that name) -> position, of the input's columns in a draft that ends with so many of ours."""
    places: dict[tuple[str, int], int] = {}
    seen: Counter[str] = Counter()
    for position, name in enumerate(names[: len(names) - ours]):
        places[name, seen[name]] = position
        seen[name] += 1
    return places


def _as(column: Any, kind: Any, rows: int) -> Any:
    """The column in this type; one that the chunk lacks is empty."""
    import pyarrow

    if column is None:
        return pyarrow.chunked_array([[""] * rows if kind == pyarrow.string() else [None] * rows], kind)
    try:
        return column.cast(kind)
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # a table in a cell, or bytes: as text, which other forms have too
        if kind != pyarrow.string():
            raise
        return pyarrow.chunked_array([[None if cell is None else str(cell) for cell in column.to_pylist()]], kind)


def _groups(tables: Iterator[Any]) -> Iterator[list[Any]]:
    group: list[Any] = []
    for table in tables:
        group.append(table)
        if len(group) == _TOGETHER:
            yield group
            group = []
    if group:
        yield group
