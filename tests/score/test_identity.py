"""A function is known by what it does: the same in every process, another once anything that can be seen of it has changed."""

import functools
import os
import subprocess
import sys

import numpy as np
import pytest

from molgen.data.library import Library
from molgen.score.curves import Ramp
from molgen.score.function import Function
from molgen.score.identity import identity
from molgen.score.objective import Goal, Objective
from molgen.screen.run import screen

TEXT = """
import functools
import numpy as np
class Model:
    def __init__(self, slope):
        self.slope, self.names = slope, {"a", "b", "c"}
        self.weights = np.arange(3.0)
    def __call__(self, smiles):
        return [self.slope * len(text) for text in smiles if text not in {"x", "y", "z"}]
def make(width, names=frozenset({"p", "q", "r"})):
    def f(smiles, most=3):
        return [min(len(text) * width, most) for text in smiles if text not in names]
    return f
each = [make(2), make(Model(1.0)), Model(2.0), Model(2.0).__call__, functools.partial(make(1), most=2), functools.lru_cache(make(3)),
        np.mean, len, lambda smiles: [sorted({"k", "l", "m"}) for text in smiles]]
"""


def made(text=TEXT):
    space = {"__name__": "notebook"}
    exec(text, space)
    return space["each"]


def test_it_is_the_same_in_another_process():
    said = [identity(call) for call in made()]
    assert len(set(said)) == len(said)
    code = f"{TEXT}\nfrom molgen.score.identity import identity\nprint(*[identity(call) for call in each])"
    for seed in ("1", "2"):
        # Run as the module it is here: a class is known by its module too.
        run = f"exec({code!r}, {{'__name__': 'notebook'}})"
        again = subprocess.run([sys.executable, "-c", run], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True)
        assert again.stdout.split() == said, again.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("len(text) * width", "len(text) + width"),
        ("most=3", "most=4"),
        ("make(2)", "make(5)"),
        ("np.arange(3.0)", "np.arange(3.0) + 1"),
        ("slope, self.names = slope", "slope, self.names = -slope"),
        ("self.slope * len", "self.slope + len"),
        ('"k"', '"kk"'),
    ],
)
def test_a_change_is_seen(before, after):
    assert before in TEXT
    assert [identity(call) for call in made()] != [identity(call) for call in made(TEXT.replace(before, after))]


def test_where_it_stands_and_being_called_change_nothing():
    assert [identity(call) for call in made("\n\n" + TEXT)] == [identity(call) for call in made()]
    known, kept = Library.of(["CCO"]), functools.lru_cache(lambda smiles: [1.0] * len(smiles))
    for call in (lambda smiles: [float(known.inchikeys == smiles)] * len(smiles), kept):
        before = identity(call)
        call(("CCO",))
        assert identity(call) == before


def test_what_refers_to_itself_or_cannot_be_pickled_has_one_too():
    def again(smiles):
        return again(smiles[1:]) if smiles else numbers

    numbers = (one for one in range(3))
    assert len(identity(again)) == 64
    assert identity(again) == identity(again)


def test_a_tensor_is_known_by_its_numbers():
    torch = pytest.importorskip("torch")

    def around(layer):
        return lambda smiles: layer(smiles)

    torch.manual_seed(0)
    layer = torch.nn.Linear(2, 1)
    before = identity(around(layer))
    assert before == identity(around(layer))
    with torch.no_grad():
        layer.weight += 1
    assert identity(around(layer)) != before


def test_a_function_defined_anew_is_scored_anew(tmp_path):
    library = Library.of(["CCO", "CCCCO"])

    def of(values):
        space = {}
        exec(f"def f(smiles):\n    return [{values}[text] for text in smiles]", space)
        return Objective((Goal(term=Function(call=space["f"], name="f"), curve=Ramp(worst=0, best=10)),))

    first = "{'CCO': 1.0, 'CCCCO': 2.0}"
    assert screen(library, of(first), out=tmp_path).smiles == ["CCCCO", "CCO"]
    assert screen(library, of(first), out=tmp_path).smiles == ["CCCCO", "CCO"]
    with pytest.raises(Exception, match="another objective"):
        screen(library, of("{'CCO': 2.0, 'CCCCO': 1.0}"), out=tmp_path)
    assert np.allclose(screen(library, of("{'CCO': 2.0, 'CCCCO': 1.0}")).frame["molgen_f"], [2.0, 1.0])
