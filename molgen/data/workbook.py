"""Tables to an Excel workbook, each row with a picture of its molecule."""

from __future__ import annotations

import io
import logging
import math
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from numbers import Integral, Real
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
from rdkit import Chem

from molgen.base.errand import Caught
from molgen.base.errors import MolgenError
from molgen.base.files import listed
from molgen.chem.depict import png
from molgen.chem.formats import read_structure
from molgen.data.columns import says_ids

if TYPE_CHECKING:
    from molgen.data.writers import Written

PICTURES = 2_000  # rows that get one: some twenty megabytes, and about as much as spreadsheets scroll through well
_MADE = datetime(2000, 1, 1)  # said of all: without a time of its own the same rows give the same bytes
_MARK = "written by molgen"
MOST_ROWS = 1_048_575  # a sheet has no more beneath its header
_MOST_COLUMNS = 16_384
_LONGEST = 32_767  # units of UTF-16 in a cell
_DIGITS = 15  # that a spreadsheet keeps of a number
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?(e[+-]\d{2,3})?")  # and no name, as 007 and 1E5 may be
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")  # what XML can't say
_WIDE, _HIGH = 160, 100  # pixels of a picture as shown


def write_workbook(sheets: Mapping[str, Iterable[Written]], path: Path) -> None:
    """Tables with the same columns one after another, on the sheet of their name: numbers, and text that nothing evaluates.

    A column of text that says numbers and nothing else in the first of the tables, as one of a CSV may, is one of numbers, but
    for names. Where structures are given, column A has their pictures, of the first `PICTURES` rows. A text that is too long for
    a cell is cut, with a line in the log that says so; more rows or columns than a sheet has are a MolgenError.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    # Row by row to the disk, beside the file to be.
    with TemporaryDirectory(prefix=".partial-workbook-", dir=path.parent) as folder:
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": folder})
        book.set_properties({"created": _MADE, "comments": _MARK})
        changed = 0
        for name, tables in sheets.items():
            sheet = _Sheet(book, name)
            for table in tables:
                sheet.add(table)
            sheet.finish()
            changed += sheet.changed
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # what the system said of it
    if changed:
        logging.getLogger(__name__).warning("%d cells are too long for a spreadsheet, or hold what it can't: cut there", changed)


def is_untouched(path: Path) -> bool:
    """Whether the file is a workbook as `write_workbook` left it: any program that saves it anew says when."""
    with Caught(), zipfile.ZipFile(path) as archive:  # a broken one is none
        said = archive.read("docProps/core.xml").decode()
        return _MARK in said and f">{_MADE.isoformat()}Z</dcterms:modified>" in said
    return False


class _Sheet:
    def __init__(self, book: Any, name: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._middle = book.add_format({"valign": "vcenter"})
        self._begun = False
        self._empty: pd.DataFrame | None = None
        self._row = 0
        self._first = 0  # column of the first cell: A is for pictures, where there are any
        self._width = 0
        self._numbers = set[int]()  # columns whose text says numbers
        self.changed = 0

    def add(self, table: Written) -> None:
        frame = table.frame
        if not len(frame):  # says nothing of what follows, but what its columns are called
            self._empty = self._empty if self._empty is not None else frame
            return
        columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
        if not self._begun:
            self._begin(list(map(str, frame.columns)), drawn=len(table.structures) > 0)
            self._numbers = {place for place, cells in enumerate(columns) if cells != list(table.ids) and _say_numbers(cells)}
            self._numbers -= {place for place, name in enumerate(frame.columns) if says_ids(str(name))}
        if self._row + len(frame) > MOST_ROWS:
            raise MolgenError(f"more than the {MOST_ROWS:,} rows that a sheet has", fix="have them as .csv or .parquet")
        for place in range(len(frame)):
            self._row += 1
            if self._first and self._row <= PICTURES:
                self._sheet.set_row_pixels(self._row, _HIGH + 4, self._middle)
                self._draw(table.structures[place])
            for column, cells in enumerate(columns):
                self._write(column, cells[place])

    def finish(self) -> None:
        if not self._begun and self._empty is not None:
            self._begin(list(map(str, self._empty.columns)), drawn=False)
        if self._row and self._width:
            self._sheet.autofilter(0, self._first, self._row, self._first + self._width - 1)

    def _begin(self, names: list[str], *, drawn: bool) -> None:
        self._begun, self._first, self._width = True, int(drawn), len(names)
        if self._first + self._width > _MOST_COLUMNS:
            raise MolgenError(f"more than the {_MOST_COLUMNS:,} columns that a sheet has", fix="have them as .csv or .parquet")
        if drawn:
            self._sheet.set_column_pixels(0, 0, _WIDE + 8)
        for place, name in enumerate(names, start=self._first):
            self._sheet.set_column(place, place, min(max(len(name) + 3, 9), 30))
            self._sheet.write_string(0, place, self._text(name), self._bold)
        self._sheet.freeze_panes(1, self._first)

    def _draw(self, structure: str) -> None:
        mol = read_structure(structure).mol if structure else None
        if mol is None:
            return
        places = {"x_offset": 4, "y_offset": 2, "x_scale": 0.5, "y_scale": 0.5, "object_position": 1}  # moved and sorted with its cell
        image = io.BytesIO(png(mol, width=2 * _WIDE, height=2 * _HIGH))
        self._sheet.insert_image(self._row, 0, "molecule.png", {"image_data": image, "description": Chem.MolToSmiles(mol)[:200], **places})

    def _write(self, column: int, cell: Any) -> None:
        cell, place = listed(cell), self._first + column
        if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
            return
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._row, place, cell)
        elif (number := _number(cell, said=column in self._numbers)) is not None:
            self._sheet.write_number(self._row, place, number)
        elif text := self._text(str(cell)):
            self._sheet.write_string(self._row, place, text)

    def _text(self, text: str) -> str:
        held = _NO_TEXT.sub("\ufffd", text)
        if len(held) > _LONGEST // 2:
            held = held.encode("utf-16-le")[: 2 * _LONGEST].decode("utf-16-le", errors="ignore")
        self.changed += held != text
        return held


def _say_numbers(cells: list[Any]) -> bool:
    """Whether all text among the cells says numbers, and no two texts the same, as names may: 1.1 and 1.10."""
    texts = {cell for cell in cells if isinstance(cell, str) and cell}
    return all(map(_NUMBER.fullmatch, texts)) and len(set(map(float, texts))) == len(texts)


def _number(cell: Any, *, said: bool) -> float | None:
    """What a cell holds as a number, or says as text where it may, and a spreadsheet can keep."""
    if isinstance(cell, Integral):
        return int(cell) if abs(int(cell)) < 10**_DIGITS else None
    if isinstance(cell, Real) or (said and isinstance(cell, str) and _NUMBER.fullmatch(cell)):
        return float(cell) if math.isfinite(float(cell)) else None
    return None
