"""Shared bits counted by compiled code. Opened by `bits` when there is enough to count: it brings numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from molgen.features.compiled import compiled

HEAD = 64  # bytes of a fingerprint looked at first: one line of cache
BYTES = 256
_TAIL = BYTES - HEAD
_VECTOR = 32  # bytes counted by one instruction where there is AVX2; elsewhere LLVM takes two or four
_ROWS = 256  # references at once: 64 KB, which stay in the cache while a block of queries passes
_QUERIES = 16


def _counter(size: int) -> Any:
    """Compiles to: how many bits two rows of `size` bytes share, given their addresses.

    Written in LLVM's own words. A byte's bits are looked up a nibble at a time (Mula, Kurz & Lemire, Comput. J. 61 (2018)
    111), but the sums stay in bytes until the end, which no vectoriser does with a loop over 64-bit words.
    """

    @intrinsic
    def shared(context: Any, left: Any, right: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            vector, wide = ir.VectorType(ir.IntType(8), _VECTOR), ir.VectorType(ir.IntType(32), _VECTOR)
            count = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector]), f"llvm.ctpop.v{_VECTOR}i8")
            add_up = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(ir.IntType(32), [wide]), f"llvm.vector.reduce.add.v{_VECTOR}i32"
            )
            rows = [builder.inttoptr(address, vector.as_pointer()) for address in arguments]
            total = ir.Constant(vector, [0] * _VECTOR)
            for step in range(size // _VECTOR):  # at most 8 vectors of at most 8 bits a byte: 64, no overflow
                place = ir.Constant(ir.IntType(64), step)
                one, other = (builder.load(builder.gep(row, [place]), align=1) for row in rows)
                total = builder.add(total, builder.call(count, [builder.and_(one, other)]))
            return builder.zext(builder.call(add_up, [builder.zext(total, wide)]), ir.IntType(64))

        return types.int64(types.uint64, types.uint64), emit

    return shared


_in_head: Callable[..., int] = _counter(HEAD)
_in_tail: Callable[..., int] = _counter(_TAIL)


def _recast() -> tuple[Any, Any]:
    """A float32 as the whole number with the same bits, which for numbers from 0 on has the same order; and back."""

    @intrinsic
    def bits(context: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.zext(builder.bitcast(arguments[0], ir.IntType(32)), ir.IntType(64))

        return types.uint64(types.float32), emit

    @intrinsic
    def value(context: Any, bits: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(builder.trunc(arguments[0], ir.IntType(32)), ir.FloatType())

        return types.float32(types.uint64), emit

    return bits, value


_bits_of, _float_of = _recast()


@compiled(inline="always")
def _tanimoto(shared: int, union: int) -> Any:
    return np.float32(shared) / np.float32(union) if union > 0 else np.float32(0.0)


@compiled()
def _needed(least: Any, one: int, other: int) -> int:
    """How many bits molecules of so many bits must share to be `least` alike; more than either has, if they can't be."""
    most = min(one, other)
    shared = max(0, int(least * np.float32(one + other) / (np.float32(1.0) + least)) - 1)
    while shared <= most and _tanimoto(shared, one + other - shared) < least:
        shared += 1
    return shared


@compiled()
def _sink(heap: Any, key: Any) -> None:
    """Puts `key` in the place of the largest."""
    place, size = 0, len(heap)
    while True:
        child = 2 * place + 1
        if child + 1 < size and heap[child + 1] > heap[child]:
            child += 1
        if child >= size or heap[child] <= key:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = key


@compiled()
def best(
    head: NDArray[np.uint8],  # [references, HEAD], by number of bits
    tail: NDArray[np.uint8],  # [references, BYTES - HEAD]
    in_tail: NDArray[np.int16],  # [references], bits in the tail
    rows: NDArray[np.uint32],  # [references], where each stood
    starts: NDArray[np.int64],  # [bits + 2], first reference with so many bits
    queries: NDArray[np.uint8],  # [queries, BYTES], by number of bits
    sizes: NDArray[np.int64],  # [queries], bits
    tails: NDArray[np.int64],  # [queries], bits in the tail
    heaps: NDArray[np.uint64],  # [queries, k], keys to beat; the best are left here
) -> None:
    """The k least keys of each query, in no order. The nearest sizes come first, since they can be the most alike."""
    widest = len(starts) - 2
    first = last = 0
    while last < len(queries):
        first = last
        while last < min(first + _QUERIES, len(queries)) and sizes[last] == sizes[first]:
            last += 1
        for step in range(2 * widest + 1):
            size = sizes[first] + (step + 1) // 2 * (1 if step % 2 else -1)
            if size < 0 or size > widest:
                continue
            for low in range(starts[size], starts[size + 1], _ROWS):
                high = min(low + _ROWS, starts[size + 1])
                for query in range(first, last):
                    heap = heaps[query]
                    needed = _needed(_float_of(~heap[0] >> np.uint64(32)), sizes[query], size)
                    if needed > min(sizes[query], size):
                        continue
                    address = np.uint64(queries[query].ctypes.data)
                    for i in range(low, high):
                        shared = _in_head(address, np.uint64(head[i].ctypes.data))
                        if shared + min(tails[query], in_tail[i]) < needed:
                            continue
                        shared += _in_tail(address + np.uint64(HEAD), np.uint64(tail[i].ctypes.data))
                        if shared < needed:
                            continue
                        alike = _bits_of(_tanimoto(shared, sizes[query] + size - shared))
                        key = (~alike << np.uint64(32)) | np.uint64(rows[i])
                        if key < heap[0]:
                            _sink(heap, key)
                            needed = _needed(_float_of(~heap[0] >> np.uint64(32)), sizes[query], size)


@compiled()
def within(
    head: NDArray[np.uint8],
    tail: NDArray[np.uint8],
    in_tail: NDArray[np.int16],
    rows: NDArray[np.uint32],
    starts: NDArray[np.int64],
    queries: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    tails: NDArray[np.int64],
    least: np.float32,
    found: NDArray[np.uint64],  # [queries, references], the keys of each query are put at the start of its row
    counts: NDArray[np.int64],  # [queries], how many there are
) -> None:
    """The keys of all references that are at least so alike, in no order. The other arrays are those of `best`."""
    counts[:] = 0
    for size in range(len(starts) - 1):
        for low in range(starts[size], starts[size + 1], _ROWS):
            high = min(low + _ROWS, starts[size + 1])
            for query in range(len(queries)):
                needed = _needed(least, sizes[query], size)
                if needed > min(sizes[query], size):
                    continue
                address = np.uint64(queries[query].ctypes.data)
                count = counts[query]
                for i in range(low, high):
                    shared = _in_head(address, np.uint64(head[i].ctypes.data))
                    if shared + min(tails[query], in_tail[i]) < needed:
                        continue
                    shared += _in_tail(address + np.uint64(HEAD), np.uint64(tail[i].ctypes.data))
                    if shared >= needed:
                        alike = _bits_of(_tanimoto(shared, sizes[query] + size - shared))
                        found[query, count] = (~alike << np.uint64(32)) | np.uint64(rows[i])
                        count += 1
                counts[query] = count
