"""Boosters: how trees are grown, whatever columns they are shown, and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from lightgbm import Booster, Dataset, train
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray
from pydantic import Field

from molgen.base.files import write_text
from molgen.models.base import Kind
from molgen.models.crossfit import Single
from molgen.models.files import broken, check, read_bytes
from molgen.models.process import beyond


class Boosted(Single):
    """A bag of LightGBM boosters; a subclass says what columns they see."""

    bag: int = Field(3, ge=1, description="Boosters a task, which differ by their seed")
    trees: int = Field(400, ge=1)
    learning_rate: float = Field(0.04, gt=0, le=1)
    leaves: int = Field(31, ge=2)
    rows_in_leaf: int = Field(2, ge=1, description="Fewest molecules in a leaf")
    columns_a_tree: float = Field(0.1, gt=0, le=1)
    rows_a_tree: float = Field(0.5, gt=0, le=1)
    random_thresholds: bool = Field(True, description="Try one threshold a column, not all")
    huber: float = Field(0.0, ge=0, description="Errors past so many standard deviations count by size, not by square; 0: all by square")

    def booster(self, columns: Any, values: NDArray[np.float64], kind: Kind, seed: int, bounds: NDArray[Any]) -> Booster:
        """One of the bag, taught these values [rows] of these columns [rows, columns]; `bounds` [rows] as `Training.signs`."""
        enough = self.huber * float(values.std())
        regression = {"objective": "huber", "alpha": enough} if enough > 0 else {"objective": "regression"}
        settings = {
            **({"objective": "binary"} if kind == "classification" else regression),
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
            "force_col_wise": True,  # the same trees, a fifth sooner where a tree looks at few of many columns
            "num_threads": 1,  # sums in one order: the same seed, the same trees
            "verbosity": -1,
        }
        if not bounds.any():
            return train(settings, Dataset(columns, values, params={"verbosity": -1}), self.trees)
        # `train` hands the settings on to the columns; here it is for us, or LightGBM would leave out all that is rare.
        dataset = Dataset(columns, values, params=settings | {"feature_pre_filter": False})
        return _one_sided(Booster(settings, dataset), values, bounds, trees=self.trees, enough=enough or float("inf"))


def _one_sided(booster: Booster, values: NDArray[np.float64], bounds: NDArray[Any], *, trees: int, enough: float) -> Booster:
    """The booster with its trees, for which a value that is a bound is no error once it is passed, and no error pulls by more than
    `enough`. The first tree sees plain values: it is the one that starts from their mean."""
    booster.update()

    def slope(said: NDArray[np.float64], _: Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.clip(said - beyond(values, said, bounds), -enough, enough), np.ones_like(said)

    for _ in range(trees - 1):
        booster.update(fobj=slope)
    return booster


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
