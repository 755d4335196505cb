"""Loops compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compiles a function at its first call and keeps the code for later processes, where a folder can be found for it."""

    def ready(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, **options)(function)
        except RuntimeError:  # nowhere to write: it is made anew in each process
            return njit(**options)(function)

    return ready
