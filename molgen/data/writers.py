"""Tables of molecules to files, in the form the name asks for; whole or not at all."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdCoordGen, rdDepictor
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.base.files import safe_cell, whole_file
from molgen.chem.formats import is_mol_block, read_structure


def write(frame: pd.DataFrame, path: Path | str, *, structures: Sequence[str], ids: Sequence[str]) -> None:
    """The table as .csv, .tsv, .smi, .sdf or .parquet (text forms also .gz); ``-`` is CSV to standard output.

    `structures` (SMILES or mol block, one a row) are what a structure file shows; a row without one
    is an SDF record of no atoms, so that rows in = rows out in every form.
    """
    if str(path) == "-":
        sys.stdout.write(_csv(frame, ","))
        return
    path = Path(path)
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    kind = (suffixes[:-1] if packed else suffixes)[-1:] or [""]
    texts: dict[str, Callable[[], str]] = {
        ".csv": lambda: _csv(frame, ","),
        ".tsv": lambda: _csv(frame, "\t"),
        ".smi": lambda: "".join(map(_smi, structures, ids)),
        ".sdf": lambda: "".join(_record(*row) for row in zip(structures, ids, _tags(frame))),
    }
    if kind[0] == ".parquet" and not packed:
        with whole_file(path) as draft:
            import pyarrow.parquet

            pyarrow.parquet.write_table(table_of(frame), draft)
    elif kind[0] in texts:
        content = texts[kind[0]]().encode("utf-8", errors="surrogatepass")
        with whole_file(path) as draft:
            draft.write_bytes(gzip.compress(content, 6, mtime=0) if packed else content)
    else:
        raise MolgenError("can't tell the format from the name", where=str(path), fix=f"want one of {', '.join(texts)}, .parquet")


def write_csv_of(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Rows written, of tables with the same columns one after another in one .csv; none is held longer than it takes."""
    rows = 0
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", errors="surrogatepass", newline="") as out:
        for number, frame in enumerate(frames):
            out.write(_csv(frame, ",", header=number == 0))
            rows += len(frame)
    return rows


class _Lines(list[str]):
    """Where a csv writer writes. It quotes a cell with CR or LF in it only when both end its lines, so they do until here."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def _csv(frame: pd.DataFrame, separator: str, *, header: bool = True) -> str:
    safe = frame.copy(deep=False)
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            protected = [safe_cell(cell) if isinstance(cell, str) else cell for cell in column.tolist()]
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
    names = [_one_line(str(name)).replace("<", "(").replace(">", ")") for name in frame.columns]
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
    if cell is None or cell is pd.NA or cell != cell:
        return ""
    # A line of $$$$ ends the record and a blank one ends the tag, whatever else stands there.
    kept = [line for line in str(cell).splitlines() if line.strip()]
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
            arrays.append(pyarrow.array(column, from_pandas=True))
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
            cells = [None if empty else str(cell) for cell, empty in zip(column.tolist(), column.isna())]
            arrays.append(pyarrow.array(cells, pyarrow.string()))
    return pyarrow.Table.from_arrays(arrays, names=[str(name) for name in frame.columns])
