"""Each metric against its formula written out, on random and on degenerate columns."""

import math

import numpy as np
import pytest

from molgen.models import metrics

RNG = np.random.default_rng(0)
TRUTH, SAID = RNG.normal(size=60), RNG.normal(size=60)
CLASSES, CHANCES = (RNG.uniform(size=60) < 0.3).astype(float), RNG.uniform(size=60).round(2)


def test_errors_are_their_formulas():
    assert metrics.rmse(TRUTH, SAID) == pytest.approx(math.sqrt(sum((a - b) ** 2 for a, b in zip(TRUTH, SAID)) / 60))
    assert metrics.mae(TRUTH, SAID) == pytest.approx(sum(abs(a - b) for a, b in zip(TRUTH, SAID)) / 60)
    assert metrics.r2(TRUTH, SAID) == pytest.approx(1 - ((TRUTH - SAID) ** 2).sum() / ((TRUTH - TRUTH.mean()) ** 2).sum())
    assert metrics.brier(CLASSES, CHANCES) == pytest.approx(((CLASSES - CHANCES) ** 2).mean())


def test_correlations_are_their_formulas():
    assert metrics.pearson(TRUTH, SAID) == pytest.approx(np.corrcoef(TRUTH, SAID)[0, 1])
    ranks = lambda values: values.argsort().argsort()  # noqa: E731
    assert metrics.spearman(TRUTH, SAID) == pytest.approx(np.corrcoef(ranks(TRUTH), ranks(SAID))[0, 1])
    pairs = [np.sign(TRUTH[i] - TRUTH[j]) * np.sign(SAID[i] - SAID[j]) for i in range(60) for j in range(i)]
    assert metrics.kendall(TRUTH, SAID) == pytest.approx(np.mean(pairs))


def test_auroc_is_the_chance_of_the_right_order():
    wins = [(a > b) + 0.5 * (a == b) for a in CHANCES[CLASSES == 1] for b in CHANCES[CLASSES == 0]]
    assert metrics.auroc(CLASSES, CHANCES) == pytest.approx(np.mean(wins))


@pytest.mark.filterwarnings("error")
def test_mcc_of_one_class_is_0_without_a_word():
    assert metrics.mcc(np.zeros(4), np.full(4, 0.1)) == metrics.mcc(np.array([0.0, 1.0]), np.full(2, 0.9)) == 0.0


def test_mcc_and_accuracy_come_from_the_table():
    said = CHANCES >= 0.5
    tp, tn = (said & (CLASSES == 1)).sum(), (~said & (CLASSES == 0)).sum()
    fp, fn = (said & (CLASSES == 0)).sum(), (~said & (CLASSES == 1)).sum()
    assert metrics.accuracy(CLASSES, CHANCES) == pytest.approx((tp + tn) / 60)
    under = math.sqrt(float((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
    assert metrics.mcc(CLASSES, CHANCES) == pytest.approx((tp * tn - fp * fn) / under)


@pytest.mark.parametrize("name", [name for table in metrics.METRICS.values() for name in table])
def test_one_row_and_constants_give_a_number_or_nan(name):
    metric = getattr(metrics, name)
    for truth, said in (([1.0], [1.0]), ([1.0, 1.0], [0.5, 0.5]), ([0.0, 1.0], [0.3, 0.3])):
        assert isinstance(metric(np.array(truth), np.array(said)), float)


def test_logarithms_are_judged_in_decades_beside_the_values():
    truth, said = np.array([1.0, 10.0, 100.0, 1e6]), np.array([2.0, 35.0, 100.0, 4e5])
    found = metrics.measure(truth, said, "regression", scale="log")
    off = np.log10(said / truth)
    assert {name: found[name] for name in metrics.METRICS["regression"]} == {
        name: metric(truth, said) for name, metric in metrics.METRICS["regression"].items()
    }
    assert found["rmse_log10"] == pytest.approx(math.sqrt((off**2).mean())) and found["mae_log10"] == pytest.approx(abs(off).mean())
    assert found["r2_log10"] == pytest.approx(1 - (off**2).sum() / ((np.log10(truth) - 2.25) ** 2).sum())
    assert found["pearson_log10"] == pytest.approx(np.corrcoef(np.log10(truth), np.log10(said))[0, 1])
    assert (found["within_2fold"], found["within_3fold"]) == (0.5, 0.75)  # off by just 2 is within 2
    assert found["gmfe"] == pytest.approx((2 * 3.5 * 1 * 2.5) ** 0.25)
    assert set(metrics.DECADES) <= set(metrics.LARGER_IS_BETTER)
    assert "gmfe" not in metrics.measure(truth, said, "regression")


def test_what_has_no_logarithm_is_left_out_of_the_decades_alone():
    truth, said = np.array([0.0, -1.0, 10.0, 100.0]), np.array([1.0, 1.0, 20.0, 0.0])
    found = metrics.measure(truth, said, "regression", scale="log")
    assert (found["n"], found["n_log10"]) == (4, 1) and found["gmfe"] == pytest.approx(2.0)
    assert metrics.measure(truth[:2], said[:2], "regression", scale="log")["n_log10"] == 0


def test_unknown_rows_are_left_out():
    holes = TRUTH.copy()
    holes[::3] = np.nan
    known = np.isfinite(holes)
    assert metrics.measure(holes, SAID, "regression")["rmse"] == pytest.approx(metrics.rmse(TRUTH[known], SAID[known]))
    assert metrics.measure(np.full(3, np.nan), np.zeros(3), "regression") == {"n": 0}


@pytest.mark.parametrize("fraction", [0.01, 0.05, 0.1, 0.5, 1.0])
def test_enrichment_counts_actives_at_the_top(fraction):
    scores, active = RNG.permutation(200).astype(float), RNG.uniform(size=200) < 0.1
    top = np.argsort(-scores)[: math.ceil(round(200 * fraction, 6))]
    assert metrics.enrichment_factor(scores, active, fraction) == pytest.approx(active[top].mean() / active.mean())


def test_ties_are_worth_nothing():
    active = np.array([True] * 5 + [False] * 95)
    assert metrics.enrichment_factor(np.zeros(100), active, 0.05) == 0.0


def test_bedroc_is_truchon_and_baylys():
    """Equation 36 of J. Chem. Inf. Model. 47 (2007) 488."""
    scores, active = RNG.permutation(300).astype(float), RNG.uniform(size=300) < 0.1
    ranks = 1 + np.flatnonzero(active[np.argsort(-scores)])
    n, total, alpha = len(ranks), 300, 20.0
    share = n / total
    rie = np.exp(-alpha * ranks / total).sum() / (share * (1 - math.exp(-alpha)) / (math.exp(alpha / total) - 1))
    wanted = rie * share * math.sinh(alpha / 2) / (math.cosh(alpha / 2) - math.cosh(alpha / 2 - alpha * share)) + 1 / (
        1 - math.exp(alpha * (1 - share))
    )
    assert metrics.bedroc(scores, active) == pytest.approx(wanted)


def test_perfect_and_reversed_lists_are_the_ends_of_bedroc():
    active = np.arange(100) < 10
    assert metrics.bedroc(-np.arange(100.0), active) == pytest.approx(1.0)
    assert metrics.bedroc(np.arange(100.0), active) == pytest.approx(0.0, abs=1e-6)


def test_roc_curve_ends_in_the_corners_and_holds_its_area():
    scores = np.where(RNG.uniform(size=60) < 0.1, np.nan, CHANCES)
    false, true = metrics.roc_curve(scores, CLASSES == 1)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(true, false) == pytest.approx(metrics.auroc(CLASSES, np.nan_to_num(scores, nan=-1.0)))


def test_without_actives_there_is_nothing_to_enrich():
    none = np.zeros(5, dtype=bool)
    assert math.isnan(metrics.enrichment_factor(np.arange(5.0), none, 0.5)) and math.isnan(metrics.bedroc(np.arange(5.0), none))


def test_of_nothing_there_is_nothing_to_tell():
    none, nobody = np.empty(0), np.empty(0, dtype=bool)
    assert np.isnan(metrics.enrichment_factor(none, nobody, 0.1))
    assert np.isnan(metrics.enrichment_factor(np.arange(3.0), np.arange(3) > 1, 0.0))
    assert [ends.tolist() for ends in metrics.roc_curve(none, nobody)] == [[0.0, 1.0], [0.0, 1.0]]
