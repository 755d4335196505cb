"""Intervals hold the truth as often as they say, and spreads are the size of the errors."""

import math

import numpy as np
import pytest

from molgen.models.base import Estimate, Task
from molgen.models.calibration import Calibration, Scaling, conformal_quantile


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_intervals_cover_the_next_exchangeable_value(coverage):
    """Lei et al. (2018), theorem 2.2: at least the coverage, at most 1 / (n + 1) more, on average."""
    rng = np.random.default_rng(0)
    n, hits = 40, []
    for _ in range(400):
        spread = rng.uniform(0.2, 2.0, n + 20)
        truth = spread * rng.standard_t(3, n + 20)  # heavy tails: nothing here is normal
        held_out = Estimate(np.zeros((n, 1)), spread[:n, None])
        calibration = Calibration.of(held_out, truth[:n, None], (Task("y"),), coverage=coverage)
        low, high = calibration.interval(np.zeros((20, 1)), calibration.spread(spread[n:, None]))
        hits.append(((low[:, 0] <= truth[n:]) & (truth[n:] <= high[:, 0])).mean())
    assert coverage - 0.02 < np.mean(hits) < coverage + 1 / (n + 1) + 0.02


def test_the_quantile_is_the_textbooks():
    scores = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    assert conformal_quantile(scores, 0.5) == 3.0  # ceil(6 * 0.5) = 3rd of 5
    assert conformal_quantile(scores, 0.8) == 5.0
    assert conformal_quantile(scores, 0.9) == math.inf  # the 6th of 5
    assert conformal_quantile(np.empty(0), 0.9) == math.inf


def test_scaling_finds_the_size_of_the_errors():
    rng = np.random.default_rng(1)
    told = rng.uniform(0.1, 3.0, 5000)
    true = np.sqrt(1.0**2 + (2.0 * told) ** 2)
    scaling = Scaling.of(rng.normal(0, true), told)
    assert scaling.slope == pytest.approx(2.0, rel=0.1) and np.allclose(scaling(told), true, rtol=0.12)


def test_a_spread_that_says_nothing_is_replaced_by_the_error():
    rng = np.random.default_rng(2)
    scaling = Scaling.of(rng.normal(0, 0.5, 3000), rng.uniform(0.1, 3.0, 3000))
    assert np.allclose(scaling(np.array([0.1, 3.0])), 0.5, rtol=0.15)


@pytest.mark.parametrize("spread", [np.zeros(50), np.full(50, 1e-12)])
def test_a_spread_of_nothing_still_gives_an_interval(spread):
    scaling = Scaling.of(np.linspace(-1, 1, 50), spread)
    assert np.isfinite(scaling(np.zeros(1))).all() and (scaling(np.zeros(1)) > 0).all()


def test_rows_without_a_value_do_not_count():
    held_out = Estimate(np.zeros((30, 1)), np.ones((30, 1)))
    truth = np.linspace(-1, 1, 30)[:, None]
    holes = np.vstack([truth, np.full((10, 1), np.nan)])
    longer = Estimate(np.zeros((40, 1)), np.ones((40, 1)))
    tasks = (Task("y"),)
    assert Calibration.of(held_out, truth, tasks, coverage=0.9) == Calibration.of(longer, holes, tasks, coverage=0.9)


def test_a_classification_has_no_interval():
    held_out = Estimate(np.full((20, 1), 0.4), np.full((20, 1), 0.1))
    calibration = Calibration.of(held_out, np.ones((20, 1)), (Task("active", "classification"),), coverage=0.9)
    low, high = calibration.interval(held_out.mean, calibration.spread(held_out.spread))
    assert np.isnan(low).all() and np.isnan(high).all()
