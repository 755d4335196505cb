"""What a worker is asked to do, and how an error in it travels back as it was raised."""

from __future__ import annotations

import copyreg
import io
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any

from molgen.base.errors import MolgenError

# Numeric libraries read these when a process first loads them: two processes of one thread beat one of two here.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

# In the words of the standard library, which raises errors of three kinds for it.
_NO_SUCH_NAME = ("an't pickle", "an't get attribute", "an't get local object", "cannot pickle")

Errand = Callable[[Any], Any]
Answer = tuple[Any, Exception | None]  # what came out, or what was raised


def errand(function: Callable[..., Any], shared: Any) -> Errand:
    """The function of one item alone; `shared` goes with it, so that it is sent once a worker."""
    return function if shared is None else partial(function, shared)


def answered(work: Callable[[], Any]) -> Answer:
    """What the work gives, or the error that it raised, fit to be sent."""
    value = None
    with Caught() as caught:
        value = work()
    return value, None if caught.error is None else _portable(caught.error)


class Caught:
    """Keeps an error for whoever is to see it: another thread, or the process that asked."""

    error: Exception | None = None

    def __enter__(self) -> Caught:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)


def packed(thing: Any) -> memoryview:
    """Bytes for another process of ours to unpack, any number of times.

    Plainly: torch would have its tensors go as open files, which only one process can take over.
    """
    buffer = io.BytesIO()
    pickler = ForkingPickler(buffer, 5)
    pickler.dispatch_table = copyreg.dispatch_table
    pickler.dump(thing)
    return buffer.getbuffer()


def unpacked(message: bytes | memoryview) -> Any:
    """What was packed."""
    return ForkingPickler.loads(message)


@contextmanager
def known_to_workers() -> Iterator[None]:
    """Around the packing of an errand, and its unpacking: what a worker can't know by its name ends as a MolgenError.

    A function goes by its name, and a worker finds it where the module that defines it can be imported.
    """
    with Caught() as caught:
        yield
    if any(said in str(caught.error) for said in _NO_SUCH_NAME):
        fix = "define every function of it in a module that can be imported, or do it all in this process: executor=Serial()"
        raise MolgenError(f"the work can't be sent to other processes: {caught.error}", fix=fix)
    if caught.error is not None:
        raise caught.error


def _portable(error: Exception) -> Exception:
    """The error with its traceback as a note, since tracebacks do not travel; in words if it does not travel either."""
    story = "".join(traceback.format_exception(error)).rstrip()
    error.add_note(f"raised in a worker:\n{story}")
    read_back: Any = None
    with Caught():
        read_back = unpacked(packed(error))
    return error if type(read_back) is type(error) else RuntimeError(story)
