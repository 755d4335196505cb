"""A key is made when asked for and once; a molecule stays where it was read."""

import dataclasses
import pickle

import pytest
from rdkit import Chem

from molgen.chem.standardize import standardize, standardize_all
from molgen.chem.structure import Structure

ETHANOL = "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"


@pytest.fixture
def made(monkeypatch):
    real, calls = Chem.MolToInchiKey, []
    monkeypatch.setattr(Chem, "MolToInchiKey", lambda mol: calls.append(mol) or real(mol))
    return calls


def test_a_key_is_made_once_and_not_before_it_is_asked_for(made):
    structure = standardize("OCC")
    assert made == []
    assert [structure.inchikey, structure.inchikey] == [ETHANOL, ETHANOL] and len(made) == 1


def test_a_known_key_is_kept_and_a_reject_has_none(made):
    assert Structure(smiles="CCO", inchikey=ETHANOL, changes=(), stage="", reason="").inchikey == ETHANOL
    assert Structure("CCO", ETHANOL, ("x",)).changes == ("x",)
    assert Structure(stage="gate", reason="empty").inchikey == "" and made == []


def test_the_key_of_what_inchi_has_no_word_for_is_its_smiles():
    structure = Structure("[Og]")
    assert structure.inchikey in (Chem.MolToInchiKey(Chem.MolFromSmiles("[Og]")), "SMILES=[Og]") and structure.inchikey


def test_equal_structures_are_equal_whether_or_not_keys_and_molecules_are_there():
    read, bare = standardize("OCC"), Structure("CCO")
    assert read == bare and hash(read) == hash(bare) and repr(read) == repr(bare)
    assert read != Structure("CCO", "another key") and read != Structure("CCN")


def test_a_structure_cannot_be_written_to():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Structure("CCO").inchikey = "x"


@pytest.mark.parametrize("move", [lambda one: pickle.loads(pickle.dumps(one)), Structure.without_mol], ids=["pickled", "without_mol"])
def test_the_key_travels_and_the_molecule_stays(made, move):
    here = standardize("CCN.Cl")
    there = move(here)
    assert len(made) == 1 and there == here and there.inchikey == here.inchikey and len(made) == 1
    assert here.mol is not None and there.mol is None


@pytest.mark.parametrize(
    "text", ["CCO", "OCC", " CCO ", "CCN.Cl", "C1=CC=CC=C1", "C[C@H](N)C(=O)O", "N[C@@H](C)C(=O)[O-]", "CS(C)=O", "CCO |$a;;$|"]
)
def test_the_molecule_is_what_rdkit_reads_from_the_smiles(text):
    for structure in (standardize(text), *standardize_all([text, text])):
        expected = Chem.MolFromSmiles(structure.smiles)
        assert structure.mol.ToBinary(Chem.PropertyPickleOptions.AllProps) == expected.ToBinary(Chem.PropertyPickleOptions.AllProps)
