"""One function over many items: here, in a crew of fresh processes, or wherever a guest runs it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar, overload

from molgen.base.crew import Crew, Lost, Patience, Worker
from molgen.base.errand import errand, known_to_workers, packed
from molgen.base.errors import MolgenError
from molgen.base.registry import Registry
from molgen.base.worker import WorkerProcess, get_ready

__all__ = ["EXECUTORS", "Crewed", "Executor", "Lost", "Patience", "Pool", "Serial", "usable_cores"]

In = TypeVar("In")
Out = TypeVar("Out")

EXECUTORS = Registry(
    "executor",
    {
        "serial": "molgen.base.parallel:Serial",
        "pool": "molgen.base.parallel:Pool",
        "ray": "molgen.interop.ray:Ray",
    },
)


class Executor(Protocol):
    """Runs a function of one argument; function, items and results must survive pickling to another process."""

    @property
    def workers(self) -> int:
        """Items that are worked on at the same time."""

    @overload
    def map(
        self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None, ordered: bool = True, patience: None = None
    ) -> Iterator[Out]: ...
    @overload
    def map(
        self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None, ordered: bool = True, patience: Patience
    ) -> Iterator[Out | Lost]: ...
    def map(
        self,
        function: Callable[..., Out],
        items: Iterable[In],
        *,
        shared: Any = None,
        ordered: bool = True,
        patience: Patience | None = None,
    ) -> Iterator[Out | Lost]:
        """Results in the order of `items`, or as they come; items are drawn lazily, so an endless source is fine.

        `shared` is what every call needs and is costly to hand over, a loaded model say: it is sent once a worker,
        and `function` gets it before the item. What the function raises is raised here, and ends it all.

        Without `patience` nobody watches: an item may take for ever, and a worker that dies is an error. With it,
        an item whose worker dies or is silent for too long is a `Lost` among the results; the rest goes on.
        """


class Serial:
    """Everything in this process: the plain version, and the right one for small work.

    It can't watch: an item that hangs or kills, hangs or kills this process, whatever the patience.
    """

    workers = 1

    def map(
        self,
        function: Callable[..., Out],
        items: Iterable[In],
        *,
        shared: Any = None,
        ordered: bool = True,
        patience: Patience | None = None,
    ) -> Iterator[Out]:
        """The built-in `map`."""
        return map(errand(function, shared), items)


class Crewed(ABC):
    """An executor whose workers are elsewhere, led as `molgen.base.crew` leads them."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """See `Executor`."""

    @overload
    def map(
        self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None, ordered: bool = True, patience: None = None
    ) -> Iterator[Out]: ...
    @overload
    def map(
        self, function: Callable[..., Out], items: Iterable[In], *, shared: Any = None, ordered: bool = True, patience: Patience
    ) -> Iterator[Out | Lost]: ...
    def map(
        self,
        function: Callable[..., Out],
        items: Iterable[In],
        *,
        shared: Any = None,
        ordered: bool = True,
        patience: Patience | None = None,
    ) -> Iterator[Out | Lost]:
        """See `Executor`."""
        hiring = self._hiring(function, shared)
        return Crew(hiring, iter(items), workers=self.workers, ordered=ordered, patience=patience).results()

    @abstractmethod
    def _hiring(self, function: Callable[..., Any], shared: Any) -> Callable[[], Worker]:
        """What starts one more worker that does this."""


class Pool(Crewed):
    """Worker processes with one numeric thread each; as many as there are usable cores when `workers` is 0.

    Where workers can start with modules imported, those named `ready` are, from now on and beside whatever this process does: a
    pool that is made before data is read has its workers at once when it needs them.
    """

    def __init__(self, *, workers: int = 0, ready: Sequence[str] = ()) -> None:
        if workers < 0:
            raise MolgenError(f"a pool of {workers} workers", fix="want 0, which is as many as there are cores, or more")
        self._workers = workers or usable_cores()
        if ready:
            get_ready(ready)

    @property
    def workers(self) -> int:
        """Processes."""
        return self._workers

    def _hiring(self, function: Callable[..., Any], shared: Any) -> Callable[[], Worker]:
        with known_to_workers():
            return partial(WorkerProcess, packed(errand(function, shared)))


def usable_cores() -> int:
    """Cores this process may use, which a cluster's job limits can make fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
