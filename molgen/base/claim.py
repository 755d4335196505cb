"""One run at a time in a folder: a second one is told who is at work there."""

from __future__ import annotations

import errno
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from molgen.base.errors import MolgenError
from molgen.base.files import write_json

CLAIM = _LOCK, _HOLDER = "lock", "holder.json"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # what a disk says that has none


@contextmanager
def claimed(folder: Path, *, stays: bool = True, needed: bool = True) -> Iterator[None]:
    """The folder is this process's while the block runs; a MolgenError when another has it.

    The system itself lets go of a lock whose process ended, however it ended, so a killed run leaves none behind. One that does not stay
    takes its folder with it when the block ends, and those made for it if there is nothing in them. On a disk that has no locks, as some
    of clusters, one that is not needed is done without.
    """
    from filelock import FileLock, Timeout  # its import brings asyncio, which nothing else here needs

    ours = [folder, *(path for path in folder.parents if not path.exists())]  # from the inside out
    folder.mkdir(parents=True, exist_ok=True)
    there = (folder / _LOCK).exists()
    lock = FileLock(folder / _LOCK, fallback_to_soft=False)  # a file that stays when its process is killed is no lock of ours
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise MolgenError(
            "another run is at work in this folder", where=str(folder.parent), fix=f"wait for it to end, or stop {_holder(folder)}"
        ) from None
    except OSError as error:
        if needed or error.errno not in _NO_LOCKS:
            if not there:
                (folder / _LOCK).unlink(missing_ok=True)
                _leave(ours)
            problem = f"can't be locked: {error.strerror or error}"
            raise MolgenError(problem, where=str(folder), fix="choose a folder on a disk that has locks") from None
    try:
        write_json(folder / _HOLDER, {"process": os.getpid(), "host": platform.node()})
        yield
    finally:
        (folder / _HOLDER).unlink(missing_ok=True)
        if not stays:
            with suppress(OSError):  # Windows keeps what is open
                (folder / _LOCK).unlink()
        lock.release()
        if not stays:
            _leave(ours)


def _leave(folders: list[Path]) -> None:
    with suppress(OSError):  # something is in it
        for path in folders:
            path.rmdir()


def _holder(folder: Path) -> str:
    try:
        said = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # it has only just started, or is about to end
        return "it"
    return f"process {said['process']} on {said['host']}"
