"""What is to be kept: read as people write it, refused when it can't be, obeyed always."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.data.library import Library
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
        ("c1ccccc1.c1ccccc1", "Cc1ccccc1", False),  # two of them
        ("*C(=O)[O-]", "CC(=O)O", True),  # with stars too, the neutral parent
        ("[Na]OC(=O)C*", "CCC(=O)O", True),
        ("*c1ccc(C(=O)[O-])cc1", "Cc1ccc(C(=O)O)cc1", True),
        ("*c1ccc(C(=O)[O-])cc1", "Cc1ccc(C=O)cc1", False),
        ("Cl.NCc1ccccc1", "CNCc1ccccc1", True),
        ("Cl.*CNCc1ccccc1", "CCNCc1ccccc1", True),
        ("[2H]C([2H])([2H])O", "CO", True),
        ("[2H]c1ccccc1", "Cc1ccccc1", True),
        ("*[13CH2]c1ccccc1", "CCc1ccccc1", True),
        ("*N(=O)=O", "C[N+](=O)[O-]", True),
        ("*[S+]([O-])c1ccccc1", "CS(=O)c1ccccc1", True),
        ("*[S+]([O-])c1ccccc1", "CS(=O)(=O)c1ccccc1", False),
        ("*S(=O)c1ccccc1", "C[S+]([O-])c1ccccc1", True),
        ("*S(=O)c1ccccc1", "CS(=O)(=O)c1ccccc1", True),  # part of the sulfone as drawn
        ("*[S@](=O)c1ccccc1", "C[S@@+]([O-])c1ccccc1", False),
        ("[1*]C[C@H](N)C(=O)[O-]", "CC[C@H](N)C(=O)O", True),
        ("[1*]C[C@H](N)C(=O)[O-]", "CC[C@@H](N)C(=O)O", False),
        ("[1*][C@H](N)[2*]", "CC(N)CC", False),  # stereo between two stars
        ("*1ccccc1", "c1ccncc1", True),
        ("[At]C*", "CC[At]", True),
        ("[#8-]", "CC(=O)O", False),  # SMARTS stay as they are
    ],
)
def test_keep_holds(text, smiles, held):
    assert Keep.of(text).holds(Chem.MolFromSmiles(smiles)) == held


@pytest.mark.parametrize("text", ["*c1ccc(C(=O)[O-])cc1", "Cl.NCc1ccccc1", "[2H]c1ccccc1", "*[13CH2]c1ccccc1", "*1ccccc1"])
def test_what_is_drawn_as_a_salt_or_labelled_is_its_own_start(text):
    keep = Keep.of(text)
    assert keep.seed and keep.holds(Chem.MolFromSmiles(keep.seed))


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


OXIDES = ("CS(=O)c1ccc(NC(=O)c2ccccc2)cc1", "CS(=O)(=O)c1ccc(F)cc1", "O=[N+]([O-])c1ccccc1", "CCO", "CSC")


@pytest.mark.parametrize(
    ("text", "holders"),
    [
        ("S=O", [0, 1]),
        ("CS=O", [0, 1]),
        ("c1ccccc1S=O", [0, 1]),
        ("*S=O", [0, 1]),
        ("CS(=O)C", [0, 1]),
        ("CS(=O)(=O)C", [1]),
        ("N(=O)=O", [2]),
        ("*N(=O)=O", [2]),
        ("c1ccccc1N(=O)=O", [2]),
        ("[N](=O)=O", [2]),
        ("[#6]N(=O)=O", []),
    ],
)
def test_oxides_are_found_however_little_of_them_is_drawn(text, holders):
    keep, library = Keep.of(text), Library.of(OXIDES)
    assert [row for row, mol in enumerate(library.mols) if keep.holds(mol)] == holders
    assert keep.seed in ("", Library.of([keep.seed or "C"]).smiles[0]) and keep.seed != "O=S"


def test_no_piece_that_was_asked_for_is_dropped_in_silence():
    with pytest.raises(MolgenError, match=r"'CC\(=O\)O' is taken for a salt or a solvent"):
        Keep.of("c1ccc2[nH]ccc2c1.CC(=O)O")
    assert Keep.of("c1ccccc1.CC#N").pattern.GetNumAtoms() == 9 and Keep.of("c1ccccc1N.Cl").pattern.GetNumAtoms() == 7
    with pytest.raises(MolgenError, match=r"'O' is taken for a salt or a solvent"):
        Keep.of("c1ccncc1.O", name="avoid")
    assert Keep.of("CN=S=O").seed == "CN=S=O"
    both = Keep.of("c1ccc2[nH]ccc2c1.*C(=O)O")
    assert both.holds(Chem.MolFromSmiles("OC(=O)Cc1c[nH]c2ccccc12")) and not both.holds(Chem.MolFromSmiles("Cc1c[nH]c2ccccc12"))


@pytest.mark.parametrize(
    ("text", "kept", "lost"),
    [
        ("c1ccc2[nH]cnc2c1", "Cc1ccc2[nH]cnc2c1", "c1ccc2c(c1)ncn2C"),
        ("[OH]c1ccccc1", "Oc1ccccc1C", "COc1ccccc1"),
        ("[NH2]C(=O)c1ccccc1", "NC(=O)c1ccccc1C", "CNC(=O)c1ccccc1"),
        ("[NH]1CCNCC1", "CN1CCNCC1", "CN1CCN(C)CC1"),
        ("*[CH2]c1ccccc1", "CCc1ccccc1", "CC(C)c1ccccc1"),
    ],
)
def test_hydrogens_written_in_brackets_stay(text, kept, lost):
    keep = Keep.of(text)
    assert keep.holds(Chem.MolFromSmiles(kept)) and not keep.holds(Chem.MolFromSmiles(lost))


def test_of_what_is_avoided_hydrogens_count_where_they_need_not_be_written():
    phenol, pyrrole = Keep.of("[OH]c1ccccc1", name="avoid"), Keep.of("c1cc[nH]c1", name="avoid")
    assert phenol.holds(Chem.MolFromSmiles("Oc1ccccc1")) and not phenol.holds(Chem.MolFromSmiles("COc1ccccc1"))
    assert pyrrole.holds(Chem.MolFromSmiles("Cn1cccc1"))


@pytest.mark.parametrize("salt", ["[Na+].CC(=O)[O-]", "[K+].[O-]C(=O)c1ccccc1O", "Cl.NCCO", "Cl.C1CNCCN1"])
def test_a_salt_of_a_known_salt_former_is_looked_for_as_its_parent(salt):
    parent = max(salt.split("."), key=len).replace("[O-]", "O")
    assert Keep.of(salt).holds(Chem.MolFromSmiles(parent))
    if "+" in salt:
        assert Keep.of(salt, name="avoid").holds(Chem.MolFromSmiles(parent))


def test_hydrogens_of_numbered_atoms_say_nothing():
    assert Keep.of("[CH3:1]c1ccccc1").holds(Chem.MolFromSmiles("CCc1ccccc1"))
