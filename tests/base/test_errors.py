"""Errors say what, where and what to do, also after a journey between processes."""

import pickle

from molgen.base.errors import MissingExtra, MolgenError


def test_an_error_says_what_where_and_what_to_do():
    assert str(MolgenError("fractions sum to 1.1", where="train.toml", fix="want 1")) == "fractions sum to 1.1 (train.toml)\n  want 1"


def test_errors_cross_processes_whole():
    for error in (MolgenError("what", where="here", fix="so"), MissingExtra("ray", "cluster")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.fix) == (type(error), str(error), error.fix)
