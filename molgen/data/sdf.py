"""Records of an SD file, split by us so that one bad record never takes its neighbours along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

import pandas as pd

from molgen.chem.formats import is_counts_line, is_mol_block
from molgen.data.columns import Choice, free_name, id_column
from molgen.data.library import Rows
from molgen.data.streams import lines

_TAG = re.compile(r"^>.*?(?:<(?P<name>[^>]*)>|\bDT(?P<field>\d+))")  # by its name, or by the number of a field
_RECORD_MAX = 1_000_000  # characters; RDKit's reader has looped on absurd ones (rdkit #9014)


@dataclass
class _Record:
    block: str
    tags: dict[str, str] = field(default_factory=dict)
    fault: str = ""

    @property
    def title(self) -> str:
        return self.block.split("\n", 1)[0].strip()


def sdf_rows(stream: TextIO, choice: Choice, chunk: int, where: str) -> Iterator[Rows]:
    """A row a record: the mol block is its structure, the title line its id, each tag a column."""
    batch: list[_Record] = []
    seen: list[str] = []  # tags of the chunks before: a chunk may lack the one that holds the ids
    read = 0
    for record in _records(stream):
        batch.append(_parts(record))
        if len(batch) >= chunk:
            yield _rows(batch, read, seen, choice, where)
            read += len(batch)
            batch = []
    if batch or not read:
        yield _rows(batch, read, seen, choice, where)


def _records(stream: TextIO) -> Iterator[list[str]]:
    record: list[str] = []
    size, ended = 0, False  # whether the mol block is over
    for _, line, _ in lines(stream):
        if line.startswith("$$$$"):
            yield record
            record, size, ended = [], 0, False
            continue
        size += len(line) + 1
        if size <= 2 * _RECORD_MAX:  # what follows is not kept, and the record refused by its size
            record.append(line)
        ended |= line.startswith("M  END")
        if ended and is_counts_line(line) and _starts_anew(record[-5:]):
            yield record[:-4]
            record = record[-4:]
            size, ended = sum(map(len, record)), False
    if any(line.strip() for line in record):  # the last record may lack its $$$$
        yield record


def _starts_anew(last: list[str]) -> bool:
    """Whether of five lines behind a mol block the last four are the head of another: the $$$$ between the two is missing.

    A mol block kept in a tag is no such head: its lines follow on the tag's own without a blank one.
    """
    if len(last) < 5 or any(line.startswith(">") for line in last[1:4]):
        return False
    return not last[0].strip() or last[0].startswith("M  END")


def _parts(record: list[str]) -> _Record:
    end = next((i + 1 for i, line in enumerate(record) if line.startswith("M  END")), None)
    if end is None:
        end = next((i for i, line in enumerate(record) if line.startswith(">")), len(record))
    block = "\n".join(record[:end]) + "\n"
    size = sum(map(len, record)) + len(record)
    if len(block) > _RECORD_MAX or size > 2 * _RECORD_MAX:
        return _Record(block[:200], fault=f"record of more than {_RECORD_MAX} characters")
    said: dict[str, list[str]] = {}
    name: str | None = None
    for line in record[end:]:
        match = _TAG.match(line)
        if match:
            name = free_name(f"DT{match['field']}" if match["name"] is None else match["name"], said)
            said[name] = []
        elif name is not None and line.strip():
            said[name].append(line)
    tags = {name: "\n".join(text) for name, text in said.items()}
    if not block.strip():
        return _Record(block, tags, "empty record")
    # Without this a title that happens to be a SMILES would be read as the structure.
    return _Record(block, tags, "" if is_mol_block(block) else "not a mol block: no counts on the fourth line")


def _tagged(record: _Record, where: str) -> str:
    """What the record's own tags call it, whatever those of others are; "" where none does."""
    said = {name: text.strip() for name, text in record.tags.items() if text.strip()}
    found = id_column(list(said), Choice(), where)
    return "" if found is None else list(said.values())[found]


def _rows(batch: list[_Record], read: int, seen: list[str], choice: Choice, where: str) -> Rows:
    names = list(dict.fromkeys(name for record in batch for name in record.tags))
    columns = pd.DataFrame([[record.tags.get(name, "") for name in names] for record in batch], columns=names, dtype=object)
    seen += [name for name in names if name not in seen]
    named = id_column(seen, choice, where) if choice.id_col else None
    ids = []
    for number, record in enumerate(batch, start=read + 1):
        own = record.title if named is None else record.tags.get(seen[named], "").strip()
        ids.append(own or (_tagged(record, where) if named is None else record.title) or f"row_{number}")
    return Rows(
        tuple(ids),
        tuple(record.block for record in batch),
        columns,
        tuple(range(read + 1, read + len(batch) + 1)),
        {row: record.fault for row, record in enumerate(batch) if record.fault},
        titled=not choice.id_col and any(record.title for record in batch),
    )
