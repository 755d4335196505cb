"""Chunks that brought their worker down: found out which row did it, and done without it.

A molecule can hang or crash the C++ that reads it, and no except clause sees it. The executor notices that a worker is
gone or silent; here the chunk is tried again in pieces until the molecule stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from molgen.base.errand import errand
from molgen.base.parallel import Executor, Lost, Patience, Pool, Serial
from molgen.data.rows import Rows

Out = TypeVar("Out")
Some = TypeVar("Some", bound=Sized)  # rows, or a chunk of them

_POOL_FROM = 2_000  # rows below which a pool of processes takes longer to start than the work takes
_PIECE = 32  # rows: the square root of a chunk, which makes the fewest trials


@dataclass(frozen=True)
class Chunk:
    """Some rows that follow each other in a library."""

    number: int  # of the chunk, from 0
    start: int  # row of the library its first row is
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)


def numbered(chunks: Iterator[Rows]) -> Iterator[Chunk]:
    """The chunks with their place in the library."""
    start = 0
    for number, rows in enumerate(chunks):
        yield Chunk(number, start, rows)
        start += len(rows)


def place(chunks: Iterator[Some], executor: Executor | None, *, risky: bool = False) -> tuple[Executor, Iterator[Some]]:
    """Where the work is done, the one asked for or, for few rows, here; and the chunks again, of which some were drawn.

    A `risky` library is one that an earlier attempt did not survive: what is left of it goes to watched workers, however few rows.
    """
    if executor is not None:
        return executor, chunks
    first: list[Some] = []
    while sum(map(len, first)) < _POOL_FROM and (some := next(chunks, None)) is not None:
        first.append(some)
    rows = sum(map(len, first))
    return (Pool() if rows >= _POOL_FROM or (risky and rows) else Serial()), chain(first, chunks)


def watched(
    work: Callable[..., Out],
    attempt: Callable[..., Any],
    chunks: Iterator[Chunk],
    executor: Executor,
    *,
    shared: Any = None,
    patience_s: float = 60.0,
) -> Iterator[Out]:
    """`work` of every chunk, in any order. A row that hangs or kills its worker is given up, with the reason in `Rows.given_up`.

    `attempt` does what `work` does and leaves nothing behind; both get `shared` first, where there is any. Fallen chunks are
    seen to last, since each trial of them may cost all of the patience.
    """
    watch = partial(executor.map, shared=shared, ordered=False, patience=Patience(patience_s, len))
    lost: list[Chunk] = []
    for done in watch(work, chunks):
        if isinstance(done, Lost):
            lost.append(done.item)
        else:
            yield done
    if not lost:
        return
    culprits = _culprits(partial(watch, attempt), lost)
    for done in watch(work, [_without(chunk, culprits) for chunk in lost]):
        if isinstance(done, Lost):  # its rows do no harm alone, but do together
            yield errand(work, shared)(_without(done.item, _all_of(done)))
        else:
            yield done


def _culprits(tried: Callable[[list[Chunk]], Iterator[Any]], chunks: Sequence[Chunk]) -> dict[int, str]:
    """Rows of the library that bring a worker down by themselves, and how."""
    fallen: list[Lost] = []
    for size in (_PIECE, 1):
        fallen = [one for one in tried([piece for chunk in chunks for piece in _pieces(chunk, size)]) if isinstance(one, Lost)]
        chunks = [one.item for one in fallen]
    return {one.item.start: f"given up: {one.reason}" for one in fallen}


def _all_of(lost: Lost) -> dict[int, str]:
    chunk: Chunk = lost.item
    return {chunk.start + row: f"given up with its whole chunk: {lost.reason}" for row in range(len(chunk))}


def _pieces(chunk: Chunk, size: int) -> Iterator[Chunk]:
    for first in range(0, len(chunk), size):
        yield Chunk(chunk.number, chunk.start + first, chunk.rows.take(range(first, min(first + size, len(chunk)))))


def _without(chunk: Chunk, culprits: dict[int, str]) -> Chunk:
    """The chunk with these rows of the library given up."""
    own = {row - chunk.start: reason for row, reason in culprits.items() if chunk.start <= row < chunk.start + len(chunk)}
    return replace(chunk, rows=replace(chunk.rows, given_up={**chunk.rows.given_up, **own}))
