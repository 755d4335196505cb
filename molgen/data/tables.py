"""Rows of text tables (CSV, TSV) and of SMILES files; a line with too few or too many cells stays a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain_cell
from molgen.data.columns import ID_NAMES, STRUCTURE_NAMES, Choice, has_structures, id_column, spare_id_column, structure_column
from molgen.data.library import Rows
from molgen.data.streams import DELIMITERS, LINE_MAX, lines

Record = tuple[int, list[str], str]  # the line it starts on, cells, what is wrong with it

_SEP = re.compile(r'\ufeff?"?sep=(.)"?', re.IGNORECASE)


@dataclass
class _Batch:
    """Rows on their way to a `Rows`; `read` goes on counting from batch to batch."""

    names: list[str]
    read: int = 0
    ids: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def add(self, line: int, raw: str, name: str, cells: list[str], fault: str) -> None:
        if fault:
            self.faults[len(self.ids)] = fault
        self.read += 1
        self.ids.append(name.strip() or f"row_{self.read}")
        self.raw.append(raw)
        self.cells.append(cells)
        self.lines.append(line)

    def rows(self) -> Rows:
        columns = pd.DataFrame(self.cells, columns=self.names, dtype=object)
        return Rows(tuple(self.ids), tuple(self.raw), columns, tuple(self.lines), self.faults)

    def next(self) -> _Batch:
        return _Batch(self.names, self.read)


def table_rows(stream: TextIO, choice: Choice, chunk: int, where: str, *, delimiter: str | None, header: str = "") -> Iterator[Rows]:
    """Rows of a table with a `header`, read already or not; without a `delimiter`, the one its header holds most of."""
    csv.field_size_limit(max(LINE_MAX, csv.field_size_limit()))
    first, line = header or stream.readline(LINE_MAX), 1
    if said := _SEP.fullmatch(first.strip()):  # a spreadsheet's own note of its delimiter
        delimiter, first, line = said[1], stream.readline(LINE_MAX), 2
    if not first.strip():
        raise MolgenError("no header in the first line", where=where)
    mark = delimiter or _sniff(first, choice)
    squeezed = mark == " " and "  " in first.strip()  # several blanks are one where they are so in the header
    cut: set[int] = set()
    records = _records(_lines(first, stream, where, line, cut), mark, where, line, squeezed=squeezed)
    names = [plain_cell(name) for name in next(records)[1]]

    def fitted() -> Iterator[Record]:
        for line, record in records:
            cells, fault = _fitted([plain_cell(cell) for cell in record], len(names), mark) if record else ([], "")
            yield line, cells, f"line of more than {LINE_MAX} characters" if line in cut else fault

    yield from rows_below(names, fitted(), choice, chunk, where)


def rows_below(names: list[str], records: Iterator[Record], choice: Choice, chunk: int, where: str) -> Iterator[Rows]:
    """Rows of a table of text with these names: of its records, as many cells each as there are names, none where it is blank."""
    structure = structure_column(names, choice, where)
    named = id_column(names, choice, where, structure=structure)
    spare = spare_id_column(names, named)
    batch, blank = _Batch(names), []
    for line, cells, fault in records:
        if not cells:  # only rows follow blank lines; at the end of a file they are its padding
            blank.append(line)
            continue
        for empty in blank:
            batch.add(empty, "", "", [""] * len(names), "blank line")
        blank = []
        called = next((cells[i] for i in (named, spare) if i is not None and cells[i].strip()), "")
        batch.add(line, cells[structure], called, cells, fault)
        if len(batch.ids) >= chunk:
            yield batch.rows()
            batch = batch.next()
    if batch.ids or not batch.read:
        yield batch.rows()


def smi_rows(stream: TextIO, chunk: int, where: str) -> Iterator[Rows]:
    """Rows of a SMILES file: structure, white space, name; a header is known by its words, a blank line is a row.

    Where the header has another order, or more columns, the file is a table.
    """
    batch, blank = _Batch(["smiles", "id"]), []
    for number, text, cut in lines(stream):
        if number == 1 and _is_wide(text):
            yield from table_rows(stream, Choice(), chunk, where, delimiter="\t" if "\t" in text else " ", header=f"{text}\n")
            return
        if number == 1 and _is_header(text):
            batch = _Batch([*text.strip("\ufeff").split(), "id"][:2])
            continue
        if not text.strip(" \t\ufeff"):
            blank.append(number)
            continue
        for empty in blank:
            batch.add(empty, "", "", ["", ""], "")
        blank = []
        smiles, name = _smiles_and_name(text)
        batch.add(number, smiles, name, [smiles, name], f"line of more than {LINE_MAX} characters" if cut else "")
        if len(batch.ids) >= chunk:
            yield batch.rows()
            batch = batch.next()
    if batch.ids or not batch.read:
        yield batch.rows()


def _fitted(record: list[str], width: int, mark: str) -> tuple[list[str], str]:
    """(as many cells as the header has, the fault); nothing read is lost, further cells stay in the last one."""
    if len(record) > width and any(record[width:]):
        return [*record[: width - 1], mark.join(record[width - 1 :])], f"{len(record)} cells, the header has {width}"
    if len(record) < width:
        return record + [""] * (width - len(record)), f"{len(record)} cells, the header has {width}"
    return record[:width], ""


def _smiles_and_name(line: str) -> tuple[str, str]:
    # Only blanks and tabs part the two: at a no-break space inside a structure the gate must see both halves.
    smiles, rest = line.split("\t", 1) if "\t" in line else (*re.split(" +", line.strip(" "), maxsplit=1), "")[:2]
    rest = rest.strip(" \t")
    if rest.startswith("|") and "|" in rest[1:]:  # a ChemAxon extension belongs to the structure
        extension, _, rest = rest[1:].partition("|")
        return f"{smiles.strip(' ')} |{extension}|", rest.strip(" \t")
    return smiles.strip(" "), rest


def _is_header(text: str) -> bool:
    words = text.strip("\ufeff ").casefold().split()
    return bool(words) and words[0] in STRUCTURE_NAMES  # none of which is a SMILES


def _is_wide(text: str) -> bool:
    words = text.strip("\ufeff ").casefold().split()
    return (words[:1] and words[0] in ID_NAMES and words[-1] in STRUCTURE_NAMES) or (_is_header(text) and len(words) > 2)


def _sniff(header: str, choice: Choice) -> str:
    """Of what the header holds most of, the first that parts the structure's name from the others: names have commas in them too."""
    bare = re.sub(r'"[^"]*"?', "", header)
    marks = sorted((mark for mark in DELIMITERS if mark in bare), key=bare.count, reverse=True)
    return next((mark for mark in marks if _has_structure(header, mark, choice)), (*marks, ",")[0])


def _has_structure(header: str, mark: str, choice: Choice) -> bool:
    try:
        return has_structures([plain_cell(name) for name in next(csv.reader([header], delimiter=mark))], choice)
    except csv.Error:
        return False


def _lines(first: str, stream: TextIO, where: str, number: int, cut: set[int]) -> Iterator[str]:
    """The lines; of one that is too long the beginning, its number among the `cut`."""
    line = first
    while line:
        if len(line) >= LINE_MAX and not line.endswith("\n"):
            if line.count('"') % 2:  # where the cell ends is not known
                raise MolgenError(f"a line of more than {LINE_MAX} characters", where=f"{where}, line {number}")
            cut.add(number)
            while (rest := stream.readline(LINE_MAX)) and not rest.endswith("\n"):
                pass
            line += "\n"
        yield line
        number, line = number + 1, stream.readline(LINE_MAX)


def _records(text: Iterator[str], mark: str, where: str, number: int, *, squeezed: bool) -> Iterator[tuple[int, list[str]]]:
    """(line it starts on, cells) of every record, the header's among them; an unclosed quote is an error with its line."""
    reader = csv.reader(text, delimiter=mark, strict=True, skipinitialspace=squeezed)
    start = number
    try:
        for record in reader:
            yield start, record
            start = reader.line_num + number
    except csv.Error as error:
        raise MolgenError(f"not a table here: {error}", where=f"{where}, line {start}", fix="is a quote never closed?") from None
