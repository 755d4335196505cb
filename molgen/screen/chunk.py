"""What a worker does with a chunk of the library: scores it, and writes the scores down."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from molgen.chem.parse import Limits
from molgen.data.columns import free_name
from molgen.data.library import Library, Rows
from molgen.data.watch import Chunk
from molgen.score.objective import Objective
from molgen.score.scores import Scores
from molgen.screen.parts import write_part

_OWN = re.compile(r"in\d+:")


def score_chunk(objective: Objective, chunk: Chunk, *, limits: Limits, folder: Path) -> int:
    """Rows scored. The scores go to disk where they were made: none of them travels to the process that asked."""
    write_part(folder, chunk.number, scored(objective, chunk, limits))
    return len(chunk)


def try_chunk(objective: Objective, chunk: Chunk, *, limits: Limits) -> int:
    """Rows scored, and thrown away: how one finds out which of them brings a worker down."""
    return len(scored(objective, chunk, limits))


def scored(objective: Objective, chunk: Chunk, limits: Limits) -> pd.DataFrame:
    """One row a row of the chunk: its place, its input columns, what it is or why it was rejected, and its scores."""
    library = Library.from_rows(chunk.rows, limits=limits)
    frame = _table(library, objective.score(library))
    frame.insert(0, "row", np.arange(chunk.start, chunk.start + len(chunk)))
    return frame


def _table(library: Library, scores: Scores) -> pd.DataFrame:
    stage: list[str] = [structure.stage for structure in library.structures]
    reason = [structure.reason for structure in library.structures]
    for row, why in enumerate(scores.unsaid()):
        if why and not reason[row]:
            stage[row], reason[row] = "score", why
    ours = {
        "smiles": library.smiles,
        "inchikey": library.inchikeys,
        "changes": ["; ".join(structure.changes) for structure in library.structures],
        "stage": stage,
        "reason": reason,
        **{f"molgen_{name}": values for name, values in scores.columns().items()},
    }
    return pd.concat([as_read(library.rows), pd.DataFrame(ours)], axis=1)


def as_read(rows: Rows) -> pd.DataFrame:
    """What a part says of its rows before anything was made of them: its input columns, ids, lines and raw text."""
    said = pd.DataFrame({"id": rows.ids, "line": rows.lines, "raw": rows.raw})
    return pd.concat([_numbered_columns(rows.columns), said], axis=1)


def _numbered_columns(columns: pd.DataFrame) -> pd.DataFrame:
    """Input columns as "in<occurrence>:<name>", since a table may have two of one name."""
    seen: dict[str, int] = {}
    names = []
    for name in map(str, columns.columns):
        names.append(f"in{seen.setdefault(name, 0)}:{name}")
        seen[name] += 1
    return columns.set_axis(names, axis=1)


def input_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The input's own columns under their own names, and ours.

    An input that is itself a result of molgen keeps its columns as ``input_molgen_...``, so that
    ``molgen_`` always names what this run found.
    """
    own = [name for name in frame.columns if _OWN.match(name)]
    renamed = frame[own].copy()
    names = [name.partition(":")[2] for name in own]
    taken = [name for name in names if not name.startswith("molgen_")]
    for i, name in enumerate(names):
        if name.startswith("molgen_"):
            names[i] = free_name(f"input_{name}", taken)
            taken.append(names[i])
    renamed.columns = names
    ours = frame[[name for name in frame.columns if name.startswith("molgen_")]].copy()
    for position, name in enumerate(("id", "smiles", "inchikey", "changes")):
        ours.insert(position, f"molgen_{name}", frame[name])
    return renamed, ours
