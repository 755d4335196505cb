"""The search led by a model: sooner there than the one without, and as well-behaved."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen, rdMolDescriptors

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts
from molgen.features.traits import Traits
from molgen.generate.constraints import Constraints
from molgen.generate.genetic import Genetic
from molgen.generate.guided import Guided
from molgen.generate.surrogate import Surrogate
from tests.generate.toys import SEEDS


def druglike(smiles):
    """One logP, one polar surface, one size: a valley that formulas lead into."""
    mol = Chem.MolFromSmiles(smiles)
    off = (Crippen.MolLogP(mol) - 3.0, (rdMolDescriptors.CalcTPSA(mol) - 90.0) / 15.0, (mol.GetNumHeavyAtoms() - 27) / 2.0)
    return float(np.exp(-0.5 * sum(one**2 for one in off)))


def searched(source, budget, score=druglike, seed=0):
    rng, told = np.random.default_rng(seed), {}
    while len(told) < budget:
        asked = [proposal.smiles for proposal in source.ask(min(25, budget - len(told)), rng)]
        assert asked
        assert not set(asked) & set(told), "asked twice"
        told |= {smiles: score(smiles) for smiles in asked}
        source.tell(asked, np.array([told[smiles] for smiles in asked]))
    return told


def test_it_is_there_sooner_than_a_search_without_a_model():
    found = [np.sort(list(searched(kind(seeds=SEEDS, opening=10), 80, seed=1).values()))[-10:].mean() for kind in (Guided, Genetic)]
    assert found[0] > found[1] + 0.1


def test_what_it_proposes_is_whole_and_free_of_alerts_and_holds_what_is_kept():
    keep = "NS(=O)(=O)c1ccccc1"
    for smiles in searched(Guided(seeds=SEEDS, constraints=Constraints.of(keep=keep)), 30):
        mol = Chem.MolFromSmiles(smiles)
        assert Chem.MolToSmiles(mol) == smiles
        assert mol.HasSubstructMatch(Chem.MolFromSmiles(keep))
        assert alerts(mol) == ()


def test_the_same_seed_finds_the_same():
    assert searched(Guided(seeds=SEEDS), 25) == searched(Guided(seeds=SEEDS), 25)


def test_scores_that_could_not_be_had_and_molecules_never_asked_for_are_no_trouble():
    source = Guided(seeds=SEEDS, opening=5)
    rng = np.random.default_rng(0)
    asked = [proposal.smiles for proposal in source.ask(25, rng)]
    assert len(asked) == 5
    source.tell([*asked, "CCOc1ccccc1"], np.array([np.nan, 0.1, 0.2, 0.3, np.nan, 0.9]))
    assert source.ask(25, rng)
    source.tell(asked, np.array([np.nan, 0.1, 0.2, 0.3, np.nan]))  # told again: nothing new
    assert source.ask(25, rng)


def test_on_flat_ground_it_looks_where_it_has_not_been():
    source = Guided(seeds=SEEDS, opening=2)
    told = searched(source, 20, score=lambda smiles: 0.0)
    assert len(told) == 20
    assert source.ask(5, np.random.default_rng(0))


def test_unlike_prefers_new_fragments():
    known = Surrogate()
    known.tell([Chem.MolFromSmiles("CCCCCCO"), Chem.MolFromSmiles("CCCCCO")], np.array([0.0, 0.0]))
    some = Traits.of([Chem.MolFromSmiles(smiles) for smiles in ("CCCCCCCO", "c1ccc2[nH]ccc2c1", "c1ccc2[nH]cnc2c1")])
    assert known.unlike(some, 3)[0] in (1, 2)
    assert known.unlike(some, 3)[-1] == 0


@pytest.mark.parametrize("seeds", [[], ["not a molecule"]])
def test_no_seed_at_all_is_a_request_error(seeds):
    with pytest.raises(MolgenError, match="no seed is a molecule"):
        Guided(seeds=seeds)


def test_options_out_of_range_are_request_errors():
    with pytest.raises(MolgenError, match="opening is -1"):
        Guided(seeds=SEEDS, opening=-1)
