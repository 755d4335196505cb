"""Held-out estimates are those of models that had not seen the row, wherever the folds are run."""

import numpy as np
import pytest

from molgen.base.parallel import Pool
from molgen.models.base import Task, Training, Workplace
from molgen.models.crossfit import cross_fit
from molgen.models.kernel import Kernel
from molgen.models.mean import Mean
from molgen.models.network import NetworkEnsemble
from tests.models.conftest import TINY_KERNEL, TINY_NETWORK

FOLDS = np.arange(60) % 3


@pytest.fixture
def training(library):
    return Training(library.distinct(), library.rows.columns[["logp"]].to_numpy(), (Task("logp"),))


def test_held_out_means_are_those_of_the_other_folds(training):
    held_out = Mean().fit(training, FOLDS).held_out
    for fold in range(3):
        assert np.allclose(held_out.mean[fold == FOLDS], training.targets[fold != FOLDS].mean())


def test_a_held_out_value_is_never_seen(training):
    changed = training.targets.copy()
    second = FOLDS == 1
    changed[second] += 50.0
    lied = Training(training.library, changed, training.tasks)
    recipe = Kernel(**TINY_KERNEL)
    one, other = recipe.fit(training, FOLDS).held_out.mean, recipe.fit(lied, FOLDS).held_out.mean
    assert np.array_equal(one[second], other[second]) and not np.allclose(one[~second], other[~second])


def test_rows_in_no_fold_are_always_learned_from(training):
    folds = np.where(np.arange(60) < 10, -1, FOLDS)
    held_out = Mean().fit(training, folds).held_out.mean
    assert np.isnan(held_out[:10]).all() and np.isfinite(held_out[10:]).all()


def test_a_pool_gives_what_one_process_gives(training):
    recipes = [Kernel(**TINY_KERNEL), Mean()]
    here = cross_fit(recipes, training, FOLDS, Workplace())
    there = cross_fit(recipes, training, FOLDS, Workplace(Pool(workers=2)))
    for one, other in zip(here, there):
        assert np.allclose(one.held_out.mean, other.held_out.mean, rtol=0, atol=1e-9)
        assert np.allclose(one.model.predict(training.library).mean, other.model.predict(training.library).mean, rtol=0, atol=1e-9)


def test_the_networks_of_the_folds_are_the_model_when_asked_to_stay(training):
    one, folds = (NetworkEnsemble.of({**TINY_NETWORK, "single": single}).fit(training, FOLDS) for single in (True, False))
    assert len(one.model.networks) == 1 and len(folds.model.networks) == 3 and (folds.model.noise > 0).all()
    assert np.array_equal(one.held_out.mean, folds.held_out.mean)  # judged on the same fits


def test_a_single_network_learns_from_all_rows_and_is_as_sure_as_its_kind_was_right(training):
    fitted = NetworkEnsemble.of({**TINY_NETWORK, "single": True}).fit(training, FOLDS)
    alone = NetworkEnsemble.of({**TINY_NETWORK, "single": True}).learn(training)
    assert np.array_equal(fitted.model.predict(training.library).mean, alone.predict(training.library).mean)
    assert np.ptp(fitted.held_out.spread) == 0 and np.isfinite(fitted.held_out.spread).all()


def test_sparse_tasks_learn_from_their_own_rows(training):
    targets = np.hstack([training.targets, training.targets * 2])
    targets[::2, 1] = np.nan
    both = Training(training.library, targets, (Task("a"), Task("b")))
    alone = Training(training.library, targets[:, 1:], (Task("b"),))
    recipe = Kernel(**TINY_KERNEL, descriptors=0.0)  # descriptors are scaled on the molecules of all tasks
    assert np.allclose(recipe.fit(both, FOLDS).held_out.mean[:, 1], recipe.fit(alone, FOLDS).held_out.mean[:, 0], equal_nan=True)
