"""Several kinds of model, each trusted as far as it deserves on molecules none of them had seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, model_validator

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.data.partners import Partner, PartnerKind, Partners
from molgen.models.attended import Attended
from molgen.models.base import Estimate, Fitted, Model, Recipe, RowKind, Task, Training, Values, Workplace
from molgen.models.crossfit import Single, cross_fit
from molgen.models.files import check, read_fields, write_fields
from molgen.models.recipe import POTENCY, build, read_model
from molgen.models.scaling import Scaling

_FIELDS = "blend.json"

# How strongly weights are drawn to being equal, as a share of the rows: hundreds of rows tell
# members apart only roughly, and a member dropped for luck is missed on the next molecule.
_EVENNESS = 0.02
_NO_END = 10**12  # molecules


@dataclass(frozen=True)
class Member:
    """One recipe of a blend, and how many training molecules it is for."""

    predictor: str  # a name in PREDICTORS
    recipe: Single
    fewest: int
    most: int

    @classmethod
    def of(cls, name: str, options: dict[str, Any]) -> Self:
        own = {key: value for key, value in options.items() if key not in ("predictor", "rows")}
        predictor = str(options.get("predictor", name))
        recipe = build(predictor, own)
        if not isinstance(recipe, Single):
            raise MolgenError(f"{name!r} cannot be a member of a blend", fix="members are single models")
        match options.get("rows", (0, _NO_END)):
            case (int(fewest), int(most)) if 0 <= fewest <= most:
                return cls(predictor, recipe, fewest, most)
            case other:
                raise MolgenError(f"rows of the member {name!r} are {other!r}", fix="give the fewest and the most, as [0, 4000]")


class Blend(Recipe):
    """A weighted mean of its members, fitted over the same folds.

    Weights are at least 0 and sum to 1, one set a task, chosen on held-out estimates (stacking: Wolpert,
    Neural Networks 5 (1992) 241; non-negative: Breiman, Machine Learning 24 (1996) 49). The spread
    takes in each member's own and how far apart they are.
    """

    members: dict[str, dict[str, Any]] = Field(
        POTENCY,
        min_length=1,
        description="Predictor names to their options; under another name, the option `predictor` says which it is, and `rows` "
        "the fewest and the most training molecules it takes part with",
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not self.rows:
            raise MolgenError("members of a blend that learn from molecules, and others that learn from pairs", fix="take one kind")
        return self

    @property
    def rows(self) -> tuple[RowKind, ...]:
        takes = [set(member.recipe.rows) for member in self._members().values()]
        return tuple(kind for kind in get_args(RowKind) if all(kind in one for one in takes))

    def members_for(self, rows: int) -> dict[str, Member]:
        """Those that take part when there are so many molecules to learn from, by name."""
        taking = {name: member for name, member in self._members().items() if member.fewest <= rows <= member.most}
        if not taking:
            raise MolgenError(f"no member of the blend takes part with {rows} molecules", fix="widen the `rows` of one")
        return taking

    def _members(self) -> dict[str, Member]:
        return {name: Member.of(name, options) for name, options in self.members.items()}

    @classmethod
    def read(cls, folder: Path) -> BlendModel:
        return BlendModel.read(folder)

    def fit(self, training: Training, folds: NDArray[np.int64], workplace: Workplace = Workplace()) -> Fitted:
        members = self.members_for(int(training.learned.sum()))
        fitted = cross_fit([member.recipe for member in members.values()], training, folds, workplace)
        kinds = {name: member.predictor for name, member in members.items()}
        return blended(kinds, fitted, training, folds)


def blended(kinds: Mapping[str, str], fitted: Sequence[Fitted], training: Training, folds: NDArray[np.int64]) -> Fitted:
    """The blend of members fitted over these folds; `kinds` has each one's name and its predictor's."""
    held = [one.held_out for one in fitted]
    scalings = tuple(tuple(_scaling(task, estimate, training, i) for estimate in held) for i, task in enumerate(training.tasks))
    weights = np.stack([stacked(_errors(held, training.exact, i)) for i in range(len(training.tasks))])
    model = BlendModel(tuple(kinds), tuple(kinds.values()), tuple(one.model for one in fitted), weights, scalings)
    return Fitted(model, _held_out(model, held, training.exact, folds))


def stacked(errors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights, at least 0 and summing to 1, that make the weighted sum of `errors` [molecules, members] smallest.

    >>> stacked(np.array([[1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])).round(2).tolist()
    [0.5, 0.5]
    """
    members = errors.shape[1]
    even = np.full(members, 1.0 / members)
    typical = float(np.sqrt(np.mean(errors**2))) if len(errors) else 0.0
    if members == 1 or typical == 0.0:
        return even
    from scipy.optimize import nnls  # a second of imports that only training needs

    drawn = np.sqrt(_EVENNESS * len(errors)) * np.eye(members)
    heavy = 1e3 * np.sqrt(len(errors))  # next to it nothing is worth breaking the sum for
    rows = np.vstack([errors / typical, drawn, np.full((1, members), heavy)])
    weights, _ = nnls(rows, np.concatenate([np.zeros(len(errors)), drawn @ even, [heavy]]))
    return weights / weights.sum()


@dataclass(frozen=True, eq=False)
class BlendModel(Model):
    """Fitted members, and the weight each has in the mean."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]  # names in PREDICTORS
    members: tuple[Model, ...]
    weights: NDArray[np.float64]  # [tasks, members]
    scalings: tuple[tuple[Scaling, ...], ...]  # [tasks][members]

    def predict(self, library: Library) -> Estimate:
        # A member that no task leans on is not asked: it may be the slowest.
        asked = [bool(leaned) for leaned in self.weights.sum(axis=0) > 0]
        said = [member.predict(library) if heard else None for member, heard in zip(self.members, asked)]
        silent = next(estimate for estimate in said if estimate is not None)
        return self.combined([silent if estimate is None else estimate for estimate in said], self.weights)

    @property
    def _first(self) -> Model:
        """The first to whom one pair is not like another, if there is one: a mean knows no partners."""
        return next((member for member in self.members if member.pairs is not None), self.members[0])

    @property
    def pairs(self) -> PartnerKind | None:
        return self._first.pairs

    @property
    def known_partners(self) -> Partner | None:
        return self._first.known_partners

    def closeness(self, partners: Partners) -> NDArray[np.float64]:
        return self._first.closeness(partners)

    def alike(self, partners: Partners) -> NDArray[np.float64]:
        return self._first.alike(partners)

    def against(self, partners: Partners) -> BlendModel:
        tasks = len(partners.each)
        members = tuple(member.against(partners) for member in self.members)
        return replace(self, members=members, weights=np.repeat(self.weights, tasks, axis=0), scalings=self.scalings * tasks)

    @property
    def attends(self) -> bool:
        return any(self.members[i].attends for i in np.flatnonzero(self.weights.any(axis=0)))

    def attended(self, library: Library, task: int = 0) -> list[Attended]:
        """Of the member with attention that the task leans on most."""
        attending = [i for i, member in enumerate(self.members) if member.attends and self.weights[task, i] > 0]
        if not attending:
            return super().attended(library, task)
        return self.members[max(attending, key=lambda i: float(self.weights[task, i]))].attended(library, task)

    def example(self) -> Library:
        return self._first.example()

    def combined(self, said: Sequence[Estimate], weights: NDArray[np.float64]) -> Estimate:
        """What the members said, put together: mean and standard deviation of the mixture of their answers."""
        mean, spread = np.empty_like(said[0].mean), np.empty_like(said[0].spread)
        for task, (own, scalings) in enumerate(zip(weights, self.scalings)):
            means = np.stack([estimate.mean[:, task] for estimate in said], axis=1)
            spreads = np.stack([scaling(estimate.spread[:, task]) for scaling, estimate in zip(scalings, said)], axis=1)
            mean[:, task] = means @ own
            spread[:, task] = np.sqrt((spreads**2 + (means - mean[:, [task]]) ** 2) @ own)
        return Estimate(mean, spread)

    def only(self, tasks: Sequence[int]) -> Self:
        members, scalings = tuple(member.only(tasks) for member in self.members), tuple(self.scalings[i] for i in tasks)
        return replace(self, members=members, weights=self.weights[list(tasks)], scalings=scalings)

    def lighter(self) -> Self:
        return replace(self, members=tuple(member.lighter() for member in self.members))

    def about(self) -> dict[str, Any]:
        weights = {name: self.weights[:, i].round(4).tolist() for i, name in enumerate(self.names)}
        return {"weights": weights, "members": {name: member.about() for name, member in zip(self.names, self.members)}}

    def write(self, folder: Path) -> None:
        scalings = tuple(tuple(_Scaling(slope=scaling.slope, floor=scaling.floor) for scaling in row) for row in self.scalings)
        write_fields(folder / _FIELDS, _Fields(names=self.names, kinds=self.kinds, weights=self.weights.tolist(), scalings=scalings))
        for i, member in enumerate(self.members):
            (folder / f"member-{i}").mkdir(parents=True, exist_ok=True)
            member.write(folder / f"member-{i}")

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        count = len(fields.names)
        for row in (fields.kinds, *fields.weights, *fields.scalings):
            check(len(row) == count, folder / _FIELDS, f"{len(row)} entries for {count} members")
        check(len(fields.weights) == len(fields.scalings), folder / _FIELDS, "weights and scalings of different tasks")
        members = tuple(read_model(kind, folder / f"member-{i}") for i, kind in enumerate(fields.kinds))
        scalings = tuple(tuple(Scaling(one.slope, one.floor) for one in row) for row in fields.scalings)
        return cls(fields.names, fields.kinds, members, np.array(fields.weights), scalings)


class _Scaling(BaseModel, allow_inf_nan=False):
    slope: float = Field(ge=0)
    floor: float = Field(ge=0)


class _Fields(BaseModel, allow_inf_nan=False):
    names: tuple[str, ...] = Field(min_length=1)
    kinds: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...] = Field(min_length=1)
    scalings: tuple[tuple[_Scaling, ...], ...]


def _errors(held: Sequence[Estimate], targets: Values, task: int, rows: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """[compared molecules, members]"""
    errors = np.stack([estimate.mean[:, task] - targets[:, task] for estimate in held], axis=1)
    compared = np.isfinite(errors).all(axis=1)
    return errors[compared if rows is None else compared & rows]


def _scaling(task: Task, estimate: Estimate, training: Training, i: int) -> Scaling:
    if task.kind == "classification":  # a probability's own uncertainty is not added to it
        return Scaling(1.0, 0.0)
    residual = training.exact[:, i] - estimate.mean[:, i]
    known = np.isfinite(residual)
    return Scaling.of(residual[known], estimate.spread[known, i])


def _held_out(model: BlendModel, held: Sequence[Estimate], targets: Values, folds: NDArray[np.int64]) -> Estimate:
    """Each fold under weights chosen without it, so that the blend too is judged on what it has not seen."""
    whole = model.combined(held, model.weights)
    for fold in np.unique(folds[folds >= 0]).tolist():
        inside = folds == fold
        weights = np.stack([stacked(_errors(held, targets, task, ~inside)) for task in range(targets.shape[1])])
        part = model.combined(held, weights)
        whole.mean[inside], whole.spread[inside] = part.mean[inside], part.spread[inside]
    return whole
