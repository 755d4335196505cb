"""A way out for a search that is stuck: the heights it knows are left alone for a while."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.features.traits import Traits

_TOP = 10  # molecules whose mean score is how high a search is, as PMO measures it
_PATIENCE, _GROWTH = 1_000, 0.01  # scores told without growing by this share: the search is stuck
_NEAR = 0.6  # Tanimoto similarity of fragment counts from which on molecules are one series
_KIND = "ecfp4"


class Detours:
    """Whether a search is stuck, and where it is to look then.

    Stuck for the first time, it keeps away from all that is like its best; stuck there too, it may look everywhere again, what was
    found on the detour among its parents. The next detour keeps away from the best of both.
    """

    def __init__(self) -> None:
        self.away = False
        self._best: list[tuple[float, str]] = []  # since the last turn, or of all where none is shunned
        self._before: list[tuple[float, str]] = []  # the best of all
        self._height, self._idle = 0.0, 0
        self._shunned = Traits.of([], frozenset([_KIND]))

    def tell(self, scores: Mapping[str, float]) -> bool:
        """Whether these leave the search where it has long been, so that it is to look elsewhere from now on."""
        told = [(score, text) for text, score in scores.items()]
        self._best, self._before = heapq.nlargest(_TOP, [*self._best, *told]), heapq.nlargest(_TOP, [*self._before, *told])
        height = float(np.mean([score for score, _ in self._best])) if len(self._best) == _TOP else 0.0
        self._idle += len(told)
        if height > self._height * (1.0 + _GROWTH):
            self._height, self._idle = height, 0
        if self._idle < _PATIENCE or height <= 0:  # on flat ground there is no height to be stuck at
            return False
        self._turn()
        return True

    def _turn(self) -> None:
        mols = [Chem.MolFromSmiles(text) for _, text in self._best]
        self._shunned = Traits.joined([self._shunned, Traits.of(mols, frozenset([_KIND]))])
        self.away = not self.away
        self._best = [] if self.away else self._before
        self._height, self._idle = 0.0, 0

    def open(self, traits: Traits) -> NDArray[np.bool_]:
        """[molecules], whether the search may look there now."""
        if not self.away:
            return np.ones(len(traits), dtype=bool)
        where = traits.of_kind(_KIND).alike(self._shunned.of_kind(_KIND))
        return np.asarray(where.max(1, initial=0.0) <= _NEAR)

    def open_mols(self, mols: Sequence[Chem.Mol]) -> NDArray[np.bool_]:
        """The same of molecules that nobody has described yet."""
        return self.open(Traits.of(mols, frozenset([_KIND]) if self.away else frozenset()))
