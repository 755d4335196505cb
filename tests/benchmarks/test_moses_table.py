"""The page of the language model says what the records say, and nothing where there are none."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import moses_table


def row(task, metric, value, **more):
    return {"task": task, "metric": metric, "value": value, "sd": 0.001, "seeds": [0, 1], "variant": "9 texts", "system": "language"} | more


def test_ours_stands_above_the_published_rows():
    lines = moses_table.table([row("moses", metric, 0.5, variant="written") for metric in moses_table._METRICS]).splitlines()
    assert lines[2].startswith("| **molgen**, as written | 0.500 ± 0.001 | 0.5000 ± 0.0010 |") and lines[3].endswith("| – |")
    assert any(line.startswith("| CharRNN | 0.975 |") and "| 0.073 |" in line for line in lines)
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1 and "2 seeds" in lines[-1]


def test_what_was_not_measured_is_said_so():
    assert [block([]).startswith("Not ") for block in (moses_table.table, moses_table.speed, moses_table.taught)] == [True] * 3


def test_both_codes_stand_below_each_other():
    records = [row("check", metric, 0.25, system=system) for system in ("ours", "molsets") for metric in moses_table._CHECKED]
    head, _, ours, theirs = moses_table.checked(records).splitlines()
    assert "9 texts" in head and ours.removeprefix("| ours") == theirs.removeprefix("| molsets")


def test_what_was_taught_and_what_writing_costs():
    said = {"width": 8, "texts": 2_500_000, "steps": 100, "falling_steps": 60, "lead_nats": 19.0, "drug_nats": 28.0}
    assert "2.5 million texts read, the last 60%" in moses_table.taught([row("taught", name, value) for name, value in said.items()])
    records = [row("speed", "texts_a_cpu_second", 1_234.0), row("speed", "share_of_products", 0.8)]
    said = moses_table.speed(records)
    assert said.startswith("1,234 lead-like molecules a CPU-second on one core.") and "0.80 times as long" in said
