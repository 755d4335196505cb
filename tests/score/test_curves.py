"""Curves: in [0, 1] whatever comes in, on the values a chemist would say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.report.headline import wish
from molgen.report.run import GoalSpec
from molgen.score.curves import CURVES, AsIs, Ramp, Range, Sigmoid
from molgen.score.objective import Objective

EACH = [
    Ramp(worst=6, best=3),
    Ramp(worst=0, best=1),
    Sigmoid(poor=6, good=8),
    Sigmoid(poor=3, good=1),
    Range(low=1, high=3, margin=0.5),
    AsIs(),
]


def test_every_curve_of_the_table_is_tried_here():
    assert {type(curve) for curve in EACH} == {CURVES.load(name) for name in CURVES}


@pytest.mark.parametrize("curve", EACH)
@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=5))
def test_desirability_is_between_0_and_1(curve, raw):
    said = curve(np.array(raw))
    assert np.all((said >= 0) & (said <= 1))


@pytest.mark.parametrize("curve", EACH)
def test_nan_stays_nan(curve):
    assert np.isnan(curve(np.array([np.nan]))).all()


@pytest.mark.parametrize("curve", EACH)
def test_a_curve_has_one_hill_at_most(curve):
    low, high = curve.window()
    steps = np.sign(np.diff(curve(np.linspace(low - 1, high + 1, 400)).round(12)))
    turns = np.diff(steps[steps != 0])
    assert (turns != 0).sum() <= 1
    assert not np.any(turns > 0)  # never down and up again


def test_sigmoid_follows_its_formula():
    raw = np.linspace(4, 10, 7)
    steepness = 2 * np.log(9) / 2
    assert np.allclose(Sigmoid(poor=6, good=8)(raw), 1 / (1 + np.exp(-steepness * (raw - 7))))


@pytest.mark.parametrize("wrong", [lambda: Ramp(worst=1, best=1), lambda: Sigmoid(poor=2, good=2), lambda: Range(low=2, high=1, margin=1)])
def test_a_curve_without_width_is_refused(wrong):
    with pytest.raises(MolgenError):
        wrong()


@pytest.mark.parametrize("wrong", [float("inf"), float("-inf"), float("nan"), "6"])
def test_a_curve_is_of_finite_numbers(wrong):
    for make in (
        lambda: Ramp(worst=wrong, best=1),
        lambda: Ramp(worst=0, best=wrong),
        lambda: Sigmoid(poor=wrong, good=1),
        lambda: Range(low=1, high=wrong, margin=1),
    ):
        with pytest.raises(MolgenError, match="want a finite number"):
            make()


def test_a_range_open_on_one_side_is_answered_with_a_ramp():
    with pytest.raises(MolgenError, match="is a ramp"):
        Range(low=1, high=float("inf"), margin=1)


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        (Ramp(worst=0, best=10), "high: best from 10; nothing below 0"),
        (Ramp(worst=6, best=3), "low: best up to 3; nothing above 6"),
        (Sigmoid(poor=6, good=8), "high: 0.9 at 8, 0.1 at 6"),
        (Sigmoid(poor=3, good=1), "low: 0.9 at 1, 0.1 at 3"),
        (Range(low=300, high=500, margin=50), "between 300 and 500; nothing below 250 or above 550"),
        (Range(low=2, high=2, margin=1), "near 2; nothing below 1 or above 3"),
    ],
)
def test_a_curve_says_what_was_typed(curve, said):
    goal = Objective.of([{"term": "qed"}]).goals[0]
    (told,) = Objective((replace(goal, curve=curve),)).describe()
    assert curve.wish == told["wish"] == wish(GoalSpec.of(told)) == said


def test_a_curve_without_words_is_read_off_its_points():
    class Hill:
        __slots__ = ()

        def __call__(self, raw):
            return np.clip(1 - np.abs(raw - 2), 0, 1)

        def window(self):
            return 0.0, 4.0

    goal = replace(Objective.of([{"term": "qed"}]).goals[0], curve=Hill())
    (told,) = Objective((goal,)).describe()
    assert wish(GoalSpec.of(told)) == "near 2"
