"""A program that ends when whoever started it does, and with it what it started itself.

A process that is killed can't end its children. So, but on Windows, a small process stands between: it hears of the end by a pipe that
closes, whatever the end was, and ends the program's group, on Linux its whole session. What left that, as a daemon does, is left alone. It
knows nothing but this file, and can't help when it is killed itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_SAID = 300  # bytes of standard error that are kept
_HOLD = "import sys; sys.path.append(sys.argv[1]); import leash; leash.hold()"
_CAN_NOT_RUN = 126  # as shells say it
_GRACE_S = 2.0  # to tidy up in, between being asked to end and being ended


class Ended(NamedTuple):
    """How a program ended."""

    code: int  # below 0: by that signal
    out: str
    said: str  # the last of its standard error


def leashed(command: Sequence[str], text: str) -> Ended:
    """Runs the program to its end, the text on its standard input; an OSError or a ValueError where that can't be begun.

    >>> leashed(["tr", "a-z", "A-Z"], "ccn")
    Ended(code=0, out='CCN', said='')
    """
    posix = os.name == "posix"
    heard, held = os.pipe()
    try:
        # Files, not pipes: a daemon that the program leaves behind may keep them open for ever.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
            between = [sys.executable, "-I", "-S", "-c", _HOLD, str(Path(__file__).parent), str(heard)] if posix else []
            running = subprocess.Popen(
                [*between, *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=told,
                pass_fds=(heard,) if posix else (),
                start_new_session=posix,  # what a terminal sends, Ctrl-C say, is sent to us alone
            )
            try:
                running.communicate(text.encode(errors="replace"))
            finally:
                if posix:
                    os.write(held, b"!")  # to be heard even where a child that we forked meanwhile holds the pipe open
                else:
                    running.kill()
                running.wait()
            out.seek(0)
            told.seek(max(0, told.seek(0, os.SEEK_END) - _SAID))
            return Ended(running.returncode, out.read().decode("utf-8-sig", "replace"), told.read().decode(errors="replace").strip())
    finally:
        os.close(heard)
        os.close(held)


def hold() -> None:
    """What the process between does: runs the command until it ends, or until the pipe says so; never returns."""
    import resource  # there is none on Windows

    pipe, command = int(sys.argv[2]), sys.argv[3:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):  # a worker of ours is deaf to some, and its children would be too
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        running = subprocess.Popen(command, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"can't be run: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(_CAN_NOT_RUN)
    threading.Thread(target=_end_with, args=(pipe, running), daemon=True).start()
    code = running.wait()
    _send(running, signal.SIGKILL)  # to what it left behind
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one core dumped is enough
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


def _end_with(pipe: int, running: subprocess.Popen[bytes]) -> None:
    os.read(pipe, 1)  # comes back when something is written or the other end is closed
    _send(running, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        running.wait(_GRACE_S)
    _send(running, signal.SIGKILL)


def _send(running: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # of macOS, where a group is only of ended ones
        os.killpg(running.pid, number)
    for process in _session(running.pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _session(leader: int) -> list[int]:
    """Processes of a session, as far as the system tells: GNU's timeout makes a group of its own, but stays in the session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(path.read_bytes().rpartition(b")")[2].split()[3]) == leader:
                found.append(int(path.parent.name))
    return found
