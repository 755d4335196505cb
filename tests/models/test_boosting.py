"""The boosters against LightGBM asked directly."""

import lightgbm
import numpy as np

from molgen.features.descriptor import Descriptors
from molgen.features.pharmacophore import Pharmacophore
from molgen.models.base import Task, Training
from molgen.models.boosting import Boosting
from molgen.models.counts import counts
from tests.models.conftest import TINY_BOOSTING


def test_the_bag_is_the_mean_of_lightgbms_own_answers(library):
    training = Training(library.distinct(), library.rows.columns[["logp"]].to_numpy(), (Task("logp"),), seed=7)
    model = Boosting(**TINY_BOOSTING).learn(training)
    wide = Boosting(**TINY_BOOSTING).features(library)[:, model.columns]
    said = [lightgbm.Booster(model_str=booster.model_to_string()).predict(wide) for booster in model.bags[0]]
    found = model.predict(library.distinct())
    assert np.allclose(found.mean[:, 0], np.mean(said, axis=0)) and np.allclose(found.spread[:, 0], np.std(said, axis=0))


def test_all_kinds_of_columns_are_read_and_read_again(library, tmp_path):
    training = Training(library.distinct(), library.rows.columns[["logp"]].to_numpy(), (Task("logp"),))
    recipe = Boosting(**{**TINY_BOOSTING, "fingerprints": ["ecfp4", "avalon"], "descriptors": "full", "pharmacophore": True})
    parts = [counts(library, kind, recipe.size) for kind in ("ecfp4", "avalon")]
    parts += [Descriptors(set="full").of(library), Pharmacophore().of(library)]
    assert np.array_equal(recipe.features(library), np.concatenate(parts, axis=1), equal_nan=True)
    model = recipe.learn(training)
    model.write(tmp_path)
    again = Boosting.read(tmp_path)
    assert again.seen == model.seen and again.seen.width == sum(part.shape[1] for part in parts)
    assert np.array_equal(again.predict(library.distinct()).mean, model.predict(library.distinct()).mean)


def test_columns_that_hardly_vary_are_left_out(library):
    training = Training(library.distinct(), library.rows.columns[["logp"]].to_numpy(), (Task("logp"),))
    model = Boosting(**TINY_BOOSTING).learn(training)
    wide = Boosting(**TINY_BOOSTING).features(library)
    odd = (wide != wide[:1]).sum(axis=0)
    assert set(model.columns) == set(np.flatnonzero(odd >= 3))


def test_trees_learn(library):
    training = Training(library.distinct(), library.rows.columns[["logp"]].to_numpy(), (Task("logp"),))
    recipe = Boosting(**{**TINY_BOOSTING, "trees": 60})
    said = recipe.learn(training).predict(library.distinct()).mean
    assert np.corrcoef(said[:, 0], training.targets[:, 0])[0, 1] > 0.9


def test_asked_for_some_answers_it_gives_those_and_the_same(fitted, library):
    model, asked = fitted("boosting").model, library.distinct()
    wanted = np.random.default_rng(0).random((len(asked), 2)) < 0.3
    wanted[:5] = False
    some, whole = model.predict_where(asked, wanted), model.predict(asked)
    assert np.array_equal(some.mean[wanted], whole.mean[wanted]) and np.array_equal(some.spread[wanted], whole.spread[wanted])
    assert np.isnan(some.mean[~wanted]).all()
    assert np.isnan(model.predict_where(asked, np.zeros_like(wanted)).mean).all()
