"""Tanimoto similarity of fingerprints packed into 256 bytes: the nearest, the best k, all above a threshold. Exact."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.chem.fingerprints import BYTES, Packed, packed_ecfp4
from molgen.data.library import Library
from molgen.features.similarity import Nearest

_HEAD = 64
_WIDEST = 8 * BYTES

# Comparisons in a process up to which plain numpy is done before compiled code is even loaded.
_COMPILED_FROM = 200_000
_counted = [0]
_BLOCK = 4_000  # references at once, in numpy
_QUERIES = 16  # at once, compiled
_ROOM = 4_000_000  # keys of the queries at once

# A pair's key is one number: the upper half the similarity's float32 bits, inverted, the lower half the reference's row. The
# least key is the most alike, and of equals the first. (No two different quotients of counts up to 2,048 round to one float32.)
_NOBODY = np.uint64(0xFFFFFFFF)


class Found(NamedTuple):
    """What is like one query: the most alike first, then in the order of the references."""

    row: NDArray[np.int64]  # [found], of the references
    tanimoto: NDArray[np.float32]  # [found], in [0, 1]


class _Sorted(NamedTuple):
    """References by number of bits, in two parts: of most, the first part is enough to turn them away."""

    head: NDArray[np.uint8]  # [references, 64]
    tail: NDArray[np.uint8]  # [references, 192]
    in_tail: NDArray[np.int16]  # [references], bits
    rows: NDArray[np.uint32]  # [references], where each stood
    starts: NDArray[np.int64]  # [2050], the first with so many bits


@dataclass(frozen=True, eq=False)
class Bits:
    """References that are searched more than once: what is worked out about them is kept."""

    packed: Packed

    def __post_init__(self) -> None:
        _check(self.packed)
        if len(self.packed) >= _NOBODY:
            raise MolgenError(f"{len(self.packed)} references, want fewer than {_NOBODY}", fix="search them in parts")

    def __len__(self) -> int:
        return len(self.packed)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """[references], how many bits each has."""
        return _sizes(self.packed)

    @cached_property
    def sorted(self) -> _Sorted:
        rows = np.argsort(self.sizes.astype(np.uint16), kind="stable")
        head, tail = self.packed[rows, :_HEAD], self.packed[rows, _HEAD:]
        starts = np.searchsorted(self.sizes[rows], np.arange(_WIDEST + 2))
        return _Sorted(head, tail, _sizes(tail).astype(np.int16), rows.astype(np.uint32), starts)


def ecfp4(library: Library) -> Packed:
    """ECFP4 of each molecule of `library.molecules`, worked out once a library, or when it was prepared.

    >>> ecfp4(Library.of(["CCO", "C1CC", "OCC"])).shape
    (1, 256)
    """
    return library.molecules.once(("packed", "ecfp4"), _ecfp4_of_molecules)


def _ecfp4_of_molecules(molecules: Library) -> Packed:
    if molecules.rows.prepared is not None:
        return molecules.rows.prepared.ecfp4
    return packed_ecfp4([mol for mol in molecules.mols if mol is not None])


def nearest(queries: Packed, references: Packed | Bits) -> Nearest:
    """The nearest reference of each query, the first among equals.

    >>> bits = np.packbits(np.eye(3, 2048, dtype=bool), axis=1)
    >>> nearest(bits[1:2], bits).row.tolist()
    [1]
    """
    if not len(references):
        raise MolgenError("no reference molecules to compare with")
    keys = _least(queries, references, 1, np.zeros(len(queries), dtype=np.float32))[:, 0]
    return Nearest(*_found(np.ascontiguousarray(keys)))


def top(queries: Packed, references: Packed | Bits, k: int, *, at_least: NDArray[np.float32] | float = 0.0) -> list[Found]:
    """For each query the `k` most similar references (all, if there are fewer), those `at_least` so alike; one value, or one a query.

    Two molecules without any bit have nothing in common: 0.
    """
    if k < 1:
        raise MolgenError(f"top is {k}, want at least 1")
    least = np.broadcast_to(np.maximum(np.asarray(at_least, dtype=np.float32), 0), len(queries))
    keys = _least(queries, references, min(k, len(references)), least)
    return [_found(of_query[of_query < beat]) for of_query, beat in zip(keys, _keys(least, _NOBODY))]


def above(queries: Packed, references: Packed | Bits, threshold: float) -> list[Found]:
    """For each query every reference at least `threshold` similar to it, compared in single precision."""
    references = references if isinstance(references, Bits) else Bits(references)
    _check(queries)
    compiled = _compiled(len(queries) * len(references))
    least = np.float32(max(threshold, 0))
    if compiled is None:
        to_beat = _keys(np.array([least]), _NOBODY)[0]
        return [_found(np.sort(keys[keys < to_beat])) for keys in _plain(queries, references.packed)]
    found: list[Found] = []
    at_once = max(1, min(_ROOM // max(len(references), 1), _QUERIES, len(queries)))
    room = np.empty((at_once, len(references)), dtype=np.uint64)
    for first in range(0, len(queries), at_once):
        asked = np.ascontiguousarray(queries[first : first + at_once])
        counts = np.zeros(len(asked), dtype=np.int64)
        compiled.within(*references.sorted, asked, _sizes(asked), _sizes(asked[:, _HEAD:]), least, room, counts)
        for keys, count in zip(room, counts.tolist()):
            keys[:count].sort()
            found.append(_found(keys[:count].copy()))
    return found


def _least(queries: Packed, references: Packed | Bits, k: int, least: NDArray[np.float32]) -> NDArray[np.uint64]:
    """[queries, k], the least keys in order; where there are fewer, those of nobody.

    Swamidass & Baldi's bound (J. Chem. Inf. Model. 47 (2007) 302) passes over references of a size that can't come near.
    """
    references = references if isinstance(references, Bits) else Bits(references)
    _check(queries)
    heaps = np.repeat(_keys(least, _NOBODY)[:, None], k, axis=1)
    if not heaps.size:
        return heaps
    compiled = _compiled(len(queries) * len(references))
    if compiled is None:
        for row, keys in enumerate(_plain(queries, references.packed)):
            heaps[row] = np.sort(np.concatenate([heaps[row], keys]))[:k]
        return heaps
    sizes = _sizes(queries)
    order = np.argsort(sizes, kind="stable")
    asked, sorted_heaps = np.ascontiguousarray(queries[order]), heaps[order]
    compiled.best(*references.sorted, asked, sizes[order], _sizes(asked[:, _HEAD:]), sorted_heaps)
    sorted_heaps.sort(axis=1)
    heaps[order] = sorted_heaps
    return heaps


def _plain(queries: Packed, references: Packed) -> list[NDArray[np.uint64]]:
    """Of each query the keys of all references, worked out without compiled code: what that is held against."""
    sizes, rows = _sizes(references), np.arange(len(references), dtype=np.uint64)
    words, found = references.view(np.uint64), []
    for query in np.ascontiguousarray(queries).view(np.uint64):
        blocks = range(0, len(words), _BLOCK)
        counts = [np.bitwise_count(query & words[start : start + _BLOCK]).sum(axis=1, dtype=np.int64) for start in blocks]
        shared = np.concatenate([*counts, np.empty(0, dtype=np.int64)])
        union = np.bitwise_count(query).sum(dtype=np.int64) + sizes - shared
        quotient = np.divide(shared, union, out=np.zeros(len(shared), dtype=np.float32), where=union > 0, dtype=np.float32)
        found.append(_keys(quotient, rows))
    return found


def _keys(tanimoto: NDArray[np.float32], rows: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    return (~tanimoto.view(np.uint32)).astype(np.uint64) << np.uint64(32) | rows


def _found(keys: NDArray[np.uint64]) -> Found:
    """The pairs of sorted keys, which become the rows: of a low threshold there are millions, and memory is what they cost."""
    tanimoto = np.empty(len(keys), dtype=np.float32)
    np.invert(keys.view(np.uint32)[1::2], out=tanimoto.view(np.uint32))  # the upper half, on a little-endian machine
    keys &= _NOBODY
    return Found(keys.view(np.int64), tanimoto)


def _sizes(packed: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bitwise_count(np.ascontiguousarray(packed).view(np.uint64)).sum(axis=1, dtype=np.int64)


def _check(packed: Packed) -> None:
    if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != BYTES:
        raise MolgenError(f"fingerprints of shape {packed.shape}, {packed.dtype}; want [molecules, {BYTES}], uint8")


def _compiled(comparisons: int) -> ModuleType | None:
    """The compiled counter, when there is work for it and numba to make it.

    What small questions ask for adds up: a worker that gets a thousand of them is soon served by compiled code too.
    """
    _counted[0] += comparisons
    if _counted[0] < _COMPILED_FROM:
        return None
    try:
        from molgen.features import popcount
    except ImportError:
        logging.getLogger(__name__).info("numba is not installed: similarities are counted by numpy, which takes longer")
        return None
    return popcount
