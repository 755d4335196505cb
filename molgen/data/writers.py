"""Tables of molecules to files, in the form the name asks for; whole or not at all."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molgen.base.errors import MolgenError
from molgen.base.files import safe_cell, whole_file
from molgen.chem.formats import is_mol_block


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
        ".smi": lambda: "".join(f"{smiles}\t{_one_line(name)}\n" for smiles, name in zip(structures, ids)),
        ".sdf": lambda: "".join(_record(*row) for row in zip(structures, ids, _tags(frame))),
    }
    if kind[0] == ".parquet" and not packed:
        with whole_file(path) as draft:
            frame.to_parquet(draft, index=False)
    elif kind[0] in texts:
        content = texts[kind[0]]().encode("utf-8", errors="surrogatepass")
        with whole_file(path) as draft:
            draft.write_bytes(gzip.compress(content, 6, mtime=0) if packed else content)
    else:
        raise MolgenError("can't tell the format from the name", where=str(path), fix=f"want one of {', '.join(texts)}, .parquet")


def _csv(frame: pd.DataFrame, separator: str) -> str:
    safe = frame.copy(deep=False)
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column):
            protected = [safe_cell(cell) if isinstance(cell, str) else cell for cell in column.tolist()]
            safe.isetitem(position, pd.Series(protected, index=frame.index, dtype=object))
    safe.columns = [safe_cell(str(name)) for name in frame.columns]
    return str(safe.to_csv(index=False, sep=separator, lineterminator="\n"))


def _tags(frame: pd.DataFrame) -> list[list[tuple[str, str]]]:
    names = [_one_line(str(name)).replace("<", "(").replace(">", ")") for name in frame.columns]
    rows = frame.itertuples(index=False, name=None)
    return [[(name, _tag_text(cell)) for name, cell in zip(names, row)] for row in rows]


def _record(structure: str, name: str, tags: list[tuple[str, str]]) -> str:
    body = "".join(f">  <{tag}>\n{text}\n\n" for tag, text in tags if text)
    return f"{_block(structure, _one_line(name))}{body}$$$$\n"


def _block(structure: str, title: str) -> str:
    if is_mol_block(structure):
        return f"{title}\n{structure.partition(chr(10))[2].rstrip(chr(10))}\n"
    mol = Chem.MolFromSmiles(structure) if structure else Chem.Mol()
    if mol is None:
        mol = Chem.Mol()
    rdDepictor.Compute2DCoords(mol)
    return f"{title}\n{Chem.MolToMolBlock(mol).partition(chr(10))[2]}"


def _tag_text(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    text = f"{cell:.6g}" if isinstance(cell, float) else str(cell)
    # A line of $$$$ ends the record and a blank one ends the tag, whatever else stands there.
    kept = [line for line in text.splitlines() if line.strip()]
    return "\n".join(f" {line}" if line.startswith(("$$$$", ">", "M  END")) else line for line in kept)


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("$$$$", "$ $")
