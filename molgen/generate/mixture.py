"""Several generators as one: each proposes, all learn from every score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.generate.base import GENERATORS, OURS, Generator, Proposal
from molgen.generate.constraints import NONE, Constraints

_TOP = 100  # molecules that a proposal has to be among to count as a win
_LEAST = 0.1  # share that a generator which never wins still gets, of an even one


class Mixture(Generator):
    """Proposals of several generators, of each the more, the more of its own came among the hundred best so far.

    `of` names them, each with its options: ``{"genetic": {"population": 100}, "reactions": {}}``, or just the names, or one name.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        of: Mapping[str, Mapping[str, Any]] | Sequence[str] = ("genetic", "analogues", "reactions"),
    ) -> None:
        options = dict(of) if isinstance(of, Mapping) else {name: {} for name in ([of] if isinstance(of, str) else of)}
        if not options or "mixture" in options:
            raise MolgenError(f"a mixture of {list(options)}", where="of", fix="name generators, other than itself")
        for name, own in options.items():
            if not isinstance(own, Mapping) or OURS & own.keys():
                said = f"{own!r}, want a table of options" if not isinstance(own, Mapping) else f"given {min(OURS & own.keys())!r}"
                raise MolgenError(f"{name!r} of a mixture is {said}", where="of", fix="seeds and the like are given to the run itself")
        given = {"seeds": seeds, "constraints": constraints, "reference": reference}
        self._sources: dict[str, Generator] = {name: GENERATORS.build(name, {**own, **given}) for name, own in options.items()}
        self._made_by: dict[str, str] = {}  # proposal -> generator
        self._scores: dict[str, float] = {}
        self._asked = dict.fromkeys(self._sources, 0)
        self._won = dict.fromkeys(self._sources, 0)

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        found: list[Proposal] = []
        left = list(self._sources)
        while left and len(found) < n:
            wanted = rng.multinomial(n - len(found), self._shares(left))
            for name, count in zip(tuple(left), wanted.tolist()):
                made = self._sources[name].ask(count, rng) if count else []
                new = [one for one in made if one.smiles not in self._made_by and one.smiles not in self._scores]
                self._made_by |= {one.smiles: name for one in new}
                self._asked[name] += len(made)
                found += new
                if count and not made:
                    left.remove(name)  # out of ideas for now
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        new = dict(zip(smiles, np.asarray(scores, dtype=np.float64).tolist(), strict=True))
        self._scores |= {text: score for text, score in new.items() if np.isfinite(score)}
        best = sorted(self._scores.values(), reverse=True)[:_TOP]
        for text, score in new.items():
            if best and score >= best[-1] and text in self._made_by:
                self._won[self._made_by[text]] += 1
        for source in self._sources.values():
            source.tell(smiles, scores)

    @property
    def refused(self) -> dict[str, int]:
        """Why ideas of any of them were not proposed, and how many."""
        return dict(sum((Counter(source.refused) for source in self._sources.values()), Counter()))

    def _shares(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Wins an ask, one win in two asks to begin with."""
        rates = np.array([(self._won[name] + 5) / (self._asked[name] + 10) for name in names])
        rates = np.maximum(rates, _LEAST * rates.mean())
        return np.asarray(rates / rates.sum())
