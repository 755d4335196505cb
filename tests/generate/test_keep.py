"""What is to be kept: read as people write it, refused when it can't be, obeyed always."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.generate.constraints import Constraints
from molgen.generate.genetic import Genetic
from molgen.generate.keep import Keep
from tests.generate.toys import SEEDS


@pytest.mark.parametrize("text", ["", None, "  "])
def test_nothing_to_keep_is_in_everything(text):
    assert not Keep.of(text)
    assert Keep.of(text).holds(Chem.MolFromSmiles("C"))


@pytest.mark.parametrize("text", ["c1cc", "not a molecule", "C(C", "[C"])
def test_what_can_not_be_read_is_a_request_error(text):
    with pytest.raises(MolgenError, match="neither SMILES nor SMARTS"):
        Keep.of(text)


@pytest.mark.parametrize(
    ("text", "smiles", "held"),
    [
        ("C1=CC=CC=C1", "Cc1ccccc1", True),  # a Kekulé ring is the aromatic ring
        ("C(=O)[O-]", "CC(=O)O", True),  # scored as the neutral parent
        ("[#6]-[#7;H2]", "CN", True),
        ("[#6]-[#7;H2]", "CNC", False),
        ("[#6][#7H2]", "CN", True),  # also SMILES by its letters, of a bare carbon
        ("*C(=O)N", "CC(=O)N", True),
        ("C[C@H](N)O", "C[C@H](N)O", True),
        ("C[C@H](N)O", "C[C@@H](N)O", False),
        ("c1ccccc1.C#N", "N#Cc1ccccc1", True),
    ],
)
def test_keep_holds(text, smiles, held):
    assert Keep.of(text).holds(Chem.MolFromSmiles(smiles)) == held


@pytest.mark.parametrize("keep", ["NC(=O)c1ccccc1", "c1ccncc1", "C1CNCCN1", "*c1cc(*)n[nH]1", "[#6]S(=O)(=O)[#7H2]"])
def test_what_is_kept_is_in_every_one_of_many_children(keep):
    pattern = Chem.MolFromSmarts(keep.replace("[nH]", "[n]"))  # by RDKit alone; all five mean the same read as SMARTS
    rng = np.random.default_rng(1)
    source = Genetic(seeds=SEEDS, constraints=Constraints.of(keep=keep), alerts=lambda mol: (), opening=0)
    made = []
    while len(made) < 450:
        asked = [proposal.smiles for proposal in source.ask(50, rng)]
        assert asked
        source.tell(asked, rng.random(len(asked)))
        made += asked
    assert [smiles for smiles in made if not Chem.MolFromSmiles(smiles).HasSubstructMatch(pattern)] == []
