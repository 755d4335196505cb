"""The most similar molecules of a prepared library to each query, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.chem.fingerprints import Packed
from molgen.data.shelf import Shelf
from molgen.features.bits import Found, above, top


@dataclass(frozen=True, eq=False)
class Alike:
    """Hits of all queries, query by query, the most alike first; of equals the first of the library."""

    query: NDArray[np.int64]  # [hits]
    rank: NDArray[np.int64]  # [hits], from 1
    row: NDArray[np.int64]  # [hits], of the library
    tanimoto: NDArray[np.float32]  # [hits]
    read: int
    rejected: int


def alike(shelf: Shelf, queries: Packed, *, top_k: int | None, threshold: float, tell: Callable[[int], None]) -> Alike:
    """The `top_k` of each query (all, where None) that are at least `threshold` similar: exact, whatever the pages."""
    nothing = Found(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
    held = [nothing] * len(queries)
    read = rejected = 0
    for page in shelf.pages("ecfp4"):
        if top_k is None:
            new = above(queries, page.bits, threshold)
            held = [_together(before, Found(page.rows[now.row], now.tanimoto)) for before, now in zip(held, new)]
        else:
            new = top(queries, page.bits, top_k, at_least=_floors(held, top_k, threshold)) if len(page.bits) else [nothing] * len(queries)
            held = [_best(before, Found(page.rows[now.row], now.tanimoto), top_k) for before, now in zip(held, new)]
        read += page.read
        rejected += page.read - len(page.rows)
        tell(read)
    if top_k is None:
        held = [_best(found, nothing, len(found.row)) for found in held]
    sizes = [len(found.row) for found in held]
    return Alike(
        np.repeat(np.arange(len(held)), sizes),
        np.concatenate([np.arange(1, size + 1) for size in sizes] or [nothing.row]),
        np.concatenate([found.row for found in held] or [nothing.row]),
        np.concatenate([found.tanimoto for found in held] or [nothing.tanimoto]),
        read,
        rejected,
    )


def _floors(held: list[Found], top_k: int, threshold: float) -> NDArray[np.float32]:
    """[queries], what a molecule must reach to be among the best so far."""
    worst = [found.tanimoto[-1] if len(found.row) == top_k else 0.0 for found in held]
    return np.maximum(np.array(worst, dtype=np.float32), np.float32(threshold))


def _together(before: Found, now: Found) -> Found:
    return Found(np.concatenate([before.row, now.row]), np.concatenate([before.tanimoto, now.tanimoto])) if len(now.row) else before


def _best(before: Found, now: Found, k: int) -> Found:
    both = _together(before, now)
    order = np.lexsort((both.row, -both.tanimoto))[:k]
    return Found(both.row[order], both.tanimoto[order])
