"""Evaluation: flat records of the test part, a repeat a seed, put together with their spread."""

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.evaluate import COLUMNS, evaluate, summary
from molgen.models.train import train
from tests.models.conftest import tiny

RECIPES = {"mean": tiny("mean"), "kernel": tiny("kernel")}


def test_records_are_flat_and_complete(library):
    records = evaluate(library, ["logp", "fat"], recipes=RECIPES, split="random", repeats=2)
    assert tuple(records.columns) == COLUMNS
    for system in RECIPES:
        own = records[(records["system"] == system) & (records["task"] == "logp")]
        assert set(own["repeat"]) == {0, 1} and {"rmse", "r2", "spearman", "coverage", "n"} <= set(own["metric"])
    best = summary(records).set_index(["task", "system", "metric"])["mean"]
    assert best["logp", "kernel", "rmse"] < best["logp", "mean", "rmse"]


def test_the_summary_is_mean_and_deviation(library):
    records = evaluate(library, "logp", recipes=RECIPES, split="random", repeats=3)
    row = summary(records).query("system == 'kernel' and metric == 'rmse'").iloc[0]
    values = records.query("system == 'kernel' and metric == 'rmse'")["value"]
    assert row["mean"] == pytest.approx(np.mean(values)) and row["sd"] == pytest.approx(np.std(values, ddof=1)) and row["repeats"] == 3


def test_what_is_said_of_a_task_is_said_once(library, caplog):
    rare = Library.of(list(library.smiles), columns={"active": [int(i < 3) for i in range(len(library))]})
    evaluate(rare, Task("active", "classification"), recipes=RECIPES, split="random", repeats=2)
    said = [record.getMessage() for record in caplog.records if "too few of one" in record.getMessage()]
    assert len(said) == 1
    train(rare, Task("active", "classification"), recipe="mean", split="none")  # which still says so itself
    assert sum("too few of one" in record.getMessage() for record in caplog.records) == 2


def test_without_a_test_part_there_is_no_evaluation(library):
    with pytest.raises(MolgenError, match="test part"):
        evaluate(library, "logp", recipes=RECIPES, split="none")
