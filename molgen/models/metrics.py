"""How good predictions are: errors and ranks for values, separation for classes, early recognition for screens."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit.ML.Scoring.Scoring import CalcBEDROC
from scipy import stats
from sklearn import metrics as sk

from molgen.models.base import Kind, Scale

Column = NDArray[np.float64]  # [molecules]

_DUST = 1e-9  # decades: a value that is off by the whole of a factor is within it


def rmse(truth: Column, said: Column) -> float:
    """Root mean square error."""
    return float(np.sqrt(np.mean((said - truth) ** 2)))


def mae(truth: Column, said: Column) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(said - truth)))


def r2(truth: Column, said: Column) -> float:
    """Share of the variance explained; 0 for the mean of `truth`, below for worse than that."""
    return float(sk.r2_score(truth, said)) if np.ptp(truth) > 0 else math.nan


def pearson(truth: Column, said: Column) -> float:
    """Linear correlation; NaN where one of them does not vary."""
    return _correlation(stats.pearsonr, truth, said)


def spearman(truth: Column, said: Column) -> float:
    """Correlation of ranks."""
    return _correlation(stats.spearmanr, truth, said)


def kendall(truth: Column, said: Column) -> float:
    """Share of pairs in the right order less that in the wrong one (tau b)."""
    return _correlation(stats.kendalltau, truth, said)


def _correlation(measure: Callable[..., Any], truth: Column, said: Column) -> float:
    if len(truth) < 2 or np.ptp(truth) == 0 or np.ptp(said) == 0:
        return math.nan
    return float(measure(truth, said).statistic)


def auroc(truth: Column, said: Column) -> float:
    """Chance that a random 1 scores above a random 0; NaN with one class only."""
    return float(sk.roc_auc_score(truth, said)) if np.ptp(truth) > 0 else math.nan


def auprc(truth: Column, said: Column) -> float:
    """Average precision; NaN with one class only."""
    return float(sk.average_precision_score(truth, said)) if np.ptp(truth) > 0 else math.nan


def accuracy(truth: Column, said: Column) -> float:
    """Share on the right side of one half."""
    return float(np.mean((said >= 0.5) == (truth == 1)))


def mcc(truth: Column, said: Column) -> float:
    """Matthews correlation of classes cut at one half; 0 where either has one class only."""
    if len(np.unique(truth == 1)) < 2 or len(np.unique(said >= 0.5)) < 2:
        return 0.0  # as scikit-learn has it, which warns of it at length
    return float(sk.matthews_corrcoef(truth == 1, said >= 0.5))


def brier(truth: Column, said: Column) -> float:
    """Mean squared error of the probabilities."""
    return float(np.mean((said - truth) ** 2))


def within_2fold(truth: Column, said: Column) -> float:
    """Of logarithms to base 10: share of the values that are told to a factor of 2.

    >>> within_2fold(np.log10([1.0, 10.0, 100.0, 1000.0]), np.log10([2.0, 4.0, 120.0, 900.0]))
    0.75
    """
    return _within(2.0, truth, said)


def within_3fold(truth: Column, said: Column) -> float:
    """The same to a factor of 3."""
    return _within(3.0, truth, said)


def _within(factor: float, truth: Column, said: Column) -> float:
    return float(np.mean(np.abs(said - truth) <= math.log10(factor) + _DUST))


def gmfe(truth: Column, said: Column) -> float:
    """Of logarithms to base 10: geometric mean of the factors by which values are off, 1 for none."""
    return float(10 ** mae(truth, said))


METRICS: dict[Kind, dict[str, Callable[[Column, Column], float]]] = {
    "regression": {"rmse": rmse, "mae": mae, "r2": r2, "pearson": pearson, "spearman": spearman, "kendall": kendall},
    "classification": {"auroc": auroc, "auprc": auprc, "accuracy": accuracy, "mcc": mcc, "brier": brier},
}
DECADES: dict[str, Callable[[Column, Column], float]] = {  # of the logarithms of values learned as such; ranks are the same
    "rmse_log10": rmse, "mae_log10": mae, "r2_log10": r2, "pearson_log10": pearson,
    "within_2fold": within_2fold, "within_3fold": within_3fold, "gmfe": gmfe,
}  # fmt: skip
_SMALLER = ("rmse", "mae", "brier", "rmse_log10", "mae_log10", "gmfe")
LARGER_IS_BETTER = {name: name not in _SMALLER for table in (*METRICS.values(), DECADES) for name in table}


def measure(truth: Column, said: Column, kind: Kind, *, scale: Scale = "linear") -> dict[str, float]:
    """Every metric of that kind of task, over the rows where both are known; `n` says how many.

    Of a `log` scale `DECADES` come with them: a few large values decide the others. What is 0 or less, and has no logarithm, is left
    out of these, and `n_log10` says how many are in.
    """
    known = np.isfinite(truth) & np.isfinite(said)
    if not known.any():
        return {"n": 0}
    found = {"n": int(known.sum())} | {name: metric(truth[known], said[known]) for name, metric in METRICS[kind].items()}
    return found | _in_decades(truth[known], said[known]) if scale == "log" else found


def _in_decades(truth: Column, said: Column) -> dict[str, float]:
    above = (truth > 0) & (said > 0)
    if not above.any():
        return {"n_log10": 0}
    logs = np.log10(truth[above]), np.log10(said[above])
    return {"n_log10": int(above.sum())} | {name: metric(*logs) for name, metric in DECADES.items()}


def enrichment_factor(scores: Column, active: NDArray[np.bool_], fraction: float) -> float:
    """How many times more actives lie in the best `fraction` than a random pick would hold; NaN without actives.

    The fraction is rounded up to whole molecules; a score that is NaN goes last.

    >>> enrichment_factor(np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, True, False, False]), 0.5)
    2.0
    """
    if not active.any() or fraction <= 0:
        return math.nan
    ordered = np.array(_ranked(scores, active), dtype=bool)[:, 0]
    best = math.ceil(round(fraction * len(ordered), 9))
    return float(ordered[:best].mean() / ordered.mean())


def bedroc(scores: Column, active: NDArray[np.bool_], *, alpha: float = 20.0) -> float:
    """Early recognition in [0, 1]: at alpha 20, four fifths of it come from the first 8 % (Truchon & Bayly 2007)."""
    return float(CalcBEDROC(_ranked(scores, active), 0, alpha)) if active.any() and not active.all() else math.nan


def roc_curve(scores: Column, active: NDArray[np.bool_]) -> tuple[Column, Column]:
    """False and true positive rates from (0, 0) to (1, 1), as the list is walked from the best score down."""
    if not len(scores):
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    false, true, _ = sk.roc_curve(active, stats.rankdata(np.nan_to_num(scores, nan=-np.inf)))
    return false, true


def _ranked(scores: Column, active: NDArray[np.bool_]) -> list[list[bool]]:
    # Among equal scores the inactives first: ties must not be worth anything.
    order = np.lexsort((active, -np.nan_to_num(scores, nan=-np.inf)))
    return [[bool(active[row])] for row in order]
