"""What a predictor says of a library: numbers, how sure it is of them, and what known molecule they lean on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.library import Library, with_columns
from molgen.models.base import Task, Values
from molgen.models.domain import Known
from molgen.models.known_pairs import Nearby, PairsAsked
from molgen.models.reference import Reference


class Column(NamedTuple):
    """One column of a table of predictions."""

    name: str
    holds: str  # which of the Predictions' arrays
    task: int | None  # None where it is told once for all tasks


def layout_of(
    tasks: Sequence[Task],
    *,
    shared: bool,
    told: bool,
    pairs: bool = False,
    measured: bool = False,
    reference: str | None = None,
    brief: bool = False,
) -> list[Column]:
    """The columns of these tasks' predictions, in order; two of one name are a MolgenError.

    `shared` says that all tasks were measured on the same molecules, `told` that a model has the molecules it learned from,
    `measured` that it has the pairs, `brief` that values and the domain are enough.
    """
    if brief:
        alike = len(tasks) == 1 or (shared and not pairs)
        last = Column("in_domain", "in_domain", None) if alike else Column("outside_domain", "outside", None)
        return _each_once([*(Column(task.name, "mean", i) for i, task in enumerate(tasks)), last], tasks)
    layout: list[Column] = []
    for i, task in enumerate(tasks):
        endings = {"": "mean", "_spread": "spread"}
        endings |= {"_classes": "class_sets"} if task.kind == "classification" else {"_low": "low", "_high": "high"}
        endings |= {} if reference is None else {f"_{reference}_percentile": "percentile"}
        layout += [Column(f"{task.name}{ending}", holds, i) for ending, holds in endings.items()]
    domain = {"in_domain": "in_domain"} | ({"partner_similarity": "closeness"} if pairs else {})
    nearest = {"similarity": "similarity"} | ({name: name for name in ("nearest_id", "nearest_smiles")} if told else {})
    of_task = domain if pairs and len(tasks) > 1 else {}  # each protein is as near as it is, the molecules are the same
    once = nearest if of_task else domain | nearest
    if not shared:
        of_task, once = of_task | once, {}
    layout += [Column(f"{task.name}_{name}", holds, i) for i, task in enumerate(tasks) for name, holds in of_task.items()]
    layout += [Column(name, holds, None) for name, holds in once.items()]
    if told and not pairs:
        layout += [Column(f"nearest_{task.name}", "nearest_value", i) for i, task in enumerate(tasks)]
    if measured and len(tasks) == 1:  # of a matrix, it would be as many searches as columns
        told_of_it = ("id", "smiles", "partner", "similarity", "partner_similarity", "value")
        layout += [Column(f"nearest_pair_{name}", f"nearest_pair_{name}", None) for name in told_of_it]
    return _each_once(layout, tasks)


def refuse_clashes(tasks: Sequence[Task], *, pairs: bool) -> None:
    """A MolgenError where the results of these tasks, or of some of them alone, would have two columns of one name."""
    for shared in (True, False):
        layout_of(tasks, shared=shared, told=True, pairs=pairs, measured=pairs)
        layout_of(tasks, shared=shared, told=True, pairs=pairs, brief=True)


def _each_once(layout: list[Column], tasks: Sequence[Task]) -> list[Column]:
    first: dict[str, Column] = {}
    for column in layout:
        other = first.setdefault(column.name, column)
        if other is not column:
            ours, theirs = ("all tasks" if one.task is None else repr(tasks[one.task].name) for one in (other, column))
            problem = f"two columns of predictions would be called {column.name!r}, one of {ours}, one of {theirs}"
            raise MolgenError(problem, fix="rename one of them")
    return layout


def _off_by(mean: float, spread: float) -> str:
    return f"{mean:.2f}" + f" ± {spread:.2f}" * bool(spread)


def _off_by_factor(mean: float, spread: float) -> str:
    return f"{mean:.3g}" + (f" ×/÷ {np.exp(spread / mean):.2g}" if spread else "")


_DIGITS = 6  # of a similarity: it is worked out with seven, and the rest would be noise


@dataclass(frozen=True, eq=False)
class Predictions:
    """One entry a row of `library`, in its order; NaN, False and "" where the row was rejected."""

    library: Library
    tasks: tuple[Task, ...]
    mean: Values  # [rows, tasks]; the probability of 1 for a classification
    spread: Values  # [rows, tasks], standard deviation of the truth about the mean
    low: Values  # [rows, tasks], the interval that holds the truth as often as `coverage`; NaN for a classification
    high: Values  # [rows, tasks]
    classes: NDArray[np.str_]  # [rows, tasks], classes that can't be ruled out at this coverage: "0", "1", "0 1"; "" for values
    coverage: float
    in_domain: NDArray[np.bool_]  # [rows, tasks]
    similarity: Values  # [rows, tasks], Tanimoto (ECFP4) to the nearest molecule that was measured for the task
    nearest: NDArray[np.int64]  # [rows, tasks], which of the known molecules that is; -1 for none
    known: Known = field(repr=False)
    reference: Reference | None = field(default=None, repr=False)
    closeness: Values | None = None  # [rows, tasks], of pairs: how like the partner is to the nearest of those learned from, in [0, 1]
    pairs: PairsAsked | None = field(default=None, repr=False)  # of pairs: what finds the measured ones that are most like them

    def __len__(self) -> int:
        return len(self.library)

    @property
    def percentile(self) -> Values:
        """[rows, tasks], where the value stands among those of the model's reference molecules, 0 to 100; NaN without reference."""
        return np.full(self.mean.shape, np.nan) if self.reference is None else self.reference.percentiles(self.mean)

    @property
    def class_sets(self) -> NDArray[np.str_]:
        """[rows, tasks], `classes` as tables have them: "none" where all classes are ruled out, for an empty cell says that nothing was
        predicted."""
        chances = np.array([task.kind == "classification" for task in self.tasks])
        return np.where((self.classes == "") & np.isfinite(self.mean) & chances, "none", self.classes)

    @property
    def outside(self) -> NDArray[np.object_]:
        """[rows, 1], the tasks whose domain a row is outside of, by name; "" for none, and where it was rejected."""
        names = np.array([task.name for task in self.tasks], dtype=object)
        beyond = ~self.in_domain & self.library.ok[:, None]
        return np.array([["; ".join(names[one])] for one in beyond], dtype=object).reshape(-1, 1)

    @property
    def nearest_id(self) -> NDArray[np.object_]:
        """[rows, tasks], the name of the nearest known molecule, "" for none."""
        return self._of_nearest(self.known.ids)

    @property
    def nearest_smiles(self) -> NDArray[np.object_]:
        """[rows, tasks], the structure of the nearest known molecule, "" for none."""
        return self._of_nearest(self.known.smiles)

    @property
    def nearest_value(self) -> Values:
        """[rows, tasks], what was measured of it; NaN for none."""
        rows = np.where(self.nearest < 0, 0, self.nearest)
        return np.where(self.nearest < 0, np.nan, self.known.values[rows, np.arange(len(self.tasks))])

    @cached_property
    def nearest_pairs(self) -> Nearby:
        """[rows, tasks], of pairs the measured one that is most like each, molecules and partners as the domain has it; -1 for none."""
        shape = self.mean.shape
        if self.pairs is None:
            return Nearby(np.full(shape, -1), np.full(shape, np.nan), np.full(shape, np.nan))
        return Nearby(*(np.concatenate(parts, axis=1) for parts in zip(*(self.pairs.near(1, task) for task in range(shape[1])))))

    @property
    def nearest_pair_id(self) -> NDArray[np.object_]:
        """[rows, tasks], the name of the molecule of that pair, "" for none."""
        return self._of_pair(self.known.ids, "molecule")

    @property
    def nearest_pair_smiles(self) -> NDArray[np.object_]:
        """[rows, tasks], its structure."""
        return self._of_pair(self.known.smiles, "molecule")

    @property
    def nearest_pair_partner(self) -> NDArray[np.object_]:
        """[rows, tasks], the name of the protein, or cell line, of that pair."""
        return self._of_pair(() if self.pairs is None else self.pairs.pairs.names, "partner")

    @property
    def nearest_pair_value(self) -> Values:
        """[rows, tasks], what was measured of that pair; NaN for none."""
        pair = self.nearest_pairs.pair
        return np.full(pair.shape, np.nan) if self.pairs is None else np.where(pair < 0, np.nan, self.pairs.pairs.value[pair])

    @property
    def nearest_pair_similarity(self) -> Values:
        """[rows, tasks], Tanimoto (ECFP4) of the two molecules."""
        return self.nearest_pairs.similarity

    @property
    def nearest_pair_partner_similarity(self) -> Values:
        """[rows, tasks], how alike the two partners are, in [0, 1]."""
        return self.nearest_pairs.closeness

    def _of_pair(self, names: tuple[str, ...], side: Literal["molecule", "partner"]) -> NDArray[np.object_]:
        pair = self.nearest_pairs.pair
        if self.pairs is None:
            return np.full(pair.shape, "", dtype=object)
        return np.array([*names, ""], dtype=object)[np.where(pair < 0, -1, getattr(self.pairs.pairs, side)[pair])]

    def _of_nearest(self, names: tuple[str, ...]) -> NDArray[np.object_]:
        return np.array([*names, ""], dtype=object)[self.nearest]

    def columns(self, *, brief: bool = False) -> dict[str, Any]:
        """The predictions as table columns: each task's value and spread, its interval or classes, then domain and nearest known.

        Where all tasks were measured on the same molecules, domain and nearest are told once; if not, a task. `brief` leaves the
        values, and the domain: of several tasks the names of those that a row is outside of.
        """
        reference = None if self.reference is None else self.reference.name
        shared, told, pairs = len(self.known.groups) == 1, self.known.told, self.closeness is not None
        measured = self.pairs is not None
        layout = layout_of(self.tasks, shared=shared, told=told, pairs=pairs, measured=measured, reference=reference, brief=brief)
        values = {holds: getattr(self, holds) for holds in {column.holds for column in layout}}
        for holds in values.keys() & {"similarity", "closeness", "nearest_pair_similarity", "nearest_pair_partner_similarity"}:
            values[holds] = np.round(values[holds], _DIGITS)
        return {column.name: values[column.holds][:, column.task or 0] for column in layout}

    def to_frame(self, *, brief: bool = False) -> pd.DataFrame:
        """The input's own columns, what became of each row, then `columns`, each with ``molgen_`` before its name."""
        return with_columns(self.library.to_frame(), self.columns(brief=brief))

    def _repr_html_(self) -> str:
        from molgen.chem.depict import table_html  # drawing is for notebooks

        columns = {"error": [structure.reason for structure in self.library.structures]} if self.library.rejects else {}
        for i, task in enumerate(self.tasks):
            text = _off_by_factor if task.scale == "log" else _off_by
            said = zip(self.mean[:, i], self.spread[:, i])
            columns[task.name] = ["" if np.isnan(mean) else text(mean, spread) for mean, spread in said]
            domain = "in domain" if len(self.known.groups) == 1 else f"in domain of {task.name}"
            columns[domain] = ["yes" if inside else "no" for inside in self.in_domain[:, i]]
        return table_html(self.library.smiles, self.library.ids, columns)
