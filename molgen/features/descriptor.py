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

Set = Literal["quick", "cheap", "full"]
Describe = Callable[[Chem.Mol], list[float]]

# What needs a search for patterns or paths, or every atom's share of logP: a few of the descriptors, most of the time.
_SLOW = frozenset(
    ["NumRotatableBonds", "NumHBA", "CrippenClogP", "CrippenMR", "kappa2", "kappa3", "Phi"]
    + [f"chi{order}{kind}" for order in (2, 3, 4) for kind in "vn"]
)

# Binned surface areas: each call gives a whole row of shares in C++.
_SURFACES = {"SlogP_VSA": rdMolDescriptors.SlogP_VSA_, "SMR_VSA": rdMolDescriptors.SMR_VSA_, "PEOE_VSA": rdMolDescriptors.PEOE_VSA_}
_BINS = {"SlogP_VSA": 12, "SMR_VSA": 10, "PEOE_VSA": 14}


@dataclass(frozen=True, kw_only=True)
class Descriptors(Featurizer):
    """Named descriptors: `cheap` are those RDKit computes in C++ in one go, `full` is its whole list of 217.

    `quick` are the cheap ones that cost about as much as a fingerprint. The full list takes some thirty times as long as
    `cheap`. A value that does not exist for a molecule, or that leaves the range of a 32-bit float, is NaN; whoever learns
    from it decides what that means.

    >>> Descriptors()([Chem.MolFromSmiles("CCO")])[0, Descriptors().names.index("NumHBD")]
    np.float32(1.0)
    """

    set: Set = "cheap"

    def __post_init__(self) -> None:
        if self.set not in _SETS:
            raise MolgenError(f"no descriptor set is called {self.set!r}", fix=f"there are: {', '.join(_SETS)}")

    @property
    def names(self) -> tuple[str, ...]:
        return {"quick": _quick_names, "cheap": _cheap_names, "full": _full_names}[self.set]()

    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        rows = np.empty((len(mols), self.width), dtype=np.float64)
        describe = _SETS[self.set]()
        with BlockLogs():
            for row, mol in zip(rows, mols):
                row[:] = describe(mol)
        with np.errstate(over="ignore"):
            narrow = rows.astype(np.float32)
        narrow[~np.isfinite(narrow)] = np.nan
        return narrow


def _quick() -> Describe:
    properties = rdMolDescriptors.Properties(list(_quick_names()))
    return lambda mol: list(properties.ComputeProperties(mol))


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


_SETS: dict[str, Callable[[], Describe]] = {"quick": _quick, "cheap": _cheap, "full": _full}


@lru_cache(maxsize=1)
def _quick_names() -> tuple[str, ...]:
    return tuple(name for name in rdMolDescriptors.Properties().GetPropertyNames() if name not in _SLOW)


@lru_cache(maxsize=1)
def _cheap_names() -> tuple[str, ...]:
    surfaces = tuple(f"{name}{bin}" for name, bins in _BINS.items() for bin in range(1, bins + 1))
    return (*rdMolDescriptors.Properties().GetPropertyNames(), *surfaces)


@lru_cache(maxsize=1)
def _full_names() -> tuple[str, ...]:
    from rdkit.Chem.Descriptors import descList

    return tuple(name for name, _ in descList)
