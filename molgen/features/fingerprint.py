"""Fingerprints: which fragments a molecule has, hashed into a row of fixed length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import ConvertToNumpyArray

from molgen.base.errors import MolgenError
from molgen.features.base import Featurizer, Matrix

Kind = Literal["ecfp4", "ecfp6", "fcfp4", "fcfp6", "atom_pair", "torsion", "avalon"]
Values = Literal["bits", "counts", "log_counts"]


class Fragments(NamedTuple):
    """The fragments molecules have: one entry a molecule and column that is not 0, molecule after molecule."""

    molecule: NDArray[np.int64]  # [entries]
    column: NDArray[np.int64]  # [entries], ascending in a molecule
    times: NDArray[np.int64]  # [entries], how often


@dataclass(frozen=True, kw_only=True)
class Fingerprint(Featurizer):
    """Hashed fragments: circles of bonds (ECFP, FCFP; the figure is the diameter), pairs or chains of atoms, Avalon's own.

    Avalon's are paths, rings and pairs chosen for screening (Gedeck et al., J. Chem. Inf. Model. 46 (2006) 1924).
    FCFP sees donors, acceptors, rings and charges where ECFP sees elements. `values` is presence,
    how often, or the logarithm of 1 + how often, which keeps a long chain from drowning the rest.

    >>> Fingerprint(size=1024)([Chem.MolFromSmiles("CCO")]).sum()
    np.float32(6.0)
    """

    kind: Kind = "ecfp4"
    size: int = 2048
    values: Values = "bits"

    def __post_init__(self) -> None:
        if self.kind not in _GENERATORS:
            raise MolgenError(f"no fingerprint is called {self.kind!r}", fix=f"there are: {', '.join(_GENERATORS)}")
        if self.values not in get_args(Values):
            raise MolgenError(f"values of a fingerprint are {self.values!r}", fix=f"want one of {', '.join(get_args(Values))}")
        if self.size < _FEWEST.get(self.kind, 1):  # with fewer RDKit fails, or ends the process
            raise MolgenError(f"{self.kind} in {self.size} columns, want {_FEWEST.get(self.kind, 1)} or more")

    @property
    def width(self) -> int:
        return self.size

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.kind}_{column}" for column in range(self.size))

    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        rows = np.zeros((len(mols), self.size), dtype=np.float32)
        if self.values == "bits":  # of pairs and chains RDKit sets more bits the more there are: not the counts' columns
            read = _GENERATORS[self.kind](self.size).GetFingerprintAsNumPy
            for row, mol in zip(rows, mols):
                row[:] = read(mol)
            return rows
        found = self.fragments(mols)
        rows[found.molecule, found.column] = found.times
        return np.log1p(rows, out=rows) if self.values == "log_counts" else rows

    def fragments(self, mols: Sequence[Chem.Mol]) -> Fragments:
        """The counts beside zeros, which are one number in fifty or fewer.

        Read out of RDKit's own form for saving counts, a few words a fragment: asking for a whole row takes twice as long as
        finding the fragments.
        """
        entries, pairs = saved_counts(_GENERATORS[self.kind](self.size), mols, self.size)
        return Fragments(np.repeat(np.arange(len(mols)), entries), pairs[:, 0], pairs[:, 1])


def saved_counts(generator: Any, mols: Sequence[Chem.Mol], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(entries a molecule, [entries, 2] column and count) of one of RDKit's generators of `size` columns."""
    saved = [np.frombuffer(generator.GetCountFingerprint(mol).ToBinary(), dtype="<u4") for mol in mols]
    if not saved:
        return np.empty(0, dtype=np.int64), np.empty((0, 2), dtype=np.int64)
    wanted = (_SAVED_AS, _WORD, size)
    if any(tuple(one[:3].tolist()) != wanted or len(one) != _HEADER + 2 * int(one[3]) for one in saved):
        raise RuntimeError("RDKit saves counts in a form that this version of molgen does not know")
    pairs = np.concatenate([one[_HEADER:] for one in saved]).astype(np.int64).reshape(-1, 2)
    return np.array([len(one) - _HEADER for one in saved]) // 2, pairs


# Words before the pairs of column and count: the form's number, bytes a column, columns, pairs.
_HEADER, _SAVED_AS, _WORD = 4, 1, 4


def _circles(radius: int, size: int) -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=size)


def _functional_circles(radius: int, size: int) -> Any:
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=size, atomInvariantsGenerator=invariants)


@cache
def _avalon() -> Any:
    from rdkit.Avalon import pyAvalonTools  # a library of its own: only who asks for it pays

    return pyAvalonTools


@dataclass(frozen=True)
class _Avalon:
    """Avalon's functions as a generator like RDKit's own."""

    size: int

    def GetCountFingerprint(self, mol: Chem.Mol) -> Any:  # noqa: N802
        return _avalon().GetAvalonCountFP(mol, nBits=self.size)

    def GetFingerprintAsNumPy(self, mol: Chem.Mol) -> NDArray[np.uint8]:  # noqa: N802
        bits = np.zeros(0, dtype=np.uint8)
        ConvertToNumpyArray(_avalon().GetAvalonFP(mol, nBits=self.size), bits)
        return bits


_FEWEST = {"avalon": 8, "atom_pair": 5, "torsion": 5}  # columns; one in the others
_GENERATORS: dict[str, Callable[[int], Any]] = {
    "ecfp4": lambda size: _circles(2, size),
    "ecfp6": lambda size: _circles(3, size),
    "fcfp4": lambda size: _functional_circles(2, size),
    "fcfp6": lambda size: _functional_circles(3, size),
    "atom_pair": lambda size: rdFingerprintGenerator.GetAtomPairGenerator(fpSize=size),
    "torsion": lambda size: rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=size),
    "avalon": lambda size: _Avalon(size),
}
