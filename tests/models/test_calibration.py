"""Intervals hold the truth as often as they say, and spreads are the size of the errors."""

import math

import numpy as np
import pytest

from molgen.models.base import Estimate, Task
from molgen.models.calibration import Calibration, conformal_quantile, rung
from molgen.models.scaling import FLAT, Scaling, Trend


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
        told = calibration(Estimate(np.zeros((20, 1)), spread[n:, None]))
        hits.append(((told.low[:, 0] <= truth[n:]) & (truth[n:] <= told.high[:, 0])).mean())
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


ACTIVE = (Task("active", "classification"),)


def classes(n: int, seed: int, *, sureness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Chances of 1 and classes that come true by them; the chances are then made `sureness` times as sure, in log-odds."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.0, 2.0, n)
    truth = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    return 1 / (1 + np.exp(-sureness * odds)), truth


def test_a_classification_has_no_interval():
    said, truth = classes(60, 0)
    held_out = Estimate(said[:, None], np.full((60, 1), 0.1))
    told = Calibration.of(held_out, truth[:, None], ACTIVE, coverage=0.9)(held_out)
    assert np.isnan(told.low).all() and np.isnan(told.high).all() and (told.spread == 0.1).all()


@pytest.mark.parametrize("sureness", [0.3, 1.0, 4.0])
def test_chances_come_true_as_often_as_they_say(sureness):
    said, truth = classes(4_000, 1, sureness=sureness)
    fresh, later = classes(4_000, 2, sureness=sureness)
    calibration = Calibration.of(Estimate(said[:, None], np.zeros((4_000, 1))), truth[:, None], ACTIVE, coverage=0.9)
    chance = calibration(Estimate(fresh[:, None], np.zeros((4_000, 1)))).mean[:, 0]
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        inside = (chance >= low) & (chance < low + 0.2)
        assert chance[inside].mean() == pytest.approx(later[inside].mean(), abs=0.06)
    assert (np.diff(chance[np.argsort(fresh)]) >= 0).all()


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_sets_hold_either_class_as_often_as_asked(coverage):
    hits = {0.0: [], 1.0: []}
    for seed in range(60):
        said, truth = classes(300, seed)
        fresh, later = classes(300, 1_000 + seed)
        calibration = Calibration.of(Estimate(said[:, None], np.zeros((300, 1))), truth[:, None], ACTIVE, coverage=coverage)
        sets = calibration(Estimate(fresh[:, None], np.zeros((300, 1)))).classes[:, 0]
        for value in hits:
            hits[value] += [f"{value:.0f}" in found.split() for found, true in zip(sets, later) if true == value]
    for found in hits.values():
        assert coverage - 0.015 < np.mean(found) < coverage + 0.025


def test_no_chance_is_surer_than_the_molecules_it_was_calibrated_by():
    rng = np.random.default_rng(0)
    truth = (rng.random(100) < 0.5).astype(float)
    said = np.where(rng.random(100) < 0.9, truth, 1 - truth)  # sure of all, right of nine in ten
    told = Calibration.of(Estimate(said[:, None], np.zeros((100, 1))), truth[:, None], ACTIVE, coverage=0.9)
    chance = told(Estimate(np.array([[0.0], [1e-9], [0.5], [1.0]]), np.zeros((4, 1)))).mean[:, 0]
    came_true = [truth[said == word].mean() for word in (0.0, 1.0)]
    assert chance[[0, 3]] == pytest.approx(came_true, abs=0.03) and (np.diff(chance) > 0).all()


def test_one_class_alone_rules_nothing_out():
    held_out = Estimate(np.full((30, 1), 0.7), np.zeros((30, 1)))
    told = Calibration.of(held_out, np.ones((30, 1)), ACTIVE, coverage=0.9)(held_out)
    assert set(told.classes[:, 0]) == {"0 1"} and (told.mean == 0.7).all()


def test_intervals_widen_with_distance_where_errors_do_and_keep_their_coverage():
    rng = np.random.default_rng(3)
    distance = rng.uniform(0, 0.8, 6_000)
    residual = rng.normal(0, np.exp(1.5 * distance))
    half = slice(0, 3_000), slice(3_000, None)
    flat = Estimate(np.zeros((3_000, 1)), np.zeros((3_000, 1)))
    calibration = Calibration.of(flat, residual[half[0], None], (Task("y"),), coverage=0.9, distance=distance[half[0], None])
    told = calibration(flat, distance[half[1], None])
    inside = np.abs(residual[half[1]]) <= told.high[:, 0]
    for low in (0.0, 0.4, 0.6):
        here = (distance[half[1]] >= low) & (distance[half[1]] < low + 0.2)
        assert inside[here].mean() == pytest.approx(0.9, abs=0.04)
    assert calibration.tasks[0].scaling.fade == pytest.approx(1.5, abs=0.2)
    beyond = calibration(Estimate(np.zeros((2, 1)), np.zeros((2, 1))), np.array([[0.8], [1.0]])).high[:, 0]
    assert beyond[0] == beyond[1]  # nothing was seen out there


def test_another_coverage_is_that_of_a_calibration_made_for_it():
    rng = np.random.default_rng(4)
    held_out = Estimate(np.zeros((200, 1)), rng.uniform(0.5, 1.5, (200, 1)))
    truth = rng.normal(size=(200, 1))
    made = {coverage: Calibration.of(held_out, truth, (Task("y"),), coverage=coverage) for coverage in (0.5, 0.9, 0.95)}
    assert made[0.5].tasks == made[0.9].tasks
    for coverage, calibration in made.items():
        scaled = np.abs(truth[:, 0]) / calibration.tasks[0].scaling(held_out.spread[:, 0])
        assert rung(calibration.tasks[0].reach, coverage) == conformal_quantile(scaled, coverage)
    assert rung(made[0.5].tasks[0].reach, 0.999) == math.inf
    assert rung(made[0.5].tasks[0].reach, 0.901) == rung(made[0.5].tasks[0].reach, 0.91)


def test_intervals_are_wide_where_values_err_and_narrow_where_they_do_not():
    rng = np.random.default_rng(5)
    said = rng.uniform(0, 100, 4_000)
    truth = said + rng.standard_t(4, 4_000) * 0.2 * np.clip(np.minimum(said, 100 - said), 10, 40)  # as a percentage errs
    half = slice(0, 2_000), slice(2_000, None)
    flat = np.full((2_000, 1), 1.0)
    calibration = Calibration.of(Estimate(said[half[0], None], flat), truth[half[0], None], (Task("y"),), coverage=0.9)
    told = calibration(Estimate(said[half[1], None], flat))
    inside = (told.low[:, 0] <= truth[half[1]]) & (truth[half[1]] <= told.high[:, 0])
    assert inside.mean() == pytest.approx(0.9, abs=0.025)
    width = told.high[:, 0] - told.low[:, 0]
    near, middle = np.abs(said[half[1]] - 50) > 40, np.abs(said[half[1]] - 50) < 10
    for rows in (near, middle):
        assert inside[rows].mean() == pytest.approx(0.9, abs=0.06)
    assert width[middle].mean() > 2 * width[near].mean()


def test_a_trend_is_level_where_nothing_says_otherwise():
    rng = np.random.default_rng(6)
    said = rng.normal(size=3_000)
    assert np.allclose(Trend.of(np.abs(rng.normal(size=3_000)), said)(said), 1.0, atol=0.12)
    assert Trend.of(np.ones(119), np.arange(119.0)) == FLAT  # too few
    assert Trend.of(np.ones(500), np.zeros(500)) == FLAT  # one prediction for all
    assert Trend.of(np.zeros(500), np.arange(500.0)) == FLAT  # never wrong
    assert FLAT(np.array([1.0, np.nan])).tolist() == [1.0, 1.0]


def test_a_trend_goes_on_level_beyond_what_was_seen_and_does_not_hide_a_missing_prediction():
    said = np.arange(400.0)
    trend = Trend.of(np.where(said < 200, 1.0, 3.0), said)
    low, first, last, high, missing = trend(np.array([-1e9, 0.0, 399.0, 1e9, np.nan]))
    assert low == first < last == high
    assert np.isnan(missing)
