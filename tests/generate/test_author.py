"""A language model as a generator: it learns from a series and from scores, and constraints hold."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.generate.author import Author
from molgen.generate.base import Generator, Proposal
from molgen.generate.constraints import Constraints
from tests.generate.test_constraints import ASKED
from tests.generate.toys import SEEDS
from tests.nn.taught import taught

SULFONAMIDE = Chem.MolFromSmarts("S(=O)(=O)N")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    file = tmp_path_factory.mktemp("language") / "taught.safetensors"
    taught().save(file)
    return file


def proposals(source, n, rng, score=lambda smiles: 0.5):
    """At least n of them, each scored."""
    found = []
    while len(found) < n:
        asked = [proposal.smiles for proposal in source.ask(30, rng)]
        assert asked
        source.tell(asked, np.array([score(smiles) for smiles in asked]))
        found += asked
    return found


def test_it_keeps_the_contract_of_generators(model):
    def three_rounds():
        source, rng, made = Author(seeds=SEEDS, model=model), np.random.default_rng(3), []
        assert isinstance(source, Generator) and source.ask(0, rng) == []
        source.tell([], np.array([]))
        for _ in range(3):
            asked = source.ask(12, rng)
            assert 0 < len(asked) <= 12 and all(isinstance(one, Proposal) and one.origin for one in asked)
            source.tell([one.smiles for one in asked], np.full(len(asked), np.nan) if not made else np.linspace(0, 1, len(asked)))
            made += asked
        return made

    made = three_rounds()
    smiles = [one.smiles for one in made]
    assert made == three_rounds() and len(set(smiles)) == len(smiles)
    assert all(Chem.CanonSmiles(text) == text for text in smiles)
    with pytest.raises(ValueError):
        Author(seeds=SEEDS, model=model).tell(["CCO"], np.array([0.1, 0.2]))


def test_a_series_that_was_read_is_written_more_like(model):
    series = [f"CC{'C' * i}NS(=O)(=O)c1ccc({arm})cc1" for i in range(4) for arm in ("F", "Cl", "C#N", "OC", "C(F)(F)F")]
    shares = []
    for epochs in (0, 30):
        source = Author(seeds=series, model=model, epochs=epochs, regrow=0.0, guard=False)
        mols = [Chem.MolFromSmiles(proposal.smiles) for proposal in source.ask(60, np.random.default_rng(0))]
        shares.append(np.mean([mol.HasSubstructMatch(SULFONAMIDE) for mol in mols]))
    assert shares[1] > shares[0] + 0.2


def test_scores_are_learned_from(model):
    shares = []
    for learn in (False, True):
        source, rng = Author(seeds=SEEDS, model=model, epochs=0, regrow=0.0, learn=learn, guard=False), np.random.default_rng(0)
        proposals(source, 240, rng, lambda smiles: float("F" in smiles))
        shares.append(np.mean(["F" in proposal.smiles for proposal in source.ask(48, rng)]))
    assert shares[1] > shares[0] + 0.2


@pytest.mark.parametrize(("asked", "smarts"), ASKED.values(), ids=ASKED)
def test_constraints_are_obeyed(model, asked, smarts):
    pattern = Chem.MolFromSmarts(smarts.strip("()") if smarts.startswith("(") else smarts)
    found = proposals(Author(seeds=SEEDS, model=model, constraints=Constraints.of(**asked)), 60, np.random.default_rng(2))
    assert len(set(found)) == len(found)
    assert [smiles for smiles in found if not Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern)] == []


@pytest.mark.parametrize("lead", ["C[Si](C)(C)c1ccc([OH:1])cc1", "C[As](C)c1ccc([CH3:1])cc1", "OB(O)c1ccc([CH3:1])cc1"])
def test_atoms_it_never_read_of_stay(model, lead):
    constraints = Constraints.of(edit=lead)
    found = proposals(Author(seeds=SEEDS, model=model, constraints=constraints), 20, np.random.default_rng(2))
    assert all(not constraints.broken(Chem.MolFromSmiles(smiles)) for smiles in found)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"regrow": 1.5}, "regrow is 1.5"),
        ({"temperature": 0.0}, "temperature is 0.0, want at least"),
        ({"style": "poem"}, "no style"),
        ({"model": "nowhere"}, "no language model"),
    ],
)
def test_wrong_options_are_request_errors(model, options, said):
    with pytest.raises(MolgenError, match=said):
        Author(**{"seeds": SEEDS, "model": model, **options})
