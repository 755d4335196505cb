"""Children that wait to be scored: the most promising, of no scaffold too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.features.traits import Parts, Traits
from molgen.generate.breeding import Bred
from molgen.generate.surrogate import Outlook, Surrogate

_SIZE, _KIN = 400, 10  # children, and children of one scaffold


@dataclass(frozen=True, eq=False)
class Bench:
    """Children with what to expect of each."""

    children: tuple[Bred, ...]
    traits: Traits
    across: NDArray[np.float64]  # [children, molecules learned from], how alike
    outlook: Outlook

    def __len__(self) -> int:
        return len(self.children)

    @classmethod
    def empty(cls) -> Bench:
        """Nobody waits."""
        return cls((), Traits.of([]), np.empty((0, 0)), Outlook(np.empty(0), np.empty(0)))

    @classmethod
    def of(cls, children: Sequence[Bred], surrogate: Surrogate, parts: Parts = frozenset()) -> Bench:
        """Of fresh children, described by what the model looks at and these parts."""
        traits = Traits.of([child.mol for child in children], surrogate.parts | parts)
        across = surrogate.across(traits)
        return cls(tuple(children), traits, across, surrogate.outlook(across))

    def again(self, surrogate: Surrogate) -> Bench:
        """The same children in the light of what has been learned since; to be asked for each time that settings are renewed."""
        if not surrogate.parts <= self.traits.parts:
            return Bench.of(self.children, surrogate, self.traits.parts)
        across = surrogate.across(self.traits, self.across)
        return Bench(self.children, self.traits, across, surrogate.outlook(across))

    def take(self, rows: NDArray[np.int64]) -> Bench:
        """Some of the children, in this order."""
        children = tuple(self.children[row] for row in rows.tolist())
        return Bench(children, self.traits.take(rows), self.across[rows], Outlook(self.outlook.mean[rows], self.outlook.spread[rows]))

    def without(self, rows: Sequence[int]) -> Bench:
        """All but these."""
        return self.take(np.setdiff1d(np.arange(len(self)), np.asarray(rows, dtype=np.int64)))

    def and_those(self, other: Bench) -> Bench:
        """Both, one after the other."""
        outlook = Outlook(*(np.concatenate(pair) for pair in zip(self.outlook, other.outlook)))
        across = np.concatenate([self.across, other.across])
        return Bench(self.children + other.children, Traits.joined([self.traits, other.traits]), across, outlook)

    def best(self, boldness: float) -> Bench:
        """As many as there is room for, the most hopeful first."""
        kin: Counter[str] = Counter()
        kept: list[int] = []
        for row in np.argsort(-self.outlook.hopeful(boldness), kind="stable").tolist():
            scaffold = self.children[row].scaffold
            kin[scaffold] += 1
            if kin[scaffold] <= _KIN:
                kept.append(row)
            if len(kept) == _SIZE:
                break
        return self.take(np.array(kept, dtype=np.int64))
