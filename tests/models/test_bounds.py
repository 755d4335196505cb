"""A value known only to lie beyond a bound teaches that, and not the bound itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from molgen.data.catalogue import load
from molgen.data.library import Library
from molgen.models.predict import load as load_model
from molgen.models.process import Process, beyond
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import TINY_NETWORK
from tests.models.conftest import series as series_of_values


@pytest.fixture(scope="module")
def series() -> tuple[Library, pd.DataFrame, float]:
    """A potency series, its weaker part written as a bound (`<`) and as the value of that bound (`=`)."""
    library = load("jak2_ki")
    rows = np.random.default_rng(0).permutation(len(library))[:400].tolist()
    truth = np.array([float(cell) for cell in library.take(rows).cells("pKi")])
    least = float(np.quantile(truth, 0.4))
    table = pd.DataFrame({"smiles": library.take(rows).smiles, "truth": truth, "plain": np.maximum(truth, least)})
    table["bound"] = [f"<{least:.3f}" if value < least else f"{value:.3f}" for value in truth]
    return Library.from_frame(table.head(300)), table.tail(100), least


@pytest.mark.parametrize("recipe", ["kernel", "boosting"])
def test_weak_molecules_are_told_weaker_where_bounds_are_bounds(series, recipe) -> None:
    learned, unseen, least = series
    asked, truth = unseen["smiles"].tolist(), unseen["truth"].to_numpy()
    bound, plain = (train(learned, column, recipe=recipe, split="none").predict(asked).mean[:, 0] for column in ("bound", "plain"))
    assert bound[truth < least].mean() < plain[truth < least].mean()
    assert np.mean((bound - truth) ** 2) < np.mean((plain - truth) ** 2)


def test_a_bound_that_is_passed_pulls_no_more() -> None:
    rng = np.random.default_rng(0)
    spots = rng.normal(size=(60, 1))
    similarity = np.exp(-((spots - spots.T) ** 2))
    truth = np.sin(2 * spots[:, 0])
    bounds = np.where(truth < -0.5, -1.0, 0.0)
    values = np.maximum(truth, -0.5)
    one, plain = (Process.of(similarity, values, shape="linear", level=1.0, most=60, bounds=signs) for signs in (bounds, None))
    low = bounds < 0
    assert one.mean(similarity)[low].mean() < plain.mean(similarity)[low].mean()
    assert (one.pull[one.mean(similarity) < -0.5 - 1e-6] == 0).sum() > 5 and (one.pull[~low] != 0).all()
    assert beyond(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.0, 2.0]), np.array([1, 1, 0])).tolist() == [2.0, 1.0, 1.0]


@pytest.mark.parametrize("recipe", ["fast", "boosting"])
def test_one_bound_changes_one_label_and_not_what_trees_may_see(series, recipe) -> None:
    few, bounds = series[0].take(range(40)), np.arange(40) == 3
    values = few.rows.columns["truth"]
    table = few.rows.columns.assign(one=[f"<{value:.6f}" if bound else f"{value:.6f}" for value, bound in zip(values, bounds)])
    said = [train(Library.from_frame(table), column, recipe=recipe, split="none").predict(few).mean[:, 0] for column in ("truth", "one")]
    assert np.corrcoef(said[0], said[1])[0, 1] > 0.95 and np.abs(said[0] - said[1]).mean() < 0.5 * np.std(said[0])


def test_a_task_of_bounds_alone_beside_another_comes_back(tmp_path) -> None:
    table = series_of_values().assign(less=lambda own: [f">{value:.2f}" for value in own["logp"]])
    recipe = RecipeConfig(predictor="network", options={**TINY_NETWORK, "single": False}, folds=2)
    fitted = train(Library.from_frame(table), ["logp", "less"], recipe=recipe, split="none")
    one, other = (model.predict(["CCO"]) for model in (fitted, load_model(fitted.save(tmp_path / "model"))))
    assert np.isfinite(one.mean).all() and np.array_equal(one.mean, other.mean) and np.isfinite(one.low[0, 0])
