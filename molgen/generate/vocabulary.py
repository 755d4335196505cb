"""Pieces that real molecules are made of, and which kinds of atoms they are joined at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from molgen.generate.pieces import End, Parent, Piece

_LARGEST_ARM = 12  # heavy atoms; bigger pieces come from crossover
_LARGEST_CORE = 20


class Vocabulary:
    """Arms (one cut) and ring cores (one to three cuts) mined from molecules, drawn about as often as they occur."""

    def __init__(self, smiles: Iterable[str]) -> None:
        mined = [_mined(text) for text in smiles]
        self._joins = frozenset().union(*(one.joins for one in mined))
        self.arms = _Shelf([arm for one in mined for arm in one.arms])
        cores = [core for one in mined for core in one.cores]
        self.cores = {cuts: _Shelf([core for core in cores if len(core.ends) == cuts]) for cuts in (1, 2, 3)}

    def fits(self, one: End, other: End) -> bool:
        """Whether a bond between these kinds of atoms has been seen."""
        return (one, other) in self._joins

    def arm_for(self, end: End, rng: np.random.Generator, *, largest: int) -> Piece | None:
        """An arm that may be joined to an atom of this kind, or None after a few tries."""
        for _ in range(8):
            arm = self.arms.pick(rng)
            if arm is None:
                return None
            if arm.size <= largest and self.fits(end, arm.ends[0]):
                return arm
        return None


class _Shelf:
    """Pieces drawn with weight by the square root of their count: common ones often, rare ones still."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        counts = Counter(piece.smiles for piece in pieces)
        first = {piece.smiles: piece for piece in reversed(pieces)}
        self.pieces = [first[smiles] for smiles in sorted(counts)]
        self._upto = np.cumsum(np.sqrt([counts[piece.smiles] for piece in self.pieces]))

    def __len__(self) -> int:
        return len(self.pieces)

    def pick(self, rng: np.random.Generator) -> Piece | None:
        if not self.pieces:
            return None
        return self.pieces[int(np.searchsorted(self._upto, rng.random() * self._upto[-1], side="right"))]


class _Mined(NamedTuple):
    """What one molecule adds to a vocabulary."""

    arms: tuple[Piece, ...]
    cores: tuple[Piece, ...]
    joins: frozenset[tuple[End, End]]


@lru_cache(maxsize=512)  # the drugs come with every run
def _mined(smiles: str) -> _Mined:
    parent = Parent(smiles)
    cuts = [parent.halves(bond) for bond in parent.cuts]
    joins = frozenset(pair for first, second in cuts for pair in ((first.ends[0], second.ends[0]), (second.ends[0], first.ends[0])))
    arms = tuple(piece for halves in cuts for piece in halves if piece.size <= _LARGEST_ARM)
    return _Mined(arms, tuple(core for core, _ in parent.cores if core.size <= _LARGEST_CORE), joins)
