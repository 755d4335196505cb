"""Generation along reactions: routes that are true, and routes that get better."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts
from molgen.data.catalogue import load_rows
from molgen.data.library import Library
from molgen.generate.constraints import Constraints
from molgen.generate.reactions import Reactions
from molgen.generate.route import Route
from molgen.generate.run import generate
from molgen.generate.stock import reactions
from molgen.score.curves import AsIs
from molgen.score.objective import Goal, Objective
from molgen.score.terms import Similarity
from tests.generate.toys import SEEDS, toy

NAMED = {reaction.name: reaction for reaction in reactions()}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A file of some 250 of the shipped blocks."""
    path = tmp_path_factory.mktemp("shelf") / "blocks.csv"
    load_rows("enamine_blocks").columns.iloc[::40].to_csv(path, index=False)
    return str(path)


def none(mol):
    """No alerts: looking for them takes longer than all the rest."""
    return ()


def rounds(source, n, *, each=20, seed=0):
    """Proposals of n rounds, scored by chance."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(n):
        asked = source.ask(each, rng)
        source.tell([proposal.smiles for proposal in asked], rng.random(len(asked)))
        made += asked
    return made


def replayed(part, stock):
    """What plain RDKit makes of a route, as a molecule."""
    if isinstance(part, str):
        return Chem.MolFromSmiles(dict(zip(stock.ids, stock.smiles))[part])
    inputs = tuple(replayed(inner, stock) for inner in part.inputs)
    with BlockLogs():
        mols = [mol for (mol,) in NAMED[part.reaction].rxn.RunReactants(inputs) if Chem.SanitizeMol(mol, catchErrors=True) == 0]
    (smiles,) = {Chem.CanonSmiles(Chem.MolToSmiles(mol)) for mol in mols}
    assert smiles == part.smiles
    return Chem.MolFromSmiles(smiles)


@pytest.mark.parametrize(
    ("name", "role", "taken", "refused"),
    [
        ("oxidation to an aldehyde", 0, "OCCCCC", ["OCCCC(C)O"]),
        ("oxidation to a ketone", 0, "CCCC(C)O", ["OCCCC(C)O"]),
        ("Knorr pyrazole synthesis", 0, "CC(=O)CC(C)=O", ["O=C1CCCC(=O)C1", "O=C1CCC(=O)C1"]),  # a ring across an aromatic one
        ("pyrimidine from an amidine", 0, "CC(=O)CC(C)=O", ["O=C1CCCC(=O)C1"]),
        ("Paal-Knorr pyrrole synthesis", 0, "CC(=O)CCC(C)=O", ["O=C1CCC(=O)CC1"]),
        ("N-alkylation of a secondary amine", 0, "CC1CCNCC1", ["NCC1CCNCC1"]),
        ("N-alkylation of a secondary amine", 1, "CCCBr", ["NCCCBr"]),
        ("imide formation", 1, "NCC1CCCCC1", ["NCC1CCNCC1"]),
        ("Chan-Lam amination", 1, "NCC1CCCCC1", ["NCC1CCNCC1"]),
        ("Grignard addition to an aldehyde", 0, "Brc1ccccc1", [
            "Brc1ccc(C(=O)Cl)cc1", "Brc1ccc(C(N)=O)cc1", "Brc1ccc2[nH]cnc2c1", "Brc1ccc(C#C)cc1", "Brc1ccc(CBr)cc1",
            "Brc1ccc(C2CO2)cc1", "Brc1ccc(C(=O)N(C)OC)cc1", "Brc1ccc(S(=O)(=O)F)cc1",
        ]),
        ("Weinreb ketone synthesis", 0, "Brc1ccccc1", ["Brc1ccc(S(N)(=O)=O)cc1", "Brc1ccc(N=C=O)cc1"]),
    ],
)
def test_blocks_with_another_group_that_would_react_are_left_out(name, role, taken, refused):
    assert NAMED[name].takes(Chem.MolFromSmiles(taken), role)
    assert not any(NAMED[name].takes(Chem.MolFromSmiles(block), role) for block in refused)


def test_every_route_makes_its_product_when_replayed(shelf):
    source = Reactions(seeds=SEEDS, blocks=shelf, steps=3, alerts=none)
    made = rounds(source, 10)
    assert len(made) == 200
    assert {source.route(proposal.smiles).steps for proposal in made} == {1, 2, 3}
    for proposal in made:
        route = source.route(proposal.smiles)
        assert Chem.MolToSmiles(replayed(route, source.stock)) == proposal.smiles == route.smiles
        assert proposal.origin == route.told(source.stock.said)


def test_a_route_reads_from_the_last_step_to_the_blocks():
    biaryl = Route("Suzuki coupling", ("5", "77"), "OC(=O)c1ccc(-c2ccccc2)cc1")
    route = Route("amide coupling", (biaryl, "123"), "CNC(=O)c1ccc(-c2ccccc2)cc1")
    assert route.text == "amide coupling of (Suzuki coupling of 5 and 77) and 123"
    assert (route.steps, route.blocks) == (2, ("5", "77", "123"))


def test_proposals_are_whole_new_molecules_of_limited_size_without_alerts(shelf):
    source = Reactions(seeds=SEEDS, blocks=shelf, largest=25)
    bought = set(source.stock.smiles)
    for proposal in rounds(source, 3):
        mol = Chem.MolFromSmiles(proposal.smiles)
        assert "." not in proposal.smiles and Chem.MolToSmiles(mol) == proposal.smiles
        assert mol.GetNumHeavyAtoms() <= 25 and alerts(mol) == ()
        assert proposal.smiles not in bought
    assert {"alert", "too large"} <= set(source.refused)


def test_the_same_seed_gives_the_same_routes(shelf):
    first, second = (rounds(Reactions(seeds=SEEDS, blocks=shelf, alerts=none), 3) for _ in range(2))
    assert first == second


def test_one_step_is_one_step(shelf):
    source = Reactions(seeds=SEEDS, blocks=shelf, steps=1, alerts=none)
    assert {source.route(proposal.smiles).steps for proposal in rounds(source, 3)} == {1}


def test_learning_from_scores_beats_drawing_blindly(shelf):
    def best(explore, seed):
        (target,) = Reactions(seeds=SEEDS, blocks=shelf, alerts=none).ask(1, np.random.default_rng(100 + seed))
        objective = Objective((Goal(term=Similarity(references=[target.smiles]), curve=AsIs()),))
        source, rng, scores = Reactions(seeds=SEEDS, blocks=shelf, explore=explore, alerts=none), np.random.default_rng(seed), []
        for _ in range(10):
            asked = [proposal.smiles for proposal in source.ask(30, rng)]
            scored = objective.score(Library.of(asked)).total
            source.tell(asked, scored)
            scores += scored.tolist()
        return np.mean(sorted(scores)[-10:])

    gains = [best(0.2, seed) - best(1.0, seed) for seed in range(5)]
    assert np.mean(gains) > 0.1 and min(gains) > -0.05


def test_a_run_ranks_what_it_proposes_with_its_routes(shelf):
    ranking = generate(toy(), seeds=SEEDS, budget=20, top=5, generator="reactions", options={"blocks": shelf})
    assert len(ranking) == 5
    assert all(any(name in origin for name in NAMED) for origin in ranking.frame["molgen_origin"])


def test_what_is_kept_stays_and_its_own_alert_is_let_pass(shelf):
    nitro = Chem.MolFromSmiles("O=[N+]([O-])c1ccccc1")
    source = Reactions(seeds=["O=[N+]([O-])c1ccc(CN)cc1"], constraints=Constraints.of(keep="O=[N+]([O-])c1ccccc1"), blocks=shelf)
    made = rounds(source, 2)
    assert len(made) == 40
    assert all(Chem.MolFromSmiles(proposal.smiles).HasSubstructMatch(nitro) for proposal in made)


def test_seeds_that_can_react_are_blocks_called_by_their_smiles(shelf):
    source = Reactions(seeds=["CCCC", "not a molecule", "NCc1ccc(F)c(C#N)c1"], blocks=shelf)
    assert [name for name in source.stock.ids if name.startswith("seed")] == ["seed NCc1ccc(F)c(C#N)c1"]


def test_ones_own_blocks_are_named_in_the_routes(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("id,smiles\nacid,OC(=O)c1ccccc1\namine,NCC1CC1\n")
    source = Reactions(seeds=[], blocks=str(path))
    (proposal,) = source.ask(5, np.random.default_rng(0))
    assert proposal.smiles == Chem.CanonSmiles("O=C(NCC1CC1)c1ccccc1")
    assert proposal.origin.startswith("amide coupling of acid (") and " and amine (" in proposal.origin
    assert source.ask(5, np.random.default_rng(0)) == []


def test_blocks_without_partners_are_a_request_error(tmp_path):
    path = tmp_path / "acids.csv"
    path.write_text("id,smiles\na,OC(=O)c1ccccc1\nb,CCC(=O)O\n")
    with pytest.raises(MolgenError, match="no two blocks react"):
        Reactions(seeds=[], blocks=str(path))


@pytest.mark.parametrize(("options", "message"), [({"steps": 0}, "steps is 0"), ({"explore": 1.2}, "explore is 1.2")])
def test_options_out_of_range_are_request_errors(shelf, options, message):
    with pytest.raises(MolgenError, match=message):
        Reactions(seeds=SEEDS, blocks=shelf, **options)


def test_a_molecule_never_proposed_has_no_route(shelf):
    with pytest.raises(MolgenError, match="never proposed"):
        Reactions(seeds=SEEDS, blocks=shelf).route("CCO")
