"""Fingerprints as 2,048 bits in 256 bytes a molecule: what is searched, and what a prepared library keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

Packed = NDArray[np.uint8]  # [molecules, 256], as numpy.packbits packs 2,048 bits

BITS = 2048
BYTES = BITS // 8


def packed_ecfp4(mols: Sequence[Chem.Mol]) -> Packed:
    """ECFP4, which circles of bonds a molecule has: for similarity.

    >>> int(np.bitwise_count(packed_ecfp4([Chem.MolFromSmiles("CCO")])).sum())
    6
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    return _packed(generator.GetFingerprint(mol) for mol in mols)


def packed_patterns(mols: Sequence[Chem.Mol]) -> Packed:
    """RDKit's pattern fingerprint: a molecule that holds a substructure has all of the substructure's bits."""
    return _packed(Chem.PatternFingerprint(mol, fpSize=BITS) for mol in mols)


def _packed(fingerprints: Iterable[DataStructs.ExplicitBitVect]) -> Packed:
    text = b"".join(map(DataStructs.BitVectToBinaryText, fingerprints))
    return _reversed_bytes()[np.frombuffer(text, dtype=np.uint8).reshape(-1, BYTES)]


def _reversed_bytes() -> NDArray[np.uint8]:  # [256]
    """RDKit has a byte's first bit as its lowest, numpy as its highest."""
    return np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), axis=1)[:, 0]
