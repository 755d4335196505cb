"""A process that weighs its kernels."""

import numpy as np
import pytest

from molgen.models.mixture import Mixing

RNG = np.random.default_rng(0)


def kernels(one, other):
    """Closeness by the first coordinate alone, and by the second alone."""
    return np.stack([np.exp(-0.5 * (one[:, None, axis] - other[None, :, axis]) ** 2) for axis in (0, 1)])


def learned(x, scores, rows):
    """A process whose settings are chosen on some rows."""
    mixing = Mixing.of(kernels(x[rows], x[rows]), scores[rows])
    return mixing.learn(mixing.kernel(kernels(x, x)), scores)


def asked(model, new, x):
    return model.predict(model.mixing.kernel(kernels(new, x)))


def test_the_kernel_that_matters_gets_the_weight_and_predicts():
    x, new = RNG.normal(size=(120, 2)), RNG.normal(size=(50, 2))
    model = learned(x, 2 + np.sin(2 * x[:, 1]), np.arange(80))
    assert model.mixing.weights[1] > 20 * model.mixing.weights[0]
    mean, spread, _ = asked(model, new, x)
    assert np.corrcoef(mean, np.sin(2 * new[:, 1]))[0, 1] > 0.99
    assert (np.abs(mean - model.standard(2 + np.sin(2 * new[:, 1]))) < 4 * spread + 0.05).all()


def test_scores_over_orders_of_magnitude_are_learned_as_logarithms():
    x = RNG.normal(size=(100, 2))
    powers = np.exp(-4 * (x[:, 0] - 0.5) ** 2)
    assert np.isfinite(Mixing.of(kernels(x, x), powers).lift)
    assert np.isinf(Mixing.of(kernels(x, x), 3 + np.sin(x[:, 0])).lift)


def test_the_same_settings_on_more_data_are_surer():
    x, new = RNG.normal(size=(90, 2)), RNG.normal(size=(20, 2))
    scores = 2 + x[:, 0]
    few = learned(x[:30], scores[:30], np.arange(30))
    more = few.mixing.learn(few.mixing.kernel(kernels(x, x)), scores)
    assert asked(more, new, x)[1].mean() < asked(few, new, x[:30])[1].mean()


def test_a_product_of_two_is_learned_as_a_sum_of_logarithms_each_from_its_own_kernel():
    x, new = RNG.normal(size=(80, 3)), RNG.normal(size=(200, 3))
    bell = lambda points: np.exp(-0.5 * points[:, 0] ** 2 - 0.5 * (points[:, 1] - 1) ** 2)  # noqa: E731
    model = learned(x, bell(x), np.arange(80))
    assert np.isfinite(model.mixing.lift)
    assert (model.mixing.weights > 0.1).all()
    assert np.corrcoef(asked(model, new, x)[0], model.standard(bell(new)))[0, 1] > 0.95


def test_likeness_to_something_unknown_is_told_from_relatives_of_one_find():
    """Of 200 known, 190 crowd around one, and scores are how alike they are, by one kernel, to what is not among them."""
    target, find = np.array([[0.5, 0.0]]), np.array([[-0.7, 0.8]])
    x = np.concatenate([2 * RNG.normal(size=(10, 2)), find + 0.1 * RNG.normal(size=(190, 2))])
    model = learned(x, kernels(x, target)[0, :, 0], np.arange(200))
    assert model.mixing.weights[0] > 0.9


@pytest.mark.parametrize("scores", [np.zeros(10), np.full(10, 0.5)])
def test_scores_all_the_same_are_no_error(scores):
    x = RNG.normal(size=(10, 2))
    assert np.isfinite(asked(learned(x, scores, np.arange(10)), x, x)[0]).all()
