"""Chunks that brought their worker down: found out which molecule did it, and scored without it.

A molecule can hang or crash the C++ under any of these numbers, and no except clause sees it. The executor
notices that a worker is gone or silent; here the chunk is tried again in pieces until the molecule stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from molgen.base.parallel import Executor, Lost, Patience
from molgen.chem.parse import Limits
from molgen.score.objective import Objective
from molgen.screen.chunk import Chunk, score_chunk, try_chunk

_PIECE = 32  # rows: the square root of a chunk, which makes the fewest trials


def score_watched(
    chunks: Iterator[Chunk], executor: Executor, objective: Objective, *, limits: Limits, folder: Path, patience: Patience
) -> Iterator[int]:
    """Scores every chunk into the folder; yields the rows scored as chunks end, in any order.

    A molecule that hangs or kills its worker is given up, with the reason in its row; the rest is scored. Those
    chunks are seen to last, since each trial of them may cost all of the patience.
    """
    work = partial(score_chunk, limits=limits, folder=folder)
    lost: list[Chunk] = []
    for done in executor.map(work, chunks, shared=objective, ordered=False, patience=patience):
        if isinstance(done, Lost):
            lost.append(done.item)
        else:
            yield done
    if not lost:
        return
    culprits = _culprits(lost, executor, objective, limits, patience)
    for done in executor.map(work, [_without(chunk, culprits) for chunk in lost], shared=objective, ordered=False, patience=patience):
        if isinstance(done, Lost):  # its molecules do no harm alone, but do together
            every = {done.item.start + row: f"given up with its whole chunk: {done.reason}" for row in range(len(done.item))}
            yield work(objective, _without(done.item, every))
        else:
            yield done


def _culprits(chunks: Sequence[Chunk], executor: Executor, objective: Objective, limits: Limits, patience: Patience) -> dict[int, str]:
    """Rows of the library that bring a worker down by themselves, and how."""
    attempt = partial(try_chunk, limits=limits)
    for size in (_PIECE, 1):
        pieces = [piece for chunk in chunks for piece in _pieces(chunk, size)]
        done = executor.map(attempt, pieces, shared=objective, ordered=False, patience=patience)
        fallen = [one for one in done if isinstance(one, Lost)]
        chunks = [one.item for one in fallen]
    return {one.item.start: f"given up: {one.reason}" for one in fallen}


def _pieces(chunk: Chunk, size: int) -> Iterator[Chunk]:
    for first in range(0, len(chunk), size):
        rows = range(first, min(first + size, len(chunk)))
        yield Chunk(chunk.number, chunk.start + first, chunk.rows.take(rows))


def _without(chunk: Chunk, culprits: dict[int, str]) -> Chunk:
    """The chunk with these rows of the library given up."""
    own = {row - chunk.start: reason for row, reason in culprits.items() if chunk.start <= row < chunk.start + len(chunk)}
    return replace(chunk, rows=replace(chunk.rows, given_up={**chunk.rows.given_up, **own}))
