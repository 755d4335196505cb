"""A worker that is a spawned process at the other end of a pipe.

Spawn, not fork: forking a process that holds torch's threads deadlocks (pytorch #17199).
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from molgen.base.crew import Died
from molgen.base.errand import ONE_THREAD, Answer, Errand, answered, packed, unpacked

_LEAVE_S = 5.0  # what a process gets to end in good order

_starting = Lock()  # the environment belongs to the whole process


class Spawned:
    """A process that answers one item after another (`molgen.base.crew.Worker`).

    The errand comes packed, once for all workers.
    """

    def __init__(self, errand: memoryview) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._errand = errand
        self._channel, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs,), name="molgen-worker")
        with _starting, _one_thread_each(), _deaf_to_ctrl_c():
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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(channel: Connection) -> None:
    """The worker's life: the errand first, then items, until the pipe ends."""
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
    call, error = answered(partial(unpacked, message))
    channel.send_bytes(_sendable((None, error)))
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
