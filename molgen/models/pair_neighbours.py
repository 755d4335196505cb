"""Boosted trees that fill in a panel: they read what was measured of the same molecule, of the same partner and of those like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray
from pydantic import BaseModel, Field, NonNegativeInt

from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.features.partner import View
from molgen.models.base import Against, Estimate, Kind, Training
from molgen.models.booster import Boosted, lighter, read_booster, write_booster
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.grid import Grid, Matrix, places, principal
from molgen.models.kernel import one_thread
from molgen.models.learned import Learned, LearnsPairs
from molgen.models.likeness import Likeness, Measure
from molgen.models.neighbours import WIDTH, Asked, Panel
from molgen.models.of_pairs import OfPairs
from molgen.models.view import read_view, write_view

_FIELDS, _ARRAYS = "pair_neighbours.json", "weights.safetensors"
_PARTS = 10  # each told of by the others
_MOLECULES_AT_ONCE = 512


class PairNeighbours(LearnsPairs, Boosted):
    """LightGBM on what was measured around a pair: to fill in a panel whose molecules and partners are known.

    A pair to learn from is told of as if it had not been measured, a tenth of all at a time. Of a new molecule or partner it knows what
    those alike have, and has not learned how far to trust that.
    """

    ways: tuple[NonNegativeInt, NonNegativeInt] = Field(
        (40, 30), description="Principal parts of likeness among molecules, and among partners, that are columns"
    )
    bag: int = Field(2, ge=1, description="Boosters, which differ by their seed")
    trees: int = Field(1500, ge=1)
    learning_rate: float = Field(0.05, gt=0, le=1)
    leaves: int = Field(127, ge=2)
    rows_in_leaf: int = Field(20, ge=1, description="Fewest pairs in a leaf")
    columns_a_tree: float = Field(0.2, gt=0, le=1)
    rows_a_tree: float = Field(0.8, gt=0, le=1)
    random_thresholds: bool = Field(False, description="Try one threshold a column, not all")
    huber: float = Field(0.3, ge=0, description="Errors past so many standard deviations count by size, not by square; 0: all by square")

    @classmethod
    def read(cls, folder: Path) -> PairNeighboursModel:
        return PairNeighboursModel.read(folder)

    @one_thread
    def learn(self, training: Training) -> PairNeighboursModel:
        rng = np.random.default_rng(training.seed)
        own = Learned.of(training, self.measure(), rng, most=self.most_molecules)
        one, other = own.among, own.view.likeness(own.partners)[0][own.used]
        turns = (principal(one, self.ways[0]), principal(other, self.ways[1]))
        around = np.empty((len(own.values), WIDTH), dtype=np.float32)
        part = rng.permutation(len(own.values)) % _PARTS
        for some in (np.flatnonzero(part == number) for number in range(_PARTS)):
            i, j = own.i[some], own.j[some]
            shown = np.ones(own.grid.values.shape, dtype=bool)
            shown[i, j] = False
            around[some] = Panel.of(own.grid.where(shown)).columns(Asked.among(one), Asked.among(other), i, j)
        table = np.concatenate([around, (one @ turns[0])[own.i], (other @ turns[1])[own.j]], axis=1)
        kind = training.tasks[0].kind
        bag = tuple(self.booster(table, own.values, kind, training.seed + 1000 * k, own.bounds) for k in range(self.bag))
        return PairNeighboursModel(own.likeness, own.view, own.inchikeys, own.grid, turns, kind, bag)


@dataclass(frozen=True, eq=False)
class PairNeighboursModel(OfPairs):
    """The bag, and the measured values it reads."""

    likeness: Likeness
    view: View
    keys: tuple[str, ...]  # InChIKeys of the molecules learned from
    grid: Grid
    turns: tuple[Matrix, Matrix]  # [known, ways], of molecules and of partners: likeness to the known ones times these are columns
    kind: Kind
    bag: tuple[Booster, ...]

    @one_thread
    def predict(self, library: Library) -> Estimate:
        partners = partners_of(library)
        used, j = np.unique(partners.of_row, return_inverse=True)
        told = self.partners(partners)
        return self.estimate(library.molecules, Asked(told.alike[used], told.place[used]), library.molecule_of_row, j)

    def partners(self, partners: Partners) -> Asked:
        """Each partner, as it is seen from the known ones."""
        return Asked(self.view.likeness(partners)[0], self.partner_places(partners))

    def estimate(self, library: Library, partners: Asked, i: NDArray[np.int64], j: NDArray[np.int64]) -> Estimate:
        """One row a pair, of these molecules of the library and these partners."""
        said = np.empty((len(self.bag), len(i)))
        place = places(library.inchikeys, self.keys)
        far = partners.alike @ self.turns[1]
        for start in range(0, len(library), _MOLECULES_AT_ONCE):
            some = np.arange(start, min(start + _MOLECULES_AT_ONCE, len(library)))
            pairs = np.flatnonzero((i >= start) & (i < start + _MOLECULES_AT_ONCE))
            if len(pairs):  # LightGBM refuses an empty table
                molecules = Asked(self.likeness.to(library.take(some)).astype(np.float32), place[some])
                a, b = i[pairs] - start, j[pairs]
                around = self._panel.columns(molecules, partners, a, b)
                table = np.concatenate([around, (molecules.alike @ self.turns[0])[a], far[b]], axis=1)
                said[:, pairs] = [booster.predict(table, num_threads=1) for booster in self.bag]
        return Estimate(said.mean(axis=0)[:, None], said.std(axis=0)[:, None])

    @cached_property
    def _panel(self) -> Panel:
        return Panel.of(self.grid)

    def partner_view(self) -> View:
        return self.view

    def against(self, partners: Partners) -> NeighboursAgainst:
        return NeighboursAgainst(self, self.partners(partners))

    def lighter(self) -> Self:
        return replace(self, bag=tuple(lighter(booster) for booster in self.bag))

    def about(self) -> dict[str, Any]:
        trees = sum(booster.num_trees() for booster in self.bag)
        return {"molecules": len(self.keys), **self.partners_known(), "trees": trees, "identities": True}

    def write(self, folder: Path) -> None:
        fields = _Fields(measure=self.likeness.measure, keys=self.keys, kind=self.kind, bag=len(self.bag))
        write_fields(folder / _FIELDS, fields)
        told = {"values": self.grid.values, "times": self.grid.times, "turn.0": self.turns[0], "turn.1": self.turns[1]}
        write_arrays(folder / _ARRAYS, self.likeness.arrays() | told)
        for i, booster in enumerate(self.bag):
            write_booster(booster, folder, 0, i)
        write_view(self.view, folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields, path, view = read_fields(folder / _FIELDS, _Fields), folder / _ARRAYS, read_view(folder)
        named: dict[str, tuple[str, int]] = dict.fromkeys(("values", "times", "turn.0", "turn.1"), ("f", 2))
        arrays = read_arrays(path, Likeness.wanted(fields.measure) | named)
        values, times, turns = arrays["values"], arrays["times"], (arrays["turn.0"], arrays["turn.1"])
        shape = (len(fields.keys), len(view.known))
        check(values.shape == times.shape == shape == (len(turns[0]), len(turns[1])), path, "pairs of others")
        likeness = Likeness.restored(fields.measure, shape[0], arrays, path)
        width = WIDTH + turns[0].shape[1] + turns[1].shape[1]
        bag = tuple(read_booster(folder, 0, i, width) for i in range(fields.bag))
        grid = Grid(values, times, np.zeros_like(values))
        return cls(likeness, view, fields.keys, grid, turns, fields.kind, bag)


@dataclass(frozen=True, eq=False)
class NeighboursAgainst(Against):
    """Such a model for certain partners: asked about molecules alone, it answers a task a partner."""

    model: PairNeighboursModel
    partners: Asked

    @one_thread
    def predict(self, library: Library) -> Estimate:
        shape = (len(library), len(self.partners.place))
        i, j = (place.ravel() for place in np.indices(shape))
        told = self.model.estimate(library, self.partners, i, j)
        return Estimate(told.mean.reshape(shape), told.spread.reshape(shape))

    def only(self, tasks: Sequence[int]) -> Self:
        some = list(tasks)
        return replace(self, partners=Asked(self.partners.alike[some], self.partners.place[some]))


class _Fields(BaseModel, allow_inf_nan=False):
    measure: Measure
    keys: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    bag: int = Field(ge=1)
