import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from molgen.score.base import TERMS
from tests.models.conftest import TINY_PAIRS, pairs

ASKED = ["CCO", "C1CC", "c1ccccc1C", "OCC"]


@pytest.fixture(scope="module")
def model():
    return train(pairs(), "affinity", recipe=RecipeConfig(predictor="pair_network", options=TINY_PAIRS, folds=3), split="none")


def test_selectivity_is_the_least_lead_over_the_others(model):
    reading = TERMS.build("selectivity", {"model": model, "target": "AAA1", "over": ["BBB1", "CCC1"]}).read(Library.of(ASKED))
    said = model.against_named(["AAA1", "BBB1", "CCC1"]).predict(ASKED)
    lead = said.mean[:, [0]] - said.mean[:, 1:]
    assert np.array_equal(reading.mean, lead.min(axis=1), equal_nan=True) and np.isnan(reading.mean[1])
    rival = lead[0].argmin()
    assert reading.details["closest_rival"][0] == f"affinity_{('BBB1', 'CCC1')[rival]}"
    assert reading.spread[0] == pytest.approx(np.hypot(said.spread[0, 0], said.spread[0, 1 + rival]))


def test_a_prediction_for_a_target_and_a_difference_of_two_agree_with_the_model(model):
    said = model.against_named(["AAA1", "BBB1"]).predict(ASKED).mean
    one = TERMS.build("prediction", {"model": model, "target": "AAA1"}).read(Library.of(ASKED))
    two = TERMS.build("difference", {"model": model, "minus": model, "target": "AAA1", "minus_target": "BBB1"}).read(Library.of(ASKED))
    assert np.allclose(one.mean, said[:, 0], equal_nan=True) and np.allclose(two.mean, said[:, 0] - said[:, 1], equal_nan=True)


def test_a_model_of_pairs_without_a_target_is_refused(model):
    with pytest.raises(MolgenError, match="of pairs"):
        TERMS.build("prediction", {"model": model})
    with pytest.raises(MolgenError, match="over nothing"):
        TERMS.build("selectivity", {"model": model, "target": "AAA1", "over": []})
