"""The molecules of a prepared library that hold a substructure: most are turned away by their fingerprint, the rest are matched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.chem.substructure import Patterns
from molgen.data.shelf import Shelf

_AT_ONCE = 500  # molecules matched between two looks at the limit


@dataclass(frozen=True, eq=False)
class Holding:
    """Rows that match, in the library's order, and what became of the others."""

    row: NDArray[np.int64]  # [hits], of the library
    read: int  # up to where the limit was reached
    rejected: int
    screened_out: int  # by their fingerprint alone


def holding(shelf: Shelf, patterns: Patterns, *, limit: int | None, tell: Callable[[int], None]) -> Holding:
    """The first `limit` rows (all, where None) in which every pattern matches."""
    found: list[int] = []
    read = rejected = screened_out = 0
    for page in shelf.pages("pattern", smiles=True):
        possible = np.flatnonzero(patterns.may_be_in(page.bits))
        read += page.read
        rejected += page.read - len(page.rows)
        screened_out += len(page.rows) - len(possible)
        for first in range(0, len(possible), _AT_ONCE):
            some = possible[first : first + _AT_ONCE]
            match = patterns.found_in(page.smiles.take(some).to_pylist())
            found += page.rows[some[match]].tolist()
            if limit is not None and len(found) >= limit:
                return Holding(np.array(found[:limit], dtype=np.int64), read, rejected, screened_out)
        tell(read)
    return Holding(np.array(found, dtype=np.int64), read, rejected, screened_out)
