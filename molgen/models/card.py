"""The model card: what a model was made from, how well it does, and what it is not for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.files import plain
from molgen.base.provenance import Provenance
from molgen.data.library import Library
from molgen.models.base import Estimate, Fitted, Values
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
    fitted: Fitted,
    predictor: Predictor,
    *,
    seed: int,
    seconds: dict[str, float],
    split: dict[str, Any],
) -> Card:
    """The card of a predictor just fitted, with its metrics on held-out folds and on the test part, if there is one."""
    judged = _judged(data, parts, fitted, predictor)
    recipe, calibration = predictor.recipe.model_dump(), predictor.calibration
    return Card(
        tasks=[asdict(task) for task in data.tasks],
        source=library.source,
        data=library.digest,
        rows=_counts(library, data, parts),
        problems=data.problems,
        conflicts=data.conflicts,
        split=split | {"folds": predictor.recipe.folds, "fold_method": predictor.recipe.fold_method},
        metrics={
            task.name: {name: measure(truth[:, i], said.mean[:, i], task.kind) for name, (truth, said) in judged.items()}
            for i, task in enumerate(data.tasks)
        },
        calibration={
            "asked": calibration.coverage,
            "seen": {task.name: {name: _seen(predictor, i, *pair) for name, pair in judged.items()} for i, task in enumerate(data.tasks)},
            "half_widths": list(calibration.half_widths),
        },
        domain={
            "threshold": predictor.domain.threshold,
            "molecules": len(predictor.domain.known),
            "similarity": "Tanimoto, ECFP4, 2048 bits",
        },
        recipe=recipe,
        chosen=fitted.model.about(),
        seed=seed,
        seconds={name: round(value, 2) for name, value in seconds.items()},
        provenance=Provenance(
            verb="train", config=recipe | {"split": split}, inputs={library.source or "library": library.digest}, seed=seed
        ).to_dict(),
    )


def _judged(data: Measured, parts: NDArray[np.str_], fitted: Fitted, predictor: Predictor) -> dict[str, tuple[Values, Estimate]]:
    """By part: what was measured exactly, and what was said of it unseen, spreads calibrated."""
    held = Estimate(fitted.held_out.mean, predictor.calibration.spread(fitted.held_out.spread))
    judged = {"held out": (data.exact[parts != "test"], held)}
    test = np.flatnonzero(parts == "test")
    if len(test):
        said = predictor.predict(data.library.take(test))
        judged["test"] = (data.exact[test], Estimate(said.mean, said.spread))
    return judged


def _seen(predictor: Predictor, task: int, truth: Values, said: Estimate) -> float | None:
    """Share of the measured values inside their interval; None for a classification, or nothing measured."""
    low, high = (ends[:, task] for ends in predictor.calibration.interval(said.mean, said.spread))
    known = np.isfinite(truth[:, task]) & ~np.isnan(low)
    inside = (low <= truth[:, task]) & (truth[:, task] <= high)
    return float(inside[known].mean()) if known.any() else None


def _counts(library: Library, data: Measured, parts: NDArray[np.str_]) -> dict[str, int]:
    """read = rejected + unlabelled + repeats + the parts."""
    rejected = int((~library.ok).sum())
    counts = {"read": len(library), "rejected": rejected, "repeats": data.repeats}
    counts["unlabelled"] = len(library) - rejected - data.repeats - len(data.library)
    counts |= {part: int((parts == part).sum()) for part in ("train", "valid", "test")}
    counts["bounds"] = int((data.relations != "=").sum())  # among the labels; learned as they are written where a model knows no bounds
    return counts
