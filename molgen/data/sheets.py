"""Rows of a spreadsheet, Excel's or OpenDocument's: of its sheets the one that has structures."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.data.columns import Choice, has_structures, id_column, spare_id_column, structure_column
from molgen.data.rows import Rows
from molgen.data.streams import open_bytes

SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

_WHOLE = 2.0**53  # from here on a float is whole whatever was meant


def sheet_rows(path: Path | str, choice: Choice, chunk: int) -> Iterator[Rows]:
    """Rows below the sheet's first that is not blank; columns of nothing but numbers are numbers, all others are text.

    A formula is what it gave when the file was saved. When more sheets than one have structures, the error lists them.
    """
    table = _meant(_tables(path), choice, str(path))
    structure = structure_column(table.names, choice, str(path))
    named = id_column(table.names, choice, str(path), structure=structure)
    called = [place for place in (named, spare_id_column(table.names, named)) if place is not None]
    count = 0
    for lines, rows in table.rows(chunk):
        texts = [[_text(cell) for cell in row] for row in rows]
        ids = (next((text[place] for place in called if text[place].strip()), f"row_{n}") for n, text in enumerate(texts, start=count + 1))
        faults = {row: "blank row" for row, text in enumerate(texts) if not any(text)}
        yield Rows(tuple(ids), tuple(text[structure] for text in texts), table.typed(rows, texts), tuple(lines), faults)
        count += len(rows)
    if not count:
        yield Rows((), (), table.typed([], []), ())


@dataclass
class _Table:
    """A sheet from its header on. What lies about it is left out: blank rows, and columns in which nothing stands."""

    sheet: Any  # python_calamine.CalamineSheet
    names: list[str] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)  # of the sheet's rows, those that the table has
    kinds: list[type] = field(default_factory=list)  # int, float, bool or str
    header: int = 0  # the header's place among the sheet's rows
    end: int = 0  # and that of the last row that is not blank

    def __post_init__(self) -> None:
        kinds: list[set[type]] = []
        for place, row in enumerate(self.sheet.iter_rows()):
            if all(cell == "" for cell in row):
                continue
            if not kinds:
                self.header, kinds = place, [set() for _ in row]
                self.names = [_text(cell) for cell in row]
            else:
                for found, cell in zip(kinds, row):
                    found.add(_kind(cell))
            self.end = place
        self.columns = [column for column, found in enumerate(kinds) if self.names[column].strip() or found - {type(None)}]
        self.names = [self.names[column] for column in self.columns]
        self.kinds = [_common(kinds[column] - {type(None)}) for column in self.columns]

    def rows(self, chunk: int) -> Iterator[tuple[list[int], list[list[Any]]]]:
        """(numbers that the spreadsheet shows, cells) of so many rows at once."""
        lines: list[int] = []
        cells: list[list[Any]] = []
        for place, row in enumerate(self.sheet.iter_rows()):
            if self.header < place <= self.end:
                lines.append(place + 1)
                cells.append([row[column] for column in self.columns])
            if len(lines) == chunk:
                yield lines, cells
                lines, cells = [], []
        if lines:
            yield lines, cells

    def typed(self, rows: Sequence[Sequence[Any]], texts: Sequence[Sequence[str]]) -> pd.DataFrame:
        """The cells in the types of their columns, an empty one null among numbers; two columns may have one name."""
        columns = []
        for place, kind in enumerate(self.kinds):
            given = [text[place] for text in texts] if kind is str else [None if row[place] == "" else kind(row[place]) for row in rows]
            columns.append(pd.Series(given, dtype=kind if kind is float or (kind is not str and None not in given) else object))
        frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
        frame.columns = pd.Index(self.names)
        return frame


def _tables(path: Path | str) -> list[tuple[str, bool, _Table]]:
    """(name, visible, table) of every sheet on which anything stands."""
    import python_calamine

    try:
        with open_bytes(path) as raw:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw.read()))
        sheets = [(said.name, said.visible, book.get_sheet_by_name(said.name)) for said in book.sheets_metadata if _has_cells(said)]
    except python_calamine.PasswordError:
        raise MolgenError("locked by a password", where=str(path), fix="save it without one") from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise MolgenError(f"not a whole spreadsheet: {error}", where=str(path), fix="fetch it again, or save it as CSV") from None
    shown = python_calamine.SheetVisibleEnum.Visible
    return [(name, visible == shown, _Table(sheet)) for name, visible, sheet in sheets if sheet.start is not None]


def _has_cells(said: Any) -> bool:
    import python_calamine

    return said.typ == python_calamine.SheetTypeEnum.WorkSheet  # and no sheet of a chart or a macro


def _meant(tables: Sequence[tuple[str, bool, _Table]], choice: Choice, where: str) -> _Table:
    """The table that has a structure column, one on a visible sheet sooner than one on a hidden sheet."""
    if not tables:
        raise MolgenError("nothing stands in it", where=where)
    with_structures = [(name, visible, table) for name, visible, table in tables if has_structures(table.names, choice)]
    meant = [one for one in with_structures if one[1]] or with_structures
    if len(meant) > 1:
        listed = ", ".join(repr(name) for name, _, _ in meant)
        raise MolgenError(f"{len(meant)} sheets have structures: {listed}", where=where, fix="leave one of them in the file")
    return (meant or tables)[0][2]  # of which the error says what it has in place of structures


def _kind(cell: Any) -> type:
    """What a cell is, as its column may have it: int, float, bool or str; NoneType where nothing stands."""
    if cell == "":
        return type(None)
    if isinstance(cell, (bool, str)):
        return type(cell)
    if isinstance(cell, (int, float)):
        return int if float(cell).is_integer() and abs(cell) < _WHOLE else float
    return str


def _common(kinds: set[type]) -> type:
    if kinds == {int, float}:
        return float
    return kinds.pop() if len(kinds) == 1 else str


def _text(cell: Any) -> str:
    """What a cell says, in the words of a CSV that the spreadsheet would write."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if _kind(cell) is int else repr(cell)
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
