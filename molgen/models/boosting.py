"""Boosted trees on fragment counts and descriptors: the audited best on small ADMET sets, and fast on large ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from lightgbm import Booster
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.library import Library
from molgen.features.base import Featurizer
from molgen.features.descriptor import Descriptors
from molgen.features.descriptor import Set as DescriptorSet
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.features.pharmacophore import Pharmacophore
from molgen.models.base import Estimate, Kind, Model, Training
from molgen.models.booster import Boosted, lighter, read_booster, write_booster
from molgen.models.counts import Size, counts
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.profile import Profile, profile_named

_FIELDS, _ARRAYS, _PROFILE = "boosting.json", "weights.safetensors", "profile"
_ROWS_AT_ONCE = 4_000  # a hundred thousand molecules by thousands of columns are not copied whole


class Seen(BaseModel, frozen=True):
    """The columns that trees see of a molecule: counts of fragments, descriptors, pairs of pharmacophore points, then a profile."""

    fingerprints: tuple[FingerprintKind, ...]
    size: Size
    descriptors: bool | DescriptorSet
    pharmacophore: bool = False

    def of(self, library: Library, profile: Profile | None = None) -> NDArray[np.float32]:
        """[library.molecules, width and that of the profile]"""
        parts = [counts(library, kind, self.size).astype(np.float32) for kind in self.fingerprints]
        parts += [numbers.of(library) for numbers in self._numbers()]
        parts += [] if profile is None else [profile.columns(library)]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(library), 0), dtype=np.float32)

    @property
    def width(self) -> int:
        return len(self.fingerprints) * self.size + sum(numbers.width for numbers in self._numbers())

    def _numbers(self) -> list[Featurizer]:
        made: list[Featurizer] = []
        if self.descriptors:
            made.append(Descriptors(set="cheap" if self.descriptors is True else self.descriptors))
        if self.pharmacophore:
            made.append(Pharmacophore())
        return made


class Boosting(Boosted):
    """A bag of LightGBM boosters a task; how far the bag spreads says how unsure it is.

    Extremely random thresholds and half of the rows a tree: on hundreds of molecules and
    thousands of columns, every tree that looks closely looks at noise.
    """

    fingerprints: tuple[FingerprintKind, ...] = Field(("ecfp4", "fcfp6", "atom_pair"), description="Fingerprints whose counts are columns")
    size: Size = Field(2048, description="Columns each fingerprint is hashed to")
    descriptors: bool | DescriptorSet = Field(True, description="Descriptors: false for none, true for the cheap ones, full for all")
    pharmacophore: bool = Field(False, description="Add ErG's pairs of pharmacophore points")
    profile: str | None = Field(None, description="A model of networks, one of ours or a folder, whose predictions are columns too")

    def features(self, library: Library) -> NDArray[np.float32]:
        return self._seen().of(library, profile_named(self.profile))

    def _seen(self) -> Seen:
        return Seen(fingerprints=self.fingerprints, size=self.size, descriptors=self.descriptors, pharmacophore=self.pharmacophore)

    @classmethod
    def read(cls, folder: Path) -> Model:
        return BoostingModel.read(folder)

    def learn(self, training: Training) -> Model:
        wide = self.features(training.library)
        columns = telling(wide, np.flatnonzero(training.learned))
        signs = np.zeros(training.targets.shape) if training.signs is None else training.signs
        tasks = []
        for task, values, bounds in zip(training.tasks, training.targets.T, signs.T):
            rows = np.flatnonzero(np.isfinite(values))
            own = wide[np.ix_(rows, columns)]
            seeds = [training.seed + 1000 * i for i in range(self.bag)]
            tasks.append(tuple(self.booster(own, values[rows], task.kind, seed, bounds[rows]) for seed in seeds))
        kinds = tuple(task.kind for task in training.tasks)
        return BoostingModel(self._seen(), columns, kinds, tuple(tasks), profile_named(self.profile))


def telling(wide: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The columns to learn from: one with one or two odd molecules in it can only be learned by heart."""
    odd = np.zeros(wide.shape[1], dtype=np.int64)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        odd += (wide[rows[start : start + _ROWS_AT_ONCE]] != wide[rows[0]]).sum(axis=0)
    return np.flatnonzero(odd >= min(3, len(rows) // 2))


@dataclass(frozen=True, eq=False)
class BoostingModel(Model):
    """The bags, and which columns they read."""

    seen: Seen
    columns: NDArray[np.int64]  # of all features, those that were learned from
    kinds: tuple[Kind, ...]
    bags: tuple[tuple[Booster, ...], ...]  # one bag a task
    profile: Profile | None = None

    def predict(self, library: Library) -> Estimate:
        return self.predict_where(library, np.ones((len(library), len(self.kinds)), dtype=bool))

    def predict_where(self, library: Library, wanted: NDArray[np.bool_]) -> Estimate:
        mean, spread = np.full(wanted.shape, np.nan), np.full(wanted.shape, np.nan)
        rows = np.flatnonzero(wanted.any(axis=1))
        wide = self.seen.of(library, self.profile)[np.ix_(rows, self.columns)] if len(rows) else np.empty((0, 0))
        for task, bag in enumerate(self.bags):
            asked = wanted[rows, task]
            if asked.any():  # LightGBM refuses an empty table
                some = wide if asked.all() else wide[asked]
                said = np.stack([booster.predict(some, num_threads=1) for booster in bag])
                mean[rows[asked], task], spread[rows[asked], task] = said.mean(axis=0), said.std(axis=0)
        return Estimate(mean, spread)

    def only(self, tasks: Sequence[int]) -> Self:
        return replace(self, kinds=tuple(self.kinds[i] for i in tasks), bags=tuple(self.bags[i] for i in tasks))

    def lighter(self) -> Self:
        bags = tuple(tuple(lighter(booster) for booster in bag) for bag in self.bags)
        return replace(self, bags=bags)

    def about(self) -> dict[str, Any]:
        return {"columns": len(self.columns), "trees": [sum(booster.num_trees() for booster in bag) for bag in self.bags]}

    def write(self, folder: Path) -> None:
        fields = _Fields(**self.seen.model_dump(), kinds=self.kinds, bag=len(self.bags[0]), profile=self.profile is not None)
        write_fields(folder / _FIELDS, fields)
        write_arrays(folder / _ARRAYS, {"columns": self.columns})
        for task, bag in enumerate(self.bags):
            for i, booster in enumerate(bag):
                write_booster(booster, folder, task, i)
        if self.profile is not None:
            self.profile.write(folder / _PROFILE)

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        columns = read_arrays(folder / _ARRAYS, {"columns": ("i", 1)})["columns"]
        there = Seen(**fields.model_dump(include=set(Seen.model_fields)))
        profile = Profile.read(folder / _PROFILE) if fields.profile else None
        width = there.width + (profile.width if profile is not None else 0)
        inside = (columns >= 0) & (columns < width)
        check(bool(inside.all()), folder / _ARRAYS, f"columns beyond the {width} there are")
        bags = tuple(
            tuple(read_booster(folder, task, i, len(columns)) for i in range(fields.bag)) for task in range(len(fields.kinds))
        )
        return cls(there, columns, fields.kinds, bags, profile)


class _Fields(Seen):
    kinds: tuple[Kind, ...] = Field(min_length=1)
    bag: int = Field(ge=1)
    profile: bool = False
