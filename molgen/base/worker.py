"""A worker that is a process at the other end of a pipe.

Not forked from this process: forking one that holds torch's threads deadlocks (pytorch #17199). Spawned, which costs it a second of
imports; on Linux forked from a server that was spawned, has done its imports and nothing else.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from molgen.base.crew import Died
from molgen.base.errand import ONE_THREAD, Answer, Errand, answered, known_to_workers, packed, unpacked

_LEAVE_S = 5.0  # what a process gets to end in good order

# Elsewhere there is no server, or libraries of the system that can't be forked once they are loaded.
_CONTEXT = multiprocessing.get_context("forkserver") if sys.platform == "linux" else multiprocessing.get_context("spawn")

_starting = Lock()  # the environment belongs to the whole process


def get_ready(modules: Sequence[str]) -> None:
    """Has a server import these meanwhile, so that workers start with them; only the first call in a process counts.

    One that can't be imported is left to the workers.
    """
    if _CONTEXT.get_start_method() == "forkserver":
        with _fit_for_workers():
            forkserver.set_forkserver_preload(list(modules))
            forkserver.ensure_running()


class WorkerProcess:
    """A process that answers one item after another (`molgen.base.crew.Worker`).

    The errand comes packed, once for all workers.
    """

    def __init__(self, errand: memoryview) -> None:
        self._errand = errand
        self._channel, theirs = _CONTEXT.Pipe()
        with _fit_for_workers():
            self._process = _CONTEXT.Process(target=_serve, args=(theirs, dict(os.environ)), name="molgen-worker")
            self._process.start()
        theirs.close()  # so that only the worker holds it, and its death is the end of the pipe
        atexit.register(self.kill)

    def prepare(self) -> None:
        self._send(self._errand)
        self._receive()

    def work(self, item: Any) -> Any:
        self._send(packed(item))
        return self._receive()

    def kill(self) -> None:
        self._process.kill()

    def dismiss(self) -> None:
        self._channel.close()
        self._gone()

    def _send(self, message: Any) -> None:
        try:
            self._channel.send_bytes(message)
        except OSError:  # the pipe is broken: it died before it had the whole message
            raise Died(self._gone(), took=False) from None

    def _receive(self) -> Any:
        try:
            message = self._channel.recv_bytes()
        except (EOFError, OSError):
            raise Died(self._gone()) from None
        value, error = unpacked(message)
        if error is not None:
            raise error
        return value

    def _gone(self) -> str:
        """How it ended; after this there is no process any more."""
        self._process.join(_LEAVE_S)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        atexit.unregister(self.kill)
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"


@contextmanager
def _fit_for_workers() -> Iterator[None]:
    """What is started meanwhile, worker or server, has one numeric thread and does not hear Ctrl-C."""
    with _starting, _one_thread_each(), _deaf_to_ctrl_c():
        yield


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """The variables stand in the parent while a worker starts, because what it imports first may read them."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A process starts with the signals blocked that its parent had: Ctrl-C is for the parent, which then ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # first, because it opens ears when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(channel: Connection, environment: Mapping[str, str]) -> None:
    """The worker's life: the errand first, then items, until the pipe ends. A server's environment is as old as the server."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    call = _take(channel)
    while call is not None and _turn(channel, call):
        pass


def _take(channel: Connection) -> Errand | None:
    try:
        message = channel.recv_bytes()
    except EOFError:
        return None
    call, error = answered(partial(_known, message))
    channel.send_bytes(_sendable((None, error)))
    return call


def _known(message: bytes) -> Errand:
    with known_to_workers():
        call: Errand = unpacked(message)
    return call


def _turn(channel: Connection, call: Errand) -> bool:
    """One item; a function of its own, so that nothing is held while the next is waited for."""
    try:
        message = channel.recv_bytes()
    except EOFError:
        return False
    channel.send_bytes(_sendable(answered(lambda: call(unpacked(message)))))
    return True


def _sendable(answer: Answer) -> Any:
    message, error = answered(partial(packed, answer))
    return message if error is None else packed((None, error))


def _die_with_parent() -> None:
    """Has the system end this process when its parent is gone, even inside C code that never looks up.

    The parent holds the other end of a pipe, in which nothing more is written; its end raises SIGIO, which kills.
    Where there is no such signal, the worker ends when it next reads.
    """
    parent = multiprocessing.parent_process()
    if parent is None or not hasattr(os, "O_ASYNC"):
        return
    import fcntl  # not on every system

    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([parent.sentinel], [], [], 0)[0]:  # it was gone before we asked
        os._exit(1)
