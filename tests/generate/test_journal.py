"""Nothing that was scored is lost or scored again: not by a kill, nor by a longer run."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.generate.genetic import Genetic
from molgen.generate.run import generate
from molgen.score.objective import Objective
from molgen.score.scores import Scores
from molgen.screen.run import screen
from tests.generate.toys import SEEDS, counting, toy

# A goal that notes what it is asked, one line a molecule, and dies at its third batch while the file "die" is there.
GOAL = """
import os, pathlib

def nitrogen(smiles):
    with open("asked.txt", "a") as file:
        file.writelines(f"{text}\\n" for text in smiles)
    if os.path.exists("die") and len(pathlib.Path("asked.txt").read_text().split()) > 50:
        os._exit(9)
    return [text.count("N") / 10 if "S" not in text else float("nan") for text in smiles]
"""
RUN = """
import sys
import molgen as mg
from goal import nitrogen

alerts = {{"term": "alerts", "curve": {{"kind": "ramp", "worst": 5, "best": 0}}}}
objective = mg.Objective.of([{{"term": "function", "call": nitrogen, "name": "nitrogen"}}, alerts])
mg.generate(objective, seeds={seeds}, budget=100, batch=20, generator=sys.argv[2], out=sys.argv[1])
"""


def files(folder):
    """All that is the same whenever it was made."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".csv", ".sdf")}
    return {**found, "run": json.loads((folder / "run.json").read_text())}


@pytest.mark.parametrize("generator", ["genetic", "mixture"])
def test_a_killed_search_goes_on_and_ends_as_if_undisturbed(tmp_path, generator):
    (tmp_path / "goal.py").write_text(GOAL)
    (tmp_path / "run.py").write_text(RUN.format(seeds=list(SEEDS)))

    def run(out):
        return subprocess.run([sys.executable, "run.py", out, generator], cwd=tmp_path, capture_output=True).returncode

    assert run("whole") == 0
    undisturbed = (tmp_path / "asked.txt").read_text().split()
    (tmp_path / "asked.txt").unlink()
    (tmp_path / "die").touch()
    assert run("out") == 9
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"search"}
    with pytest.raises(MolgenError, match="a run of generate"):
        screen(Library.of(SEEDS), toy(), out=tmp_path / "out")
    (tmp_path / "die").unlink()
    before = (tmp_path / "asked.txt").read_text().split()
    lines = (tmp_path / "out" / "search" / "scored.jsonl").read_text().splitlines()
    kept = sum(len(json.loads(line)["smiles"]) for line in lines)
    assert run("out") == 0
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    asked = (tmp_path / "asked.txt").read_text().split()
    assert 30 < kept < len(before) and asked == before + undisturbed[kept:]  # the batch that it died in is asked about again


def test_a_longer_run_asks_for_no_more_than_is_new(tmp_path):
    objective, asked = counting()
    generate(objective, seeds=SEEDS, budget=60, batch=20, top=5, out=tmp_path)
    first = list(asked)
    generate(objective, seeds=SEEDS, budget=60, batch=20, top=30, diverse=0.6, out=tmp_path)
    assert asked == first and 5 < len(pd.read_csv(tmp_path / "proposals.csv")) <= 30
    longer = generate(objective, seeds=SEEDS, budget=130, batch=20, out=tmp_path)
    assert len(asked) == len(set(asked)) == 130 == longer.extras["generation"]["calls"]
    assert longer.frame.equals(generate(counting()[0], seeds=SEEDS, budget=130, batch=20).frame)
    assert json.loads((tmp_path / "provenance.json").read_text())["config"]["budget"] == 130


@pytest.mark.parametrize(("generator", "first", "then"), [("guided", 52, 57), ("mixture", 50, 90)])
def test_a_longer_run_has_every_score_of_the_shorter_one(tmp_path, generator, first, then):
    """Also where batches do not go into the budget, and a generator learns from how it is asked."""
    objective, asked = counting()
    generate(objective, seeds=SEEDS, budget=first, batch=32, generator=generator, out=tmp_path)
    assert len(asked) == first
    generate(objective, seeds=SEEDS, budget=then, batch=32, generator=generator, out=tmp_path)
    assert len(asked) == then == len(pd.read_csv(tmp_path / "scored.csv"))
    assert set(Library.of(asked).inchikeys) == set(Library.of(pd.read_csv(tmp_path / "scored.csv")["molgen_smiles"].tolist()).inchikeys)


def test_a_run_that_scored_nothing_leaves_the_folder_to_others(tmp_path):
    def interrupted(smiles):
        raise KeyboardInterrupt

    cut = Objective.of([{"term": "function", "call": interrupted, "name": "f"}])
    made = generate(cut, seeds=SEEDS, budget=20, out=tmp_path)
    assert not list(tmp_path.iterdir()) and "nothing was scored" in made.extras["generation"]["kept"]
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "identity.json").write_text("{}")  # as a kill before the first score leaves it
    assert generate(toy(), seeds=SEEDS, budget=20, out=tmp_path).extras["generation"]["calls"] == 20


def test_a_goal_that_changes_the_folder_of_the_process_does_not_move_the_run(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    def moving(smiles):
        os.chdir(tmp_path / "elsewhere")
        return [0.5] * len(smiles)

    generate(Objective.of([{"term": "function", "call": moving, "name": "f"}]), seeds=SEEDS, budget=40, batch=20, out="run")
    assert (tmp_path / "run" / "proposals.csv").exists() and not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("junk", ["null", "{}", "12", '{"smiles": ["CCO"]}', '{"smiles": ["CCO"], "raw": [[1]]}'])
def test_a_line_that_is_none_of_ours_is_passed_over(tmp_path, junk):
    whole = generate(toy(), seeds=SEEDS, budget=20, out=tmp_path)
    path = tmp_path / "search" / "scored.jsonl"
    path.write_text(f"{junk}\n{path.read_text()}")
    assert generate(toy(), seeds=SEEDS, budget=20, out=tmp_path).frame.equals(whole.frame)


def test_another_file_of_the_same_name_is_another_request(tmp_path):
    blocks = tmp_path / "blocks.smi"
    blocks.write_text("CC(=O)O\nNCc1ccccc1\nOB(O)c1ccccc1\nBrc1ccncc1\n")
    ask = {"seeds": SEEDS, "budget": 5, "generator": "reactions", "options": {"blocks": str(blocks)}, "out": tmp_path / "run"}
    generate(toy(), **ask)
    blocks.write_text("CC(=O)O\nNCc1ccccc1\nOB(O)c1ccccc1\nBrc1cccnc1\n")
    with pytest.raises(MolgenError, match="another blocks"):
        generate(toy(), **ask)


def test_what_options_of_a_mixture_name_is_part_of_the_request(tmp_path):
    (tmp_path / "blocks.smi").write_text("CC(=O)O\nNCc1ccccc1\n")
    options = {"of": {"genetic": {}, "reactions": {"blocks": str(tmp_path / "blocks.smi")}}}
    ask = {"seeds": SEEDS, "budget": 5, "generator": "mixture", "options": options, "out": tmp_path / "run"}
    generate(toy(), **ask)
    (tmp_path / "blocks.smi").write_text("CC(=O)O\nNCc1ccccc1\nOB(O)c1ccccc1\n")
    with pytest.raises(MolgenError, match=r"another of\.reactions\.blocks"):
        generate(toy(), **ask)


def test_scores_without_a_word_whose_they_are_are_not_taken(tmp_path):
    generate(toy(), seeds=SEEDS, budget=5, out=tmp_path)
    (tmp_path / "search" / "identity.json").unlink()
    with pytest.raises(MolgenError, match="says not whose run"):
        generate(toy(), seeds=SEEDS, budget=5, out=tmp_path)


def test_a_search_that_finds_nothing_to_score_writes_that(tmp_path, monkeypatch):
    monkeypatch.setattr(Genetic, "ask", lambda self, n, rng: [])
    made = generate(toy(), seeds=SEEDS, budget=5, out=tmp_path)
    assert made.extras["generation"]["stop"] == "nothing new in 10 rounds"
    assert json.loads((tmp_path / "run.json").read_text())["generation"]["calls"] == 0


def test_what_a_killed_write_left_is_swept(tmp_path):
    generate(toy(), seeds=SEEDS, budget=20, out=tmp_path)
    (tmp_path / ".partial-abcproposals.csv").write_text("half")
    generate(toy(), seeds=SEEDS, budget=20, out=tmp_path)
    assert not list(tmp_path.glob(".partial-*"))


def test_a_line_left_in_half_is_scored_again(tmp_path):
    objective, asked = counting()
    whole = generate(objective, seeds=SEEDS, budget=60, batch=20, out=tmp_path)
    path = tmp_path / "search" / "scored.jsonl"
    before = path.read_bytes()
    path.write_bytes(before[: len(before) - 100])
    asked.clear()
    assert generate(objective, seeds=SEEDS, budget=60, batch=20, out=tmp_path).frame.equals(whole.frame)
    assert len(asked) == 20 and path.read_bytes() == before
    path.write_bytes(before.replace(b"{", b"\0", 1))  # a block that the disk lost
    assert generate(objective, seeds=SEEDS, budget=60, batch=20, out=tmp_path).frame.equals(whole.frame)
    assert len(asked) == 40


def test_what_decides_the_scores_is_not_changed_under_a_run(tmp_path):
    generate(toy(), seeds=SEEDS, budget=20, out=tmp_path)
    for path in tmp_path.iterdir():  # as a killed run leaves it
        if path.is_file():
            path.unlink()
    with pytest.raises(MolgenError, match="another objective"):
        generate(Objective.of([{"term": "qed"}]), seeds=SEEDS, budget=20, out=tmp_path)
    identity = tmp_path / "search" / "identity.json"
    told = json.loads(identity.read_text())
    identity.write_text(json.dumps({**told, "versions": {"rdkit": "2019.3"}}))
    with pytest.raises(MolgenError, match="another set of versions"):
        generate(toy(), seeds=SEEDS, budget=20, out=tmp_path)


def test_scores_come_back_from_json_as_they_were():
    alerts = {"term": "alerts", "curve": {"kind": "ramp", "worst": 2, "best": 0}}
    objective = Objective.of([{"term": "function", "call": lambda smiles: [0.1 + 0.2, float("nan")], "name": "f"}, alerts])
    scores = objective.score(Library.of(["CCO", "O=NC"]))
    back = Scores.of_json(scores.names, json.loads(json.dumps(scores.to_json())))
    assert repr(back) == repr(scores) and back.raw[0, 0] == 0.1 + 0.2
    assert repr(Scores.joined([back.take([0]), back.take([1])])) == repr(scores)
