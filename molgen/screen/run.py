"""A library ranked by an objective, chunk by chunk: constant memory, every chunk's scores on disk once they exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.base.parallel import Executor, Pool, Serial
from molgen.base.provenance import Provenance
from molgen.chem.parse import Limits
from molgen.data.columns import Choice
from molgen.data.library import Library, Rows
from molgen.data.readers import CHUNK, Format, read_rows
from molgen.score.config import read_objective
from molgen.score.diversity import pick
from molgen.score.objective import Objective
from molgen.score.ranking import REJECT_COLUMNS, Counts, Ranking
from molgen.screen.best import Best
from molgen.screen.parts import Parts, input_columns, part_of

# Molecules below which starting a pool (imports, models) costs more than it saves.
_POOL_FROM = 2_000
_DIVERSE_POOL = 20  # candidates held for each place when the ranking must be diverse

Progress = Callable[[int, str], None]  # molecules done, what is being done


def screen(
    source: Library | Path | str,
    objective: Objective | Path | str,
    *,
    out: Path | str | None = None,
    top: int = 1_000,
    diverse: float | None = None,
    format: Format | None = None,
    smiles_col: str | None = None,
    id_col: str | None = None,
    limits: Limits = Limits(),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """The `top` molecules of `source` by `objective`, best first, and an account of all the others.

    Duplicates (by InChIKey) hold one place, that of their first row. With `diverse`, no two ranked
    molecules are more similar than that (Tanimoto, ECFP4). With `out`, the scores of every molecule
    are written chunk by chunk under ``out/scores`` and the same call resumes after an interruption;
    a folder that holds another run's scores is refused. Equal scores keep the library's order.
    """
    if top < 1:
        raise MolgenError(f"top is {top}, want at least 1")
    if diverse is not None and not 0 < diverse <= 1:
        raise MolgenError(f"diverse is {diverse}, want a similarity in (0, 1]")
    objective = objective if isinstance(objective, Objective) else read_objective(Path(objective))
    identity = {"objective": objective.key, "limits": vars(limits), "input": _digest(source)}
    parts = Parts.open(Path(out) if out is not None else None, identity)
    chunks = _chunks(source, format, Choice(smiles_col, id_col))
    executor, chunks = _place(executor, chunks)

    best = Best(top if diverse is None else top * _DIVERSE_POOL)
    for part in _scored(chunks, parts, executor, objective, limits):
        best.add(part)
        if progress:
            progress(best.read, "screened")
    frame, counts = _ranked(best, top, diverse)
    asked = {"top": top, "diverse": diverse, "objective": objective.key, "limits": vars(limits)}
    ranking = Ranking(
        frame=frame,
        counts=counts,
        goals=objective.describe(),
        rejects=best.rejects[list(REJECT_COLUMNS)],
        provenance=Provenance(verb="screen", config=asked, inputs={_name(source): str(identity["input"])}),
    )
    if out is not None:
        ranking.save(Path(out))
    return ranking


def scores(folder: Path | str) -> Iterator[pd.DataFrame]:
    """The scores of every molecule a run has read, chunk by chunk, in the library's order."""
    return Parts.of(Path(folder)).frames()


def _scored(chunks: Iterator[Rows], parts: Parts, executor: Executor, objective: Objective, limits: Limits) -> Iterator[pd.DataFrame]:
    numbered = enumerate(chunks)
    done = 0
    for number in range(parts.done):  # what an earlier run left: read, not scored again
        next(numbered, None)
        frame = parts.read(number)
        done += len(frame)
        yield frame
    score = partial(_score_chunk, limits=limits)
    for number, frame in enumerate(executor.map(score, (rows for _, rows in numbered), shared=objective), start=parts.done):
        frame.insert(0, "row", np.arange(done, done + len(frame)))
        done += len(frame)
        yield parts.keep(number, frame)


def _score_chunk(objective: Objective, rows: Rows, limits: Limits) -> pd.DataFrame:
    library = Library.from_rows(rows, limits=limits)
    return part_of(library, objective.score(library))


def _ranked(best: Best, top: int, diverse: float | None) -> tuple[pd.DataFrame, Counts]:
    held = best.frame
    if diverse is not None and len(held):
        held = held.iloc[pick(held["smiles"].tolist(), top, most_alike=diverse)]
    held = held.reset_index(drop=True)
    ranked = len(held)
    counts = Counts(
        read=best.read,
        ranked=ranked,
        cut=best.read - ranked - len(best.rejects) - best.duplicates,
        rejected=len(best.rejects),
        duplicates=best.duplicates,
    )
    own, ours = input_columns(held)
    ours.insert(0, "molgen_rank", np.arange(1, ranked + 1))
    return pd.concat([own, ours], axis=1), counts


def _chunks(source: Library | Path | str, format: Format | None, choice: Choice) -> Iterator[Rows]:
    if isinstance(source, Library):
        return (source.take(range(start, min(start + CHUNK, len(source)))).rows for start in range(0, len(source), CHUNK))
    return read_rows(source, format=format, choice=choice)


def _place(executor: Executor | None, chunks: Iterator[Rows]) -> tuple[Executor, Iterator[Rows]]:
    """Where the work is done: here when there is little of it."""
    if executor is not None:
        return executor, chunks
    first, seen = [], 0
    for rows in chunks:
        first.append(rows)
        seen += len(rows)
        if seen >= _POOL_FROM:
            break
    return (Pool() if seen >= _POOL_FROM else Serial()), chain(first, chunks)


def _digest(source: Library | Path | str) -> str:
    if isinstance(source, Library):
        return source.digest
    return "standard input" if str(source) == "-" else sha256(_existing(Path(source)))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise MolgenError("no such file", where=str(path))
    return path


def _name(source: Library | Path | str) -> str:
    return (source.source or "library") if isinstance(source, Library) else Path(source).name
