"""What a saved predictor says of itself: its tasks, how they are calibrated, and the digest of every file."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from molgen.models.base import Kind, Task
from molgen.models.calibration import LEVELS, Calibration, Chances, Ladder, Spreads
from molgen.models.domain import USUAL_SIZES, Domain, Known
from molgen.models.files import check
from molgen.models.recipe import RecipeConfig
from molgen.models.reference import RUNGS, Reference
from molgen.models.scaling import Scaling, Trend

FORMAT = 3  # a reader of a later format says so of earlier ones, and the other way round


_Rungs = Annotated[tuple[Annotated[float, Field(ge=0)] | None, ...], Field(min_length=LEVELS, max_length=LEVELS)]  # None: unbounded


class _TrendFields(BaseModel, allow_inf_nan=False):
    knots: tuple[float, ...] = ()
    factors: tuple[Annotated[float, Field(gt=0)], ...] = ()


class _SpreadsFields(BaseModel, allow_inf_nan=False):
    slope: float = Field(ge=0)
    floor: float = Field(ge=0)
    fade: float = Field(ge=0, le=10)
    farthest: float = Field(ge=0, le=1)
    reach: _Rungs
    trend: _TrendFields = _TrendFields()  # older models have none


class _ChancesFields(BaseModel, allow_inf_nan=False):
    slope: float = Field(gt=0)
    offset: float
    zero: _Rungs
    one: _Rungs
    seen: int = Field(0, ge=0)  # older models do not say


class _TaskFields(BaseModel, allow_inf_nan=False):
    name: str
    kind: Kind
    unit: str
    scale: Literal["linear", "log"]
    threshold: float  # of the domain
    sizes: tuple[int, int] = USUAL_SIZES  # heavy atoms, of the domain
    quantiles: tuple[float, ...] | None = Field(None, min_length=2)  # of the reference's predictions
    spreads: _SpreadsFields | None = None  # of a regression
    chances: _ChancesFields | None = None  # of a classification


class _ReferenceFields(BaseModel):
    name: str
    molecules: int = Field(ge=1)


class Manifest(BaseModel, allow_inf_nan=False):
    """A manifest as it is read, its types checked."""

    format: int
    predictor: str
    tasks: tuple[_TaskFields, ...] = Field(min_length=1)
    coverage: float = Field(gt=0, lt=1)
    reference: _ReferenceFields | None = None
    closest: float = 0.0  # of the domain of pairs
    files: dict[str, str] = Field(min_length=1)  # path inside the folder -> sha256


def written(
    tasks: tuple[Task, ...],
    calibration: Calibration,
    domain: Domain,
    recipe: RecipeConfig,
    reference: Reference | None,
    files: dict[str, str],
) -> dict[str, Any]:
    """The manifest of such a predictor and these files, as plain values: what `Manifest` reads."""
    told = [
        {**vars(task), "threshold": threshold, "sizes": sizes, **_told(learned)}
        for task, learned, threshold, sizes in zip(tasks, calibration.tasks, domain.thresholds.tolist(), domain.sizes.tolist())
    ]
    if reference is not None:
        told = [task | {"quantiles": rungs} for task, rungs in zip(told, reference.quantiles.tolist())]
    return {
        "format": FORMAT,
        "predictor": recipe.predictor,
        "tasks": told,
        "coverage": calibration.coverage,
        "reference": None if reference is None else {"name": reference.name, "molecules": reference.molecules},
        "closest": domain.closest,
        "files": files,
    }


def reference_of(manifest: Manifest) -> Reference | None:
    """The reference that percentiles are among, None where there is none."""
    rungs = [task.quantiles for task in manifest.tasks]
    if manifest.reference is None or any(one is None or len(one) != RUNGS for one in rungs):
        return None
    return Reference(manifest.reference.name, manifest.reference.molecules, np.array(rungs))


def domain_of(manifest: Manifest, known: Known) -> Domain:
    """Where its tasks may be believed, which were measured on these molecules."""
    thresholds, sizes = (np.array([getattr(task, name) for task in manifest.tasks]) for name in ("threshold", "sizes"))
    return Domain(known, thresholds, sizes, manifest.closest)


def calibration_of(manifest: Manifest, path: Path) -> Calibration:
    """How its tasks are calibrated; a MolgenError when the manifest at `path` does not say."""
    return Calibration(manifest.coverage, tuple(_learned(task, path) for task in manifest.tasks))


def _told(learned: Spreads | Chances) -> dict[str, Any]:
    if isinstance(learned, Chances):
        return {"chances": vars(learned)}
    return {"spreads": {**vars(learned.scaling), "trend": vars(learned.trend), "reach": learned.reach}}


def _learned(task: _TaskFields, path: Path) -> Spreads | Chances:
    if task.kind == "classification":
        check(task.chances is not None, path, f"no calibration of {task.name!r}")
        assert task.chances is not None
        return Chances(task.chances.slope, task.chances.offset, _ladder(task.chances.zero), _ladder(task.chances.one), task.chances.seen)
    check(task.spreads is not None, path, f"no calibration of {task.name!r}")
    assert task.spreads is not None
    scaling = Scaling(task.spreads.slope, task.spreads.floor, task.spreads.fade, task.spreads.farthest)
    trend = task.spreads.trend
    fits = len(trend.knots) == len(trend.factors) and all(low < high for low, high in pairwise(trend.knots))
    check(fits, path, f"knots of {task.name!r} out of order, or not as many as factors")
    return Spreads(scaling, Trend(trend.knots, trend.factors), _ladder(task.spreads.reach))


def _ladder(rungs: tuple[float | None, ...]) -> Ladder:
    return tuple(math.inf if one is None else one for one in rungs)
