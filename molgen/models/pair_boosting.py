"""Boosted trees for pairs: the columns of the molecule beside those of its protein, or cell line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray
from pydantic import Field

from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.features.descriptor import Set as DescriptorSet
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.features.partner import View, view_of, worked_out
from molgen.models.base import Against, Estimate, Kind, RowKind, Training
from molgen.models.booster import lighter, read_booster, write_booster
from molgen.models.boosting import Boosting, Seen, telling
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.of_pairs import OfPairs
from molgen.models.profile import Profile, profile_named
from molgen.models.view import read_view, write_view

_FIELDS, _ARRAYS, _PROFILE = "pair_boosting.json", "weights.safetensors", "profile"
_ROWS_AT_ONCE = 8_192


class PairBoosting(Boosting):
    """LightGBM on what is counted of the molecule and what is told of its partner; how far the bag spreads says how unsure it is.

    Where molecules are few and new ones are asked about, as in a panel of cell lines, it errs elsewhere than a process that goes
    by likeness. Random thresholds and half of the pairs a tree: thousands of pairs of a hundred molecules still are a hundred molecules.
    """

    fingerprints: tuple[FingerprintKind, ...] = Field(("ecfp4",), description="Fingerprints whose counts are columns")
    descriptors: bool | DescriptorSet = Field(True, description="Descriptors: false for none, true for the cheap ones, full for all")
    bag: int = Field(2, ge=1, description="Boosters, which differ by their seed")
    trees: int = Field(300, ge=1)
    learning_rate: float = Field(0.05, gt=0, le=1)
    leaves: int = Field(63, ge=2)
    rows_in_leaf: int = Field(20, ge=1, description="Fewest pairs in a leaf")
    columns_a_tree: float = Field(0.2, gt=0, le=1)

    @property
    def rows(self) -> tuple[RowKind, ...]:
        return ("pairs",)

    def features(self, library: Library) -> NDArray[np.float32]:
        worked_out(partners_of(library))
        return super().features(library.molecules)

    @classmethod
    def read(cls, folder: Path) -> PairBoostingModel:
        return PairBoostingModel.read(folder)

    def learn(self, training: Training) -> PairBoostingModel:
        library, partners, task = training.library, partners_of(training.library), training.tasks[0]
        rows = np.flatnonzero(training.learned)
        view = view_of(partners, np.unique(partners.of_row[rows]))
        wide, molecules = self.features(library), library.molecule_of_row[rows]
        columns = telling(wide, np.unique(molecules))
        table = _Beside(wide[:, columns], view.numbers(partners), molecules, partners.of_row[rows])
        seen, values = self._seen(), training.targets[rows, 0]
        bounds = np.zeros(len(rows)) if training.signs is None else training.signs[rows, 0]
        bag = tuple(self.booster(table, values, task.kind, training.seed + 1000 * i, bounds) for i in range(self.bag))
        return PairBoostingModel(seen, columns, profile_named(self.profile), view, task.kind, bag)


class _Beside(lightgbm.Sequence):
    """Columns of each pair, put together a batch at a time: a hundred thousand pairs by thousands of columns are never there whole."""

    def __init__(self, ligands: NDArray[np.float32], partners: NDArray[np.float32], i: NDArray[np.int64], j: NDArray[np.int64]) -> None:
        self._ligands, self._partners, self._i, self._j = ligands, partners, i, j
        self.batch_size = _ROWS_AT_ONCE

    def __len__(self) -> int:
        return len(self._i)

    def __getitem__(self, rows: Any) -> NDArray[np.float64]:
        return np.concatenate([self._ligands[self._i[rows]], self._partners[self._j[rows]]], axis=-1).astype(np.float64)

    def said(self, booster: Booster) -> NDArray[np.float64]:
        """[pairs]"""
        parts = [slice(start, start + _ROWS_AT_ONCE) for start in range(0, len(self), _ROWS_AT_ONCE)]
        return np.concatenate([np.empty(0), *(np.asarray(booster.predict(self[part], num_threads=1)) for part in parts)])


@dataclass(frozen=True, eq=False)
class PairBoostingModel(OfPairs):
    """The bag, and which columns it reads."""

    seen: Seen
    columns: NDArray[np.int64]  # of the molecule, those that were learned from
    profile: Profile | None
    view: View
    kind: Kind
    bag: tuple[Booster, ...]

    def predict(self, library: Library) -> Estimate:
        partners = partners_of(library)
        used, j = np.unique(partners.of_row, return_inverse=True)
        return self._estimate(self.ligands(library.molecules), self.view.numbers(partners)[used], library.molecule_of_row, j)

    def ligands(self, library: Library) -> NDArray[np.float32]:
        """[molecules, columns]"""
        return self.seen.of(library, self.profile)[:, self.columns]

    def _estimate(self, ligands: NDArray[np.float32], partners: NDArray[np.float32], i: NDArray[Any], j: NDArray[Any]) -> Estimate:
        table = _Beside(ligands, partners, i, j)
        said = np.stack([table.said(booster) for booster in self.bag])
        return Estimate(said.mean(axis=0)[:, None], said.std(axis=0)[:, None])

    def matrix(self, library: Library, partners: NDArray[np.float32]) -> Estimate:
        """[molecules, partners], of these numbers of each partner."""
        shape = (len(library), len(partners))
        i, j = (place.ravel() for place in np.indices(shape))
        told = self._estimate(self.ligands(library), partners, i, j)
        return Estimate(told.mean.reshape(shape), told.spread.reshape(shape))

    def partner_view(self) -> View:
        return self.view

    def against(self, partners: Partners) -> TreesAgainst:
        return TreesAgainst(self, self.view.numbers(partners))

    def lighter(self) -> Self:
        return replace(self, bag=tuple(lighter(booster) for booster in self.bag))

    def about(self) -> dict[str, Any]:
        trees = sum(booster.num_trees() for booster in self.bag)
        return {"columns": len(self.columns) + self.view.width, "trees": trees, **self.partners_known()}

    def write(self, folder: Path) -> None:
        fields = _Fields(**self.seen.model_dump(), kind=self.kind, bag=len(self.bag), profile=self.profile is not None)
        write_fields(folder / _FIELDS, fields)
        write_arrays(folder / _ARRAYS, {"columns": self.columns})
        for i, booster in enumerate(self.bag):
            write_booster(booster, folder, 0, i)
        write_view(self.view, folder)
        if self.profile is not None:
            self.profile.write(folder / _PROFILE)

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields, view = read_fields(folder / _FIELDS, _Fields), read_view(folder)
        columns = read_arrays(folder / _ARRAYS, {"columns": ("i", 1)})["columns"]
        seen = Seen(**fields.model_dump(include=set(Seen.model_fields)))
        profile = Profile.read(folder / _PROFILE) if fields.profile else None
        width = seen.width + (profile.width if profile is not None else 0)
        check(bool(((columns >= 0) & (columns < width)).all()), folder / _ARRAYS, f"columns beyond the {width} there are")
        bag = tuple(read_booster(folder, 0, i, len(columns) + view.width) for i in range(fields.bag))
        return cls(seen, columns, profile, view, fields.kind, bag)


@dataclass(frozen=True, eq=False)
class TreesAgainst(Against):
    """Such a model for certain partners: asked about molecules alone, it answers a task a partner."""

    model: PairBoostingModel
    partners: NDArray[np.float32]  # [partners, numbers]

    def predict(self, library: Library) -> Estimate:
        return self.model.matrix(library, self.partners)

    def only(self, tasks: Sequence[int]) -> Self:
        return replace(self, partners=self.partners[list(tasks)])


class _Fields(Seen):
    kind: Kind
    bag: int = Field(ge=1)
    profile: bool = False
