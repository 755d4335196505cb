"""Tables of molecules to files, in the form the name asks for; whole or not at all."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO, cast

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdCoordGen, rdDepictor
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.base.files import check_file_place, listed, safe_cell, whole_file
from molgen.chem.formats import is_mol_block, read_structure
from molgen.data.columns import free_name
from molgen.data.streams import arrow_file
from molgen.data.workbook import write_workbook


class Written(NamedTuple):
    """Rows for a file: the table, and what a structure file shows of each row."""

    frame: pd.DataFrame
    structures: Sequence[str]  # SMILES or mol block, "" for none; none at all where the file is not to show any
    ids: Sequence[str]


def write(frame: pd.DataFrame, path: Path | str, *, structures: Sequence[str], ids: Sequence[str]) -> None:
    """The table as .csv, .tsv, .smi, .sdf (each also .gz), .parquet or .xlsx; ``-`` is CSV to standard output.

    `structures` (SMILES or mol block, one a row) are what a structure file shows and a workbook draws; a row without one
    is an SDF record of no atoms, so that rows in = rows out in every form.
    """
    if form_of(path) == ".parquet":
        import pyarrow.parquet

        with whole_file(Path(path)) as draft, arrow_file(draft, "wb") as file:
            pyarrow.parquet.write_table(table_of(frame), file)
    else:
        write_tables([Written(frame, structures, ids)], path)


def write_tables(tables: Iterable[Written], path: Path | str) -> None:
    """Tables with the same columns, one after another in one file of any form but .parquet; none is held longer than it takes."""
    if str(path) == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):  # files are UTF-8 whatever the locale, and so is this one
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
        for number, table in enumerate(tables):
            sys.stdout.write(_csv(table.frame, ",", header=number == 0))
        return
    form, path = form_of(path), Path(path)
    if form == ".xlsx":
        with whole_file(path) as draft:
            write_workbook({"molgen": tables}, draft)
        return
    with whole_file(path) as draft, _text(draft, packed=path.suffix.casefold() == ".gz") as out:
        for number, table in enumerate(tables):
            if form in _SEPARATORS:
                out.write(_csv(table.frame, _SEPARATORS[form], header=number == 0))
            elif form == ".smi":
                out.writelines(map(_smi, table.structures, table.ids))
            else:
                out.writelines(_record(*row) for row in zip(table.structures, table.ids, _tags(table.frame)))


def form_of(path: Path | str) -> str:
    """What a file of this name holds, as its ending without .gz; a MolgenError when it can't be told."""
    if str(path) == "-":
        return ".csv"
    suffixes = [suffix.casefold() for suffix in Path(path).suffixes]
    packed = suffixes[-1:] == [".gz"]
    form = (suffixes[:-1] if packed else suffixes)[-1:] or [""]
    if form[0] not in _FORMS or (packed and form[0] in (".parquet", ".xlsx")):
        raise MolgenError("can't tell the format from the name", where=str(path), fix=f"want one of {', '.join(_FORMS)}")
    return form[0]


def check_out(path: Path | str) -> str:
    """The form of a file to be, once nothing is in its way: to be asked before the work is done."""
    form = form_of(path)
    if str(path) != "-":
        check_file_place(Path(path))
    return form


_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_FORMS = (*_SEPARATORS, ".smi", ".sdf", ".parquet", ".xlsx")


@contextmanager
def _text(draft: Path, *, packed: bool) -> Iterator[TextIO]:
    with draft.open("wb") as raw:
        # No name and no time in it: the same rows give the same bytes.
        content = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
        with content, io.TextIOWrapper(cast(BinaryIO, content), encoding="utf-8", errors="surrogatepass", newline="") as text:
            yield text


class _Lines(list[str]):
    """Where a csv writer writes. It quotes a cell with CR or LF in it only when both end its lines, so they do until here."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def _csv(frame: pd.DataFrame, separator: str, *, header: bool = True) -> str:
    safe = frame.copy(deep=False)
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            protected = [safe_cell(cell) if isinstance(cell, str) else listed(cell) for cell in column.tolist()]
            safe.isetitem(position, pd.Series(protected, index=frame.index, dtype=object))
    safe.columns = [safe_cell(str(name)) for name in frame.columns]
    lines = _Lines()
    safe.to_csv(lines, index=False, header=header, sep=separator, lineterminator="\r\n")
    return "".join(lines)


def _smi(structure: str, name: str) -> str:
    if is_mol_block(structure):
        structure = _smiles_of(structure)
    return f"{_one_line(structure)}\t{_one_line(name)}\n"


def _smiles_of(block: str) -> str:
    mol = read_structure(block).mol
    return Chem.MolToSmiles(mol) if mol is not None else ""


def _tags(frame: pd.DataFrame) -> list[list[tuple[str, str]]]:
    names: dict[str, None] = {}
    for name in frame.columns:  # a reader would take two tags of one name for one
        names[free_name(_one_line(str(name)).replace("<", "(").replace(">", ")"), names)] = None
    rows = frame.itertuples(index=False, name=None)
    return [[(name, _tag_text(cell)) for name, cell in zip(names, row)] for row in rows]


def _record(structure: str, name: str, tags: list[tuple[str, str]]) -> str:
    # An empty tag is written too: all records have all columns, in one order.
    body = "".join(f">  <{tag}>\n{text}\n\n" for tag, text in tags)
    return f"{_block(structure, _one_line(name))}{body}$$$$\n"


def _block(structure: str, title: str) -> str:
    if is_mol_block(structure):
        return _retitled(structure, title)
    with BlockLogs():
        mol = (Chem.MolFromSmiles(structure) if structure else None) or Chem.Mol()
        rdDepictor.Compute2DCoords(mol)
        block = Chem.MolToMolBlock(mol)
        if not _says(block, mol):  # the drawing of a bridged ring can hide a stereocentre: draw it by the slower method
            rdCoordGen.AddCoords(mol)
            block = Chem.MolToMolBlock(mol)
    return _retitled(block, title)


def _says(block: str, mol: Chem.Mol) -> bool:
    read = Chem.MolFromMolBlock(block)
    return read is not None and Chem.MolToSmiles(read) == Chem.MolToSmiles(mol)


def _retitled(block: str, title: str) -> str:
    """The block under this title, up to its end: whatever stands behind that is no structure."""
    lines = block.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:]
    end = next((i for i, line in enumerate(lines) if line.startswith(("M  END", "$$$$", ">"))), len(lines))
    return "\n".join([title, *lines[:end], "M  END", ""])


def _tag_text(cell: object) -> str:
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return ""
    # A line of $$$$ ends the record and a blank one ends the tag, whatever else stands there.
    kept = [line for line in str(listed(cell)).splitlines() if line.strip()]
    return "\n".join(f" {line}" if line.startswith(("$$$$", ">", "M  END")) else line for line in kept)


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("$$$$", "$ $")


def table_of(frame: pd.DataFrame) -> Any:
    """The frame for Parquet: a column of mixed types as text, two columns of one name both kept."""
    import pyarrow

    arrays = []
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        try:
            array = pyarrow.array(column, from_pandas=True)
            arrays.append(array.dictionary_decode() if pyarrow.types.is_dictionary(array.type) else array)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
            cells = [None if empty else str(cell) for cell, empty in zip(column.tolist(), column.isna())]
            arrays.append(pyarrow.array(cells, pyarrow.string()))
    return pyarrow.Table.from_arrays(arrays, names=[str(name) for name in frame.columns])
