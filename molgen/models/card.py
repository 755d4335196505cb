"""The model card: what a model was made from, how well it does, and what it is not for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.files import digest, plain
from molgen.base.provenance import Provenance
from molgen.data.library import Library
from molgen.data.proteins import Proteins
from molgen.models.audit import audit
from molgen.models.base import Values
from molgen.models.calibration import Calibrated, Chances, Spreads, rung
from molgen.models.measured import Measured
from molgen.models.metrics import measure
from molgen.models.predictor import Predictor

USE = (
    "Ranks molecules of the kinds it was trained on, to choose what to make or test next.",
    "Values are estimates of the assays in the training data; read them with their interval and the domain flag.",
)
LIMITS = (
    "Not evidence of activity or safety; nothing here replaces a measurement.",
    "Outside the domain the numbers are extrapolations, and the interval's promise does not hold.",
    "The interval's promise is for molecules exchangeable with the training ones: on average, not for each series.",
    "Protonation states, tautomers and conformations are as the standardised structure has them.",
)


# By which what is held out has partners that were not learned from.
_OF_PARTNERS = "partner"


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything a colleague asks before trusting a model; kept beside its weights as JSON."""

    tasks: list[dict[str, Any]]
    source: str  # the file or name the data came from
    data: str  # digest of what was read
    rows: dict[str, int]  # read, rejected, unlabelled, duplicates, train, test ...: they add up
    problems: dict[str, list[dict[str, Any]]]  # per task: labels refused, with row and reason
    conflicts: dict[str, list[dict[str, Any]]]  # per task: molecules measured more than once, and differently
    split: dict[str, Any]
    metrics: dict[str, dict[str, dict[str, float]]]  # task -> "held out" or "test" -> metric -> value
    audit: dict[str, Any]  # balance, leakage, errors by group
    calibration: dict[str, Any]
    domain: dict[str, Any]
    recipe: dict[str, Any]
    chosen: dict[str, Any]  # what the fit chose: weights, noise, sizes
    seed: int
    seconds: dict[str, float]
    provenance: dict[str, Any]
    use: tuple[str, ...] = USE
    limits: tuple[str, ...] = LIMITS

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return plain(asdict(self))


def card_of(
    library: Library,
    data: Measured,
    parts: NDArray[np.str_],
    told: Calibrated,
    predictor: Predictor,
    *,
    seed: int,
    seconds: dict[str, float],
    split: dict[str, Any],
    group: str | None = None,
) -> Card:
    """The card of a predictor just fitted, with its metrics on held-out folds (`told`) and on the test part, if there is one."""
    judged = _judged(data, parts, told, predictor)
    recipe, calibration = predictor.recipe.model_dump(), predictor.calibration
    return Card(
        tasks=[asdict(task) for task in predictor.tasks],
        source=library.source,
        data=library.digest,
        rows=_counts(library, data, parts),
        problems=data.problems,
        conflicts=data.conflicts,
        split=split | {"folds": predictor.recipe.folds, "fold_method": predictor.recipe.fold_method},
        metrics={
            task.name: {name: measure(truth[:, i], said.mean[:, i], task.kind, scale=task.scale) for name, (truth, said) in judged.items()}
            for i, task in enumerate(predictor.tasks)
        },
        audit=audit(data, parts, predictor.tasks, judged, group=group),
        calibration={
            "asked": calibration.coverage,
            "seen": {task.name: {name: _seen(i, *pair) for name, pair in judged.items()} for i, task in enumerate(data.tasks)},
            "tasks": [_brief(task) for task in calibration.tasks],
        },
        domain={
            "thresholds": {task.name: float(one) for task, one in zip(predictor.tasks, predictor.domain.thresholds)},
            "sizes": {task.name: one for task, one in zip(predictor.tasks, predictor.domain.sizes.tolist())},
            "molecules": len(predictor.domain.known),
            "similarity": "Tanimoto, ECFP4, 2048 bits",
        },
        recipe=recipe,
        chosen=predictor.model.about(),
        limits=LIMITS + unpromised(data.library, parts, predictor.recipe.fold_method),
        seed=seed,
        seconds={name: round(value, 2) for name, value in seconds.items()},
        provenance=Provenance(
            verb="train",
            config=recipe | {"split": split, "coverage": calibration.coverage, "tasks": [asdict(task) for task in predictor.tasks]},
            inputs={library.source or "library": library.digest, "targets": digest(data.targets.tolist(), data.relations.tolist())},
            seed=seed,
        ).to_dict(),
    )


def unpromised(library: Library, parts: NDArray[np.str_], fold_method: str) -> tuple[str, ...]:
    """What intervals do not promise though the split asks for it: they are made on folds of molecules, whose partners are all known, and
    judged on a test part of new partners.

    >>> unpromised(Library.of(["CCO", "CCN"]), np.array(["train", "test"]), "scaffold")
    ()
    """
    if library.partners is None or fold_method == _OF_PARTNERS or not (parts == "test").any():
        return ()
    keys = np.array(library.partners.keys)
    if np.isin(keys[parts == "test"], keys[parts != "test"]).any():
        return ()
    named = "proteins" if isinstance(library.partners.each, Proteins) else "cell lines"
    return (
        f"The test part asks about new {named}, but intervals and weights were settled on {fold_method} folds, for new molecules with "
        f'known {named}: of new {named} fewer may lie inside. A recipe with fold_method = "{_OF_PARTNERS}" makes them for those.',
    )


def _judged(data: Measured, parts: NDArray[np.str_], told: Calibrated, predictor: Predictor) -> dict[str, tuple[Values, Calibrated]]:
    """By part: what was measured exactly, and what was told of it unseen."""
    judged = {"held out": (data.exact[parts != "test"], told)}
    test = np.flatnonzero(parts == "test")
    if len(test):
        said = predictor.predict(data.library.take(test))
        judged["test"] = (data.exact[test], Calibrated(said.mean, said.spread, said.low, said.high, said.classes))
    return judged


def _seen(task: int, truth: Values, told: Calibrated) -> float | None:
    """Share of the measured values inside their interval, of the classes in their set; None where nothing was measured."""
    measured, low, high, classes = truth[:, task], told.low[:, task], told.high[:, task], told.classes[:, task]
    known = np.isfinite(measured) & np.isfinite(told.mean[:, task])
    in_set = [f"{value:.0f}" in found.split() for value, found in zip(np.nan_to_num(measured), classes)]
    inside = np.where(np.isnan(low), in_set, (low <= measured) & (measured <= high))
    return float(inside[known].mean()) if known.any() else None


def _brief(task: Spreads | Chances) -> dict[str, float | list[float]]:
    """What a calibration is in a few numbers."""
    if isinstance(task, Chances):
        return {"slope": task.slope, "offset": task.offset}
    scaling, trend = task.scaling, list(task.trend.factors)
    return {"slope": scaling.slope, "floor": scaling.floor, "fade": scaling.fade, "trend": trend, "reach_90": rung(task.reach, 0.9)}


def _counts(library: Library, data: Measured, parts: NDArray[np.str_]) -> dict[str, int]:
    """read = rejected + unlabelled + repeats + the parts."""
    rejected = int((~library.ok).sum())
    counts = {"read": len(library), "rejected": rejected, "repeats": data.repeats}
    counts["unlabelled"] = len(library) - rejected - data.repeats - len(data.library)
    counts |= {part: int((parts == part).sum()) for part in ("train", "valid", "test")}
    counts["bounds"] = int((data.relations != "=").sum())  # among the labels
    return counts
