"""How alike molecules are by the fragments they share, and which known one is the nearest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError

_BLOCK = 512  # queries at once: 512 x 100,000 references are 200 MB


class Nearest(NamedTuple):
    """For each query, which reference is the most similar (the first, among equals), and how similar."""

    row: NDArray[np.int64]  # [queries], of the references
    tanimoto: NDArray[np.float32]  # [queries], in [0, 1]


def tanimoto(queries: NDArray[Any], references: NDArray[Any]) -> NDArray[np.float32]:
    """Shared bits over all bits of each query and each reference, [queries, references], in [0, 1].

    Bits are zeros and ones of any type. Two molecules without any bit have nothing in common: 0.

    >>> tanimoto(np.array([[1, 1, 0]]), np.array([[1, 0, 0], [0, 0, 1]])).tolist()
    [[0.5, 0.0]]
    """
    return np.concatenate([*_blocks(queries, references)])


def nearest(queries: NDArray[Any], references: NDArray[Any]) -> Nearest:
    """The nearest reference of each query, without keeping all similarities at once."""
    if not len(references):
        raise MolgenError("no reference molecules to compare with")
    found = [(block.argmax(axis=1), block.max(axis=1)) for block in _blocks(queries, references)]
    return Nearest(np.concatenate([index for index, _ in found]), np.concatenate([best for _, best in found]))


def _blocks(queries: NDArray[Any], references: NDArray[Any]) -> Iterator[NDArray[np.float32]]:
    """Similarities of some queries at a time; a matrix product counts shared bits, exactly up to 2**24 of them."""
    columns = np.ascontiguousarray(references, dtype=np.float32).T
    totals = columns.sum(axis=0)
    for start in range(0, max(len(queries), 1), _BLOCK):
        block = np.asarray(queries[start : start + _BLOCK], dtype=np.float32)
        shared = block @ columns
        union = block.sum(axis=1, keepdims=True) + totals - shared
        yield np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
