"""What the scores so far make one expect of molecules not scored yet, and whom to score next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.features.traits import KINDS, Parts, Traits, weighty
from molgen.models.mixture import NOISE, Mixing, Mixture
from molgen.models.process import Matrix

_BEST, _OTHERS = 1_000, 300  # molecules the model learns from: a round costs their square, the first of ten their cube
_SOUGHT_ON = (200, 100)  # of the best and of the rest: those that settings are sought on
_RENEWED = 10  # rounds between choosing anew whom to learn from, and settings
_WIDEST = KINDS.index("ecfp6")  # the fragments that tell most molecules apart
_SHORT = 120  # the most promising, by mean and by mean and spread, among whom a batch is picked


class Outlook(NamedTuple):
    """Expected scores of molecules, on the scale that the model learns: higher is better, nothing else is promised."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    def hopeful(self, boldness: float) -> NDArray[np.float64]:
        """What a score may well be: the mean and some spreads."""
        return np.asarray(self.mean + boldness * self.spread)


class Surrogate:
    """A Gaussian process on the molecules told, all of them at first, later the best and some others."""

    def __init__(self) -> None:
        self._scores = np.empty(0)
        self._told: list[Traits] = []
        self._round = 0
        self._upto = 0  # of those told, how many the model has seen or passed over
        self._rows = np.empty(0, dtype=np.int64)  # of those told, the ones it learns from
        self._ground: Traits
        self._kernel: Matrix = np.empty((0, 0))
        self._mixing: Mixing
        self._model: Mixture

    def __len__(self) -> int:
        return len(self._scores)

    @property
    def flat(self) -> bool:
        """Whether all scores so far are the same, so that nothing can be learned from them."""
        return len(self._scores) < 2 or bool(np.ptp(self._scores) <= 0)

    @property
    def renewed(self) -> bool:
        """Whether settings were chosen anew just now."""
        return self._round % _RENEWED == 1

    def tell(self, mols: Sequence[Chem.Mol], scores: NDArray[np.float64]) -> None:
        """Scores, from 0 to 1."""
        self._scores = np.concatenate([self._scores, scores])
        self._told.append(Traits.of(mols))

    @property
    def told(self) -> Traits:
        """All molecules told, in order."""
        self._told = [Traits.joined(self._told)]
        return self._told[0]

    def renew(self) -> None:
        """Next time, settings and whom to learn from are chosen anew."""
        self._round = -(-self._round // _RENEWED) * _RENEWED

    def learn(self, rng: np.random.Generator, open_: Callable[[Traits], NDArray[np.bool_]]) -> None:
        """Brings the model up to what has been told; at least half of the best it learns from are of where the search may look."""
        told = self.told
        if self._round % _RENEWED == 0:
            order = self._best_first(open_(told))
            self._rows = np.concatenate([order[:_BEST], rng.permutation(order[_BEST:])[:_OTHERS]])
            self._ground = told.take(self._rows)
            best, rest = _SOUGHT_ON
            sample = np.concatenate([np.arange(len(self._rows))[:best], rng.permutation(np.arange(best, len(self._rows)))[:rest]])
            some = self._ground.take(sample)
            self._mixing = Mixing.of(some.alike(some), self._scores[self._rows[sample]])
            self._kernel = self._ground.mixed(self._ground, self._mixing.weights)
        else:
            self._add(told, np.arange(self._upto, len(self._scores)))
        self._model = self._mixing.learn(self._kernel, self._scores[self._rows])
        self._upto = len(self._scores)
        self._round += 1

    def _best_first(self, open_: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Rows of those told: the best of all and the best of the open ones in equal parts, then the others."""
        order = np.argsort(-self._scores, kind="stable")
        if open_.all():
            return order
        half = _BEST // 2
        first = np.concatenate([order[open_[order]][:half], order[~open_[order]][:half]])
        return np.concatenate([first, order[~np.isin(order, first)]])

    def _add(self, told: Traits, rows: NDArray[np.int64]) -> None:
        new = told.take(rows)
        across, among = self.across(new), new.mixed(new, self._mixing.weights)
        self._kernel = np.block([[self._kernel, across.T], [across, among]])
        self._ground = Traits.joined([self._ground, new])
        self._rows = np.concatenate([self._rows, rows])

    @property
    def parts(self) -> Parts:
        """What the model looks at."""
        return weighty(self._mixing.weights)

    def across(self, traits: Traits, known: Matrix | None = None) -> Matrix:
        """[molecules, learned from], how alike; only what is new since `known`, where settings are still the same."""
        if known is None or self.renewed or not known.shape[1]:
            return traits.mixed(self._ground, self._mixing.weights)
        late = self._ground.take(np.arange(known.shape[1], len(self._ground)))
        return np.hstack([known, traits.mixed(late, self._mixing.weights)])

    def outlook(self, across: Matrix) -> Outlook:
        """Of molecules not told."""
        mean, spread, _ = self._model.predict(across)
        return Outlook(mean, spread)

    def standing(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores on the scale of an outlook."""
        return self._model.standard(scores)

    def unlike(self, traits: Traits, n: int) -> list[int]:
        """At most `n` rows, those first that have the most fragments seen in nothing told, nor in the rows before them."""
        seen = set(np.unique(np.concatenate([one.fragments[_WIDEST].column for one in self._told])).tolist()) if self._told else set()
        new = [set(found.tolist()) - seen for found in traits.fragments[_WIDEST].columns()]
        picked: list[int] = []
        for _ in range(min(n, len(new))):
            row = max((row for row in range(len(new)) if row not in picked), key=lambda row: len(new[row]))
            picked.append(row)
            new = [one - new[row] if i != row else one for i, one in enumerate(new)]
        return picked

    def shortlist(self, outlook: Outlook) -> NDArray[np.int64]:
        """Rows worth picking from."""
        one, other = (np.argsort(-outlook.hopeful(boldness), kind="stable")[:_SHORT] for boldness in (0.0, 1.0))
        return np.union1d(one, other)

    def order(self, traits: Traits, across: Matrix, rng: np.random.Generator) -> list[int]:
        """All rows, the next to be scored first, each as if those before it were scored as expected (GP-BUCB)."""
        mean, _, rest = self._model.predict(across)
        shared = traits.mixed(traits, self._mixing.weights) - rest.T @ rest
        open_, order = np.ones(len(mean), dtype=bool), []
        for _ in range(len(mean)):
            variance = np.maximum(np.diag(shared), 1e-10)
            hopeful = np.where(open_, mean + boldness(rng) * np.sqrt(variance), -np.inf)
            row = int(hopeful.argmax())
            open_[row] = False
            order.append(row)
            column = shared[:, row] / math.sqrt(variance[row] + NOISE)
            shared = shared - np.outer(column, column)
        return order


def boldness(rng: np.random.Generator) -> float:
    """How many spreads count as hope: even in orders of magnitude from a hundredth to one (Tripp & Hernandez-Lobato 2024)."""
    return float(10.0 ** rng.uniform(-2.0, 0.0))
