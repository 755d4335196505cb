"""Pieces that real molecules are made of, and which kinds of atoms they are joined at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molgen.generate.linkers import LINKERS
from molgen.generate.pieces import End, Parent, Piece, break_bonds

_LARGEST_ARM = 12  # heavy atoms; bigger pieces come from crossover, and linkers hold two bits of it at most
_LARGEST_CORE = 20
_LINKED = 400  # molecules that linkers are mined from: pairs of cuts are many
_TRIES = 8


class Vocabulary:
    """Arms (one cut) and ring cores (one to three cuts) mined from molecules, drawn about as often as they occur."""

    def __init__(self, smiles: Iterable[str]) -> None:
        self._smiles = list(smiles)
        mined = [_mined(text) for text in self._smiles]
        self._joins = frozenset().union(*(one.joins for one in mined))
        self.arms = _Shelf([arm for one in mined for arm in one.arms])
        cores = [core for one in mined for core in one.cores]
        self.cores = {cuts: _Shelf([core for core in cores if len(core.ends) == cuts]) for cuts in (1, 2, 3)}

    def fits(self, one: End, other: End) -> bool:
        """Whether a bond between these kinds of atoms has been seen."""
        return (one, other) in self._joins

    def arm_for(self, end: End, rng: np.random.Generator, *, largest: int) -> Piece | None:
        """An arm that may be joined to an atom of this kind, or None after a few tries."""
        for _ in range(_TRIES):
            arm = self.arms.pick(rng)
            if arm is None:
                return None
            if arm.size <= largest and self.fits(end, arm.ends[0]):
                return arm
        return None

    def linker_for(self, ends: Sequence[End], rng: np.random.Generator) -> tuple[Piece, list[int]] | None:
        """A piece that may join atoms of these kinds, and which of them each of its cuts goes to; None after a few tries."""
        shelf = self._linkers if len(ends) == 2 else self.cores.get(len(ends))
        for _ in range(_TRIES):
            linker = shelf.pick(rng) if shelf is not None else None
            if linker is None:
                return None
            order = rng.permutation(len(ends)).tolist()
            if all(self.fits(ends[place], own) for place, own in zip(order, linker.ends)):
                return linker, order
        return None

    @cached_property
    def _linkers(self) -> _Shelf:
        """Pieces with two cuts, rings among them."""
        few = self._smiles[:: max(1, -(-len(self._smiles) // _LINKED))]
        by_hand = [Piece(Chem.MolFromSmiles(text), (one, other)) for text, one, other in LINKERS]
        return _Shelf([*by_hand, *(piece for text in few for piece in _middles(Parent(text)))])


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


def _middles(parent: Parent) -> list[Piece]:
    """What lies between each two cuts and is no larger than an arm."""
    found = []
    for one, other in combinations(parent.cuts, 2):
        size = min(
            int((parent.side(one, first) & parent.side(other, second)).sum()) for first in (0, 1) for second in (0, 1)
            if (parent.side(one, first) & parent.side(other, second)).any()
        )
        if size > _LARGEST_ARM:
            continue
        partners = [(bond.GetBeginAtom(), bond.GetEndAtom()) for bond in map(parent.mol.GetBondWithIdx, (one, other))]
        pieces = [piece for piece, _ in break_bonds(parent.mol, [one, other], partners)]
        found += [piece for piece in pieces if len(piece.ends) == 2 and piece.size <= _LARGEST_ARM]
    return found
