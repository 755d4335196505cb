"""A process that weighs its kernels."""

import numpy as np
import pytest

from molgen.models.mixture import Mixture

RNG = np.random.default_rng(0)


def kernels(one, other):
    """Closeness by the first coordinate alone, and by the second alone."""
    return np.stack([np.exp(-0.5 * (one[:, None, axis] - other[None, :, axis]) ** 2) for axis in (0, 1)])


def test_the_kernel_that_matters_gets_the_weight_and_predicts():
    x, new = RNG.normal(size=(120, 2)), RNG.normal(size=(50, 2))
    model = Mixture.of(kernels(x, x), 2 + np.sin(2 * x[:, 1]), np.arange(80))
    assert model.weights[1] > 20 * model.weights[0]
    mean, spread, _ = model.predict(kernels(new, x))
    assert np.corrcoef(mean, np.sin(2 * new[:, 1]))[0, 1] > 0.99
    assert (np.abs(mean - model.standard(2 + np.sin(2 * new[:, 1]))) < 4 * spread + 0.05).all()


def test_scores_over_orders_of_magnitude_are_learned_as_logarithms():
    x = RNG.normal(size=(100, 2))
    powers = np.exp(-4 * (x[:, 0] - 0.5) ** 2)
    assert np.isfinite(Mixture.of(kernels(x, x), powers, np.arange(100)).lift)
    assert np.isinf(Mixture.of(kernels(x, x), 3 + np.sin(x[:, 0]), np.arange(100)).lift)


def test_the_same_settings_on_more_data_are_surer():
    x, new = RNG.normal(size=(90, 2)), RNG.normal(size=(20, 2))
    scores = 2 + x[:, 0]
    few = Mixture.of(kernels(x[:30], x[:30]), scores[:30], np.arange(30))
    more = few.again(kernels(x, x), scores)
    assert more.weights.tolist() == few.weights.tolist()
    assert more.predict(kernels(new, x))[1].mean() < few.predict(kernels(new, x[:30]))[1].mean()


@pytest.mark.parametrize("scores", [np.zeros(10), np.full(10, 0.5)])
def test_scores_all_the_same_are_no_error(scores):
    x = RNG.normal(size=(10, 2))
    assert np.isfinite(Mixture.of(kernels(x, x), scores, np.arange(10)).predict(kernels(x, x))[0]).all()
