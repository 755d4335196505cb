"""The benchmark's own sums: what it calls a ratio, a median, a lost row, a price."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def scripts(monkeypatch):
    """Imports a script of benchmarks/ or of its folders as Python does when it is run."""
    for folder in (BENCHMARKS, BENCHMARKS / "own"):
        monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_work_that_parses_three_times_costs_three_parses(scripts):
    measure = scripts("measure")
    texts = ["CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1"] * 400
    tries = [measure.against_parse(texts, lambda some: [measure.parse(some) for _ in range(3)], chunk=50) for _ in range(5)]
    assert median(found["over_parse"] for found in tries) == pytest.approx(3, rel=0.4)  # one alone may meet a busy machine
    assert all(found["cpu_us_per_molecule"] / found["parse_us"] == pytest.approx(found["over_parse"]) for found in tries)


@pytest.mark.parametrize(("work", "ends"), [("measure.parse", 0), ("lambda some: 1 / 0", 1)])
def test_processes_side_by_side_give_one_rate_or_fail_together(tmp_path, work, ends):
    script = tmp_path / "script.py"
    script.write_text(
        f"import argparse, measure\ndef prepare(asked): return {work}\n"
        "if __name__ == '__main__':\n    asked = argparse.Namespace(processes=2, chunk=10)\n"
        "    print(measure.side_by_side(prepare, asked, ['CCO'] * 100)['molecules_per_second'] > 0)\n"
    )
    said = os.environ | {"PYTHONPATH": str(BENCHMARKS)}
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120, env=said)
    assert (run.returncode, run.stdout.strip()) == (ends, "" if ends else "True")


def test_every_command_of_the_plan_runs_a_script_that_takes_its_options(scripts, tmp_path, monkeypatch):
    plan, bench = scripts("plan"), scripts("bench")
    for name in ("moses", "drugs", "prepared", "model", "chemprop_model", "bits"):
        value = {
            "drugs": ("drugbank", tmp_path / "d.smi"),
            "prepared": {"moses": tmp_path / "m.parquet", "drugbank": tmp_path / "d.parquet"},
        }
        monkeypatch.setattr(bench.Bench, name, value.get(name, tmp_path / name))
    monkeypatch.setattr(plan.molecules, "moses", lambda *_: tmp_path / "m.smi")
    (tmp_path / "moses").write_text("CCO\nCC\n")
    every = bench.Bench(tmp_path, rivals=Path(sys.executable), deepchem=Path("/elsewhere/python"))
    candidates = [candidate for task in plan.TASKS.values() for candidate in task(every)]
    assert len({(c.task, c.variant, c.system) for c in candidates}) == len(candidates)
    for candidate in candidates:
        script = Path(candidate.command[1])
        if not candidate.outside:
            source = script.read_text() + (BENCHMARKS / "measure.py").read_text()
            for word in candidate.command:
                assert not word.startswith("--") or f'"{word}"' in source, f"{script.name} takes no {word}"


def test_a_rivals_script_imports_nothing_of_molgen():
    for file in [*sorted((BENCHMARKS / "rivals").glob("*.py")), BENCHMARKS / "measure.py"]:
        assert not re.search(r"^\s*(from|import) molgen\b", file.read_text(), re.MULTILINE), file.name


def test_records_are_medians_with_their_spread(scripts, tmp_path):
    throughput = scripts("throughput")
    parts = tmp_path / "parts" / "throughput"
    parts.mkdir(parents=True)
    about = {"task": "start", "variant": "one molecule", "system": "molgen", "molecules": 1, "versions": {}, "machine": {}}
    for repeat, seconds in enumerate((3.0, 9.0, 4.0)):
        (parts / f"start-{repeat}.json").write_text(json.dumps({**about, "repeat": repeat, "metrics": {"cpu_s": seconds}}))
    throughput.combine(tmp_path)
    (record,) = json.loads((tmp_path / "throughput.json").read_text())
    assert (record["value"], record["repeats"]) == (4.0, 3)
    assert record["sd"] == pytest.approx(3.2146, rel=1e-3)
    assert re.search(r"predict on one molecule.* 4 CPU-s .*<= 4 CPU-s +met", throughput.shown(tmp_path))


def test_a_target_that_was_not_measured_is_not_said_to_be_met(scripts):
    targets = scripts("targets")
    assert {verdict for *_, verdict in targets.rows({})} == {""}
    worse = {("start", "one molecule", "molgen", "cpu_s"): 4.1}
    assert [verdict for *_, verdict in targets.rows(worse) if verdict] == ["not met"]


def test_memory_growth_is_that_of_the_most_rows_over_the_fewest(scripts):
    targets = scripts("targets")
    values = {("memory", f"{rows} rows", "molgen", "peak_tree_mib"): peak for rows, peak in ((1000, 200.0), (90, 190.0), (5000, 209.0))}
    assert [measured for about, measured, *_ in targets.rows(values) if about.startswith("peak memory")] == ["10 % more"]


def test_what_a_billion_costs_follows_from_the_rate_alone(scripts):
    scale = scripts("scale")
    values = {
        ("screen", "one molecule, similarity", "molgen", "cpu_s"): 5.0,
        ("screen", "moses, similarity, 1 worker", "molgen-raw", "cpu_s"): 15.0,
        ("screen", "moses, similarity, 1 worker", "molgen-raw", "molecules_per_cpu_second"): 20_000 / 15,
    }
    assert scale.per_core(values, "similarity", "raw") == pytest.approx(2_000)
    assert "| 2,000 | 139 | 13.9 | 0.139 |" in scale.table(values, price=0.1)  # 1e9 / 2,000 / 3,600 = 138.9


def test_lost_doubled_and_changed_rows_are_told_apart(scripts, tmp_path):
    import pandas as pd

    kill = scripts("kill")
    for run, ids in (("calm", ["a", "b", "c"]), ("bad", ["a", "a", "c"])):
        (tmp_path / run / "scores").mkdir(parents=True)
        pd.DataFrame({"id": ids}).to_parquet(tmp_path / run / "scores" / "part-000000.parquet")
        (tmp_path / run / "provenance.json").write_text(json.dumps({"key": "k", "created": run}))
    ids = ["a", "b", "c"]
    assert kill.compared(tmp_path / "calm", tmp_path / "calm", ids) == {"lost": 0, "doubled": 0, "unlike": 0}
    assert kill.compared(tmp_path / "bad", tmp_path / "calm", ids) == {"lost": 1, "doubled": 1, "unlike": 1}


def test_the_kill_library_has_bad_rows_and_repeats(scripts, tmp_path):
    kill = scripts("kill")
    (tmp_path / "m.smi").write_text("\n".join("C" * n for n in range(1, 41)))
    lines = kill.library(tmp_path / "m.smi", 2_000, tmp_path).read_text(encoding="utf-8").splitlines()
    texts, ids = zip(*(line.split() for line in lines))
    assert len(set(ids)) == 2_000
    assert 5 < sum(text in kill._BAD for text in texts) < 50


def test_fingerprints_reach_rdkit_bit_by_bit(scripts):
    import numpy as np
    from rdkit import Chem
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    similarity = scripts("similarity")
    made = GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint(Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1"))
    assert similarity._vector(np.packbits(np.array(made, dtype=bool))) == made
