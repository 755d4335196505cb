"""A run folder's tables as an Excel workbook, for those who go on with them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from molgen.base.errors import MolgenError
from molgen.base.files import check_file_place, whole_file
from molgen.data.columns import OUR_ID, OUR_STRUCTURE, Choice
from molgen.data.readers import CHUNK, read_rows
from molgen.data.workbook import is_untouched, write_workbook
from molgen.data.writers import Written

_TRUTH = {"True": True, "False": False}


def save_workbook(folder: Path, names: list[str], path: Path) -> None:
    """Every row of these tables of the run, a sheet each, with pictures of what was scored. It takes the place of no workbook
    that anybody has worked in."""
    if not names:
        raise MolgenError("no table of molecules in it", where=str(folder), fix="want ranking.csv or proposals.csv")
    check_file_place(path)
    if path.exists() and not is_untouched(path):
        what = "is there already, and no workbook as molgen left it"
        raise MolgenError(what, where=str(path), fix="name another file, or remove it")
    with whole_file(path) as draft:
        write_workbook({Path(name).stem: _written(folder / name) for name in names}, draft)


def _written(table: Path) -> Iterator[Written]:
    for rows in read_rows(table, choice=Choice(OUR_STRUCTURE, OUR_ID), chunk=CHUNK):
        frame = rows.columns
        for place, name in enumerate(map(str, frame.columns)):
            if name.startswith("molgen_") and name.endswith(("in_domain", "novel")):
                frame.isetitem(place, frame.iloc[:, place].map(lambda cell: _TRUTH.get(cell, cell)).astype(object))
        yield Written(frame, rows.raw, rows.ids)
