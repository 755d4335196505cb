"""What we could make: a source of proposals that learns only from the scores it is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.base.registry import Registry

GENERATORS = Registry(
    "generator",
    {
        "genetic": "molgen.generate.genetic:Genetic",
        "guided": "molgen.generate.guided:Guided",
        "analogues": "molgen.generate.analogues:Analogues",
        "merge": "molgen.generate.merge:Merge",
        "reactions": "molgen.generate.reactions:Reactions",
        "language": "molgen.generate.author:Author",
        "mixture": "molgen.generate.mixture:Mixture",
    },
)

OURS = frozenset({"seeds", "constraints", "reference"})  # keywords the run fills; no options

Alerts = Callable[[Chem.Mol], Sequence[str]]  # names of the structural alerts a molecule has


@dataclass(frozen=True)
class Proposal:
    """A molecule worth a look, and how it was made, in words."""

    smiles: str  # canonical
    origin: str  # "crossover of CCO and c1ccccc1"


class Generator(ABC):
    """Proposals on request. The loop, the budget, the cache and the trace live in `run`, once for all generators.

    A constructor takes, beside its own options, the keywords every run hands over: `seeds` (SMILES to start
    from), `constraints` (`Constraints`, which no proposal breaks) and `reference` (SMILES that show what is normal).
    """

    @abstractmethod
    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` proposals, distinct among themselves and from all earlier ones; fewer when it has no more ideas, or first
        wants to learn from these."""

    @abstractmethod
    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        """Scores of molecules, asked for or not, higher is better; NaN says the molecule could not be scored."""

    @property
    def refused(self) -> Mapping[str, int]:
        """Why ideas were not proposed, in few words, and how many; nothing for a generator that does not say."""
        return {}
