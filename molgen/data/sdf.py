"""Records of an SD file, split by us so that one bad record never takes its neighbours along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

import pandas as pd

from molgen.data.columns import Choice, id_column
from molgen.data.library import Rows
from molgen.data.streams import lines

_TAG = re.compile(r"^>.*?<(?P<name>[^>]*)>")
_RECORD_MAX = 1_000_000  # characters; RDKit's reader has looped on absurd ones (rdkit #9014)


def sdf_rows(stream: TextIO, choice: Choice, chunk: int, where: str) -> Iterator[Rows]:
    """A row a record: the mol block is its structure, the title line its id, each tag a column."""
    batch: list[tuple[int, str, dict[str, str], str]] = []
    count = 0
    for number, record in enumerate(_records(stream), start=1):
        batch.append((number, *_parts(record)))
        if len(batch) >= chunk:
            yield _rows(batch, choice, where)
            batch, count = [], count + 1
    if batch or not count:
        yield _rows(batch, choice, where)


def _records(stream: TextIO) -> Iterator[list[str]]:
    record: list[str] = []
    for _, line, _ in lines(stream):
        if line.startswith("$$$$"):
            yield record
            record = []
        else:
            record.append(line)
    if any(line.strip() for line in record):  # the last record may lack its $$$$
        yield record


def _parts(record: list[str]) -> tuple[str, dict[str, str], str]:
    """(mol block, tags, fault)"""
    end = next((i + 1 for i, line in enumerate(record) if line.startswith("M  END")), None)
    if end is None:
        end = next((i for i, line in enumerate(record) if line.startswith(">")), len(record))
    block = "\n".join(record[:end]) + "\n"
    if len(block) > _RECORD_MAX:
        return block[:200], {}, f"record of {len(block)} characters, more than {_RECORD_MAX}"
    tags: dict[str, str] = {}
    name: str | None = None
    for line in record[end:]:
        match = _TAG.match(line)
        if match:
            name = match["name"]
            tags[name] = ""
        elif name is not None and line.strip():
            tags[name] = f"{tags[name]}\n{line}" if tags[name] else line
    return block, tags, "" if block.strip() else "empty record"


def _rows(batch: list[tuple[int, str, dict[str, str], str]], choice: Choice, where: str) -> Rows:
    names = list(dict.fromkeys(name for _, _, tags, _ in batch for name in tags))
    columns = pd.DataFrame([[tags.get(name, "") for name in names] for _, _, tags, _ in batch], columns=names, dtype=object)
    named = id_column(names, choice, where) if choice.id_col or not all(_title(block) for _, block, _, _ in batch) else None
    ids = []
    for number, block, tags, _ in batch:
        tagged = tags.get(names[named], "").strip() if named is not None else ""
        title = _title(block)
        ids.append((tagged or title if choice.id_col else title or tagged) or f"row_{number}")
    faults = {row: fault for row, (_, _, _, fault) in enumerate(batch) if fault}
    return Rows(tuple(ids), tuple(block for _, block, _, _ in batch), columns, tuple(number for number, *_ in batch), faults)


def _title(block: str) -> str:
    return block.split("\n", 1)[0].strip()
