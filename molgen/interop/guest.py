"""Heavy guests, let in quietly: imported when first asked for, the process left as it was found."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MissingExtra


@contextmanager
def deepchem() -> Iterator[Any]:
    """DeepChem; while it is out its chatter is held back, and numpy's global chance and the warning filters are left as they were."""
    logger = logging.getLogger("deepchem")
    level, chance = logger.level, np.random.get_state()
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), BlockLogs():
            warnings.simplefilter("ignore")
            yield _imported()
    finally:
        logger.setLevel(level)
        np.random.set_state(chance)


def _imported() -> Any:
    try:
        return import_module("deepchem")
    except ModuleNotFoundError as error:
        if error.name != "deepchem":  # DeepChem is there, and broken: that is not for us to hide
            raise
        raise MissingExtra("deepchem") from None
