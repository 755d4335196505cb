"""A molecule that hangs or kills its worker is marked; all others get the scores they get without it."""

import os
import signal
import time

import pandas as pd
import pytest

from molgen.base.parallel import Pool, Serial
from molgen.data.library import Library
from molgen.score.curves import Ramp
from molgen.score.function import Function
from molgen.score.objective import Goal, Objective
from molgen.screen.run import scores, screen

KILLS, HANGS = "Brc1ccccc1", "Clc1ccccc1"
GOOD = ["C" * n + "O" for n in range(1, 80)]


def length(smiles: list[str]) -> list[float]:
    """Stands in for C++ that crashes on one molecule and never returns from another."""
    if KILLS in smiles:
        os.kill(os.getpid(), signal.SIGSEGV)
    if HANGS in smiles:
        time.sleep(1_000)
    return [float(len(text)) for text in smiles]


def objective() -> Objective:
    return Objective((Goal(term=Function(call=length, name="length"), curve=Ramp(worst=0, best=100)),))


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    smiles = [*GOOD[:30], KILLS, *GOOD[30:60], HANGS, *GOOD[60:], KILLS]
    return screen(Library.of(smiles), objective(), out=out, chunk=40, patience_s=1.5, executor=Pool(workers=2)), out


def test_the_counts_close_and_the_culprits_are_named(watched):
    ranking, _ = watched
    assert ranking.counts.read == 82 and ranking.counts.ranked == 79 and ranking.counts.rejected == 3
    said = ranking.rejects.set_index("id")
    assert set(said["stage"]) == {"watchdog"}
    assert said.loc["row_31", "reason"] == said.loc["row_82", "reason"] == "given up: killed its worker (signal 11)"
    assert said.loc["row_62", "reason"].startswith("given up: no answer after")
    assert said.loc["row_62", "raw"] == HANGS


def test_the_others_score_as_they_do_without_them(watched):
    ranking, out = watched
    alone = screen(Library.of(GOOD), objective(), executor=Serial())
    assert ranking.smiles == alone.smiles
    pd.testing.assert_series_equal(ranking.frame["molgen_score"], alone.frame["molgen_score"])
    assert pd.concat(scores(out))["row"].tolist() == list(range(82))
