"""All rows of a run by their scores, best first: on disk, and merged only as far as anyone asks."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HELD = 500_000  # rows sorted in memory at a time: 16 bytes each
_DRAWN = 256  # pairs of a file in memory while files are merged

_PAIR = np.dtype([("worse", "<f8"), ("row", "<i8")])  # worse: the score, its sign turned, so that the best come first


class Order:
    """The order of equal scores is that of the rows. `folder` is an empty one that the caller deletes.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     order = Order(Path(folder))
    ...     order.add(np.array([0.2, 0.9, 0.2]), np.array([0, 1, 2]))
    ...     print(list(order))
    [1, 0, 2]
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[NDArray[np.void]] = []
        self._waiting = 0
        self._files: list[Path] = []

    def add(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
        """Rows that come after all that were added before."""
        pairs = np.empty(len(rows), dtype=_PAIR)
        pairs["worse"], pairs["row"] = -scores, rows
        self._held.append(pairs)
        self._waiting += len(pairs)
        if self._waiting >= _HELD:
            self._write()

    def __iter__(self) -> Iterator[int]:
        if self._waiting:
            self._write()
        return (row for _, row in merge(*map(_read, self._files)))

    def _write(self) -> None:
        pairs = np.concatenate(self._held)
        self._held, self._waiting = [], 0
        self._files.append(self._folder / f"order-{len(self._files):06d}")
        self._files[-1].write_bytes(pairs[np.argsort(pairs["worse"], kind="stable")].tobytes())


def _read(file: Path) -> Iterator[tuple[float, int]]:
    start = 0
    while len(pairs := np.fromfile(file, dtype=_PAIR, count=_DRAWN, offset=start * _PAIR.itemsize)):
        start += len(pairs)
        yield from pairs.tolist()
