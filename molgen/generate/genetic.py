"""A genetic algorithm on molecular graphs: cut, cross, edit, and keep what scores well and looks sane.

Selection follows Mol GA (Tripp & Hernandez-Lobato 2023); crossover of molecules at a cut bond goes back to
Jensen, Chem. Sci. 10 (2019) 3567. What is added is a filter by precedent before anything is proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit.rdBase import BlockLogs

from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.breeding import Breeder
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.population import Population

_PATIENCE = 60  # edits tried for each proposal wanted, before there are no more ideas


class Genetic(Generator):
    """Children of the best molecules so far; before any is scored, of the seeds.

    Among the first proposals are seeds themselves, `opening` of them: the search starts from known ground.
    `mutation` is the share of edits of one molecule, the rest cross two. Each kind of edit is tried more the
    more often its children made it into the population, unless `adaptive` is off. A child has at most `largest`
    heavy atoms (or five more than the largest seed), and at most the share `novelty` of its atoms in surroundings
    that neither seeds, nor reference, nor (with `drugs`) common drugs and what ships with molgen show. Without `guard`, all that RDKit can
    hold is let through.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        population: int = 200,
        per_scaffold: int = 20,
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
        self._population = Population(population, per_scaffold)
        self._opening = self._breeder.opening
        self._seen: set[str] = set()
        self._made_by: dict[str, str] = {}  # proposal -> kind of edit, until its score is told

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        found = self._open(n, rng)
        with BlockLogs():
            for _ in range(_PATIENCE * n):
                if len(found) >= n:
                    break
                proposal = self._try(rng)
                if proposal is not None:
                    found.append(proposal)
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        for text, score in zip(smiles, np.asarray(scores, dtype=np.float64).tolist(), strict=True):
            self._seen.add(text)
            edit = self._made_by.pop(text, "")
            if np.isfinite(score) and self._population.add(text, score) and edit:
                self._breeder.won(edit)

    @property
    def refused(self) -> dict[str, int]:
        """Why children were not proposed, by first words, and how many."""
        return dict(self._breeder.refused)

    def _open(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """Seeds not proposed yet, for at most half of what is asked, while the opening lasts."""
        n = min(-(-n // 2), self._opening)
        left = [smiles for smiles in self._breeder.seeds if smiles not in self._seen]
        chosen = [left[i] for i in sorted(rng.permutation(len(left))[:n].tolist())] if n else []
        self._opening -= len(chosen)
        self._seen.update(chosen)
        return [Proposal(smiles, "seed") for smiles in chosen]

    def _try(self, rng: np.random.Generator) -> Proposal | None:
        """One child, unless the edit leads nowhere or nowhere new."""
        child = self._breeder.child(self._draw(rng), self._draw(rng), rng, self._seen.__contains__)
        if child is None:
            return None
        self._seen.add(child.smiles)
        if self._breeder.alerted(child.mol):
            return None
        self._made_by[child.smiles] = child.edit
        return Proposal(child.smiles, child.origin)

    def _draw(self, rng: np.random.Generator) -> str:
        # One draw in twenty goes back to the seeds, so that a poor first choice does not decide the run.
        if not len(self._population) or rng.random() < 0.05:
            return self._breeder.start[int(rng.integers(len(self._breeder.start)))]
        return self._population.draw(rng)
