"""Molecules that can be made: products of named reactions between building blocks, each with its route.

Design along reactions: Hartenfeller et al., PLoS Comput. Biol. 8 (2012) e1002380 (DOGS); a search led by scores through the
products of purchasable blocks: Swanson et al., Nat. Mach. Intell. 6 (2024) 338 (SyntheMol). Here a genetic algorithm varies
routes, not molecules, so that whatever it proposes has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.edits import pick
from molgen.generate.population import Population
from molgen.generate.route import Part, Route
from molgen.generate.stock import Reaction, Stock, stock_of
from molgen.generate.unstable import unstable

_PATIENCE = 60  # routes tried for each proposal wanted, before there are no more ideas
_POPULATION, _PER_SCAFFOLD = 200, 20


class Reactions(Generator):
    """Products of up to `steps` named reactions between building blocks, each with a route; routes that scored well are varied.

    Blocks are those of the file `blocks`, by default a sample of Enamine's that comes with molgen, and the seeds that can react. A
    share `explore` of the proposals is drawn anew, the rest are good routes with one block exchanged, for a similar one, one of
    another good route or any, or with the last step added or done in another way. A product has at most `largest` heavy atoms
    and no structural alert. What is normal (`reference`) is not asked: each product is what its reaction makes of real blocks.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        blocks: str = "",
        steps: int = 2,
        explore: float = 0.2,
        alerts: Alerts = alerts_of,
        largest: int = 45,
    ) -> None:
        if steps < 1:
            raise MolgenError(f"steps is {steps}, want at least 1", where="generator")
        if not 0.0 <= explore <= 1.0:
            raise MolgenError(f"explore is {explore}, want a share from 0 to 1", where="generator")
        self._constraints, self._excused = constraints, constraints.excused(alerts, seeds)
        self._steps, self._explore, self._alerts, self._largest = steps, explore, alerts, largest
        self._stock = _with_seeds(stock_of(blocks), seeds)
        if not self._stock.runnable:
            raise MolgenError("no two blocks react with each other", where=blocks or "blocks", fix="add blocks of other kinds")
        able = [name for name in self._stock.ids if name in self._stock.able]
        obeying = [name for name in able if self._obeys(self._stock.mol(name))]
        self._bearers = obeying if len(obeying) < len(able) else []
        self._population = Population(_POPULATION, _PER_SCAFFOLD)
        self._routes: dict[str, Route] = {}  # of each proposal
        self._seen = {*self._stock.smiles, *seeds}  # what is on the shelf needs no route
        self._refused: Counter[str] = Counter()

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        found: list[Proposal] = []
        with BlockLogs():
            for _ in range(_PATIENCE * n):
                if len(found) >= n:
                    break
                route = self._fresh(rng) if not len(self._population) or rng.random() < self._explore else self._varied(rng)
                if route is not None and self._new(route):
                    self._routes[route.smiles] = route
                    found.append(Proposal(route.smiles, route.told(self._stock.said)))
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        for text, score in zip(smiles, np.asarray(scores, dtype=np.float64).tolist(), strict=True):
            self._seen.add(text)
            if np.isfinite(score) and text in self._routes:
                self._population.add(text, score)

    @property
    def stock(self) -> Stock:
        """The blocks that routes start from, seeds among them."""
        return self._stock

    @property
    def refused(self) -> dict[str, int]:
        """Why products were not proposed, and how many."""
        return dict(self._refused)

    def route(self, smiles: str) -> Route:
        """How this proposal is made."""
        if smiles not in self._routes:
            raise MolgenError(f"never proposed: {smiles!r}", where="route")
        return self._routes[smiles]

    def _new(self, route: Route) -> bool:
        """Whether the product is worth proposing; it is looked over once."""
        if route.smiles in self._seen:
            return False
        self._seen.add(route.smiles)
        mol = Chem.MolFromSmiles(route.smiles)
        flaw = "too large" if mol.GetNumHeavyAtoms() > self._largest else "" if self._obeys(mol) else "constraint broken"
        flaw = flaw or ("unstable" if unstable(mol) else "")
        if not flaw and not self._excused.issuperset(self._alerts(mol)):  # the dearest check, last
            flaw = "alert"
        if flaw:
            self._refused[flaw] += 1
        return not flaw

    def _obeys(self, mol: Chem.Mol) -> bool:
        return not self._constraints.broken(mol)

    def _fresh(self, rng: np.random.Generator) -> Route | None:
        """One to `steps` reactions of blocks drawn blindly; with a constraint, mostly from a block that obeys it already."""
        if self._bearers and rng.random() < 0.8:
            route = self._extended(pick(self._bearers, rng), rng)
        else:
            reaction = pick(self._stock.runnable, rng)
            route = self._made(reaction, [self._any(reaction, role, rng) for role in range(len(reaction.roles))])
        for _ in range(int(rng.integers(self._steps))):
            route = route and self._extended(route, rng)
        return route

    def _varied(self, rng: np.random.Generator) -> Route | None:
        """A good route with one block exchanged, a step more, or another last step."""
        route = self._routes[self._population.draw(rng)]
        if rng.random() < 0.7:
            return self._exchanged(route, rng)
        part = route if route.steps < self._steps and rng.random() < 0.5 else pick(route.inputs, rng)
        return self._extended(part, rng)

    def _extended(self, part: Part, rng: np.random.Generator) -> Route | None:
        """What a reaction with blocks makes of this; any role that it can play is as likely."""
        mol, openings = self._mol(part), self._stock.openings
        for at in rng.permutation(len(openings)).tolist():
            reaction, role = openings[at]
            if self._stock.can_play(part, reaction, role) if isinstance(part, str) else reaction.takes(mol, role):
                return self._made(reaction, [part if i == role else self._any(reaction, i, rng) for i in range(len(reaction.roles))])
        return None

    def _exchanged(self, route: Route, rng: np.random.Generator) -> Route | None:
        """The same reactions with one block of another kind."""
        reaction = self._stock.reaction(route.reaction)
        role = int(rng.integers(len(route.inputs)))
        part = route.inputs[role]
        new = self._other(part, reaction, role, rng) if isinstance(part, str) else self._exchanged(part, rng)
        if new is None or not self._plays(new, reaction, role):
            return None
        return self._made(reaction, [new if i == role else old for i, old in enumerate(route.inputs)])

    def _other(self, block: str, reaction: Reaction, role: int, rng: np.random.Generator) -> str:
        """A block for the same role: half the time a similar one, else one that did well in another route, or any."""
        way = rng.random()
        near = self._stock.near(block, reaction, role)
        if way < 0.5 and len(near):
            return self._stock.ids[near[int(len(near) * rng.random() ** 2)]]  # the most similar more often
        if way < 0.75:
            proven = [other for other in self._routes[self._population.draw(rng)].blocks if self._plays(other, reaction, role)]
            if proven:
                return pick(proven, rng)
        return self._any(reaction, role, rng)

    def _any(self, reaction: Reaction, role: int, rng: np.random.Generator) -> str:
        pool = self._stock.pool(reaction, role)
        return self._stock.ids[pool[int(rng.integers(len(pool)))]]

    def _plays(self, part: Part, reaction: Reaction, role: int) -> bool:
        return self._stock.can_play(part, reaction, role) if isinstance(part, str) else reaction.takes(self._mol(part), role)

    def _mol(self, part: Part) -> Chem.Mol:
        return self._stock.mol(part) if isinstance(part, str) else Chem.MolFromSmiles(part.smiles)

    def _made(self, reaction: Reaction, inputs: Sequence[Part]) -> Route | None:
        smiles = reaction.product([self._mol(part) for part in inputs])
        if not smiles:
            self._refused["not one product"] += 1
            return None
        return Route(reaction.name, tuple(inputs), smiles)


def _with_seeds(stock: Stock, seeds: Sequence[str]) -> Stock:
    """The stock and those seeds that can react, each called by its SMILES; what the stock has already is not added."""
    with BlockLogs():
        mols = {f"seed {text}": Chem.MolFromSmiles(text) for text in seeds if text and "." not in text}
    own = {name: Chem.MolToSmiles(mol) for name, mol in mols.items() if mol is not None and mol.GetNumAtoms()}
    able = Stock.of(own, stock.reactions).able
    known = set(stock.smiles)
    return stock.plus({name: smiles for name, smiles in own.items() if name in able and smiles not in known})
