"""A language model as a generator: it writes molecules, or writes on from parts of good ones, and learns from the scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.breeding import Breeder
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.edits import Child
from molgen.generate.pieces import Parent
from molgen.generate.population import Population
from molgen.generate.regrowth import Opening, opened, regrown

if TYPE_CHECKING:
    from molgen.nn.pupil import Lesson

_ROUNDS = 20  # of writing, before there are no more ideas
_AT_LEAST = 64  # texts written at once
_MOST_LESSONS = 2_000  # read of the seeds before anything is written
_PARENTS = 500  # kept with what was asked about them


class _Draft(NamedTuple):
    """What is to be written."""

    style: str
    opening: Opening | None  # None: a molecule from its first atom on


class Author(Generator):
    """Molecules written token by token by a recurrent network, which was taught on drugs and lead-like molecules.

    First it reads the seeds, each `epochs` times from another atom on, many of them fewer times (some 2,000 are read in all), and so
    writes more like them (transfer learning). Of what it proposes, the share `regrow` is a good molecule with a part taken off and
    written anew; all of it where constraints say what stays. With every score told it learns: texts that scored become likelier,
    `sigma` nats for a score of one, and the best so far are read again, `replay` of them `rounds` times. Without `learn`, scores only
    decide whose parts are rewritten. `style` is what fresh molecules are like, drug or lead; `model` another model's file.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        model: str | Path = "molecules",
        style: str = "drug",
        epochs: int = 20,
        regrow: float = 0.3,
        learn: bool = True,
        sigma: float = 120.0,
        replay: int = 50,
        rounds: int = 2,
        temperature: float = 1.0,
        population: int = 100,
        per_scaffold: int = 10,
        novelty: float = 0.1,
        largest: int = 45,
        drugs: bool = True,
        guard: bool = True,
    ) -> None:
        from molgen.nn.language import check_temperature, language
        from molgen.nn.pupil import Pupil

        if not 0.0 <= regrow <= 1.0:
            raise MolgenError(f"regrow is {regrow}, want a share from 0 to 1", where="generator")
        if sigma <= 0 or min(epochs, replay, rounds) < 0:
            raise MolgenError("sigma has to be above 0, epochs, replay and rounds at least 0", where="generator")
        check_temperature(temperature)
        judged: dict[str, Any] = {"novelty": novelty, "largest": largest, "drugs": drugs, "guard": guard, "alerts": alerts}
        self._breeder = Breeder(seeds=seeds, constraints=constraints, reference=reference, **judged)
        self._pupil = Pupil(language(model))
        self._pupil.language.tokens.encode("", style)  # an unknown style is refused here
        self._regrow = 1.0 if constraints.begin else regrow
        self._style, self._temperature, self._learn, self._sigma = style, temperature, learn, sigma
        self._replay, self._rounds = replay, rounds
        self._population = Population(population, per_scaffold)
        self._scores: dict[str, float] = {}
        self._parent = lru_cache(maxsize=_PARENTS)(lambda smiles: Parent(smiles, constraints))
        self._seen: set[str] = set()
        self._ready: list[Proposal] = []
        self._chance = np.random.default_rng(len(self._breeder.every_seed))  # of learning; what is written has the caller's
        self._read_seeds(epochs)

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        with BlockLogs():
            for _ in range(_ROUNDS):
                if len(self._ready) >= n:
                    break
                self._ready += self._written(max(_AT_LEAST, n - len(self._ready)), rng)
        found, self._ready = self._ready[:n], self._ready[n:]
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        values = np.asarray(scores, dtype=np.float64).tolist()
        told = {text: score for text, score in zip(smiles, values, strict=True) if np.isfinite(score)}
        self._seen.update(smiles)
        self._ready = [one for one in self._ready if one.smiles not in set(smiles)]
        self._scores |= told
        for text, score in told.items():
            self._population.add(text, score)
        if self._learn and told:
            self._learn_from(told)

    @property
    def refused(self) -> dict[str, int]:
        """Why texts were not proposed, by first words, and how many."""
        return dict(self._breeder.refused)

    def _written(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        drafts = [draft for draft in (self._draft(rng) for _ in range(n)) if draft is not None]
        begun = [(draft.opening.prompt if draft.opening else "", draft.style) for draft in drafts]
        texts = self._pupil.language.go_on(begun, seed=int(rng.integers(2**31)), temperature=self._temperature)
        proposals = (self._made(draft, written.text, rng) for draft, written in zip(drafts, texts))
        return [proposal for proposal in proposals if proposal is not None]

    def _draft(self, rng: np.random.Generator) -> _Draft | None:
        if rng.random() >= self._regrow:
            return _Draft(self._style, None)
        starts = self._breeder.start
        # One draw in twenty goes back to the seeds, so that a poor first choice does not decide the run.
        good = len(self._population) and rng.random() >= 0.05
        smiles = self._population.draw(rng) if good else starts[int(rng.integers(len(starts)))]
        try:
            opening = opened(self._parent(smiles), rng)
        except (ValueError, RuntimeError):  # RDKit refuses what is left
            return None
        return _Draft("any", opening) if opening is not None else None

    def _made(self, draft: _Draft, text: str, rng: np.random.Generator) -> Proposal | None:
        def idea() -> Child | None:
            if draft.opening is not None:
                return regrown(draft.opening, text, rng)
            mol = Chem.MolFromSmiles(text)
            return Child(mol, f"written as a {draft.style}") if mol is not None else None

        bred = self._breeder.made(idea, "", self._seen.__contains__)
        if bred is None:
            return None
        self._seen.add(bred.smiles)
        return None if self._breeder.alerted(bred.mol) else Proposal(bred.smiles, bred.origin)

    def _read_seeds(self, epochs: int) -> None:
        seeds = self._breeder.every_seed
        for _ in range(min(epochs, -(-_MOST_LESSONS // max(len(seeds), 1))) if seeds else 0):
            chosen = self._chance.permutation(len(seeds))[:_MOST_LESSONS]
            self._pupil.imitate(self._lessons({seeds[i]: 1.0 for i in chosen}), rng=self._chance)

    def _learn_from(self, told: dict[str, float]) -> None:
        self._pupil.reinforce(self._lessons(told), sigma=self._sigma, rng=self._chance)
        best = {text: self._scores[text] for text in self._population.smiles[: self._replay]}
        for _ in range(self._rounds if best else 0):
            self._pupil.reinforce(self._lessons(best), sigma=self._sigma, rng=self._chance)

    def _lessons(self, scores: dict[str, float]) -> list[Lesson]:
        """Each molecule as it is written from its first atom on, and from any."""
        from molgen.nn.pupil import Lesson

        mols = {text: Chem.MolFromSmiles(text) for text in scores}
        other = {text: Chem.MolToRandomSmilesVect(mol, 1, int(self._chance.integers(1, 2**31)))[0] for text, mol in mols.items()}
        clipped = {text: min(max(score, 0.0), 1.0) for text, score in scores.items()}
        return [Lesson(*lesson) for text, score in clipped.items() for lesson in ((text, self._style, score), (other[text], "any", score))]
