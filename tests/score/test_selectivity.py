from dataclasses import replace

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


def test_a_target_is_no_rival_of_its_own(model):
    names = [{"target": "AAA1", "over": over} for over in (["BBB1", "CCC1"], ["AAA1", "BBB1", "CCC1"])]
    plain, panel = (TERMS.build("selectivity", {"model": model, **options}).read(Library.of(ASKED)) for options in names)
    assert np.array_equal(plain.mean, panel.mean, equal_nan=True) and "affinity_AAA1" not in panel.details["closest_rival"]
    with pytest.raises(MolgenError, match="nothing but the target itself"):
        TERMS.build("selectivity", {"model": model, "target": "AAA1", "over": ["AAA1"]})


def test_several_targets_and_concentrations_are_refused(model, tmp_path):
    sequences = model.proteins.by_name
    (tmp_path / "three.fasta").write_text("".join(f">{name}\n{sequences[name]}\n" for name in ("AAA1", "BBB1", "CCC1")))
    with pytest.raises(MolgenError, match="3 targets"):
        TERMS.build("selectivity", {"model": model, "target": str(tmp_path / "three.fasta"), "over": ["BBB1"]})
    for changes in ({"scale": "log"}, {"unit": "nM"}):
        nanomolar = replace(model, tasks=(replace(model.tasks[0], **changes),))
        with pytest.raises(MolgenError, match="concentrations"):
            TERMS.build("selectivity", {"model": nanomolar, "target": "AAA1", "over": ["BBB1"]})


def test_a_difference_is_of_one_unit(model):
    def told(**changes):
        return replace(model.against_named(["AAA1"]), tasks=(replace(model.tasks[0], name="one", **changes),))

    TERMS.build("difference", {"model": told(unit="h"), "minus": told()})
    for other in (told(unit="mL/min"), told(kind="classification")):
        with pytest.raises(MolgenError, match="a difference of one in h and one in"):
            TERMS.build("difference", {"model": told(unit="h"), "minus": other})


def test_a_prediction_for_a_target_and_a_difference_of_two_agree_with_the_model(model):
    said = model.against_named(["AAA1", "BBB1"]).predict(ASKED).mean
    one = TERMS.build("prediction", {"model": model, "target": "AAA1"}).read(Library.of(ASKED))
    two = TERMS.build("difference", {"model": model, "minus": model, "target": "AAA1", "minus_target": "BBB1"}).read(Library.of(ASKED))
    assert np.allclose(one.mean, said[:, 0], equal_nan=True) and np.allclose(two.mean, said[:, 0] - said[:, 1], equal_nan=True)


def test_the_domain_is_that_of_the_prediction_beside_it(model):
    asked = Library.of([*ASKED, "C" * 200])
    read = TERMS.build("domain", {"model": model, "target": "AAA1"}).read(asked).mean
    said = model.against_named(["AAA1"]).predict(asked)
    assert np.array_equal(read == 1.0, said.in_domain[:, 0]) and np.isnan(read[1]) and 0 < read[-1] < 0.5


def test_a_model_of_pairs_without_a_target_is_refused(model):
    with pytest.raises(MolgenError, match="of pairs"):
        TERMS.build("prediction", {"model": model})
    with pytest.raises(MolgenError, match="over nothing"):
        TERMS.build("selectivity", {"model": model, "target": "AAA1", "over": []})
