"""Whether a molecule has a PAINS alert, said faster than the catalogue says it when there is none, as is usual.

PAINS are 480 patterns. A pattern fingerprint says of most, for certain, that they cannot match; the rest are tried one by one.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs, RDConfig

_BITS = 2048


def has_pains(mol: Chem.Mol) -> bool:
    """What RDKit's catalogue says; True, which only sends the asker there, where the patterns are not shipped.

    >>> has_pains(Chem.MolFromSmiles("CCO"))
    False
    """
    patterns, bits = _pains()
    if not patterns:
        return True
    missing = np.bitwise_and(bits, ~_packed(mol)).any(axis=1)
    return any(mol.HasSubstructMatch(patterns[i]) for i in np.flatnonzero(~missing).tolist())


@cache
def _pains() -> tuple[list[Chem.Mol], NDArray[np.uint8]]:
    """The patterns RDKit's own catalogue is made from, with their packed fingerprints."""
    source = Path(RDConfig.RDDataDir) / "Pains" / "wehi_pains.csv"
    if not source.exists():
        return [], np.zeros((0, _BITS // 8), dtype=np.uint8)
    with source.open(newline="", encoding="utf-8") as rows:
        patterns = [Chem.MolFromSmarts(row[0], mergeHs=True) for row in csv.reader(rows)]
    return patterns, np.stack([_packed(pattern) for pattern in patterns])


def _packed(mol: Chem.Mol) -> NDArray[np.uint8]:
    return np.frombuffer(DataStructs.BitVectToBinaryText(Chem.PatternFingerprint(mol, _BITS)), dtype=np.uint8)
