"""Networks in a process that was forked: a copy of one whose threads it has not got."""

from __future__ import annotations

import os
from functools import cache

import torch


@cache
def outlive_forks() -> None:
    """From now on a forked child works on one thread: torch would wait there for threads that only its parent has."""
    if hasattr(os, "register_at_fork"):  # where there are no forks, there is no need
        os.register_at_fork(after_in_child=_alone)


def _alone() -> None:
    torch.set_num_threads(1)
