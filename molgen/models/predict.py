"""A saved model, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from molgen.base.wanted import checked
from molgen.data.library import Library
from molgen.models.predictions import Predictions
from molgen.models.predictor import Predictor


@checked
def load(model: Path | str) -> Predictor:
    """The predictor saved in a folder, or one that comes with molgen by its name: `admet`, `admet-fast`.

    Anything amiss with its files is a MolgenError, and nothing in them is run.
    """
    return Predictor.load(model)


@checked
def predict(model: Predictor | Path | str, molecules: Library | Sequence[str]) -> Predictions:
    """What a model, or the one of that folder or name, says of each molecule, in order; NaN for what is none."""
    predictor = model if isinstance(model, Predictor) else load(model)
    return predictor.predict(molecules)
