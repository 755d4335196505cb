"""Residues as numbers: what each is, and how often runs of three occur in a protein."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.data.proteins import RESIDUES

# Kyte & Doolittle, J. Mol. Biol. 157 (1982) 105; volumes in cubic ångström by Zamyatnin, Prog. Biophys. Mol. Biol. 24 (1972) 107.
_HYDROPATHY = (1.8, 2.5, -3.5, -3.5, 2.8, -0.4, -3.2, 4.5, -3.9, 3.8, 1.9, -3.5, -1.6, -3.5, -4.5, -0.8, -0.7, 4.2, -0.9, -1.3)
_VOLUME = (
    88.6, 108.5, 111.1, 138.4, 189.9, 60.1, 153.2, 166.7, 168.6, 166.7, 162.9, 114.1, 112.7, 143.8, 173.4, 89.0, 116.1, 140.0, 227.8, 193.6,
)  # fmt: skip
_KINDS = ("KR", "DE", "FWYH", "STNQYWHKR", "VILMFWC")  # positive, negative, aromatic, donors of hydrogen bonds, greasy
WIDTH = len(RESIDUES) + 2 + len(_KINDS)

# Residues that replace each other without much harm: Shen et al., PNAS 104 (2007) 4337.
_CLASSES = ("AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C")
RUNS = len(_CLASSES) ** 3


def _table() -> NDArray[np.float32]:
    """[letters of ASCII, WIDTH], zeros for what is no residue."""
    table = np.zeros((128, WIDTH), dtype=np.float32)
    for i, (letter, hydropathy, volume) in enumerate(zip(RESIDUES, _HYDROPATHY, _VOLUME)):
        numbers = [hydropathy / 3, (volume - 140) / 40, *(float(letter in kind) for kind in _KINDS)]
        table[ord(letter)] = np.concatenate([np.eye(len(RESIDUES))[i], numbers])
    return table


_TABLE = _table()
# [letters of ASCII]; an unknown residue counts with the first class.
_CLASS = np.array([next((i for i, letters in enumerate(_CLASSES) if chr(code) in letters), 0) for code in range(128)])


def described(letters: Sequence[str]) -> NDArray[np.float32]:
    """[texts, places, WIDTH]: which residue each letter is, and of what kind; zeros for a gap or an unknown one. Texts of one length.

    >>> described(["K-"])[0, :, :20].sum(axis=1).tolist()
    [1.0, 0.0]
    """
    if not letters:
        return np.zeros((0, 0, WIDTH), dtype=np.float32)
    return _TABLE[np.array([list(text.encode("ascii")) for text in letters])]


def runs(sequences: Sequence[str]) -> NDArray[np.float32]:
    """[sequences, RUNS], square roots of the shares of runs of three residues, told apart by class only.

    >>> runs(["AAAAV"])[0].max()
    np.float32(1.0)
    """
    found = np.zeros((len(sequences), RUNS), dtype=np.float32)
    for row, sequence in zip(found, sequences):
        classes = _CLASS[np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)]
        code = (classes[:-2] * len(_CLASSES) + classes[1:-1]) * len(_CLASSES) + classes[2:]
        row[:] = np.sqrt(np.bincount(code, minlength=RUNS) / len(code))
    return found
