"""A run that is killed at any moment, as often as one likes, ends with the bytes of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from molgen.data import catalogue
from molgen.data.writers import write

OBJECTIVE = '[[goal]]\nterm = "qed"\n\n[[goal]]\nterm = "sa"\ncurve = { kind = "ramp", worst = 6.0, best = 2.0 }\n'
ROWS, CHUNK, KILLS = 1_500, 25, 4


@pytest.fixture
def library(tmp_path):
    table = catalogue.load_rows("chembl_drugs").columns.iloc[:ROWS]
    write(table, tmp_path / "library.csv", structures=[], ids=[])
    (tmp_path / "objective.toml").write_text(OBJECTIVE)
    return tmp_path


def start(folder, out):
    command = [sys.executable, "-m", "molgen", "screen", "library.csv", "--objective", "objective.toml", "--out", out]
    command += ["--top", "100", "--chunk", str(CHUNK), "--executor", "pool", "--workers", "2", "--quiet"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=hears_ctrl_c
    )


def hears_ctrl_c():
    """Also where these tests run in the background of a shell, which has its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def parts(folder, out):
    return {path.name: path.read_bytes() for path in sorted((folder / out / "scores").glob("part-*.parquet"))}


def test_kill_9_at_random_moments_loses_and_doubles_nothing(library):
    whole = start(library, "whole")
    assert whole.wait(timeout=300) == 0, whole.stderr.read()
    rng, killed, seen = random.Random(7), 0, 0
    while killed < KILLS:
        run = start(library, "broken")
        while len(parts(library, "broken")) <= seen and run.poll() is None:
            time.sleep(0.05)
        time.sleep(rng.random())
        if run.poll() is not None:
            break
        # Sometimes the parent alone, whose workers must then end by themselves; sometimes all at once.
        os.kill(run.pid, signal.SIGKILL) if killed % 2 else os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        killed, seen = killed + 1, len(parts(library, "broken"))
    assert killed >= 2
    last = start(library, "broken")
    assert last.wait(timeout=300) == 0, last.stderr.read()
    assert parts(library, "broken") == parts(library, "whole")
    for name in ("ranking.csv", "ranking.sdf", "rejects.csv", "run.json"):
        assert (library / "broken" / name).read_bytes() == (library / "whole" / name).read_bytes(), name


def test_an_interrupt_from_the_keyboard_leaves_a_run_that_goes_on(library):
    run = start(library, "run")
    while not parts(library, "run") and run.poll() is None:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the parent and to its workers
    said = run.communicate(timeout=60)[1].decode()
    assert run.returncode == 130
    assert "the same command goes on" in said and "Traceback" not in said
    before = parts(library, "run")
    again = start(library, "run")
    assert again.wait(timeout=300) == 0, again.stderr.read()
    after = parts(library, "run")
    assert len(after) > len(before) and before.items() <= after.items()
