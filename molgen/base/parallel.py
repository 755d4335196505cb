"""One function over many chunks, in order: here, in a pool of fresh processes, or wherever a guest runs it."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Protocol, TypeVar

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

    def map(self, function: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
        """Results in the order of `items`; items are drawn lazily, so an endless source is fine."""


class Serial:
    """Everything in this process: the plain version, and the right one for small work."""

    def map(self, function: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
        return map(function, items)


class Pool:
    """Spawned worker processes with one numeric thread each.

    Spawn, not fork: forking a process that holds torch's threads deadlocks (pytorch #17199).
    One thread each: two processes beat two threads by a third on this kind of work.
    """

    def __init__(self, *, workers: int = 0) -> None:
        self.workers = workers or usable_cores()

    def map(self, function: Callable[[In], Out], items: Iterable[In]) -> Iterator[Out]:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.workers, mp_context=spawn, initializer=_one_thread) as pool:
            waiting: deque[Future[Out]] = deque()
            try:
                for item in items:
                    waiting.append(pool.submit(function, item))
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


def _one_thread() -> None:
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
