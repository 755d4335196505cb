"""What is learned and how: a recipe is fitted once and gives a model, which is never half fitted.

Recipes are Configs: their fields are what a `recipe.toml` may say. Models are bare: distinct valid
molecules in, numbers out. Rejects, intervals, the domain and the card are the Predictor's, once for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import NDArray

from molgen.base.config import Config
from molgen.base.errors import MolgenError
from molgen.base.parallel import Executor, Serial
from molgen.base.registry import Registry
from molgen.data.library import Library
from molgen.data.partners import Partner, PartnerKind, Partners
from molgen.models.attended import Attended

Kind = Literal["regression", "classification"]
Scale = Literal["auto", "linear", "log"]
RowKind = Literal["molecules", "pairs"]
Values = NDArray[np.float64]  # [molecules, tasks]; NaN where not measured

PREDICTORS = Registry(
    "predictor",
    {
        "mean": "molgen.models.mean:Mean",
        "boosting": "molgen.models.boosting:Boosting",
        "kernel": "molgen.models.kernel:Kernel",
        "network": "molgen.models.network:NetworkEnsemble",
        "blend": "molgen.models.blend:Blend",
        "pair_boosting": "molgen.models.pair_boosting:PairBoosting",
        "pair_kernel": "molgen.models.pair_kernel:PairKernel",
        "pair_neighbours": "molgen.models.pair_neighbours:PairNeighbours",
        "pair_network": "molgen.models.pair_network:PairNetworks",
    },
)


@dataclass(frozen=True)
class Task:
    """One column to learn. A classification's values are 0 and 1, its predictions the probability of 1."""

    name: str
    kind: Kind = "regression"
    unit: str = ""
    scale: Scale = "auto"  # learned as it is, or as its logarithm; a fitted predictor's is decided

    def __post_init__(self) -> None:
        for name, taken in (("kind", get_args(Kind)), ("scale", get_args(Scale))):
            if getattr(self, name) not in taken:
                raise MolgenError(f"{name} of a task is {getattr(self, name)!r}, want one of {', '.join(taken)}")
        for name in ("name", "unit"):
            if not isinstance(getattr(self, name), str):
                raise MolgenError(f"{name} of a task is {getattr(self, name)!r}, want text")


class Estimate(NamedTuple):
    """What a model says: its best guess, and how far off it takes itself to be."""

    mean: Values  # [molecules, tasks]
    spread: Values  # [molecules, tasks], a standard deviation before calibration


@dataclass(frozen=True)
class Training:
    """What a recipe is fitted on. A row all of whose targets are NaN is there, but not learned from.

    That is how a fold is held out: the library, with the features already worked out on it, stays whole.
    """

    library: Library  # distinct valid molecules
    targets: Values
    tasks: tuple[Task, ...]
    relations: NDArray[np.str_] | None = None  # [molecules, tasks], "=", ">" or "<"; None says all "="
    seed: int = 0
    device: str = "cpu"

    @property
    def signs(self) -> NDArray[np.float32] | None:
        """[molecules, tasks], 1 where the truth is above the value, -1 below, 0 where it is the value; None says all 0."""
        if self.relations is None:
            return None
        return (self.relations == ">").astype(np.float32) - (self.relations == "<").astype(np.float32)

    @property
    def exact(self) -> Values:
        """[molecules, tasks], the targets that are no bounds: how far off a model is can't be told by a bound."""
        return self.targets if self.relations is None else np.where(self.relations == "=", self.targets, np.nan)

    @property
    def learned(self) -> NDArray[np.bool_]:
        """[molecules], True where there is something to learn from."""
        return np.asarray(np.isfinite(self.targets).any(axis=1))

    def without(self, rows: NDArray[np.bool_]) -> Training:
        """The same, these rows held out."""
        targets = np.where(rows[:, None], np.nan, self.targets)
        return Training(self.library, targets, self.tasks, self.relations, self.seed, self.device)


@dataclass(frozen=True)
class Fitted:
    """A model, and what it would have said of its own training molecules had it not seen them."""

    model: Model
    held_out: Estimate  # rows of the training library; NaN where nothing was held out


Progress = Callable[[int, int, str], None]  # steps done, steps in all, what was done


@dataclass(frozen=True)
class Workplace:
    """How the folds of a fit are run, who is told, and where those that are done are kept meanwhile."""

    executor: Executor = field(default_factory=Serial)
    progress: Progress | None = None
    fits: Path | None = None


class Recipe(Config):
    """What a model is made of, and how it is fitted."""

    @property
    def rows(self) -> tuple[RowKind, ...]:
        """What it learns from; pairs are with a protein or cell line."""
        return ("molecules",)

    @abstractmethod
    def fit(self, training: Training, folds: NDArray[np.int64], workplace: Workplace = Workplace()) -> Fitted:
        """The model of all rows, with each row's held-out estimate from a fit that left out its fold."""

    @classmethod
    @abstractmethod
    def read(cls, folder: Path) -> Model:
        """The model that a fit of such a recipe wrote to a folder."""


class Model(ABC):
    """Fitted and bare. The same seed and molecules give the same numbers, in any order and any batch."""

    @abstractmethod
    def predict(self, library: Library) -> Estimate:
        """One row a molecule; `library` holds distinct valid molecules only, none at all is fine."""

    def predict_where(self, library: Library, wanted: NDArray[np.bool_]) -> Estimate:
        """The same where `wanted` [molecules, tasks] says so; elsewhere it may be NaN, if that spares work."""
        return self.predict(library)

    @property
    def pairs(self) -> PartnerKind | None:
        """What a row's partner is, None where a row is a molecule alone."""
        return None

    @property
    def known_partners(self) -> Partner | None:
        """The partners learned from."""
        return None

    def closeness(self, partners: Partners) -> NDArray[np.float64]:
        """[each partner], how like it is to the most alike of those learned from, in [0, 1]."""
        return self.alike(partners).max(axis=1, initial=0.0)

    def alike(self, partners: Partners) -> NDArray[np.float64]:
        """[each partner, known_partners], how like it is to each of them, in [0, 1]."""
        raise MolgenError("the model is of molecules alone", fix="train one of pairs: --parts ligand,target")

    def against(self, partners: Partners) -> Model:
        """The same for these partners: asked about molecules alone, it has a task for each of them."""
        raise MolgenError("the model is of molecules alone", fix="train one of pairs: --parts ligand,target")

    @property
    def attends(self) -> bool:
        """Whether it can be asked where it looked, of a molecule and a protein."""
        return False

    def attended(self, library: Library, task: int = 0) -> list[Attended]:
        """A row each, which atoms and residues it attended to, for a model bound to partners that of the task; a MolgenError if it has no
        `attention`."""
        raise MolgenError("this model does not attend to atoms and residues", fix="train pair_network with network.attention of 1 or more")

    def example(self) -> Library:
        """One row it can be asked about."""
        return Library.of(["CCO"])

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """What the fit chose, for the card: plain values under a few names."""

    @abstractmethod
    def only(self, tasks: Sequence[int]) -> Self:
        """The same for these of its tasks, in this order; whatever only the others needed is left out."""

    def lighter(self) -> Self:
        """The same to about three digits, in numbers that pack small; a model without many numbers is itself."""
        return self

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Everything needed to predict again, in files that hold data and no code."""

    @classmethod
    @abstractmethod
    def read(cls, folder: Path) -> Self:
        """The model that `write` left there; a MolgenError when the files do not make one."""


class Against(Model):
    """A model of pairs for certain partners: asked about molecules alone, it answers a task a partner. It lives in memory only."""

    model: Model

    def about(self) -> dict[str, Any]:
        return self.model.about()

    def write(self, folder: Path) -> None:
        raise MolgenError("bound to its targets, this model is not saved", fix="save the one it came from")

    @classmethod
    def read(cls, folder: Path) -> Self:
        raise MolgenError("no such model is saved", where=str(folder))


def empty_estimate(library: Library, tasks: Sequence[Task] | int) -> Estimate:
    """NaN everywhere: where an answer is still to come."""
    shape = (len(library), tasks if isinstance(tasks, int) else len(tasks))
    return Estimate(np.full(shape, np.nan), np.full(shape, np.nan))
