"""Boosted trees on fragment counts and descriptors: the audited best on small ADMET sets, and fast on large ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from lightgbm import Booster, Dataset, train
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.base.files import write_text
from molgen.data.library import Library
from molgen.features.descriptor import Descriptors
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.models.base import Estimate, Kind, Model, Training
from molgen.models.counts import Size, counts
from molgen.models.crossfit import Single
from molgen.models.files import broken, check, read_arrays, read_bytes, read_fields, write_arrays, write_fields

_FIELDS, _ARRAYS = "boosting.json", "weights.safetensors"


class Boosting(Single):
    """A bag of LightGBM boosters a task; how far the bag spreads says how unsure it is.

    Extremely random thresholds and half of the rows a tree: on hundreds of molecules and
    thousands of columns, every tree that looks closely looks at noise.
    """

    fingerprints: tuple[FingerprintKind, ...] = Field(("ecfp4", "fcfp6", "atom_pair"), description="Fingerprints whose counts are columns")
    size: Size = Field(2048, description="Columns each fingerprint is hashed to")
    descriptors: bool = Field(True, description="Add the cheap descriptors")
    bag: int = Field(3, ge=1, description="Boosters a task, which differ by their seed")
    trees: int = Field(400, ge=1)
    learning_rate: float = Field(0.04, gt=0, le=1)
    leaves: int = Field(31, ge=2)
    rows_in_leaf: int = Field(2, ge=1, description="Fewest molecules in a leaf")
    columns_a_tree: float = Field(0.1, gt=0, le=1)
    rows_a_tree: float = Field(0.5, gt=0, le=1)
    random_thresholds: bool = Field(True, description="Try one threshold a column, not all")

    def features(self, library: Library) -> NDArray[np.float32]:
        return _columns(self.fingerprints, self.size, self.descriptors, library)

    @classmethod
    def read(cls, folder: Path) -> BoostingModel:
        return BoostingModel.read(folder)

    def learn(self, training: Training) -> BoostingModel:
        wide = self.features(training.library)
        learned = wide[training.learned]
        # A column with one or two odd molecules in it can only be learned by heart.
        columns = np.flatnonzero((learned != learned[:1]).sum(axis=0) >= min(3, len(learned) // 2))
        tasks = []
        for task, values in zip(training.tasks, training.targets.T):
            rows = np.flatnonzero(np.isfinite(values))
            tasks.append(
                tuple(
                    self._booster(wide[np.ix_(rows, columns)], values[rows], task.kind, training.seed + 1000 * i) for i in range(self.bag)
                )
            )
        kinds = tuple(task.kind for task in training.tasks)
        return BoostingModel(self.fingerprints, self.size, self.descriptors, columns, kinds, tuple(tasks))

    def _booster(self, columns: NDArray[np.float32], values: NDArray[np.float64], kind: Kind, seed: int) -> Booster:
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
        return train(settings, Dataset(columns, values, params={"verbosity": -1}), self.trees)


@dataclass(frozen=True, eq=False)
class BoostingModel(Model):
    """The bags, and which columns they read."""

    fingerprints: tuple[FingerprintKind, ...]
    size: Size
    descriptors: bool
    columns: NDArray[np.int64]  # of all features, those that were learned from
    kinds: tuple[Kind, ...]
    bags: tuple[tuple[Booster, ...], ...]  # one bag a task

    def predict(self, library: Library) -> Estimate:
        mean, spread = np.empty((len(library), len(self.kinds))), np.empty((len(library), len(self.kinds)))
        if len(library):  # LightGBM refuses an empty table
            wide = _columns(self.fingerprints, self.size, self.descriptors, library)[:, self.columns]
            for task, bag in enumerate(self.bags):
                said = np.stack([booster.predict(wide, num_threads=1) for booster in bag])
                mean[:, task], spread[:, task] = said.mean(axis=0), said.std(axis=0)
        return Estimate(mean, spread)

    def about(self) -> dict[str, Any]:
        return {"columns": len(self.columns), "trees": [sum(booster.num_trees() for booster in bag) for bag in self.bags]}

    def write(self, folder: Path) -> None:
        fields = _Fields(
            fingerprints=self.fingerprints, size=self.size, descriptors=self.descriptors, kinds=self.kinds, bag=len(self.bags[0])
        )
        write_fields(folder / _FIELDS, fields)
        write_arrays(folder / _ARRAYS, {"columns": self.columns})
        for task, bag in enumerate(self.bags):
            for i, booster in enumerate(bag):
                write_text(folder / _booster_file(task, i), booster.model_to_string())

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        columns = read_arrays(folder / _ARRAYS, {"columns": ("i", 1)})["columns"]
        width = len(fields.fingerprints) * fields.size + (Descriptors().width if fields.descriptors else 0)
        check(bool(((columns >= 0) & (columns < width)).all()), folder / _ARRAYS, f"columns beyond the {width} there are")
        bags = tuple(
            tuple(_read_booster(folder / _booster_file(task, i), len(columns)) for i in range(fields.bag))
            for task in range(len(fields.kinds))
        )
        return cls(fields.fingerprints, fields.size, fields.descriptors, columns, fields.kinds, bags)


class _Fields(BaseModel):
    fingerprints: tuple[FingerprintKind, ...]
    size: Size
    descriptors: bool
    kinds: tuple[Kind, ...] = Field(min_length=1)
    bag: int = Field(ge=1)


def _booster_file(task: int, i: int) -> str:
    return f"booster-{task}-{i}.txt"


def _read_booster(path: Path, columns: int) -> Booster:
    try:
        booster = Booster(model_str=read_bytes(path).decode("utf-8"))
    except (LightGBMError, UnicodeDecodeError, ValueError) as error:
        raise broken(path, f"not a LightGBM model: {str(error).splitlines()[0]}") from None
    check(booster.num_feature() == columns, path, f"reads {booster.num_feature()} columns, want {columns}")
    return booster


def _columns(fingerprints: Sequence[FingerprintKind], size: Size, descriptors: bool, library: Library) -> NDArray[np.float32]:
    parts = [counts(library, kind, size).astype(np.float32) for kind in fingerprints]
    if descriptors:
        parts.append(Descriptors().of(library))
    return np.concatenate(parts, axis=1) if parts else np.empty((len(library), 0), dtype=np.float32)
