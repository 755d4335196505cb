"""A Gaussian process over all pairs of a grid of molecules and partners, of which some were measured.

Two pairs go together as far as their molecules do times as far as their partners do, a Kronecker product (Pahikkala et al., Brief.
Bioinform. 16 (2015) 325). Only the two factors are ever there: conjugate gradients ask for their product with a grid, so that a
hundred thousand pairs can be learned from. What goes together is told by structure and, where those asked about are those learned
from, by the grid itself: molecules whose rows run alike are alike, whatever they look like. A first answer, which has no gaps, is
compared row with row and column with column, and a second is found with what that tells (after the interaction profiles of van
Laarhoven et al., Bioinformatics 27 (2011) 3036).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from molgen.models.grid import Factors, Grid, Matrix, lead_of, solved
from molgen.models.process import beyond

Settings = dict[str, float]
New = Literal["pairs", "molecules", "partners", "both"]

SIDES = ("molecules", "partners")
_STEPS, _STEPS_SOUGHT = 300, 100  # towards an answer, and while settings are sought; fewer make little noise look worse than it is
_HELD_OUT = 0.1  # share of the pairs, molecules or partners that a trial asks about
_ASKED, _TRIALS = 100, (2, 8)  # so many in all, where that takes no fewer and no more trials
# How much is made of rows and of columns of the grid, and how steeply, before that is sought: chosen on training rows of Davis.
_LEARNED_MOLECULES, _LEARNED_PARTNERS = (10.0, 1.5), (1.2, 3.0)
_STRIDES = (2.0, 1.5)
_WORTH = 0.995  # of the error, above which a change of a setting is not worth it


@dataclass(frozen=True, eq=False)
class Ground:
    """How alike the molecules of a grid are among each other, and its partners."""

    molecules: tuple[Matrix, ...]  # each [molecules, molecules]
    partners: tuple[Matrix, ...]  # each [partners, partners]

    def of(self, molecules: NDArray[np.int64]) -> Ground:
        """The same with some of the molecules."""
        return Ground(tuple(one[np.ix_(molecules, molecules)] for one in self.molecules), self.partners)


@dataclass(frozen=True, eq=False)
class Answer:
    """A process that has seen a grid."""

    pull: Matrix  # [molecules, partners]
    told: Matrix | None = None  # [molecules, partners], the grid without gaps by which rows and columns are compared, if they are

    @cached_property
    def learned(self) -> tuple[Matrix, Matrix] | None:
        """How alike the rows of that grid are, and its columns."""
        return None if self.told is None else (_alike(self.told), _alike(self.told.T))


def usual(likenesses: tuple[int, int], *, new: New, identities: bool) -> Settings:
    """What settings are before they are sought, for so many likenesses of molecules and of partners.

    With identities each has something of its own, so that structure need not explain what only one molecule does. Where none will
    be new, rows and columns are compared by the grid as well; for a new one that tells nothing, and structure would be left with less.
    """
    settings = {"noise": 1.0 if identities else 0.1}
    for side, many, learned in zip(SIDES, likenesses, (_LEARNED_MOLECULES, _LEARNED_PARTNERS)):
        settings |= {f"{side} level": 0.1}
        for i in range(many):
            settings |= {f"{side} weight {i}": 1.0, f"{side} steepness {i}": 3.0}
        if identities:
            settings[f"{side} own"] = 0.2
        if identities and new == "pairs":
            weight, steepness = learned
            settings |= {f"{side} learned": weight, f"{side} learned steepness": steepness}
    return settings


def compares(settings: Settings) -> bool:
    """Whether rows and columns are compared by the grid."""
    return f"{SIDES[0]} learned" in settings


def kernel(settings: Settings, side: str, alike: Sequence[Matrix]) -> Matrix:
    """How far any of a side go together with the known ones, by structure."""
    told = np.full(alike[0].shape, settings[f"{side} level"], dtype=np.float32)
    for i, one in enumerate(alike):
        told += np.float32(settings[f"{side} weight {i}"]) * _near(one, settings[f"{side} steepness {i}"])
    return told


def known_kernel(settings: Settings, side: str, place: NDArray[np.int64], known: int, learned: Matrix | None) -> Matrix:
    """What is to be added for those that are known ones themselves, at these places: who each is, and what the grid tells of it."""
    told = np.zeros((len(place), known), dtype=np.float32)
    told[np.arange(len(place)), place] = settings[f"{side} own"]
    if learned is not None:
        told += np.float32(settings[f"{side} learned"]) * _near(learned[place], settings[f"{side} learned steepness"])
    return told


def _near(alike: Matrix, steepness: float) -> Matrix:
    """1 where two are the same, and less the less alike they are; a valid kernel if `alike` is one."""
    return np.asarray(np.exp(np.float32(steepness) * (alike - 1)), dtype=np.float32)


def answered(
    ground: Ground, grid: Grid, settings: Settings, *, rounds: int, steps: int = _STEPS, untold: Factors | None = None
) -> Answer:
    """The process that has seen the grid. Each round after the first has the whole grid as the last one says it is: rows and columns
    are compared by it, and what is known to lie beyond a bound lies where it says, if that is beyond. `untold` are the factors that
    the first begins with, where another grid with the same settings has begun with them too."""
    answer = Answer(np.zeros_like(grid.values))
    factors = _factors(ground, settings, answer) if untold is None else untold
    lead = lead_of(factors, grid, settings["noise"])
    for turn in range(rounds):
        seen = grid
        if turn:
            whole = factors.times(answer.pull)
            seen = Grid(beyond(grid.values, whole, grid.signs), grid.times, grid.signs)
            if compares(settings):
                answer = Answer(answer.pull, whole)
                factors = _factors(ground, settings, answer)
                lead = lead_of(factors, grid, settings["noise"])
        answer = Answer(solved(factors, lead, seen, settings["noise"], start=answer.pull, steps=steps), answer.told)
    return answer


def _factors(ground: Ground, settings: Settings, answer: Answer) -> Factors:
    """How far each side goes together, by structure and by what the answer tells of rows and columns."""
    return Factors.of(*_kernels(ground, settings, answer))


def filled(ground: Ground, answer: Answer, settings: Settings) -> Matrix:
    """The whole grid as the process says it is."""
    one, other = _kernels(ground, settings, answer)
    return np.asarray(one @ answer.pull @ other, dtype=np.float32)


def sought(
    ground: Ground, grid: Grid, groups: NDArray[np.int64], *, new: New, identities: bool, rounds: int, most: int, rng: np.random.Generator
) -> Settings:
    """The settings under which pairs held out are told best; held out are single ones, or all of a molecule, of a group of partners,
    or of both, as it will be when it is asked. At most so many molecules are looked at."""
    some = np.sort(rng.permutation(len(grid.values))[:most])
    ground, grid = ground.of(some), grid.of(some)
    trials = [_hidden(grid.times > 0, groups, new, rng) for _ in range(_trials(grid, groups, new))]
    trials = [(shown, asked) for shown, asked in trials if shown.any() and asked.any()]

    def error(settings: Settings) -> float:
        errors, untold = [], _factors(ground, settings, Answer(np.zeros_like(grid.values)))
        for shown, asked in trials:
            answer = answered(ground, grid.where(shown), settings, rounds=rounds, steps=_STEPS_SOUGHT, untold=untold)
            whole = filled(ground, answer, settings)
            errors.append((beyond(grid.values, whole, grid.signs) - whole)[asked] ** 2)
        return float(np.concatenate(errors).mean())

    settings = usual((len(ground.molecules), len(ground.partners)), new=new, identities=identities)
    return _descended(settings, error) if trials else settings


def _descended(settings: Settings, error: Callable[[Settings], float]) -> Settings:
    """From here downhill, along one setting after the other."""
    best = error(settings)
    for stride in _STRIDES:
        for name in settings:
            for factor in (stride, 1 / stride):
                while (found := error(settings | {name: settings[name] * factor})) < best * _WORTH:
                    settings, best = settings | {name: settings[name] * factor}, found
    return settings


def _trials(grid: Grid, groups: NDArray[np.int64], new: New) -> int:
    """How often a share is asked about: of few molecules a tenth says little."""
    many = {"pairs": int((grid.times > 0).sum()), "molecules": len(grid.values), "partners": len(np.unique(groups))}
    asked = _HELD_OUT * many.get(new, min(many["molecules"], many["partners"]))
    return int(np.clip(round(_ASKED / max(asked, 1)), *_TRIALS))


def _hidden(
    known: NDArray[np.bool_], groups: NDArray[np.int64], new: New, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs shown and pairs asked about."""
    if new == "pairs":
        asked = rng.random(known.shape) < _HELD_OUT
        return known & ~asked, known & asked
    rows = _share(np.arange(len(known)), rng)[:, None]
    columns = _share(groups, rng)[None, :]
    if new == "molecules":
        return known & ~rows, known & rows
    if new == "partners":
        return known & ~columns, known & columns
    return known & ~rows & ~columns, known & rows & columns


def _share(groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.bool_]:
    distinct, place = np.unique(groups, return_inverse=True)
    return np.asarray((rng.permutation(len(distinct)) < max(1, round(_HELD_OUT * len(distinct))))[place])


def _kernels(ground: Ground, settings: Settings, answer: Answer) -> tuple[Matrix, Matrix]:
    learned = (None, None) if answer.learned is None else answer.learned
    one, other = (whole_kernel(settings, *side) for side in zip(SIDES, (ground.molecules, ground.partners), learned))
    return one, other


def whole_kernel(settings: Settings, side: str, alike: Sequence[Matrix], learned: Matrix | None) -> Matrix:
    """How far the known ones of a side go together."""
    told = kernel(settings, side, alike)
    return told + known_kernel(settings, side, np.arange(len(told)), len(told), learned) if f"{side} own" in settings else told


def _alike(rows: Matrix) -> Matrix:
    """[rows, rows], correlation of what each says beyond the mean of all."""
    own = rows - rows.mean(axis=0)
    own = own - own.mean(axis=1, keepdims=True)
    own = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-6)
    return np.asarray(own @ own.T, dtype=np.float32)
