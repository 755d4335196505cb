"""Every predictor keeps the same promises: shape, order, seed, rejects, and a folder that brings it back exactly."""

import json

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.predictor import Predictor
from molgen.models.train import train
from tests.models.conftest import TINY, tiny

NAMES = sorted(TINY)
MIXED = ["CCO", "C1CC", "c1ccccc1C", "OCC", "", "CC(=O)Nc1ccccc1"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_follow_the_library_and_bad_ones_are_nan(fitted, name):
    said = fitted(name).predict(MIXED)
    bad = [1, 4]
    assert said.mean.shape == said.spread.shape == said.low.shape == (6, 2)
    assert np.isnan(said.mean[bad]).all() and np.isnan(said.similarity[bad]).all()
    assert not said.in_domain[bad].any() and [said.nearest_id[row, 0] for row in bad] == ["", ""]
    good = [0, 2, 3, 5]
    assert np.isfinite(said.mean[good]).all() and (said.spread[good, 0] > 0).all()
    assert (said.low[good, 0] < said.mean[good, 0]).all() and (said.mean[good, 0] < said.high[good, 0]).all()
    assert ((said.mean[good, 1] >= 0) & (said.mean[good, 1] <= 1)).all()


def test_more_coverage_takes_wider_intervals_and_larger_sets(fitted):
    said = {coverage: fitted("kernel").at(coverage).predict(MIXED) for coverage in (0.5, 0.8, 0.9)}
    good = said[0.5].library.ok
    widths = [(one.high - one.low)[good, 0] for one in said.values()]
    assert (widths[0] < widths[1]).all() and (widths[1] < widths[2]).all()
    sizes = [[len(text.split()) for text in one.classes[good, 1]] for one in said.values()]
    assert (np.diff(sizes, axis=0) >= 0).all()
    assert said[0.9].classes[~good].tolist() == [["", ""], ["", ""]] and set(said[0.9].classes[good, 0]) == {""}
    for wrong in (0.0, 1.0, 1.5):
        with pytest.raises(MolgenError, match="coverage is"):
            fitted("kernel").at(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_duplicates_get_equal_values(fitted, name):
    said = fitted(name).predict(MIXED)
    assert np.array_equal(said.mean[0], said.mean[3]) and np.array_equal(said.spread[0], said.spread[3])


@pytest.mark.parametrize("name", NAMES)
def test_neither_order_nor_company_changes_a_prediction(fitted, name):
    predictor = fitted(name)
    together = predictor.predict(MIXED)
    backwards = predictor.predict(MIXED[::-1])
    alone = predictor.predict(["CC(=O)Nc1ccccc1"])
    assert np.allclose(together.mean, backwards.mean[::-1], rtol=0, atol=1e-5, equal_nan=True)
    assert np.allclose(together.mean[5], alone.mean[0], rtol=0, atol=1e-5)
    assert np.allclose(together.spread[5], alone.spread[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("smiles", [[], ["C1CC"], ["not a molecule", ""]])
def test_nothing_to_say_is_said_in_the_right_shape(fitted, name, smiles):
    said = fitted(name).predict(smiles)
    assert said.mean.shape == (len(smiles), 2) and np.isnan(said.mean).all() and not said.in_domain.any()
    assert len(said.to_frame()) == len(smiles)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_predictor_says_the_same_to_the_bit(fitted, name, tmp_path):
    predictor = fitted(name)
    again = Predictor.load(predictor.save(tmp_path / "model"))
    before, after = predictor.predict(MIXED), again.predict(MIXED)
    for field in ("mean", "spread", "low", "high", "similarity", "nearest_value"):
        assert np.array_equal(getattr(before, field), getattr(after, field), equal_nan=True), field
    assert before.classes.tolist() == after.classes.tolist()
    assert before.nearest_id.tolist() == after.nearest_id.tolist() and before.nearest_smiles.tolist() == after.nearest_smiles.tolist()
    assert again.tasks == predictor.tasks and again.recipe == predictor.recipe
    assert json.loads((tmp_path / "model" / "card.json").read_text())["tasks"][0]["name"] == "logp"


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_model(fitted, library, name):
    again = train(library, ["logp", "fat"], recipe=tiny(name), split="column", split_column="part", device="cpu")
    assert np.array_equal(fitted(name).predict(MIXED).mean, again.predict(MIXED).mean, equal_nan=True)


def test_a_training_molecule_is_its_own_nearest(fitted, library):
    said = fitted("mean").predict(library)
    train_rows = (library.rows.columns["part"] == "train").to_numpy()
    assert np.allclose(said.similarity[train_rows], 1.0) and said.in_domain[train_rows].mean() >= 0.95
    assert np.allclose(said.nearest_value[train_rows, 0], library.rows.columns["logp"][train_rows])


def test_predictions_join_the_input_columns(fitted, library):
    frame = fitted("mean").predict(library).to_frame()
    assert list(frame.columns[:4]) == ["smiles", "logp", "fat", "part"]
    wanted = {"molgen_logp", "molgen_logp_spread", "molgen_logp_low", "molgen_logp_high", "molgen_in_domain", "molgen_similarity"}
    assert wanted | {"molgen_nearest_id", "molgen_nearest_smiles", "molgen_nearest_logp"} <= set(frame.columns)


def test_large_libraries_are_said_in_parts(fitted, monkeypatch):
    whole = fitted("kernel").predict(MIXED)
    monkeypatch.setattr("molgen.models.predictor._AT_ONCE", 2)
    parts = fitted("kernel").predict(Library.of(MIXED))
    assert np.allclose(whole.mean, parts.mean, atol=1e-6, equal_nan=True) and whole.nearest_id.tolist() == parts.nearest_id.tolist()


def test_a_folder_that_is_not_ours_is_not_overwritten(fitted, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(MolgenError, match="not a saved predictor"):
        fitted("mean").save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_saving_again_replaces_the_old_one(fitted, tmp_path):
    fitted("kernel").save(tmp_path / "model")
    fitted("mean").save(tmp_path / "model")
    assert Predictor.load(tmp_path / "model").recipe.predictor == "mean"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_predictions_show_themselves_in_a_notebook(fitted):
    shown = fitted("mean").predict(MIXED)._repr_html_()
    assert "<table" in shown and "logp" in shown


@pytest.mark.parametrize("name", NAMES)
def test_a_tautomer_is_told_the_same_whatever_stands_beside_it(fitted, name):
    both = ["c1ccc2[nH]ncc2c1", "c1ccc2n[nH]cc2c1"]
    together, turned = fitted(name).predict(both), fitted(name).predict(both[::-1])
    for row, smiles in enumerate(both):
        alone = fitted(name).predict([smiles])
        for said in (together.mean[row], turned.mean[1 - row]):
            np.testing.assert_allclose(said, alone.mean[0], rtol=1e-5)
        assert together.similarity[row, 0] == turned.similarity[1 - row, 0] == alone.similarity[0, 0]
