"""Featurizers: molecules to one row of numbers each, worked out once a library and shared by whoever asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.base.registry import Registry
from molgen.data.library import Library

Matrix = NDArray[np.float32]  # [molecules, width]

FEATURIZERS = Registry(
    "featurizer",
    {
        "fingerprint": "molgen.features.fingerprint:Fingerprint",
        "descriptor": "molgen.features.descriptor:Descriptors",
        "pharmacophore": "molgen.features.pharmacophore:Pharmacophore",
    },
)


@dataclass(frozen=True, kw_only=True)
class Featurizer(ABC):
    """Numbers that follow from the molecule alone. A subclass is a frozen dataclass: its fields are its options.

    Molecules given to a featurizer are valid ones; bad rows were left behind by `Library.distinct`.
    """

    @property
    def key(self) -> str:
        """Name and options: two featurizers with one key give the same numbers.

        >>> from molgen.features.fingerprint import Fingerprint
        >>> Fingerprint(size=512).key
        "Fingerprint(kind='ecfp4', size=512, values='bits')"
        """
        options = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({options})"

    @property
    def width(self) -> int:
        """Numbers a molecule."""
        return len(self.names)

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """What each column says."""

    @abstractmethod
    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        """One row a molecule, in order; NaN where a number does not exist for it. No molecules give ``[0, width]``."""

    def of(self, library: Library) -> Matrix:
        """The rows of `library.molecules`, made at the first call and kept there; of another shape they are a MolgenError."""
        # With the class itself: a notebook may have defined it anew under its name.
        return library.molecules.once(("feature", type(self), self.key), self._rows)

    def _rows(self, library: Library) -> Matrix:
        mols = [mol for mol in library.mols if mol is not None]
        rows = self(mols)
        if rows.shape != (len(mols), self.width):
            raise MolgenError(f"{self.key} gave numbers of shape {rows.shape}, want {len(mols)} molecules of {self.width} numbers")
        return rows
