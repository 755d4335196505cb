"""The tables of docs/pairs.md that say who is ahead, and what a model's word is worth."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import pairs_table


def row(task, system, value, metric="bedroc"):
    return {"task": task, "system": system, "metric": metric, "value": value}


def test_a_target_counts_as_won_only_where_the_consensus_is_ahead():
    told = {"a": (0.5, 0.4, 0.6), "b": (0.5, 0.7, 0.5)}  # similarity, model, consensus
    systems = ("similarity", "model", "consensus")
    some = [row(t, s, v, m) for t, values in told.items() for s, v in zip(systems, values) for m in ("ef1", "bedroc", "auroc")]
    shown = pairs_table.dude(some).splitlines()
    assert "- BEDROC: ahead of similarity is the model on 1 of 2 targets, the consensus on 1." in shown
    assert pairs_table.dude([]).startswith("Not measured yet")


def test_what_a_model_is_worth_has_a_column_each_and_means():
    told = {"worth 0": 0.2, "worth 1": 0.4, "nearness": 1.0, "model": 0.3}
    shown = pairs_table.consensus([row(t, s, v + d) for t, d in (("a", 0.0), ("b", 0.1)) for s, v in told.items()]).splitlines()
    assert shown[0] == "| target | nearest protein known | model alone | worth 0 | worth 1 |"
    assert shown[2] == "| a | 1.000 | 0.300 | 0.200 | 0.400 |" and shown[-1] == "| mean | | 0.350 | 0.250 | 0.450 |"
    assert pairs_table.consensus([]).startswith("Not measured yet")


def test_part_by_part_the_sign_says_who_is_further_off():
    over = {"mse_over_fast": (0.25, 0.1), "share_over_fast": (0.6, 0.5)}
    some = [
        {"task": "gdsc", "variant": "cold_drug", "system": "ridge", "metric": name, "value": value, "sd": sd, "seeds": [0, 1, 2, 3, 4]}
        for name, (value, sd) in over.items()
    ]
    assert pairs_table.paired(some).splitlines()[2:] == ["| GDSC | new molecules | ridge | 0.250 ± 0.100 (5) | 3 of 5 |"]
    warm = [one | {"variant": "warm"} for one in some]
    assert len(pairs_table.paired(warm).splitlines()) == 2
