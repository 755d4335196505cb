"""A search led by a model of the scores: breed many, ask the model, have only the most promising scored.

Bayesian optimisation over molecules as in Tripp & Hernandez-Lobato, "Diagnosing and fixing common problems in Bayesian
optimization for molecule design" (2024), carried on to the end of the budget. Batches are picked by GP-BUCB (Desautels et al.,
J. Mach. Learn. Res. 15 (2014) 4053). Half of each batch is found otherwise: the most promising child of each of several parents,
good ones and middling ones. Where only the best of all are scored, the search ends at the first height it climbs. When its ten best
have long not grown, it looks for a while only where nothing is like them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.alerts import alerts as alerts_of
from molgen.features.traits import Traits
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.bench import Bench
from molgen.generate.breeding import Bred, Breeder
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.detour import Detours
from molgen.generate.population import Population
from molgen.generate.surrogate import Surrogate, boldness
from molgen.models.kernel import one_thread

_BATCHES = ((300, 5), (1_000, 10), (2_000, 25))  # up to how many scored, how many are asked for at once
_BATCH = 50  # from there on
_PARENTS, _KIN = 200, 5  # scored molecules to breed from, and those of one scaffold
_LOCAL, _LITTER = 0.5, 15  # share of a batch that is the best of one parent's litter
_BOLD = 0.1  # spreads that count as hope while breeding: the same at all times, or lines of children never get far
_BROOD, _GENERATIONS = 150, 2  # children of the best of all: a generation, and generations a round
_SEEDS, _SHELF = 4_000, 0.5  # seeds the model is asked about when renewed; share of mates among the most promising of them
_SHOWN = 100  # of them on the bench
_PATIENCE = 4  # edits tried for each child wanted
_UNCHARTED = 300  # candidates among which to look for what is most unlike those scored


class Guided(Generator):
    """Proposals that a Gaussian process on the scores so far thinks most of, or is least sure about.

    It learns how alike molecules are by four kinds of fragments, by formula and a few numbers, and which of these
    matters here. Seeds that it thinks most of are asked for, and lend their parts to children of others. The first
    `opening` proposals are seeds. While all scores are the same, it asks for what has the most fragments that none of
    those scored had. It may propose fewer than it is asked for, since it learns from each batch: five at first, 50 from
    the two thousandth on. Other options are those of `genetic`.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        mutation: float = 0.6,
        opening: int = 50,
        novelty: float = 0.1,
        largest: int = 45,
        adaptive: bool = True,
        drugs: bool = True,
        guard: bool = True,
    ) -> None:
        bred: dict[str, Any] = {"mutation": mutation, "opening": opening, "novelty": novelty, "largest": largest, "adaptive": adaptive}
        bred |= {"seeds": seeds, "constraints": constraints, "reference": reference, "alerts": alerts, "drugs": drugs, "guard": guard}
        self._breeder = Breeder(**bred)
        self._opening = self._breeder.opening
        self._surrogate = Surrogate()
        self._population = Population(_PARENTS, _KIN)
        self._scores: dict[str, float] = {}  # of those told
        self._detours = Detours()
        self._asked: set[str] = set()
        self._bench = Bench.empty()
        self._shelf = Bench.empty()  # seeds, the most hopeful first

    @one_thread
    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        with BlockLogs():
            if len(self._asked) < self._opening:
                return self._proposed(self._seeds(min(n, self._opening - len(self._asked)), rng))
            n = min(n, next((batch for upto, batch in _BATCHES if len(self._surrogate) < upto), _BATCH))
            if self._surrogate.flat:
                return self._proposed(self._uncharted(n, rng))
            self._surrogate.learn(rng, self._detours.open)
            return self._promising(n, rng)

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        told = dict(zip(smiles, np.nan_to_num(np.asarray(scores, dtype=np.float64), nan=0.0).tolist(), strict=True))
        new = {text: score for text, score in told.items() if text not in self._scores}
        self._scores |= new
        self._asked |= new.keys()
        for text, score in new.items():
            self._population.add(text, score)
        if new:
            with BlockLogs():
                self._surrogate.tell([Chem.MolFromSmiles(text) for text in new], np.array(list(new.values())))
                if self._detours.tell(new):
                    self._set_out()

    @property
    def refused(self) -> dict[str, int]:
        """Why children were not let out, by first words, and how many."""
        return dict(self._breeder.refused)

    def _set_out(self) -> None:
        """Parents are from now on the best of where the search may look, and all is seen anew."""
        open_ = self._detours.open(self._surrogate.told)
        self._population, self._bench = Population(_PARENTS, _KIN), Bench.empty()
        texts, scores = list(self._scores), np.array(list(self._scores.values()))
        for row in np.flatnonzero(open_)[np.argsort(-scores[open_], kind="stable")].tolist():
            self._population.add(texts[row], scores[row])
            if len(self._population) == _PARENTS:
                break
        self._surrogate.renew()

    def _seeds(self, n: int, rng: np.random.Generator) -> list[Bred]:
        """Some not asked for yet."""
        left = [smiles for smiles in self._breeder.seeds if smiles not in self._asked]
        return [_seed(left[row]) for row in rng.permutation(len(left))[:n].tolist()]

    def _uncharted(self, n: int, rng: np.random.Generator) -> list[Bred]:
        """Seeds and children of seeds that have the most fragments seen in nothing scored, nor in those picked before them."""
        children = self._children(_UNCHARTED, self._any_seed(rng), rng, set())
        candidates = [child for child in [*self._seeds(_UNCHARTED, rng), *children] if not self._breeder.alerted(child.mol)]
        if not candidates:
            return []
        return [candidates[row] for row in self._surrogate.unlike(Traits.of([one.mol for one in candidates]), n)]

    def _promising(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """Of each batch one part from here and there, the rest from the top."""
        there = {child.smiles for child in self._bench.children}
        own, bench = self._here_and_there(int(_LOCAL * n + rng.random()), self._bench.again(self._surrogate), rng, there)
        bench = self._bred(bench, rng, there)
        short = self._surrogate.shortlist(bench.outlook)
        picked: list[Bred] = []
        passed: list[int] = []
        for row in short[self._surrogate.order(bench.traits.take(short), bench.across[short], rng)].tolist():
            if len(own) + len(picked) == n:
                break
            passed.append(row)
            if not self._breeder.alerted(bench.children[row].mol):
                picked.append(bench.children[row])
        self._bench = bench.without(passed)
        return own + self._proposed(picked)

    def _here_and_there(self, n: int, bench: Bench, rng: np.random.Generator, there: set[str]) -> tuple[list[Proposal], Bench]:
        """The most hopeful child of each of `n` litters, proposed; the others join the bench."""
        litters = [litter for litter in (self._litter(rng, there) for _ in range(n)) if litter]
        fresh = Bench.of([child for litter in litters for child in litter], self._surrogate)
        hopeful, best, start = fresh.outlook.hopeful(boldness(rng)), list[int](), 0
        for litter in litters:
            order = start + np.argsort(-hopeful[start : start + len(litter)], kind="stable")
            best += [row for row in order.tolist() if not self._breeder.alerted(fresh.children[row].mol)][:1]
            start += len(litter)
        return self._proposed([fresh.children[row] for row in best]), bench.and_those(fresh.without(best))

    def _litter(self, rng: np.random.Generator, there: set[str]) -> list[Bred]:
        """Children of one parent, any of the population; mates are drawn anew for each, the good ones more often."""
        members = self._population.smiles
        parent = members[int(rng.integers(len(members)))]
        return self._children(_LITTER, lambda: (parent, self._population.draw(rng)), rng, there)

    def _bred(self, bench: Bench, rng: np.random.Generator, there: set[str]) -> Bench:
        """The bench after some generations of the best scored and unscored, seeds that look promising among them."""
        parents = self._population.smiles
        standing = self._surrogate.standing(np.array([self._scores[text] for text in parents]))
        if self._surrogate.renewed:
            self._look_through_seeds(rng)
            bench = bench.and_those(self._unasked(there))
        for _ in range(_GENERATIONS):
            everyone = parents + [child.smiles for child in bench.children]
            ranks = np.argsort(-np.concatenate([standing, bench.outlook.hopeful(_BOLD)]), kind="stable")
            ranked = [everyone[row] for row in ranks.tolist()]
            bench = self._joined(bench, self._children(_BROOD, self._by_rank(ranked, rng), rng, there))
        return bench

    def _look_through_seeds(self, rng: np.random.Generator) -> None:
        """Puts them in order, the most hopeful first; one that was scored keeps its place, as a mate."""
        if len(self._shelf):
            shelf = self._shelf.again(self._surrogate)
        else:
            start = self._breeder.seeds
            shelf = Bench.of([_seed(start[row]) for row in rng.permutation(len(start))[:_SEEDS].tolist()], self._surrogate)
        self._shelf = shelf.take(np.argsort(-shelf.outlook.hopeful(boldness(rng)), kind="stable"))

    def _unasked(self, there: set[str]) -> Bench:
        """The best seeds that nobody asked for yet."""
        rows = [row for row, seed in enumerate(self._shelf.children) if seed.smiles not in self._asked and seed.smiles not in there]
        return self._shelf.take(np.array(rows[:_SHOWN], dtype=np.int64))

    def _joined(self, bench: Bench, children: list[Bred]) -> Bench:
        """The best of the bench and these children."""
        bench = bench.and_those(Bench.of(children, self._surrogate)).best(_BOLD)
        top = {child.smiles for child in bench.children[: len(bench) // 4]}
        for child in children:
            if child.edit and child.smiles in top:
                self._breeder.won(child.edit)
        return bench

    def _children(self, n: int, draw: Callable[[], tuple[str, str]], rng: np.random.Generator, there: set[str]) -> list[Bred]:
        """At most `n` children of the pairs drawn, never asked for nor `there` already; they are there from now on."""
        found: list[Bred] = []
        for _ in range(_PATIENCE * n):
            if len(found) == n:
                break
            child = self._breeder.child(*draw(), rng, lambda text: text in there or text in self._asked)
            if child is not None:
                found.append(child)
                there.add(child.smiles)
        return [found[row] for row in np.flatnonzero(self._detours.open_mols([child.mol for child in found])).tolist()]

    def _any_seed(self, rng: np.random.Generator) -> Callable[[], tuple[str, str]]:
        start = self._breeder.start
        return lambda: (start[int(rng.integers(len(start)))], start[int(rng.integers(len(start)))])

    def _by_rank(self, ranked: list[str], rng: np.random.Generator) -> Callable[[], tuple[str, str]]:
        """Half of all draws from the best few; one parent in twenty and half of all mates are seeds, those too by rank."""
        shelf = [seed.smiles for seed in self._shelf.children] or self._breeder.start

        def one(among: list[str]) -> str:
            depth = max(1, math.ceil(len(among) * 10.0 ** rng.uniform(-2.5, 0.0)))
            return among[int(rng.integers(depth))]

        return lambda: (one(shelf if rng.random() < 0.05 else ranked), one(shelf if rng.random() < _SHELF else ranked))

    def _proposed(self, children: Sequence[Bred]) -> list[Proposal]:
        self._asked.update(child.smiles for child in children)
        return [Proposal(child.smiles, child.origin) for child in children]


def _seed(smiles: str) -> Bred:
    return Bred(smiles, Chem.MolFromSmiles(smiles), "seed", "")
