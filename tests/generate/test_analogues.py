"""The set around a compound: complete, one step away, something of everything first."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFMCS

from molgen.generate.analogues import Analogues
from molgen.generate.constraints import Constraints
from molgen.generate.matched import MatchedPairs, common, exchanges
from molgen.generate.run import generate
from tests.generate.toys import toy

LEAD = "Cc1ccc(NC(=O)c2ccccc2)cc1"


def everything(source):
    rng, found = np.random.default_rng(0), []
    while asked := source.ask(50, rng):
        found += asked
    return found


@pytest.mark.parametrize(
    "smiles",
    [
        "Cc1ccc(NC(=O)c2ccncc2)cc1",  # aromatic nitrogen walked through
        "Cc1ccc(NC(=O)c2ccccc2F)cc1",
        "O=C(Nc1ccccc1)c1ccccc1",  # methyl taken off
        "O=C(Nc1ccc(Cl)cc1)c1ccccc1",  # methyl exchanged
        "CCc1ccc(NC(=O)c2ccccc2)cc1",  # a carbon put in
        "Cc1ccc(NC(=O)Cc2ccccc2)cc1",
        "Cc1ccc(CC(=O)c2ccccc2)cc1",
        "Cc1ccc(N(C)C(=O)c2ccccc2)cc1",
        "COc1ccc(NC(=O)c2ccccc2)cc1",
    ],
)
def test_what_a_chemist_would_draw_is_in_the_set(smiles):
    assert Chem.CanonSmiles(smiles) in {one.smiles for one in everything(Analogues(seeds=[LEAD]))}


def test_the_set_ends_holds_nothing_twice_and_not_the_seed():
    source = Analogues(seeds=[LEAD])
    found = [one.smiles for one in everything(source)]
    assert len(set(found)) == len(found) > 100 and Chem.CanonSmiles(LEAD) not in found
    assert source.ask(5, np.random.default_rng(1)) == []


def test_each_analogue_shares_most_of_the_seed():
    lead = Chem.MolFromSmiles(LEAD)
    for one in everything(Analogues(seeds=[LEAD]))[::25]:
        mol = Chem.MolFromSmiles(one.smiles)
        shared = rdFMCS.FindMCS([lead, mol], atomCompare=rdFMCS.AtomCompare.CompareAny, timeout=5).numAtoms
        assert shared >= lead.GetNumAtoms() - 8, (one.smiles, one.origin)  # the largest arm taken off has eight atoms


def test_a_few_hold_something_of_each_kind():
    origins = [one.origin for one in Analogues(seeds=[LEAD]).ask(21, np.random.default_rng(0))]
    for words in ("changed to", "inserted into", "added to", " exchanged for ", "taken off", "matched pair"):
        assert any(words in origin for origin in origins), words


def test_every_seed_has_its_turn():
    seeds = [LEAD, "CC(C)Oc1ccccc1C(=O)O", "COc1ccc(CN2CCNCC2)cc1"]
    origins = [one.origin for one in Analogues(seeds=seeds).ask(40, np.random.default_rng(0))]
    assert all(any(Chem.CanonSmiles(seed) in origin for origin in origins) for seed in seeds)


def test_around_one_corner_of_a_lead():
    constraints = Constraints.of(edit="[CH3:1]c1ccc(NC(=O)c2ccccc2)cc1")
    found = everything(Analogues(seeds=[], constraints=constraints))
    assert len(found) > 20
    assert all(not constraints.broken(Chem.MolFromSmiles(one.smiles)) for one in found)


def test_alerts_of_a_lone_seed_are_no_reason_to_leave_its_analogues_out():
    ranking = generate(toy(), seeds=["Cc1ccc(N=Nc2ccccc2)cc1"], budget=60, generator="analogues")
    assert len(ranking) > 20


def test_matched_pairs_by_hand():
    pairs = MatchedPairs(exchanges(["COc1ccccc1", "CCOc1ccccc1", "Fc1ccccc1", "COc1ccncc1", "Fc1ccncc1"]))
    assert dict(pairs.instead_of("[1*]OC")) == {"[1*]F": 2, "[1*]OCC": 1}
    assert pairs.instead_of("[1*]OC")[0] == ("[1*]F", 2)
    assert pairs.instead_of("[1*]Br") == []


def test_an_exchange_says_how_many_pairs_show_it():
    known = ["O=C(c1ccccc1)N1CCCC1", "O=C(c1ccccc1)N1CCOC(F)C1", "O=C(c1ccncc1)N1CCCC1", "O=C(c1ccncc1)N1CCOC(F)C1"]
    seed = "COc1ccc(CN2CCCC2)cc1"
    origins = {one.smiles: one.origin for one in everything(Analogues(seeds=[seed], reference=known, guard=False))}
    assert origins["COc1ccc(CN2CCOC(F)C2)cc1"] == f"matched pair *N1CCCC1>>*N1CCOC(F)C1, seen 2 times, in {seed}"


def test_common_exchanges_are_those_that_a_chemist_knows():
    pairs = MatchedPairs(common())
    assert all(count > 1 for count in common().values())
    for one, other in (("C", "CC"), ("Cl", "F"), ("OC", "O"), ("N1CCOCC1", "N1CCN(C)CC1"), ("c1ccccc1", "c1ccncc1")):
        assert f"[1*]{other}" in dict(pairs.instead_of(f"[1*]{one}"))
        assert f"[1*]{one}" in dict(pairs.instead_of(f"[1*]{other}"))


def test_groups_are_added_by_turns_the_usual_ones_first():
    source = Analogues(seeds=["Cc1ccc(NC(=O)c2ccccc2)cc1"], guard=False)
    origins = [proposal.origin for proposal in source.ask(400, np.random.default_rng(0))]
    added = [origin.partition(" added to")[0] for origin in origins if " added to " in origin]
    assert added[:6] == ["C", "F", "Cl", "OC", "O", "C#N"]
    assert added.count("F") > 1  # at further places, once each had its turn
