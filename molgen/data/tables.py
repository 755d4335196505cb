"""Rows of text tables (CSV, TSV) and of SMILES files; a line with too few or too many cells stays a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain_cell
from molgen.data.columns import ID_NAMES, STRUCTURE_NAMES, Choice, id_column, structure_column
from molgen.data.library import Rows
from molgen.data.streams import LINE_MAX, lines

_DELIMITERS = ",;\t|"


def table_rows(stream: TextIO, choice: Choice, chunk: int, where: str, *, delimiter: str | None) -> Iterator[Rows]:
    """Rows of a table with a header; without a `delimiter`, the one its header holds most of."""
    csv.field_size_limit(LINE_MAX)
    first = stream.readline(LINE_MAX)
    if not first.strip():
        raise MolgenError("no header in the first line", where=where)
    names = next(csv.reader([first], delimiter=delimiter or _sniff(first)))
    if first.count('"') % 2:
        raise MolgenError("a quote in the header is never closed", where=where)
    structure = structure_column(names, choice, where)
    named = id_column(names, choice, where, structure=structure)
    reader = csv.reader(stream, delimiter=delimiter or _sniff(first), strict=True)
    ids: list[str] = []
    raw: list[str] = []
    cells: list[list[str]] = []
    numbers: list[int] = []
    faults: dict[int, str] = {}
    count, blank = 0, []
    for row in _records(reader, where):
        line = reader.line_num + 1
        if not row:  # only rows follow blank lines; at the end of a file they are its padding
            blank.append(line)
            continue
        for number, record in [*((line, []) for line in blank), (line, row)]:
            if len(record) > len(names) or (record and len(record) < len(names)) or not record:
                faults[len(ids)] = f"{len(record)} cells, the header has {len(names)}" if record else "blank line"
            record = [plain_cell(cell) for cell in record]
            padded = (record + [""] * len(names))[: len(names)]
            count += 1
            ids.append((padded[named].strip() if named is not None else "") or f"row_{count}")
            raw.append(padded[structure])
            # The overflow is kept, in the last cell, in the file's own writing: nothing read is lost.
            cells.append(padded if len(record) <= len(names) else [*record[: len(names) - 1], ",".join(record[len(names) - 1 :])])
            numbers.append(number)
        blank = []
        if len(ids) >= chunk:
            yield _rows(names, ids, raw, cells, numbers, faults)
            ids, raw, cells, numbers, faults = [], [], [], [], {}
    if ids or not count:
        yield _rows(names, ids, raw, cells, numbers, faults)


def smi_rows(stream: TextIO, chunk: int, where: str) -> Iterator[Rows]:
    """Rows of a SMILES file: structure, white space, name; a header is known by its words, a blank line is a row."""
    names: list[str] = ["smiles", "id"]
    ids: list[str] = []
    raw: list[str] = []
    numbers: list[int] = []
    faults: dict[int, str] = {}
    count, blank = 0, []
    for number, text, cut in lines(stream):
        if number == 1 and _is_header(text):
            names = (text.split() + ["id"])[:2]
            continue
        if not text.strip(" \t\ufeff"):
            blank.append(number)
            continue
        for line, written in [*((line, "") for line in blank), (number, text)]:
            if cut and line == number:
                faults[len(ids)] = f"line of more than {LINE_MAX} characters"
            smiles, name = _smiles_and_name(written)
            count += 1
            ids.append(name or f"row_{count}")
            raw.append(smiles)
            numbers.append(line)
        blank = []
        if len(ids) >= chunk:
            yield _rows(names, ids, raw, [list(pair) for pair in zip(raw, ids)], numbers, faults)
            ids, raw, numbers, faults = [], [], [], {}
    if ids or not count:
        yield _rows(names, ids, raw, [list(pair) for pair in zip(raw, ids)], numbers, faults)


def _smiles_and_name(line: str) -> tuple[str, str]:
    smiles, _, rest = line.strip().partition("\t") if "\t" in line else _partition_blank(line.strip())
    rest = rest.strip()
    if rest.startswith("|") and "|" in rest[1:]:  # a ChemAxon extension belongs to the structure
        extension, _, rest = rest[1:].partition("|")
        return f"{smiles} |{extension}|", rest.strip()
    return smiles, rest


def _partition_blank(text: str) -> tuple[str, str, str]:
    head, *tail = text.split(None, 1)
    return head, " ", tail[0] if tail else ""


def _is_header(text: str) -> bool:
    words = text.strip("\ufeff ").casefold().split()
    return bool(words) and words[0] in STRUCTURE_NAMES and all(word in ID_NAMES for word in words[1:2])


def _sniff(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _records(reader: Iterator[list[str]], where: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        raise MolgenError(f"not a table here: {error}", where=f"{where}, near line {line}", fix="is a quote never closed?") from None


def _rows(names: list[str], ids: list[str], raw: list[str], cells: list[list[str]], numbers: list[int], faults: dict[int, str]) -> Rows:
    return Rows(tuple(ids), tuple(raw), pd.DataFrame(cells, columns=names, dtype=object), tuple(numbers), faults)
