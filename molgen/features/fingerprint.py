"""Fingerprints: which fragments a molecule has, hashed into a row of fixed length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molgen.base.errors import MolgenError
from molgen.features.base import Featurizer, Matrix

Kind = Literal["ecfp4", "ecfp6", "fcfp4", "fcfp6", "atom_pair", "torsion"]
Values = Literal["bits", "counts", "log_counts"]


@dataclass(frozen=True, kw_only=True)
class Fingerprint(Featurizer):
    """Hashed fragments: circles of bonds (ECFP, FCFP; the figure is the diameter), pairs or chains of atoms.

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
        if self.size < 1:
            raise MolgenError(f"fingerprint size is {self.size}, want 1 or more")

    @property
    def width(self) -> int:
        return self.size

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.kind}_{column}" for column in range(self.size))

    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        generator = _GENERATORS[self.kind](self.size)
        read = generator.GetFingerprintAsNumPy if self.values == "bits" else generator.GetCountFingerprintAsNumPy
        rows = np.zeros((len(mols), self.size), dtype=np.float32)
        for row, mol in zip(rows, mols):
            row[:] = read(mol)
        return np.log1p(rows, out=rows) if self.values == "log_counts" else rows


def _circles(radius: int, size: int) -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=size)


def _functional_circles(radius: int, size: int) -> Any:
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=size, atomInvariantsGenerator=invariants)


_GENERATORS: dict[str, Callable[[int], Any]] = {
    "ecfp4": lambda size: _circles(2, size),
    "ecfp6": lambda size: _circles(3, size),
    "fcfp4": lambda size: _functional_circles(2, size),
    "fcfp6": lambda size: _functional_circles(3, size),
    "atom_pair": lambda size: rdFingerprintGenerator.GetAtomPairGenerator(fpSize=size),
    "torsion": lambda size: rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=size),
}
