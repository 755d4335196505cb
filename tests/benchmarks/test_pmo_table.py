"""The page of PMO: each league beside what others published in it, over the same tasks."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import pmo_table


def row(task, variant, value, sd=None, metric="top10_auc"):
    return {"task": task, "variant": variant, "system": "guided", "metric": metric, "value": value, "sd": sd, "seeds": [0]}


def test_a_league_stands_beside_its_own_rivals():
    shown = pmo_table.table([row("qed", "strict", 0.5), row("median1", "strict", 0.99), row("qed", "prescreen", 0.95)])
    strict, prescreen = (shown[: (cut := shown.index("| task", 1))], shown[cut:])
    assert "| qed | 0.500 | 0.947 (GP-BO) |" in strict and "| median2 |  |" in strict
    assert "`guided`, strict: 1.490 over 2 of 20 tasks, first of its league on 1, seeds a task: 1;" in strict
    assert "best published, prescreen" in prescreen and "0.950 over 1 of 20 tasks, first of its league on 1" in prescreen
    assert "GP-BO" not in prescreen and "GenMol" not in strict


def test_the_summary_has_the_sums_of_what_is_complete():
    tasks = [line.split(" | ")[0][2:] for line in pmo_table.table([row("qed", "strict", 0.5)]).splitlines()[2:22]]
    shown = pmo_table.summary([row("qed", "prescreen", 0.95), *(row(task, "strict", 0.5) for task in tasks)]).splitlines()
    assert len(shown) == 1 and shown[0].startswith("- `guided`, strict: 10.000 over 20 of 20 tasks")
    assert pmo_table.summary([row("qed", "prescreen", 0.95)]) == "Not measured yet."


@pytest.mark.parametrize(("league", "best"), [("strict", "13.912 (InVirtuoGen without prescreen)"), ("prescreen", "16.111 (InVirtuoGen)")])
def test_all_tasks_of_a_league_sum_up_to_what_was_published(league, best):
    tasks = [line.split(" | ")[0][2:] for line in pmo_table.table([row("qed", league, 0.5)]).splitlines()[2:22]]
    assert f"the best method has {best}" in pmo_table.table([row(task, league, 0.5) for task in tasks])


def test_a_sum_has_a_spread_where_all_its_tasks_have_one():
    some = [row("qed", "strict", 0.5, 0.03), row("median1", "strict", 0.5, 0.04)]
    assert "strict: 1.000 ± 0.050 over 2" in pmo_table.table(some)
    assert "strict: 1.000 over 2" in pmo_table.table([some[0], row("median1", "strict", 0.5)])


def test_minutes_are_told_by_league():
    some = [row(task, "strict_guarded", minutes, metric="minutes") for task, minutes in (("qed", 8.0), ("median1", 12.4))]
    shown = pmo_table.minutes([*some, row("qed", "prescreen", 4.0, metric="minutes")])
    assert shown == "plausible only 8 to 12, prescreen 4 to 4 CPU-minutes a task of 10,000 molecules."


def test_what_was_not_measured_is_said_so():
    assert pmo_table.table([]).startswith("Not measured yet")
