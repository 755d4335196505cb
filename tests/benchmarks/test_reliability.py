"""Coverage at several levels comes of one answer of the model."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from molgen.data.library import Library
from molgen.models.train import train

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from reliability import Asked, judged


def test_a_model_is_asked_once_for_all_coverages():
    smiles = [f"c1ccccc1{'C' * n}" for n in range(1, 40)]
    library = Library.of(smiles, columns={"y": [float(n % 7) for n in range(39)]})
    predictor = train(library, "y", recipe="kernel", split="none", device="cpu")
    asked = Asked(predictor.model)
    truth = library.rows.columns["y"].to_numpy(dtype=float)
    found = judged(replace(predictor, model=asked), library, truth)
    said = predictor.predict(library)
    assert len(asked.said) == 1 and found["coverage_80"] <= found["coverage_90"] <= found["coverage_95"]
    assert found["coverage_90"] == np.mean((said.low[:, 0] <= truth) & (truth <= said.high[:, 0]))
