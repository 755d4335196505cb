"""Generators that list all their ideas: a set is complete when it has been asked for to the end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit.rdBase import BlockLogs

from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.breeding import Breeder
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.edits import Child

Idea = Callable[[], Child | None]  # made when its turn comes
Ideas = Mapping[str, Sequence[Sequence[Idea]]]  # by kind, and in it those that differ by their place alone

_OPEN = 20  # sources whose ideas are listed at once


class Listed(Generator):
    """Ideas of each source by turns, and of each kind by turns: a small set has something of everything.

    Scores change nothing. A subclass says what the sources are and what comes of one.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        novelty: float = 0.1,
        largest: int = 45,
        drugs: bool = True,
        guard: bool = True,
    ) -> None:
        judged: dict[str, Any] = {"novelty": novelty, "largest": largest, "drugs": drugs, "guard": guard, "alerts": alerts}
        self._breeder = Breeder(seeds=seeds, constraints=constraints, reference=reference, **judged)
        self.constraints, self.every_seed, self.starts = constraints, self._breeder.every_seed, self._breeder.start
        self.examples = list(dict.fromkeys([*self.every_seed, *reference]))
        self._seen = {*self.every_seed, *self.starts}
        self._ahead = iter(self._sources())
        self._queues: list[list[Idea]] = []

    @abstractmethod
    def _sources(self) -> Iterable[tuple[str, ...]]:
        """Seeds, or groups of them, that ideas come of."""

    @abstractmethod
    def _ideas(self, source: tuple[str, ...]) -> Ideas:
        """What can be made of one source."""

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        found: list[Proposal] = []
        with BlockLogs():
            while len(found) < n and (self._queues or self._opened(rng)):
                queue = self._queues.pop(0)
                proposal = self._made(queue.pop())
                if proposal is not None:
                    found.append(proposal)
                if queue:
                    self._queues.append(queue)
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        for text, _ in zip(smiles, scores, strict=True):
            self._seen.add(text)

    @property
    def refused(self) -> dict[str, int]:
        """Why ideas were not proposed, by first words, and how many."""
        return dict(self._breeder.refused)

    def _opened(self, rng: np.random.Generator) -> bool:
        """Whether there were further ideas; in a kind one of each sort by turns, its place left to chance."""
        while not self._queues and (sources := list(islice(self._ahead, _OPEN))):
            kinds = [sorts for source in sources for sorts in self._ideas(source).values()]
            self._queues = [queue for sorts in kinds if (queue := _by_turns(sorts, rng))]
        return bool(self._queues)

    def _made(self, idea: Idea) -> Proposal | None:
        bred = self._breeder.made(idea, "", self._seen.__contains__)
        if bred is None:
            return None
        self._seen.add(bred.smiles)
        return None if self._breeder.alerted(bred.mol) else Proposal(bred.smiles, bred.origin)


def _by_turns(sorts: Sequence[Sequence[Idea]], rng: np.random.Generator) -> list[Idea]:
    """The first of each sort, then the second of each, and so on, those of a sort in any order; the next to come stands last."""
    shuffled = [[ideas[place] for place in rng.permutation(len(ideas)).tolist()] for ideas in sorts]
    return [idea for turn in zip_longest(*shuffled) for idea in turn if idea is not None][::-1]
