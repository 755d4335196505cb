"""What the campaign's models and ranking would have been worth, judged on molecules they never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.splits import split
from molgen.models.blend import BlendModel
from molgen.models.metrics import auroc, bedroc, enrichment_factor, measure, roc_curve
from molgen.models.predictor import Predictor
from molgen.screen.run import scores

# What the members of a blend are called in a table for chemists.
_CALLED = {"network": "graph network", "boosting": "boosted trees", "kernel": "Gaussian process"}

_METRICS = ("rmse", "r2", "spearman")


def model_table(name: str, predictor: Predictor, library: Library, seed: int) -> dict[str, Any]:
    """The model, each member of its blend, and the mean of the training values, all on the test part."""
    parts = split(library, "column")
    values = labels(library, "pKi").values
    test = library.take(parts == "test")
    truth = values[parts == "test"]
    said = predictor.predict(test)
    estimates = {"blend" if isinstance(predictor.model, BlendModel) else "model": said.mean[:, 0]}
    if isinstance(predictor.model, BlendModel):
        for member, model in zip(predictor.model.names, predictor.model.members):
            estimates[_CALLED.get(member, member)] = test.fill(model.predict(test.distinct()).mean[:, 0])
    estimates["mean of training values"] = np.full(len(truth), values[parts == "train"].mean())
    rows = [{"system": system, **_chosen(truth, estimate), "n": len(truth)} for system, estimate in estimates.items()]
    seen = float(np.mean((said.low[:, 0] <= truth) & (truth <= said.high[:, 0])))
    note = f"official test split, {len(truth)} molecules, seed {seed}; nothing was chosen on it"
    return {"name": f"{name} pKi", "rows": rows, "coverage": {"asked": said.coverage, "seen": seen}, "note": note}


def retrospect(run: Path, library: Path, measured: Library) -> dict[str, Any]:
    """How early the ranking finds the hidden actives, by the whole objective and by predicted potency alone.

    Molecules of the library that the model was trained on, or that were measured and are not among the
    hidden actives, are left out: neither would be a fair test.
    """
    source = pd.read_csv(library, usecols=["source"])["source"].to_numpy()
    table = pd.concat([frame[["row", "inchikey", "reason", "molgen_score", "molgen_JAK2 pKi"]] for frame in scores(run)], ignore_index=True)
    hidden = source[table["row"]] == "JAK2 test active"
    fair = (table["reason"] == "") & (hidden | ~table["inchikey"].isin(set(measured.inchikeys)))
    fair[fair] = ~table.loc[fair, "inchikey"].duplicated()  # of the fair ones: a drug may be a hidden active too
    active, score, potency = hidden[fair], table.loc[fair, "molgen_score"].to_numpy(), table.loc[fair, "molgen_JAK2 pKi"].to_numpy()
    false_positives, true_positives = roc_curve(score, active)
    return {
        "actives": int(active.sum()),
        "library": len(active),
        "ef_1": enrichment_factor(score, active, 0.01),
        "auroc": auroc(active.astype(float), score),
        "bedroc": bedroc(score, active),
        "roc": _thin(false_positives, true_positives),
        "note": (
            f"By predicted potency alone: EF 1 % {enrichment_factor(potency, active, 0.01):.1f}, "
            f"AUROC {auroc(active.astype(float), potency):.3f}, BEDROC {bedroc(potency, active):.3f}. "
            "The hidden actives come from the same chemical series as the training molecules, and the other "
            "molecules are only presumed inactive: this is easier than finding a new series. Some of the actives "
            "were measured on JAK1 as well and taught the JAK1 model; the figures by JAK2 potency alone are free of that."
        ),
    }


def _chosen(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    found = measure(truth, said, "regression")
    return {name: found[name] for name in _METRICS}


def _thin(x: np.ndarray, y: np.ndarray, most: int = 300) -> dict[str, list[float]]:
    """A curve of few enough points to draw, its corners kept."""
    kept = np.unique(np.concatenate([np.flatnonzero(np.diff(y, prepend=-1.0) > 0), np.linspace(0, len(x) - 1, most).astype(int)]))
    return {"fpr": x[kept].tolist(), "tpr": y[kept].tolist()}
