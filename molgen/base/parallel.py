"""One function over many chunks, in order: here, in a pool of fresh processes, or wherever a guest runs it."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from molgen.base.registry import Registry

In = TypeVar("In")
Out = TypeVar("Out")

EXECUTORS = Registry(
    "executor",
    {
        "serial": "molgen.base.parallel:Serial",
        "pool": "molgen.base.parallel:Pool",
    },
)


class Executor(Protocol):
    """Runs a function of one argument; both must survive pickling to another process."""

    def map(self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None) -> Iterator[Out]:
        """Results in the order of `items`; items are drawn lazily, so an endless source is fine.

        `shared` is what every call needs and is costly to hand over, a loaded model say: it is sent
        once a worker, and `function` gets it before the item.
        """


class Serial:
    """Everything in this process: the plain version, and the right one for small work."""

    def map(self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None) -> Iterator[Out]:
        return map(function, items) if shared is None else map(partial(function, shared), items)


class Pool:
    """Spawned worker processes with one numeric thread each.

    Spawn, not fork: forking a process that holds torch's threads deadlocks (pytorch #17199).
    One thread each: two processes beat two threads on this kind of work.
    """

    def __init__(self, *, workers: int = 0) -> None:
        self.workers = workers or usable_cores()

    def map(self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None) -> Iterator[Out]:
        call = function if shared is None else partial(_with_shared, function)
        with _one_thread_each(), _pool(self.workers, shared) as pool:
            waiting: deque[Future[Out]] = deque()
            try:
                for item in items:
                    waiting.append(pool.submit(call, item))
                    if len(waiting) > 2 * self.workers:  # enough to keep busy, few enough to hold in memory
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()


def usable_cores() -> int:
    """Cores this process may use, which a cluster's job limits can make fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pool(workers: int, shared: Any) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_receive, initargs=(shared,))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Numeric libraries read these when a worker first loads them, so they stand in the parent while workers start."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_received: list[Any] = []  # in a worker: the one shared thing it was sent


def _receive(shared: Any) -> None:
    _received[:] = [shared]


def _with_shared(function: Callable[..., Out], item: Any) -> Out:
    return function(_received[0], item)
