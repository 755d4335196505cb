"""Values over orders of magnitude are learned as logarithms, and told in the units they were measured in."""

from __future__ import annotations

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.calibration import Calibrated
from molgen.models.predictor import Predictor
from molgen.models.scale import as_measured, settled, to_learn
from molgen.models.train import train
from tests.models.conftest import series, tiny


def scale_of(values: np.ndarray, scale: str = "auto") -> str:
    (task,) = settled([Task("y", scale=scale)], values[:, None])
    return task.scale


def test_the_scale_follows_the_values() -> None:
    rng = np.random.default_rng(0)
    assert scale_of(np.exp(rng.normal(1, 1.5, 300))) == "log"
    assert scale_of(rng.normal(7, 1, 300)) == "linear"  # potencies
    assert scale_of(rng.uniform(1, 100, 300)) == "linear"  # per cent
    assert scale_of(-np.exp(rng.normal(1, 1.5, 300))) == "linear"
    assert scale_of(np.append(np.exp(rng.normal(1, 1.5, 300)), 0.0)) == "linear"
    assert scale_of(np.exp(rng.normal(1, 1.5, 20))) == "linear"  # too few to say
    assert scale_of(np.exp(rng.normal(1, 1.5, 300)), "linear") == "linear"
    assert settled([Task("y", "classification", scale="log")], np.array([[0.0], [1.0]]))[0].scale == "linear"
    with pytest.raises(MolgenError, match="no logarithm"):
        scale_of(np.array([1.0, 0.0]), "log")


def test_there_and_back_is_where_one_was() -> None:
    tasks = (Task("a", scale="log"), Task("b", scale="linear"))
    values = np.array([[0.01, -3.0], [250.0, 0.0], [np.nan, 1.0], [0.0, 2.0]])
    learned = to_learn(tasks, values)
    told = as_measured(tasks, Calibrated(learned, np.full((4, 2), 0.1), learned - 0.2, learned + 0.2, np.full((4, 2), "")))
    np.testing.assert_allclose(told.mean[:3], values[:3])
    assert np.isnan(told.mean[3, 0])
    np.testing.assert_allclose(told.low[1], [250.0 / 10**0.2, -0.2])
    np.testing.assert_allclose(told.spread[:2, 0], np.log(10) * 0.1 * values[:2, 0])


def test_a_model_of_wide_values_tells_them_in_their_unit_and_is_kept_so(tmp_path) -> None:
    frame = series().assign(dose=lambda table: 10 ** table["logp"])
    library = Library.from_frame(frame)
    wide, plain = (train(library, Task(name), recipe=tiny("kernel"), split="column", split_column="part") for name in ("dose", "logp"))
    assert wide.tasks[0].scale == "log" and plain.tasks[0].scale == "linear" and wide.card["tasks"][0]["scale"] == "log"
    said, logs = wide.predict(library), plain.predict(library)
    np.testing.assert_allclose(np.log10(said.mean), logs.mean, atol=1e-9)
    np.testing.assert_allclose(np.log10(said.high), logs.high, atol=1e-9)
    np.testing.assert_allclose(wide.domain.known.values[:, 0], 10 ** plain.domain.known.values[:, 0])
    assert wide.card["metrics"]["dose"]["test"]["spearman"] == pytest.approx(plain.card["metrics"]["logp"]["test"]["spearman"])
    ours, theirs = wide.card["metrics"]["dose"]["test"], plain.card["metrics"]["logp"]["test"]
    for name in ("rmse", "mae", "r2", "pearson"):
        assert ours[f"{name}_log10"] == pytest.approx(theirs[name]) and f"{name}_log10" not in theirs
    assert ours["r2"] < ours["r2_log10"]  # which a few large values hide
    again = Predictor.load(wide.save(tmp_path / "wide"))
    assert np.array_equal(again.predict(library).low, said.low)


def test_a_share_is_not_told_beyond_what_is_possible():
    tasks = (Task("bound", "regression", unit="% bound"), Task("inhibition", "regression", unit="%"))
    told = Calibrated(*(np.array([[value, value]]) for value in (104.0, 5.0, -3.0, 117.0)), ())
    said = as_measured(tasks, told)
    assert (said.mean[0, 0], said.low[0, 0], said.high[0, 0]) == (100.0, 0.0, 100.0)
    assert (said.mean[0, 1], said.low[0, 1], said.high[0, 1]) == (104.0, -3.0, 117.0)


def test_the_spread_of_what_is_clipped_is_that_of_the_value_told() -> None:
    logs = np.log10([[90.0], [99.0], [300.0]])
    told = Calibrated(logs, np.full((3, 1), 0.2), logs, logs, np.array([[""]] * 3))
    said = as_measured([Task("fu", unit="% unbound", scale="log")], told)
    assert said.mean[:, 0] == pytest.approx([90, 99, 100]) and said.spread / said.mean == pytest.approx(np.log(10) * 0.2)
