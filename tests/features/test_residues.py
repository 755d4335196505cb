"""Residues as numbers, against plain loops and what a textbook says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.data.proteins import RESIDUES
from molgen.features import residues
from molgen.features.residues import RUNS, WIDTH, described, runs


@given(st.text(RESIDUES + "X", min_size=3, max_size=60))
def test_runs_are_counted_as_a_loop_counts_them(sequence):
    classes = {letter: i for i, letters in enumerate(residues._CLASSES) for letter in letters}
    counts = np.zeros(RUNS)
    for first, second, third in zip(sequence, sequence[1:], sequence[2:]):
        counts[classes.get(first, 0) * 49 + classes.get(second, 0) * 7 + classes.get(third, 0)] += 1
    assert np.allclose(runs([sequence])[0], np.sqrt(counts / counts.sum()))


def test_each_residue_is_in_one_class():
    assert sorted("".join(residues._CLASSES)) == sorted(RESIDUES)


def test_residues_are_told_apart_and_described():
    table = described([RESIDUES])[0]
    assert table.shape == (20, WIDTH) and (table[:, :20] == np.eye(20)).all()
    hydropathy, volume = (dict(zip(RESIDUES, column.tolist())) for column in table[:, 20:22].T)
    assert max(hydropathy, key=hydropathy.get) == "I" and min(hydropathy, key=hydropathy.get) == "R"
    assert max(volume, key=volume.get) == "W" and min(volume, key=volume.get) == "G"
    positive, negative = table[:, 22], table[:, 23]
    assert "".join(letter for letter, charge in zip(RESIDUES, positive - negative) if charge) == "DEKR"


@pytest.mark.parametrize("gap", ["-", "X"])
def test_a_gap_is_nothing(gap):
    assert (described([gap * 4]) == 0).all()
    assert described([]).shape == (0, 0, WIDTH)
