"""A run folder's tables as an Excel workbook, for those who go on with them by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain_cell, whole_file
from molgen.data.workbook import Written, write_workbook
from molgen.report.rows import read_cells

_TRUTH = {"True": True, "False": False, "": None}


def save_workbook(folder: Path, names: list[str], path: Path) -> None:
    """Every row of these tables of the run, a sheet each, with pictures of what was scored."""
    if not names:
        raise MolgenError("no table of molecules in it", where=str(folder), fix="want ranking.csv or proposals.csv")
    with whole_file(path) as draft:
        write_workbook({Path(name).stem: [_written(folder / name)] for name in names}, draft)


def _written(table: Path) -> Written:
    cells = read_cells(table)
    columns = [_told(str(name), cells.iloc[:, place]) for place, name in enumerate(cells.columns)]
    frame = pd.concat(columns, axis=1)
    frame.columns = pd.Index([plain_cell(str(name)) for name in cells.columns])
    return Written(frame, cells["molgen_smiles"].tolist(), cells["molgen_id"].tolist())


def _told(name: str, cells: pd.Series) -> pd.Series:
    """A column's cells as what they say; of the input's own, what is a number is for the workbook to tell."""
    if name.startswith("molgen_") and cells.isin(list(_TRUTH)).all():
        return cells.map(_TRUTH)
    if name.startswith("molgen_") and name != "molgen_id":
        numbers = pd.to_numeric(cells, errors="coerce")
        if numbers.notna().eq(cells != "").all():
            return numbers
    return cells.map(plain_cell)
