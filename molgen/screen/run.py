"""A library ranked by an objective, chunk by chunk, every chunk's scores on disk once they exist."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from molgen.base.claim import claimed
from molgen.base.errors import MolgenError
from molgen.base.files import check_folder_place, sha256, sweep
from molgen.base.parallel import Executor
from molgen.base.provenance import Provenance, versions
from molgen.base.wanted import checked
from molgen.chem.parse import Limits
from molgen.data.columns import Choice
from molgen.data.estimate import estimated_rows
from molgen.data.library import Library, Rows
from molgen.data.readers import CHUNK, Format, read_rows
from molgen.data.watch import Chunk, numbered, place, watched
from molgen.data.writers import Written, write_tables
from molgen.score.config import read_objective
from molgen.score.folder import another, check_free, check_verb
from molgen.score.objective import Objective
from molgen.score.ranking import Ranking, files_of
from molgen.screen.best import Ranked, first_rejects, ranked, rejects
from molgen.screen.chunk import as_read, input_columns, score_chunk, try_chunk
from molgen.screen.parts import Parts

_HELD = 10_000  # rejects in memory; more of them are read from the file

Progress = Callable[[int, int | None, str], None]  # molecules done, of about how many, what is being done


@checked
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
    chunk: int = CHUNK,
    patience_s: float = 60.0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    part_of: str = "screen",
) -> Ranking:
    """The `top` molecules of `source` by `objective`, best first, and an account of all the others.

    Duplicates (by InChIKey) hold one place, that of their first row. With `diverse`, no two ranked
    molecules are more similar than that (Tanimoto, ECFP4). With `out`, the scores of every molecule
    are written chunk by chunk under ``out/scores`` and the same call resumes after an interruption of any kind;
    a folder that holds another run, or in which a run is at work, is refused. Standard input is known by its rows:
    the first chunk that is not as the folder has it is refused. Equal scores keep the library's order. Worker processes
    are watched: a molecule that kills its worker, or keeps it silent for `patience_s` seconds more than its like, is a
    reject with that reason. A verb that screens in its own folder is `part_of`: others' folders are refused.
    """
    if isinstance(source, Library) and source.partners is not None:
        fix = 'rank molecules, and name their partner in the objective: target = "..."'
        raise MolgenError("the library is of pairs, a screen ranks molecules", where=source.source, fix=fix)
    if top < 1 or chunk < 1:
        raise MolgenError(f"top is {top} and chunk {chunk}, want at least 1 each")
    if diverse is not None and not 0 < diverse <= 1:
        raise MolgenError(f"diverse is {diverse}, want a similarity in (0, 1]")
    objective = objective if isinstance(objective, Objective) else read_objective(Path(objective))
    identity = {
        "objective": objective.key,
        "limits": vars(limits),
        "input": _digest(source),
        "columns": [format, smiles_col, id_col],
        "chunk": chunk,
        "versions": versions(),
    }
    if out is not None:
        check_folder_place(Path(out))
        check_verb(Path(out), "screen", part_of)
        check_free(Path(out), *files_of("ranking"))
    with ExitStack() as held:
        folder = Path(out) / "scores" if out is not None else Path(held.enter_context(TemporaryDirectory(prefix="molgen-")))
        held.enter_context(claimed(folder))
        parts = Parts.open(folder, identity)
        held.callback(parts.forget)
        if out is not None:
            sweep(Path(out), *files_of("ranking"))
        chunks = _chunks(source, format, Choice(smiles_col, id_col), chunk, limits)
        todo = _Todo(numbered(chunks), parts, progress, _expected(source, format), unknown=_is_piped(source))
        executor, left = place(iter(todo), executor, risky=parts.taken_up)
        work, attempt = partial(score_chunk, limits=limits, folder=folder), partial(try_chunk, limits=limits)
        for done in watched(work, attempt, left, executor, shared=objective, patience_s=patience_s):
            todo.count(done)
        todo.tell("ranking")
        asked = {"top": top, "diverse": diverse, "objective": objective.key, "limits": vars(limits)}
        read = parts.digest if _is_piped(source) else str(identity["input"])
        made = Provenance(verb="screen", config=asked, inputs={_name(source): read})
        ranking = _ranking(ranked(parts, top=top, diverse=diverse), parts, objective, made, None if out is None else Path(out))
        if out is not None:
            ranking.save(Path(out))
    return ranking


def scores(folder: Path | str) -> Iterator[pd.DataFrame]:
    """The scores of every molecule a run has read, chunk by chunk, in the library's order; a MolgenError where no run was."""
    return Parts.of(Path(folder) / "scores").frames()


class _Todo:
    """The chunks that are not scored yet, drawn as they are wanted, and how far the run is.

    An `unknown` input can't be told from another until it is read: each chunk that is scored is held against its part.
    """

    def __init__(
        self, chunks: Iterator[Chunk], parts: Parts, progress: Progress | None, expected: int | None, *, unknown: bool = False
    ) -> None:
        self._chunks, self._parts, self._progress, self._expected, self._unknown = chunks, parts, progress, expected, unknown
        self._done = 0

    def __iter__(self) -> Iterator[Chunk]:
        read = 0
        for chunk in self._chunks:
            read = chunk.number + 1
            if chunk.number not in self._parts.left:
                yield chunk
            elif self._unknown and not self._parts.holds(chunk.number, as_read(chunk.rows)):
                raise another("input", self._parts.folder.parent)
            else:
                self._done += len(chunk)
                self.tell("found scored")
        if any(number >= read for number in self._parts.left):
            raise another("input", self._parts.folder.parent)

    def count(self, rows: int) -> None:
        self._done += rows
        self.tell("screened")

    def tell(self, what: str) -> None:
        if self._progress:
            self._progress(self._done, self._expected, what)


def _ranking(found: Ranked, parts: Parts, objective: Objective, made: Provenance, out: Path | None) -> Ranking:
    """The ranking, its files with it where it has a folder: there the first rejects are held and all are on disk."""
    own, ours = input_columns(found.frame)
    ours.insert(0, "molgen_rank", np.arange(1, len(ours) + 1))
    if out is not None:
        write_tables((Written(frame, (), ()) for frame in rejects(parts)), out / "rejects.csv")
    return Ranking(
        frame=pd.concat([own, ours], axis=1),
        counts=found.counts,
        goals=objective.describe(),
        rejects=first_rejects(parts, _HELD if out is not None else found.counts.rejected),
        provenance=made,
        title=objective.title,
        all_rejects=None if out is None else out / "rejects.csv",
    )


def _chunks(source: Library | Path | str, format: Format | None, choice: Choice, size: int, limits: Limits) -> Iterator[Rows]:
    if isinstance(source, Library):
        return (source.rows.take(range(start, min(start + size, len(source)))) for start in range(0, len(source), size))
    return read_rows(source, format=format, choice=choice, chunk=size, limits=limits)


def _is_piped(source: Library | Path | str) -> bool:
    return not isinstance(source, Library) and str(source) == "-"


def _digest(source: Library | Path | str) -> str:
    if isinstance(source, Library):
        told = hashlib.sha256(source.digest.encode())
        for row in chain([source.rows.columns.columns], source.rows.columns.itertuples(index=False)):
            told.update(json.dumps(list(map(str, row))).encode())
        return told.hexdigest()
    return "standard input" if _is_piped(source) else sha256(_existing(Path(source)))


def _expected(source: Library | Path | str, format: Format | None) -> int | None:
    return len(source) if isinstance(source, Library) else estimated_rows(source, format)


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise MolgenError("a folder, want a file", where=str(path))
    if path.exists() and not path.is_file():
        raise MolgenError("is read more than once, and is no file of a disk", where=str(path), fix="give it by standard input: -")
    if not path.is_file():
        raise MolgenError("no such file", where=str(path))
    return path


def _name(source: Library | Path | str) -> str:
    return (source.source or "library") if isinstance(source, Library) else Path(source).name
