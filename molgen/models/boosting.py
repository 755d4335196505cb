"""Boosted trees on fragment counts and descriptors: the audited best on small ADMET sets, and fast on large ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from lightgbm import Booster, Dataset, train
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.base.files import write_text
from molgen.data.library import Library
from molgen.features.base import Featurizer
from molgen.features.descriptor import Descriptors
from molgen.features.descriptor import Set as DescriptorSet
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.features.pharmacophore import Pharmacophore
from molgen.models.base import Estimate, Kind, Model, Training
from molgen.models.counts import Size, counts
from molgen.models.crossfit import Single
from molgen.models.files import broken, check, read_arrays, read_bytes, read_fields, write_arrays, write_fields
from molgen.models.process import beyond
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


class Boosting(Single):
    """A bag of LightGBM boosters a task; how far the bag spreads says how unsure it is.

    Extremely random thresholds and half of the rows a tree: on hundreds of molecules and
    thousands of columns, every tree that looks closely looks at noise.
    """

    fingerprints: tuple[FingerprintKind, ...] = Field(("ecfp4", "fcfp6", "atom_pair"), description="Fingerprints whose counts are columns")
    size: Size = Field(2048, description="Columns each fingerprint is hashed to")
    descriptors: bool | DescriptorSet = Field(True, description="Descriptors: false for none, true for the cheap ones, full for all")
    pharmacophore: bool = Field(False, description="Add ErG's pairs of pharmacophore points")
    profile: str | None = Field(None, description="A model of networks, one of ours or a folder, whose predictions are columns too")
    bag: int = Field(3, ge=1, description="Boosters a task, which differ by their seed")
    trees: int = Field(400, ge=1)
    learning_rate: float = Field(0.04, gt=0, le=1)
    leaves: int = Field(31, ge=2)
    rows_in_leaf: int = Field(2, ge=1, description="Fewest molecules in a leaf")
    columns_a_tree: float = Field(0.1, gt=0, le=1)
    rows_a_tree: float = Field(0.5, gt=0, le=1)
    random_thresholds: bool = Field(True, description="Try one threshold a column, not all")

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
            tasks.append(tuple(self._booster(own, values[rows], task.kind, seed, bounds[rows]) for seed in seeds))
        kinds = tuple(task.kind for task in training.tasks)
        return BoostingModel(self._seen(), columns, kinds, tuple(tasks), profile_named(self.profile))

    def _booster(self, columns: Any, values: NDArray[np.float64], kind: Kind, seed: int, bounds: NDArray[Any]) -> Booster:
        settings = {
            "objective": "binary" if kind == "classification" else "regression",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.rows_in_leaf,
            "min_data_in_bin": 1,
            "max_bin": 63,
            "feature_fraction": self.columns_a_tree,
            "bagging_fraction": self.rows_a_tree,
            "bagging_freq": 1,
            "extra_trees": self.random_thresholds,
            "lambda_l2": 1.0,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,  # sums in one order: the same seed, the same trees
            "verbosity": -1,
        }
        dataset = Dataset(columns, values, params={"verbosity": -1})
        return _one_sided(Booster(settings, dataset), values, bounds, self.trees) if bounds.any() else train(settings, dataset, self.trees)


def _one_sided(booster: Booster, values: NDArray[np.float64], bounds: NDArray[Any], trees: int) -> Booster:
    """The booster with its trees, for which a value that is a bound is no error once it is passed. The first tree sees plain values:
    it is the one that starts from their mean."""
    booster.update()

    def slope(said: NDArray[np.float64], _: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return said - beyond(values, said, bounds), np.ones_like(said)

    for _ in range(trees - 1):
        booster.update(fobj=slope)
    return booster


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


# Of a tree's lines in LightGBM's text, those that say how it came about and not what it answers.
_HISTORY = ("split_gain=", "internal_value=", "internal_weight=", "internal_count=", "leaf_weight=", "leaf_count=")


def lighter(booster: Booster) -> Booster:
    """The trees with answers to four digits and thresholds to six, their history left out."""
    trees, mark, rest = booster.model_to_string().partition("end of trees")
    head, *blocks = trees.split("Tree=")
    kept = ["\n".join(_shorter(line) for line in block.split("\n") if not line.startswith(_HISTORY)) for block in blocks]
    # The sizes of the trees' texts are no longer true, and LightGBM does without them. Columns go by their number, not by a name.
    head = "\n".join(_nameless(line) for line in head.split("\n") if not line.startswith("tree_sizes="))
    text = "Tree=".join([head, *kept]) + mark + rest.partition("feature_importances:")[0] + "end of parameters\n"
    return Booster(model_str=text)


def _nameless(line: str) -> str:
    name, _, values = line.partition("=")
    instead = {"feature_names": "x", "feature_infos": "none"}.get(name)
    return line if instead is None else f"{name}={' '.join([instead] * len(values.split(' ')))}"


def _shorter(line: str) -> str:
    name, _, values = line.partition("=")
    digits = {"leaf_value": 4, "threshold": 6}.get(name)
    return line if digits is None else f"{name}=" + " ".join(f"{float(value):.{digits}g}" for value in values.split())


class _Fields(Seen):
    kinds: tuple[Kind, ...] = Field(min_length=1)
    bag: int = Field(ge=1)
    profile: bool = False


def _place(folder: Path, task: int, i: int) -> Path:
    return folder / f"booster-{task}-{i}.txt"


def write_booster(booster: Booster, folder: Path, task: int, i: int) -> None:
    """As LightGBM's text."""
    write_text(_place(folder, task, i), booster.model_to_string())


def read_booster(folder: Path, task: int, i: int, columns: int) -> Booster:
    """The one that `write_booster` left there; a MolgenError when it is none, or reads other columns."""
    path = _place(folder, task, i)
    try:
        booster = Booster(model_str=read_bytes(path).decode("utf-8"))
    except (LightGBMError, UnicodeDecodeError, ValueError) as error:
        raise broken(path, f"not a LightGBM model: {str(error).splitlines()[0]}") from None
    check(booster.num_feature() == columns, path, f"reads {booster.num_feature()} columns, want {columns}")
    return booster
