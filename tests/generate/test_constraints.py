"""Constraints: obeyed by every generator in every proposal, whatever atoms the user's structure is made of."""

from itertools import product

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


@pytest.mark.parametrize(
    "asked",
    [
        {"keep": "c1ccccc1C(=O)N", "avoid": "C(=O)N"},
        {"keep": "OC(=O)c1ccccc1", "avoid": "CC(=O)[O-].[Na+]"},
        {"decorate": "*c1ccccc1C(=O)N", "avoid": ["C#N", "Cc1ccccc1"]},
        {"edit": "OC(=O)c1ccc([CH3:1])cc1", "avoid": "c1ccccc1"},
    ],
)
def test_what_every_proposal_would_have_can_not_be_avoided(asked):
    with pytest.raises(MolgenError, match="is part of what stays"):
        Constraints.of(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"keep": "c1ccccc1C(=O)N", "avoid": "C(=O)[NH2]"},
        {"keep": "*c1ccccc1", "avoid": "Cc1ccccc1"},
        {"keep": "CC(N)C(=O)O", "avoid": "C[C@H](N)C(=O)O"},
        {"decorate": "*c1ccccc1", "avoid": "Cc1ccccc1"},
        {"keep": "CS(C)=O", "avoid": "C[S+]([O-])C"},
    ],
)
def test_what_some_proposals_would_have_can(asked):
    assert Constraints.of(**asked).avoid


def test_one_text_to_avoid_is_one_substructure_and_not_its_letters():
    assert Constraints.of(avoid="C#N").config == {"avoid": ["C#N"]}
    assert not Constraints.of(avoid="")


@pytest.mark.parametrize("asked", [{"keep": ["C"]}, {"decorate": 5}, {"avoid": [None]}])
def test_what_is_no_text_is_refused(asked):
    with pytest.raises(MolgenError, match=f"{next(iter(asked))} is .*want SMILES or SMARTS as text"):
        Constraints.of(**asked)


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


def test_an_avoided_carboxylate_is_the_acid():
    seeds = ["OC(=O)c1ccccc1", "OC(=O)Cc1ccc(Cl)cc1", "OC(=O)CCc1ccncc1"]
    acid = Chem.MolFromSmarts("C(=O)[OH]")
    found = made(Constraints.of(avoid=["*C(=O)[O-]"]), 60, seeds=seeds)
    assert [smiles for smiles in found if Chem.MolFromSmiles(smiles).HasSubstructMatch(acid)] == []


def test_a_linker_joins_every_star():
    found = made(Constraints.of(link="*c1ccccc1*.*C1CC1.*N1CCOCC1"), 100, seeds=["C1CC1c1ccccc1CN1CCOCC1"])
    pieces = [Chem.MolFromSmarts(text) for text in ("cc[cH][cH][cH][cH]", "C1[CH2][CH2]1", "N1[CH2][CH2]O[CH2][CH2]1")]
    assert [smiles for smiles in found if not any(_one_linker(Chem.MolFromSmiles(smiles), pieces))] == []


def _one_linker(mol, pieces):
    """For each way to lay the pieces: whether what is left is one part, bound to each piece where it is open."""
    for laid in product(*(mol.GetSubstructMatches(piece) for piece in pieces)):
        left = set(range(mol.GetNumAtoms())) - {i for one in laid for i in one}
        places = [*(one[0] for one in laid), laid[0][1]]
        bound = all(any(other.GetIdx() in left for other in mol.GetAtomWithIdx(i).GetNeighbors()) for i in places)
        whole = Chem.MolFragmentToSmiles(mol, sorted(left)) if left else "."
        yield bound and "." not in whole


def test_pieces_bound_to_each_other_are_no_seed():
    constraints = Constraints.of(link="*c1ccc(*)cc1.*C1CC1.*N1CCOCC1")
    assert "c1cc(C2CC2)ccc1CN1CCOCC1" not in constraints.starting_points(["c1cc(C2CC2)ccc1CN1CCOCC1"])


def test_no_short_chain_bridges_an_aromatic_ring():
    bridged = [Chem.MolFromSmarts(f"c1cc2ccc1{'~*' * atoms}~2") for atoms in range(1, 7)]
    for smiles in made(Constraints.of(link="*c1ccc(*)cc1.*C1CC1.*N1CCOCC1"), 100):
        assert not any(Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern) for pattern in bridged), smiles


KEPT = {  # the numbered atom as any other, hydrogens told
    "C[C@@H]([OH:1])c1ccc(F)cc1": ("[CH3][C@@H](*)c1[cH][cH]c(F)[cH][cH]1", ["C[C@H](OC)c1ccc(F)cc1"]),
    "C[C@H](Cl)[CH2:1]c1ccccc1": ("[CH3][C@H](Cl)[!#1]", ()),
    "O=C1CCN(c2ccccc2)C[CH2:1]1": ("O=[C;R][CH2][CH2]N(c2[cH][cH][cH][cH][cH]2)[CH2;R]", ()),
    "F/C=C/[CH2:1]c1ccccc1": ("F/[CH]=[CH]/[!#1]", ()),
}


@pytest.mark.parametrize(("lead", "kept"), KEPT.items())
def test_an_edit_keeps_stereo_and_hydrogens_seen_by_rdkit_alone(lead, kept):
    smarts, seeds = kept
    pattern = Chem.MolFromSmarts(smarts)
    found = made(Constraints.of(edit=lead), 100, seeds=[*SEEDS, *seeds])
    assert [smiles for smiles in found if not Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern, useChirality=True)] == []


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
