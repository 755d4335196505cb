"""Where the model may be believed: near the molecules it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from molgen.data.library import Library
from molgen.features.bits import Bits, ecfp4, nearest, top
from molgen.features.similarity import Nearest
from molgen.models.base import Values

# A molecule is inside while it lies no farther from the training set than 95 in 100 of the
# training molecules lie from their own nearest neighbour.
_QUANTILE = 0.05


@dataclass(frozen=True, eq=False)
class Known:
    """The molecules a model has seen, and what was measured of them."""

    ids: tuple[str, ...]
    smiles: tuple[str, ...]
    values: Values
    packed: NDArray[np.uint8]  # [molecules, 256], ECFP4 bits

    @classmethod
    def of(cls, library: Library, values: Values) -> Known:
        return cls(library.ids, tuple(library.smiles), values, ecfp4(library))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def bits(self) -> Bits:
        """The fingerprints, ready to be searched again and again."""
        return Bits(self.packed)


@dataclass(frozen=True, eq=False)
class Domain:
    """Inside is at or above `threshold` Tanimoto similarity (ECFP4) to the nearest known molecule."""

    known: Known
    threshold: float

    @classmethod
    def of(cls, library: Library, values: Values) -> Domain:
        """The domain of distinct training molecules; its threshold is learned from how near they lie to each other."""
        known = Known.of(library, values)
        return cls(known, float(np.quantile(_to_the_others(known.packed), _QUANTILE)))

    def nearest(self, library: Library) -> Nearest:
        """For each distinct valid molecule, the nearest known one and how similar it is."""
        if not len(library):
            return Nearest(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
        return nearest(ecfp4(library), self.known.bits)


def to_other_folds(library: Library, fold_of: NDArray[np.int64]) -> NDArray[np.float64]:
    """[molecules], similarity of each distinct molecule to the nearest one outside its fold: what it would have been, unseen."""
    packed = ecfp4(library)
    best = np.zeros(len(packed))
    for fold in np.unique(fold_of).tolist():
        inside = fold_of == fold
        if not inside.all():
            best[inside] = nearest(packed[inside], Bits(packed[~inside])).tanimoto
    return best


def _to_the_others(packed: NDArray[np.uint8]) -> NDArray[np.float64]:
    """[molecules], similarity of each to the nearest of the others; 0 for one alone."""
    best = np.zeros(len(packed))
    for row, found in enumerate(top(packed, packed, 2)):  # of any two, one is another
        best[row] = found.tanimoto[found.row != row].max(initial=0.0)
    return best
