"""Rows of an Excel workbook: of its sheets the one that has structures, its cells as the text of a CSV."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from molgen.base.errand import Caught
from molgen.base.errors import MolgenError
from molgen.data.columns import Choice, has_structures
from molgen.data.rows import Rows
from molgen.data.streams import open_bytes
from molgen.data.tables import Record, rows_below

_TOP = 20  # rows looked at for the header, and below it for columns in which nothing stands
_WHOLE = 2.0**53  # from here on a float is whole whatever was meant
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # how an .xls begins, and whatever Excel locks by a password

# A cell with a formula and nothing, or nothing in it, for what the formula gives; an empty text is said by t="str".
_OPEN = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)><(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_NONE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")

_Row = tuple[int, list[str]]  # the number that Excel shows, cells
_T = TypeVar("_T")


def sheet_rows(path: Path | str, choice: Choice, chunk: int) -> Iterator[Rows]:
    """Rows below the header, which is the first of the sheet's rows that names a structure column.

    A formula is what it gave when the workbook was saved; one that was never worked out is its own text. When more visible sheets
    than one have structures, the error lists them.
    """
    where = str(path)
    with open_bytes(path) as raw:
        data = raw.read()
    if data.startswith(_COMPOUND_FILE):
        fix = "save it as .xlsx, without a password"
        raise MolgenError("an old Excel file, or one that is locked by a password", where=where, fix=fix)
    sheet = _meant(_whole(lambda: list(_sheets(data, choice)), where), choice, where)
    columns, choice = sheet.columns(), sheet.chosen(choice)
    names = [sheet.header[column] for column in columns]
    yield from rows_below(names, _records(sheet, columns, where), choice, chunk, f"{where}, sheet {sheet.name!r}")


@dataclass(frozen=True)
class _Sheet:
    name: str
    visible: bool
    top: list[_Row]  # the header, or the first row where none is, and a few below it
    rest: Iterator[_Row]

    @property
    def header(self) -> list[str]:
        return self.top[0][1]

    def columns(self) -> list[int]:
        """The columns of the table: those with a name, and without one those in which something stands."""
        filled = self._filled()
        return [column for column, name in enumerate(self.header) if name.strip() or column in filled]

    def chosen(self, choice: Choice) -> Choice:
        """The choice; of several columns that are called as structures are the one with text: in others Excel may show pictures."""
        found = [column for column, name in enumerate(self.header) if choice.smiles_col is None and has_structures([name], choice)]
        told = [self.header[column] for column in found if column in self._filled()] if len(found) > 1 else []
        return Choice(told[0], choice.id_col) if len(told) == 1 else choice

    def _filled(self) -> set[int]:
        return {column for _, cells in self.top[1:] for column, cell in enumerate(cells) if cell.strip()}


def _records(sheet: _Sheet, columns: Sequence[int], where: str) -> Iterator[Record]:
    taken, width = set(columns), max(columns, default=-1) + 1
    rows = chain(sheet.top[1:], sheet.rest)
    while (row := _whole(lambda: next(rows, None), where)) is not None:
        line, cells = row
        cells += [""] * (width - len(cells))
        beside = [f"{cell[:200]!r} in column {_letters(n)}" for n, cell in enumerate(cells) if n not in taken and cell.strip()]
        blank = not any(cell.strip() for cell in cells)
        yield line, [] if blank else [cells[column] for column in columns], f"{', '.join(beside)}, which has no name" if beside else ""


def _meant(sheets: Sequence[_Sheet], choice: Choice, where: str) -> _Sheet:
    """The sheet with a structure column, a visible one sooner than a hidden one."""
    if not sheets:
        raise MolgenError("nothing stands in it", where=where)
    found = [sheet for sheet in sheets if has_structures(sheet.header, choice)]
    meant = [sheet for sheet in found if sheet.visible] or found
    if len(meant) > 1:
        listed = ", ".join(repr(sheet.name) for sheet in meant)
        raise MolgenError(f"{len(meant)} sheets have structures: {listed}", where=where, fix="hide those that are not meant")
    return (meant or sheets)[0]  # of which the error says what it has in place of structures


def _sheets(data: bytes, choice: Choice) -> Iterator[_Sheet]:
    """Every sheet on which anything stands, from its header on."""
    import openpyxl

    given = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    written = openpyxl.load_workbook(io.BytesIO(data), read_only=True) if _has_open_formulas(data) else given
    for sheet, formulas in zip(given.worksheets, written.worksheets):
        rows = _rows(sheet, formulas if written is not given else None)
        top = list(islice(rows, _TOP))
        first = _header([cells for _, cells in top], choice)
        if first < len(top):
            top = top[first:] + list(islice(rows, first))
            width = max(len(cells) for _, cells in top)
            top[0][1].extend([""] * (width - len(top[0][1])))
            yield _Sheet(sheet.title, sheet.sheet_state == "visible", top, rows)


def _header(rows: Sequence[Sequence[str]], choice: Choice) -> int:
    """Which row is the header: the first that names a structure column, or the last of such with as many cells or more below each other,
    as a header of two rows has; where there is none, the first in which anything stands."""
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in rows]
    naming = [has_structures(cells, choice) for cells in rows]
    place = naming.index(True) if any(naming) else next((n for n, cells in enumerate(filled) if cells), len(rows))
    while place + 1 < len(rows) and naming[place] and naming[place + 1] and filled[place + 1] >= filled[place]:
        place += 1
    return place


def _rows(sheet: Any, formulas: Any | None) -> Iterator[_Row]:
    for one in (sheet, formulas):
        if one is not None:
            one.reset_dimensions()  # what a sheet says of its size need not be so
    if formulas is None:
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [_text(cell) for cell in cells]
        return
    pairs = zip(sheet.iter_rows(values_only=True), formulas.iter_rows(values_only=True))
    for line, (cells, texts) in enumerate(pairs, start=1):
        yield line, [_text(text if cell is None else cell) for cell, text in zip(cells, texts)]


def _has_open_formulas(data: bytes) -> bool:
    """Whether any formula was saved without what it gives, as by programs that work none out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as opened:
                    left = b""
                    while block := opened.read(1 << 20):
                        *rows, left = (left + block).rsplit(b"row>", 1)
                        if any(b"t=\"str\"" not in cell[1] for row in rows for cell in _OPEN.finditer(row)):
                            return True
    return False


def _whole(work: Callable[[], _T], where: str) -> _T:
    """What the work gives; whatever the reader of workbooks stumbles over is the file's fault."""
    with Caught() as caught, warnings.catch_warnings(action="ignore"):  # of styles, and of what else it leaves out
        return work()
    assert caught.error is not None
    fix = "fetch it again; if it is text, say --format csv or tsv"
    raise MolgenError(f"not a whole workbook: {caught.error}", where=where, fix=fix) from None


def _text(cell: Any) -> str:
    """What a cell holds, as the text of a CSV: 7.5, 17, TRUE, 2024-05-01, 30:00:00."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _unescaped(cell) if "_x" in cell else cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell) if isinstance(cell, int) else str(getattr(cell, "text", "=TABLE()"))  # else a formula of several cells


def _unescaped(text: str) -> str:
    """The characters that XML can't say, as workbooks write them: `_x000D_`; what is none in text either stays as it is written."""
    return _ESCAPE.sub(lambda found: found[0] if _NONE.fullmatch(chr(int(found[1], 16))) else chr(int(found[1], 16)), text)


def _letters(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column + 1))
