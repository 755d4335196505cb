"""Pieces and batches that the language model is taught with."""

import sys
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import prior

from molgen.nn.tokens import Tokens

LEADS = ["CC(=O)Nc1ccccc1", "CCOC(=O)c1ccncc1", "CN1CCN(Cc2ccccc2)CC1", "c1ccc2ncccc2c1"] * 150
DRUGS = ["C[C@H](N)c1ccc(Br)cc1", "C[Si](C)(C)c1ccccc1", "NS(=O)(=O)c1ccc(Cl)cc1"] * 140


def test_the_commonest_neighbours_become_a_piece_and_runs_pair_off():
    assert prior._merged(np.array([5, 5, 5, 5, 5, 1, 5, 5]), 5, 5, 9).tolist() == [9, 9, 5, 1, 9]
    assert prior._merged(np.array([1, 2, 1, 2, 2]), 1, 2, 9).tolist() == [9, 9, 2]


def test_pieces_are_units_and_runs_of_them_and_rare_atoms_are_none():
    found = prior.pieces([*LEADS, *DRUGS[:15]], 40)
    assert {"C", "c", "N", "(", ")", "1"} <= set(found) and "cc" in found and len(found) >= 35
    assert "[Si]" not in found and "[C@H]" not in found  # five times each
    assert max(map(len, found)) <= prior._LONGEST_PIECE
    tokens = Tokens(found)
    assert all(tokens.text(tokens.read(smiles)) == smiles for smiles in (*LEADS, *DRUGS))
    assert len(tokens.read(LEADS[0])) < len(LEADS[0]) / 2


def test_a_course_reads_everything_once_an_epoch_and_goes_on_where_it_stopped(tmp_path):
    prior._write(tmp_path / "lead.smi", LEADS)
    prior._write(tmp_path / "drug.smi", DRUGS)
    tokens = Tokens(prior.pieces([*LEADS, *DRUGS], 60))
    rows = 600 - 3 + 2 * (420 - 3)
    batches = -(-rows // prior._BATCH)
    epoch = list(islice(prior.course(tmp_path, tokens, 0), batches))
    read = [tokens.text(row[1:]) for texts, _ in epoch for row in texts]
    assert len(read) == rows and set(LEADS) | set(DRUGS) < set(read)
    assert all(len(row) == len(place) for texts, places in epoch for row, place in zip(texts, places))
    later = next(prior.course(tmp_path, tokens, batches - 1))
    assert [row.tolist() for row in later[0]] == [row.tolist() for row in epoch[-1][0]]
