"""Which rows repeat an earlier one, for more rows than memory holds: keys go to files on disk, a file at a time is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# By a key's first byte. A file holds a 256th of the rows, so that ten million of them are looked at 40,000 at a time.
_FILES = 256
_HELD = 200_000  # keys in memory before they are written: 5 MB

_KEY = np.dtype([("high", "<u8"), ("low", "<u8"), ("row", "<i8")])


class Repeats(NamedTuple):
    """Rows whose key an earlier row has, in order, and for each the first row with that key."""

    rows: NDArray[np.int64]
    first: NDArray[np.int64]


class Seen:
    """The keys of a long library. What is in memory grows by a byte a row at most, and that only when asked.

    Keys are told apart by 128 bits of BLAKE2b: among a billion molecules, two different ones agree with probability 1e-21.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     seen = Seen(Path(folder))
    ...     seen.add(0, ["a", "b", ""])
    ...     seen.add(3, ["", "a"])
    ...     print(seen.duplicates().tolist())
    [False, False, False, False, True]
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is an empty one that the caller deletes; a billion keys are 24 GB in it."""
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._held: list[NDArray[np.void]] = []
        self._waiting = 0
        self._rows = 0

    def add(self, first_row: int, keys: Sequence[str]) -> None:
        """The keys of consecutive rows from `first_row` on; "" is a row without one, which repeats nothing."""
        self._rows = max(self._rows, first_row + len(keys))
        rows = [row for row, key in enumerate(keys, start=first_row) if key]
        found = np.empty(len(rows), dtype=_KEY)
        hashed = b"".join(blake2b(key.encode(), digest_size=16).digest() for key in keys if key)
        halves = np.frombuffer(hashed, dtype="<u8").reshape(-1, 2)
        found["high"], found["low"], found["row"] = halves[:, 0], halves[:, 1], rows
        self._held.append(found)
        self._waiting += len(found)
        if self._waiting >= _HELD:
            self._write()

    def duplicates(self) -> NDArray[np.bool_]:
        """[rows], True where an earlier row has the same key."""
        repeated = np.zeros(self._rows, dtype=bool)
        for found in self._repeats():
            repeated[found.rows] = True
        return repeated

    def repeats(self) -> Repeats:
        """The rows that repeat another, in order; memory for these alone."""
        found = list(self._repeats())
        rows = np.concatenate([one.rows for one in found]) if found else np.empty(0, dtype=np.int64)
        first = np.concatenate([one.first for one in found]) if found else np.empty(0, dtype=np.int64)
        order = np.argsort(rows)
        return Repeats(rows[order], first[order])

    def _write(self) -> None:
        held = np.concatenate(self._held) if self._held else np.empty(0, dtype=_KEY)
        self._held, self._waiting = [], 0
        bucket = (held["high"] % _FILES).astype(np.int64)
        held = held[np.argsort(bucket, kind="stable")]
        ends = np.cumsum(np.bincount(bucket, minlength=_FILES))
        for number, (start, end) in enumerate(zip([0, *ends.tolist()], ends.tolist())):
            if end > start:
                with self._file(number).open("ab") as file:
                    file.write(held[start:end].tobytes())

    def _repeats(self) -> Iterator[Repeats]:
        self._write()
        for number in range(_FILES):
            if self._file(number).exists():
                keys = np.fromfile(self._file(number), dtype=_KEY)
                keys = keys[np.lexsort((keys["row"], keys["low"], keys["high"]))]
                new = np.r_[True, (keys["high"][1:] != keys["high"][:-1]) | (keys["low"][1:] != keys["low"][:-1])]
                first = keys["row"][new][np.cumsum(new) - 1]
                yield Repeats(keys["row"][~new].astype(np.int64), first[~new].astype(np.int64))

    def _file(self, number: int) -> Path:
        return self._folder / f"keys-{number:03d}"
