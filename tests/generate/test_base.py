"""The contract of every generator in the table."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.generate.base import GENERATORS, Generator, Proposal
from molgen.generate.constraints import NONE, Constraints
from tests.generate.toys import SEEDS


def build(name, **options):
    return GENERATORS.build(name, {"seeds": SEEDS, "constraints": NONE, "reference": (), **options})


@pytest.fixture(params=sorted(GENERATORS))
def name(request):
    return request.param


def test_it_is_a_generator(name):
    assert isinstance(build(name), Generator)


def test_asking_before_telling_gives_distinct_readable_proposals(name):
    proposals = build(name).ask(30, np.random.default_rng(0))
    assert 0 < len(proposals) <= 30
    assert all(isinstance(proposal, Proposal) and proposal.origin for proposal in proposals)
    smiles = [proposal.smiles for proposal in proposals]
    assert len(set(smiles)) == len(smiles)
    assert all(Chem.CanonSmiles(text) == text for text in smiles)


def test_asking_for_none_gives_none(name):
    assert build(name).ask(0, np.random.default_rng(0)) == []


def test_telling_nothing_or_only_nan_is_fine(name):
    source, rng = build(name), np.random.default_rng(0)
    source.tell([], np.array([]))
    smiles = [proposal.smiles for proposal in source.ask(10, rng)]
    source.tell(smiles, np.full(len(smiles), np.nan))
    assert source.ask(10, rng)


def test_telling_of_molecules_it_never_made_is_fine(name):
    source = build(name)
    source.tell(["CC(=O)Nc1ccccc1"], np.array([0.9]))
    assert source.ask(5, np.random.default_rng(0))


def test_as_many_scores_as_molecules(name):
    with pytest.raises(ValueError):
        build(name).tell(["CCO"], np.array([0.1, 0.2]))


def test_the_same_chance_gives_the_same_proposals(name):
    def three_rounds():
        source, rng, made = build(name), np.random.default_rng(3), []
        for _ in range(3):
            asked = source.ask(12, rng)
            source.tell([proposal.smiles for proposal in asked], np.array([len(proposal.smiles) / 100 for proposal in asked]))
            made += asked
        return made

    assert three_rounds() == three_rounds()


def test_it_never_repeats_itself(name):
    source, rng, made = build(name), np.random.default_rng(5), []
    for _ in range(4):
        asked = [proposal.smiles for proposal in source.ask(25, rng)]
        source.tell(asked, rng.random(len(asked)))
        made += asked
    assert len(set(made)) == len(made)


def test_it_keeps_what_it_is_told_to_keep(name):
    pattern = Chem.MolFromSmiles("NS(=O)(=O)c1ccccc1")
    proposals = build(name, constraints=Constraints.of(keep="NS(=O)(=O)c1ccccc1")).ask(60, np.random.default_rng(0))
    assert proposals
    assert all(Chem.MolFromSmiles(proposal.smiles).HasSubstructMatch(pattern) for proposal in proposals)
