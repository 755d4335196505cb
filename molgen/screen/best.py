"""The best rows of a run and an account of all others, read from its parts one at a time: of each row a byte is in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.duplicates import Seen
from molgen.score.diversity import pick
from molgen.score.ranking import REJECT_COLUMNS, Counts
from molgen.screen.order import Order
from molgen.screen.parts import PASSING, Parts

# Rows for each place, when the ranking must be diverse: looked up in the parts at first, and compared at a time.
_LOOKED_UP, _COMPARED = 20, 5
_MOST = 100_000  # rows looked up at a time, unless more are wanted: the parts are opened again for each time


@dataclass(frozen=True)
class Ranked:
    """The ranked rows as the parts have them, best first, and where all rows went."""

    frame: pd.DataFrame
    counts: Counts


def ranked(parts: Parts, *, top: int, diverse: float | None) -> Ranked:
    """The best `top` rows, no molecule twice; with `diverse`, none more alike than that."""
    repeated = _repeated(parts)
    starts: list[int] = []  # of the parts
    read = rejected = 0
    with TemporaryDirectory(dir=parts.folder, prefix=PASSING) as name:
        best = _Best(top) if diverse is None else Order(Path(name))
        for frame in parts.frames(["reason", "molgen_score"]):
            good = (frame["reason"] == "").to_numpy()
            rows = np.flatnonzero(good & ~repeated[read : read + len(frame)])
            best.add(frame["molgen_score"].to_numpy()[rows], read + rows)
            starts.append(read)
            rejected += int((~good).sum())
            read += len(frame)
        chosen = list(best) if diverse is None else _apart(parts, starts, iter(best), top, diverse)
    frame = _rows(parts, starts, chosen)
    duplicates = int(repeated.sum())
    counts = Counts(
        read=read, ranked=len(frame), cut=read - len(frame) - rejected - duplicates, rejected=rejected, duplicates=duplicates
    )
    return Ranked(frame, counts)


def rejects(parts: Parts) -> Iterator[pd.DataFrame]:
    """Rows that can't be ranked, each with its reason, a frame a part; one without rows where there is no part."""
    yield pd.DataFrame(columns=list(REJECT_COLUMNS))
    for frame in parts.frames(list(REJECT_COLUMNS)):
        yield frame.loc[frame["reason"] != "", list(REJECT_COLUMNS)]


def first_rejects(parts: Parts, limit: int) -> pd.DataFrame:
    """At most `limit` of them."""
    found: list[pd.DataFrame] = []
    rows = 0
    for frame in rejects(parts):
        if rows >= limit and found:
            break
        found.append(frame.head(limit - rows))
        rows += len(found[-1])
    return pd.concat([frame for frame in found if len(frame)] or found, ignore_index=True)


def _repeated(parts: Parts) -> NDArray[np.bool_]:
    """[rows], True where an earlier row is the same molecule (by InChIKey)."""
    with TemporaryDirectory(dir=parts.folder, prefix=PASSING) as name:
        seen, start = Seen(Path(name)), 0
        for frame in parts.frames(["inchikey", "reason"]):
            keys = frame["inchikey"].where(frame["reason"] == "", "")
            seen.add(start, keys.tolist())
            start += len(frame)
        return seen.duplicates()


class _Best:
    """Holds `limit` rows at most; the order of equal scores is the order they came in."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._scores = np.empty(0)
        self._rows = np.empty(0, dtype=np.int64)

    def add(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        if len(self._rows) == self._limit:  # most rows of a long library end here
            better = scores > self._scores[-1]
            scores, rows = scores[better], rows[better]
        if len(rows):
            scores, rows = np.concatenate([self._scores, scores]), np.concatenate([self._rows, rows])
            order = np.argsort(-scores, kind="stable")[: self._limit]
            self._scores, self._rows = scores[order], rows[order]

    def __iter__(self) -> Iterator[int]:
        """Rows of the library, best first."""
        return iter(self._rows.tolist())


def _apart(parts: Parts, starts: Sequence[int], order: Iterator[int], top: int, most_alike: float) -> list[int]:
    """The first `top` rows of the order, each no more similar than this to any before: it is gone through as far as it takes."""
    rows: list[int] = []
    smiles: list[str] = []
    wanted, at_once = _LOOKED_UP * top, _COMPARED * top
    while len(rows) < top and (block := list(islice(order, wanted))):
        texts = _rows(parts, starts, block, ["row", "smiles"])["smiles"].tolist()
        for start in range(0, len(block), at_once):
            # Those that have their place come first, and keep it.
            picked = pick(smiles + texts[start : start + at_once], top, most_alike=most_alike)[len(smiles) :]
            new = [start + position - len(smiles) for position in picked]
            rows += [block[position] for position in new]
            smiles += [texts[position] for position in new]
        wanted = max(wanted, min(2 * wanted, _MOST))
    return rows


def _rows(parts: Parts, starts: Sequence[int], wanted: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """These rows of the library, in this order, with all their columns or some, "row" among them."""
    left = np.sort(np.array(wanted, dtype=np.int64))
    ends = [*np.searchsorted(left, starts).tolist(), len(left)]
    found = [
        parts.read(number, columns).iloc[left[first:end] - starts[number]]
        for number, (first, end) in enumerate(pairwise(ends))
        if end > first
    ]
    if not found and len(starts):
        return parts.read(0, columns).iloc[:0]  # the input's columns, and what is told of rejects too
    if not found:
        return pd.DataFrame(columns=["row", "id", "smiles", "inchikey", "changes", "molgen_score"])
    table = pd.concat(found, ignore_index=True).set_index("row", drop=False)
    return table.loc[list(wanted)].reset_index(drop=True)
