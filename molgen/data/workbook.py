"""Tables to an Excel workbook, each row with a picture of its molecule."""

from __future__ import annotations

import io
import logging
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import listed
from molgen.chem.depict import png
from molgen.chem.formats import read_structure

PICTURES = 2_000  # rows that get one: some ten megabytes, and about as much as spreadsheets scroll through well
_ROWS = 1_048_575  # a sheet has no more beneath its header
_LONGEST = 32_767  # characters of a cell
_DIGITS = 15  # that a spreadsheet keeps of a number
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")  # and no name, as 007 and 1E5 may be
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")  # what XML can't say
_WIDE, _HIGH = 160, 100  # pixels of a picture as shown


class Written(NamedTuple):
    """Rows for a file: the table, and what a structure file shows of each row."""

    frame: pd.DataFrame
    structures: Sequence[str]  # SMILES or mol block, "" for none
    ids: Sequence[str]


def write_workbook(sheets: Mapping[str, Iterable[Written]], path: Path) -> None:
    """Tables with the same columns one after another, on the sheet of their name: numbers, and text that nothing evaluates.

    Text that says a number and no more, as all of a CSV is, is that number. Where there are structures, column A has their
    pictures, of the first `PICTURES` rows. A text that is too long for a cell is cut, with a line in the log that says so;
    more rows than a sheet has are a MolgenError.
    """
    import xlsxwriter

    # Row by row to the disk. Without a time of its own the same rows give the same bytes.
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})
    cut = 0
    for name, tables in sheets.items():
        sheet = _Sheet(book, name)
        for table in tables:
            sheet.add(table)
        sheet.finish()
        cut += sheet.cut
    book.close()
    if cut:
        logging.getLogger(__name__).warning("%d cells hold but the first %d characters of their text", cut, _LONGEST)


class _Sheet:
    def __init__(self, book: Any, name: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._middle = book.add_format({"valign": "vcenter"})
        self._row = 0
        self._first = 0  # column of the first cell: A is for pictures, where there are any
        self._width = 0
        self.cut = 0

    def add(self, table: Written) -> None:
        frame = table.frame
        if not self._row:
            self._begin(frame, drawn=any(table.structures))
        if self._row + len(frame) > _ROWS:
            raise MolgenError(f"more than the {_ROWS:,} rows that a sheet has", fix="name a .csv or .parquet file")
        columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
        for place in range(len(frame)):
            self._row += 1
            if self._first and self._row <= PICTURES:
                self._sheet.set_row_pixels(self._row, _HIGH + 4, self._middle)
                self._draw(table.structures[place])
            for column, cells in enumerate(columns, start=self._first):
                self._write(column, cells[place])

    def finish(self) -> None:
        if self._row and self._width:
            self._sheet.autofilter(0, self._first, self._row, self._first + self._width - 1)

    def _begin(self, frame: pd.DataFrame, *, drawn: bool) -> None:
        self._first, self._width = int(drawn), frame.shape[1]
        if drawn:
            self._sheet.set_column_pixels(0, 0, _WIDE + 8)
        for column, name in enumerate(frame.columns, start=self._first):
            self._sheet.set_column(column, column, min(max(len(str(name)) + 3, 9), 30))
            self._sheet.write_string(0, column, self._text(str(name)), self._bold)
        self._sheet.freeze_panes(1, self._first)

    def _draw(self, structure: str) -> None:
        mol = read_structure(structure).mol if structure else None
        if mol is None:
            return
        places = {"x_offset": 4, "y_offset": 2, "x_scale": 0.5, "y_scale": 0.5, "object_position": 1}  # moved and sorted with its cell
        image = io.BytesIO(png(mol, width=2 * _WIDE, height=2 * _HIGH))
        self._sheet.insert_image(self._row, 0, "molecule.png", {"image_data": image, "description": structure[:200], **places})

    def _write(self, column: int, cell: Any) -> None:
        cell = listed(cell)
        if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
            return
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._row, column, cell)
        elif (number := _number(cell)) is not None:
            self._sheet.write_number(self._row, column, number)
        elif text := self._text(str(cell)):
            self._sheet.write_string(self._row, column, text)

    def _text(self, text: str) -> str:
        self.cut += len(text) > _LONGEST
        return _NO_TEXT.sub("\ufffd", text)[:_LONGEST]


def _number(cell: Any) -> float | None:
    """What a cell holds as a number, where a spreadsheet can keep it."""
    if isinstance(cell, Integral):
        return int(cell) if abs(int(cell)) < 10**_DIGITS else None
    if isinstance(cell, Real):
        return float(cell) if math.isfinite(cell) else None
    return float(cell) if isinstance(cell, str) and len(cell) <= _DIGITS and _NUMBER.fullmatch(cell) else None
