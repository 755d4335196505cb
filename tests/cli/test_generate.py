"""Options of a generator on the command line: read as they were meant, or refused in words."""

import json
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from molgen.cli.generate import _named
from molgen.cli.main import main
from molgen.score.objective import Objective


@pytest.mark.parametrize("text", ["False", "false", " FALSE "])
def test_false_is_false_however_it_is_written(text):
    assert _named(f"guard={text}") == ("guard", False)


def test_a_file_may_stand_without_quotes():
    assert [_named(text)[1] for text in ("blocks=shelf.smi", "steps=2", "novelty=0.5", 'of=["a"]')] == ["shelf.smi", 2, 0.5, ["a"]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--options", "guard=no"], "guard is 'no', want true or false"),
        (["--options", "population=abc"], "population is 'abc', want a whole number"),
        (["--generator", "reactions", "--options", "steps=two"], "steps is 'two', want a whole number"),
        (["--options", "alerts=PAINS"], "alerts is 'PAINS', want a function"),
        (["--seed", "-1"], "seed: input should be greater than or equal to 0, got -1"),
    ],
)
def test_a_wrong_request_ends_with_2_and_says_what_is_wanted(asked, said, tmp_path, capsys):
    objective = tmp_path / "o.toml"
    objective.write_text("[[goal]]\nterm = 'qed'\n")
    with pytest.raises(SystemExit) as stop:
        main(["generate", "--objective", str(objective), "--budget", "5", "-o", str(tmp_path / "run"), *asked])
    assert stop.value.code == 2
    assert said in capsys.readouterr().err


def test_an_interrupted_search_writes_what_it_found_and_ends_with_130(tmp_path, capsys, monkeypatch):
    score, asked = Objective.score, []

    def interrupted(self, library):
        asked.append(len(library))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return score(self, library)

    monkeypatch.setattr(Objective, "score", interrupted)
    objective = tmp_path / "o.toml"
    objective.write_text("[[goal]]\nterm = 'qed'\n")
    with pytest.raises(SystemExit) as stop:
        main(["generate", "--objective", str(objective), "--budget", "400", "-o", str(tmp_path / "run")])
    assert stop.value.code == 130
    assert "stop: interrupted" in capsys.readouterr().out
    assert 0 < len(pd.read_csv(tmp_path / "run" / "proposals.csv")) <= asked[0]


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGTERM that a process can hear")
def test_what_a_batch_system_ends_is_written_like_what_a_person_interrupts(tmp_path):
    (tmp_path / "o.toml").write_text("[[goal]]\nterm = 'qed'\n")
    words = ["generate", "--objective", "o.toml", "--budget", "1000000", "-o", "run"]
    running = subprocess.Popen([sys.executable, "-m", "molgen", *words], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and not (tmp_path / "run").exists():
        time.sleep(0.1)
    time.sleep(10)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=120) == 130
    assert json.loads((tmp_path / "run" / "run.json").read_text())["generation"]["stop"] == "interrupted"
