"""Values learned by their place among all."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import rankdata, spearmanr

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.scores import NormalScores
from molgen.models.train import train
from tests.models.conftest import TINY_PAIR_KERNEL, pairs

SCORED = TINY_PAIR_KERNEL | {"scored": True}


def test_a_score_says_how_many_lie_below_and_leads_back():
    values = np.random.default_rng(0).exponential(size=300).round(2) + 100
    scores = NormalScores.of(values)
    taught = scores.taught(values)
    assert np.allclose(ndtr(taught) * len(values), rankdata(values) - 0.5)
    assert np.allclose(scores.told(taught, np.zeros(300))[0], values)
    assert np.abs(taught.mean()) < 0.02 and 0.9 < taught.std() < 1.1


def test_of_many_values_few_knots_say_nearly_the_same():
    values = np.random.default_rng(1).normal(7.0, 2.0, size=20_000)
    scores = NormalScores.of(values)
    assert len(scores.values) == 514 and np.allclose(scores.taught(values), (values - 7.0) / 2.0, atol=0.3)
    middle, spread = scores.told(np.array([-1.0, 0.0, 1.0]), np.full(3, 0.5))
    assert np.allclose(middle, [5.0, 7.0, 9.0], atol=0.1) and np.allclose(spread, 1.0, atol=0.05)


def test_beyond_all_that_was_measured_the_order_stays_and_the_spread_does_not_vanish():
    crowded = np.where(np.arange(1000) < 700, 5.0, 5.0 + np.arange(1000) / 300)
    said = np.linspace(-3.0, 4.5, 200)
    middle, spread = NormalScores.of(crowded).told(said, np.ones(200))
    assert (np.diff(middle) > 0).all() and (spread > 0).all() and middle[-1] > crowded.max()
    alone = NormalScores.of(np.full(5, 3.0))
    assert np.allclose(alone.told(np.array([2.0]), np.ones(1))[0], 3.0) and (np.diff(alone.values) > 0).all()


def test_only_the_order_of_values_is_learned():
    library = pairs()
    table = library.rows.columns.assign(crowded=np.exp(library.rows.columns["affinity"]))
    crowded = Library.from_frame(table).paired_with(library.partners.each, library.partners.of_row)
    recipe = RecipeConfig(predictor="pair_kernel", options=SCORED, folds=3)
    tasks = [Task(column, scale="linear") for column in ("affinity", "crowded")]
    one, other = (train(crowded, task, recipe=recipe, split="none").model.predict(crowded).mean[:, 0] for task in tasks)
    assert spearmanr(one, other).statistic > 0.9999
    assert np.corrcoef(one, table["affinity"])[0, 1] > 0.9


def test_a_model_of_scores_comes_back_whole_and_a_damaged_one_is_refused(tmp_path):
    library = pairs()
    fitted = train(library, "affinity", recipe=RecipeConfig(predictor="pair_kernel", options=SCORED, folds=3), split="none")
    folder = fitted.save(tmp_path / "model")
    one, other = (model.predict(library) for model in (fitted, Predictor.load(folder)))
    assert np.array_equal(one.mean, other.mean) and np.array_equal(one.low, other.low)
    (fields,) = folder.rglob("pair_kernel.json")
    fields.write_text(fields.read_text().replace('"scored": true', '"scored": false'))
    with pytest.raises(MolgenError, match="not a model of ours"):
        Predictor.load(folder)


def test_classes_have_no_scores():
    library = pairs()
    made = [RecipeConfig(predictor="pair_kernel", options=one, folds=3) for one in (SCORED, TINY_PAIR_KERNEL)]
    one, other = (train(library, "binds", recipe=recipe, split="none").predict(library).mean for recipe in made)
    assert np.array_equal(one, other)
