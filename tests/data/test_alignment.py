"""Local alignment against the recurrence written out, and residues where they belong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_matrices import ScoringMatrix

from molgen.data.alignment import _own_score, alikeness, stands_for
from molgen.data.proteins import RESIDUES

BLOSUM62 = ScoringMatrix.from_name("BLOSUM62")
sequences = st.text(RESIDUES, min_size=30, max_size=45)


def best_score(one: str, other: str) -> float:
    """Gotoh's recurrence, cell by cell: 12 for a gap, 1 for each residue more in it."""
    rows = dict(zip(BLOSUM62.alphabet, BLOSUM62))
    score = {a + b: rows[a][BLOSUM62.alphabet.index(b)] for a in RESIDUES + "X" for b in RESIDUES + "X"}
    shape = (len(one) + 1, len(other) + 1)
    ends, down, right = np.zeros(shape), np.full(shape, -np.inf), np.full(shape, -np.inf)
    for i in range(1, shape[0]):
        for j in range(1, shape[1]):
            down[i, j] = max(ends[i - 1, j] - 12, down[i - 1, j] - 1)
            right[i, j] = max(ends[i, j - 1] - 12, right[i, j - 1] - 1)
            ends[i, j] = max(0.0, ends[i - 1, j - 1] + score[one[i - 1] + other[j - 1]], down[i, j], right[i, j])
    return float(ends.max())


@settings(max_examples=15, deadline=None)
@given(sequences, sequences)
def test_alikeness_is_the_best_score_over_the_proteins_own(one, other):
    wanted = best_score(one, other) / np.sqrt(best_score(one, one) * best_score(other, other))
    assert alikeness([one], [other])[0, 0] == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.text(RESIDUES + "XXXXX", min_size=1, max_size=40))
def test_a_protein_is_all_that_it_is_like_itself(one):
    known = set(one) != {"X"}
    assert alikeness([one], [one, "MKTAYI"])[0, 0] == pytest.approx(1.0 if known else 0.0)
    assert _own_score(one) == best_score(one, one)


def test_rows_and_columns_follow_what_was_asked():
    rng = np.random.default_rng(0)
    some = ["".join(rng.choice(list(RESIDUES), 50)) for _ in range(5)]
    table = alikeness(some[:2], some)
    assert table.shape == (2, 5) and np.allclose(table[:, :2].diagonal(), 1.0)
    assert np.allclose(alikeness(some, some), alikeness(some, some).T)
    assert alikeness([], some).shape == (0, 5) and alikeness(some, []).shape == (5, 0)


def test_each_residue_stands_for_the_one_it_came_from():
    rng = np.random.default_rng(1)
    reference = "".join(rng.choice(list(RESIDUES), 120))
    sequence = "GSGSG" + reference[10:50] + "WWWW" + reference[50:80] + reference[86:110] + "PPP"
    places = stands_for(sequence, reference)
    assert places.shape == (120,)
    assert (places[:10] == -1).all() and (places[111:] == -1).all()
    assert places[12:48].tolist() == list(range(7, 43))
    assert places[53:78].tolist() == list(range(52, 77))
    assert places[90:108].tolist() == list(range(83, 101))
    found = places[places >= 0]
    assert (np.diff(found) > 0).all()
