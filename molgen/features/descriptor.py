"""Descriptors: numbers a chemist has a name for, from weight and logP to surface shares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.features.base import Featurizer, Matrix

Describe = Callable[[Chem.Mol], list[float]]

# Binned surface areas: each call gives a whole row of shares in C++.
_SURFACES = {"SlogP_VSA": rdMolDescriptors.SlogP_VSA_, "SMR_VSA": rdMolDescriptors.SMR_VSA_, "PEOE_VSA": rdMolDescriptors.PEOE_VSA_}
_BINS = {"SlogP_VSA": 12, "SMR_VSA": 10, "PEOE_VSA": 14}


@dataclass(frozen=True, kw_only=True)
class Descriptors(Featurizer):
    """Named descriptors: `cheap` are those RDKit computes in C++ in one go, `full` is its whole list of 217.

    The full list takes some thirty times as long. A value that does not exist for a molecule, or that
    leaves the range of a 32-bit float, is NaN; whoever learns from it decides what that means.

    >>> Descriptors()([Chem.MolFromSmiles("CCO")])[0, Descriptors().names.index("NumHBD")]
    np.float32(1.0)
    """

    set: Literal["cheap", "full"] = "cheap"

    def __post_init__(self) -> None:
        if self.set not in ("cheap", "full"):
            raise MolgenError(f"no descriptor set is called {self.set!r}", fix="there are: cheap, full")

    @property
    def names(self) -> tuple[str, ...]:
        return _full_names() if self.set == "full" else _cheap_names()

    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        rows = np.empty((len(mols), self.width), dtype=np.float64)
        describe = _full() if self.set == "full" else _cheap()
        with BlockLogs():
            for row, mol in zip(rows, mols):
                row[:] = describe(mol)
        with np.errstate(over="ignore"):
            narrow = rows.astype(np.float32)
        narrow[~np.isfinite(narrow)] = np.nan
        return narrow


def _cheap() -> Describe:
    properties = rdMolDescriptors.Properties()
    return lambda mol: [*properties.ComputeProperties(mol), *(share for surface in _SURFACES.values() for share in surface(mol))]


def _full() -> Describe:
    from rdkit.Chem.Descriptors import descList  # half a second of imports that the cheap set does not need

    return lambda mol: [_defined(function, mol) for _, function in descList]


def _defined(function: Callable[[Chem.Mol], float], mol: Chem.Mol) -> float:
    try:
        return function(mol)
    except (ValueError, ZeroDivisionError, RuntimeError, OverflowError):  # undefined for this molecule
        return math.nan


@lru_cache(maxsize=1)
def _cheap_names() -> tuple[str, ...]:
    surfaces = tuple(f"{name}{bin}" for name, bins in _BINS.items() for bin in range(1, bins + 1))
    return (*rdMolDescriptors.Properties().GetPropertyNames(), *surfaces)


@lru_cache(maxsize=1)
def _full_names() -> tuple[str, ...]:
    from rdkit.Chem.Descriptors import descList

    return tuple(name for name, _ in descList)
