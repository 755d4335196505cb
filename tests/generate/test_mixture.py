"""Several generators as one: no proposal twice, more of those that win, none without a chance."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.generate.mixture import Mixture
from molgen.generate.run import generate
from tests.generate.toys import SEEDS, toy


def test_proposals_come_from_each_and_none_twice():
    source = Mixture(seeds=SEEDS, of=["genetic", "analogues"])
    found = source.ask(100, np.random.default_rng(0))
    assert len({one.smiles for one in found}) == len(found) == 100
    assert any("crossover" in one.origin for one in found) and any("matched pair" in one.origin for one in found)


def test_who_wins_is_asked_more():
    source, rng = Mixture(seeds=SEEDS, of={"genetic": {"opening": 0}, "analogues": {}}), np.random.default_rng(1)
    made_by = source._made_by
    for _ in range(8):
        smiles = [one.smiles for one in source.ask(50, rng)]
        source.tell(smiles, np.array([float(made_by[text] == "analogues") + rng.random() / 2 for text in smiles]))
    last = [made_by[one.smiles] for one in source.ask(100, rng)]
    assert 5 <= last.count("genetic") < 40


def test_when_one_has_no_more_ideas_the_others_go_on():
    source = Mixture(seeds=["CC(=O)Nc1ccccc1"], of=["merge", "genetic"])
    assert len(source.ask(40, np.random.default_rng(0))) == 40
    assert Mixture(seeds=["CC(=O)Nc1ccccc1"], of="merge").ask(5, np.random.default_rng(0)) == []


def test_all_hear_every_score():
    source = Mixture(seeds=SEEDS, of=["genetic", "analogues"])
    source.tell(["CC(=O)Nc1ccccc1"], np.array([0.9]))
    again = {one.smiles for one in source.ask(60, np.random.default_rng(0))}
    assert "CC(=O)Nc1ccccc1" not in again


@pytest.mark.parametrize("of", [[], ["mixture"], ["genetics"], {"genetic": {"populatoin": 3}}])
def test_a_wrong_mixture_is_a_request_error(of):
    with pytest.raises(MolgenError):
        Mixture(seeds=SEEDS, of=of)


def test_a_run_obeys_constraints_whoever_proposes():
    made = generate(toy(), seeds=SEEDS, budget=80, generator="mixture", options={"of": ["genetic", "analogues"]}, keep="c1ccccc1")
    assert len(made) and all(Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmiles("c1ccccc1")) for smiles in made.smiles)


@pytest.mark.parametrize("own", [None, "fast", {"seeds": ["CCO"]}])
def test_what_is_no_option_of_a_part_is_refused(own):
    with pytest.raises(MolgenError, match="'genetic' of a mixture is"):
        Mixture(seeds=SEEDS, of={"genetic": own})
