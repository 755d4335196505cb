"""The genetic algorithm: sane children, from few seeds or many."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts
from molgen.generate.constraints import Constraints
from molgen.generate.genetic import Genetic
from tests.generate.toys import SEEDS

USUAL = {("C", 4), ("N", 3), ("O", 2), ("S", 2), ("S", 4), ("S", 6), ("F", 1), ("Cl", 1), ("Br", 1)}


def grown(n, **options):
    source, rng, made = Genetic(seeds=SEEDS, opening=0, **options), np.random.default_rng(0), []
    while len(made) < n:
        asked = source.ask(50, rng)
        assert asked
        source.tell([proposal.smiles for proposal in asked], rng.random(len(asked)))
        made += asked
    return [proposal.smiles for proposal in made]


def test_children_are_whole_sane_molecules_without_alerts():
    for smiles in grown(300):
        mol = Chem.MolFromSmiles(smiles)
        assert mol is not None and "." not in smiles
        assert Chem.MolToSmiles(mol) == smiles
        assert alerts(mol) == ()
        assert all(
            (atom.GetSymbol(), atom.GetTotalValence()) in USUAL and not atom.GetNumRadicalElectrons()
            for atom in mol.GetAtoms()
            if atom.GetFormalCharge() == 0
        ), smiles
        assert not mol.HasSubstructMatch(Chem.MolFromSmarts("[O,o]~[O,o]")), smiles
        assert not mol.HasSubstructMatch(Chem.MolFromSmarts("[SX3H,SX4H,SX5,PH]")), smiles


def test_size_stays_within_limits():
    sizes = [Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() for smiles in grown(200, largest=25)]
    assert max(sizes) <= 25


@pytest.mark.parametrize("seeds", [["c1ccccc1C(=O)NC"], ["CCO"], ["C"], ["CCO", "not a molecule", "", "[Na+].[Cl-]"]])
def test_one_small_seed_is_enough(seeds):
    assert Genetic(seeds=seeds).ask(20, np.random.default_rng(0))


@pytest.mark.parametrize("seeds", [[], ["not a molecule"], ["[Na+].[Cl-]"], [""]])
def test_no_seed_at_all_is_a_request_error(seeds):
    with pytest.raises(MolgenError, match="no seed is a molecule"):
        Genetic(seeds=seeds)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"population": 0}, "population 0"),
        ({"per_scaffold": 0}, "0 a scaffold"),
        ({"mutation": 1.5}, "mutation is 1.5"),
        ({"novelty": -0.1}, "novelty is -0.1"),
        ({"opening": -1}, "opening is -1"),
    ],
)
def test_options_out_of_range_are_request_errors(options, message):
    with pytest.raises(MolgenError, match=message):
        Genetic(seeds=SEEDS, **options)


def test_the_opening_proposes_seeds_themselves():
    opening = Genetic(seeds=SEEDS, opening=3).ask(8, np.random.default_rng(0))
    assert [proposal.origin == "seed" for proposal in opening] == [True] * 3 + [False] * 5


def test_alerts_of_the_kept_part_are_let_pass():
    nitro = "O=[N+]([O-])c1ccccc1"  # an alert of itself
    assert alerts(Chem.MolFromSmiles(nitro))
    children = Genetic(seeds=["Cc1ccccc1[N+](=O)[O-]"], constraints=Constraints.of(keep=nitro), opening=0).ask(30, np.random.default_rng(0))
    own = set(alerts(Chem.MolFromSmiles(nitro)))
    assert children
    assert all(set(alerts(Chem.MolFromSmiles(child.smiles))) <= own for child in children)


def test_refusals_are_counted_by_reason():
    source = Genetic(seeds=SEEDS)
    source.ask(60, np.random.default_rng(0))
    assert sum(source.refused.values()) > 0
