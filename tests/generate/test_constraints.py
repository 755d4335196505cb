"""Constraints: obeyed by every generator in every proposal, whatever atoms the user's structure is made of."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.generate.base import GENERATORS
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.genetic import Genetic
from molgen.generate.run import generate
from tests.generate.toys import SEEDS, largest_ring, toy


def made(constraints, n, seeds=SEEDS, name="genetic"):
    """At least n proposals, scored by chance."""
    source, rng, found = GENERATORS.build(name, {"seeds": seeds, "constraints": constraints}), np.random.default_rng(2), []
    while len(found) < n:
        asked = [proposal.smiles for proposal in source.ask(50, rng)]
        assert asked
        source.tell(asked, rng.random(len(asked)))
        found += asked
    return found


def test_without_a_seed_that_has_it_the_substructure_is_the_start():
    assert Constraints.of(keep="c1ccc2ncccc2c1").starting_points(SEEDS) == ["c1ccc2ncccc2c1"]


def test_stars_start_as_methyl_groups():
    assert Constraints.of(keep="*c1ccc2ncccc2c1").starting_points(SEEDS) == ["Cc1ccc2ncccc2c1"]


def test_seeds_that_have_it_are_the_start():
    assert Constraints.of(keep="NS(=O)=O").starting_points(SEEDS) == ["NS(=O)(=O)c1ccc(Cl)cc1"]


def test_a_frame_starts_with_its_own_and_with_seeds_that_have_it():
    starts = Constraints.of(decorate="*c1ccc(*)cc1").starting_points(SEEDS)
    assert starts[0] == "Cc1ccc(C)cc1" and "CS(=O)(=O)c1ccc(F)cc1" in starts and "Cc1nc(-c2cccs2)no1" not in starts


def test_no_way_to_start_is_a_request_error():
    with pytest.raises(MolgenError, match="none of the 12 seeds has the substructure"):
        Constraints.of(keep="[#15]~[#15]").starting_points(SEEDS)
    with pytest.raises(MolgenError, match="is not a molecule to start from"):
        Constraints.of(keep="C#N", decorate="*c1ccccc1").starting_points(SEEDS)


def test_two_frames_or_a_wrong_pattern_are_request_errors():
    with pytest.raises(MolgenError, match="decorate and link each say what stays"):
        Constraints.of(decorate="*C", link="*C.*N")
    with pytest.raises(MolgenError, match="to avoid is neither SMILES nor SMARTS"):
        Constraints.of(avoid=["C1CC"])


def test_nothing_asked_is_nothing_broken():
    assert not NONE and not Constraints.of(keep="", decorate=" ", avoid=[""])
    assert NONE.broken(Chem.MolFromSmiles("C")) == "" and NONE.config == {}


@pytest.mark.parametrize(
    ("smiles", "broken"),
    [
        ("CCc1ccc(C(N)=O)cc1", ""),
        ("CCc1ccc(C(=O)O)cc1", "kept substructure lost"),
        ("CCc1ccc(C(N)=O)c(F)c1", "changed where it may not be"),
        ("N#CCc1ccc(C(N)=O)cc1", "has what is to be avoided: C#N"),
    ],
)
def test_the_first_constraint_broken_is_named(smiles, broken):
    constraints = Constraints.of(keep="C(N)=O", decorate="*c1ccc(*)cc1", avoid=["C#N", "[Br]"])
    assert constraints.broken(Chem.MolFromSmiles(smiles)).startswith(broken) and bool(broken) == bool(
        constraints.broken(Chem.MolFromSmiles(smiles))
    )


ASKED = {
    "decorate": ({"decorate": "*c1ccc(*)nc1"}, "[!#1][c;D3]1[c;D2][c;D2][c;D3]([!#1])[n;D2][c;D2]1"),
    "several places": ({"decorate": "*c1nc(*)c2cc(*)ccc2n1"}, "[!#1]c1nc([!#1])c2[c;D2]c([!#1])[c;D2][c;D2]c2n1"),
    "link": ({"link": "*c1ccccc1.*N1CCOCC1"}, "([c;D3]1[c;D2][c;D2][c;D2][c;D2][c;D2]1.[N;D3]1[C;D2][C;D2][O;D2][C;D2][C;D2]1)"),
    "three arms": (
        {"link": "*c1ccccc1.*c1ccncc1.*C1CC1"},
        "(c1[c;D2][c;D2][c;D2][c;D2][c;D2]1.c1[c;D2][c;D2]n[c;D2][c;D2]1.C1[C;D2][C;D2]1)",
    ),
    "macrocycle": ({"link": "*Cc1cccc(C(=O)N*)c1"}, "[C;D2;r{9-40}]c1[c;D2][c;D2][c;D2]c(C(=O)[N;D2;r{9-40}])[c;D2]1"),
    "edit": ({"edit": "CC(=O)Nc1ccc([OH:1])cc1"}, "[C;D1]C(=[O;D1])[N;D2]c1[c;D2][c;D2]c[c;D2][c;D2]1"),
    "keep and avoid": ({"keep": "c1ccccc1", "avoid": ["C(=O)N"]}, "c1ccccc1"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "smarts"), ASKED.values(), ids=ASKED)
def test_every_one_of_many_proposals_obeys_seen_by_rdkit_alone(asked, smarts):
    pattern = Chem.MolFromSmarts(smarts.strip("()") if smarts.startswith("(") else smarts)
    found = made(Constraints.of(**asked), 200)
    assert len(set(found)) == len(found)
    assert [smiles for smiles in found if not Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern)] == []


def test_avoided_cores_are_hopped_away_from_even_when_every_seed_has_them():
    seeds = ["Cc1ccc(NC(=O)c2ccccc2)cc1", "COc1ccc(C(=O)NCc2ccccc2)cc1"]
    for name in ("genetic", "guided"):
        found = made(Constraints.of(avoid=["C(=O)N"]), 30, seeds=seeds, name=name)
        assert [smiles for smiles in found if Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmarts("C(=O)N"))] == []


def test_macrocycles_are_made():
    for smiles in made(Constraints.of(link="*Cc1cccc(C(=O)NCCC*)c1"), 100):
        assert largest_ring(smiles) >= 9


def test_a_mate_lends_what_is_free_not_the_scaffold_again():
    core = Chem.MolFromSmiles("c1ncnc2[nH]ccc12")
    found = [Chem.MolFromSmiles(smiles) for smiles in made(Constraints.of(decorate="*c1ncnc2[nH]cc(*)c12"), 200)]
    assert sum(len(mol.GetSubstructMatches(core)) > 1 for mol in found) < 10


@pytest.mark.parametrize(
    "lead",
    [
        "C[Si](C)(C)c1ccc([OH:1])cc1", "OB(O)c1ccc([CH3:1])cc1", "C[Se]c1ccc([CH3:1])cc1", "[2H]C([2H])([2H])Oc1ccc([CH3:1])cc1",
        "CP(C)(=O)c1ccc([CH3:1])cc1", "C[N+](C)(C)Cc1ccc([CH3:1])cc1", "C[S@](=O)c1ccc([CH3:1])cc1", "F/C=C/c1ccc([CH3:1])cc1",
        "C[As](C)c1ccc([CH3:1])cc1", "[13CH3]Oc1ccc([CH3:1])cc1", "C[Ge](C)(C)c1ccc([CH3:1])cc1", "C[Te]c1ccc([CH3:1])cc1",
        "Ic1ccc([I:1])cc1",
    ],
)  # fmt: skip
def test_no_atom_that_rdkit_can_hold_ends_a_run(lead):
    constraints = Constraints.of(edit=lead)
    found = made(constraints, 30)
    assert all(not constraints.broken(Chem.MolFromSmiles(smiles)) for smiles in found)


def test_a_run_obeys_and_says_what_was_asked():
    ranking = generate(toy(), seeds=SEEDS, budget=60, edit="CC(=O)Nc1ccc([OH:1])cc1", avoid=["[Br]"])
    assert len(ranking) and "CC(=O)Nc1ccc(O)cc1" not in ranking.smiles  # the lead itself is no news
    assert ranking.provenance.config["edit"] == "CC(=O)Nc1ccc([OH:1])cc1" and ranking.provenance.config["avoid"] == ["[Br]"]
    pattern = Chem.MolFromSmarts("CC(=O)Nc1ccccc1")
    assert all(Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern) for smiles in ranking.smiles)


def test_the_search_goes_where_the_frame_is_open():
    blind = Genetic(seeds=SEEDS, constraints=Constraints.of(decorate="*c1ccc(*)nc1"), opening=0).ask(60, np.random.default_rng(0))
    assert len({proposal.smiles for proposal in blind}) == 60
