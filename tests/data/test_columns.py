"""Columns are found by name whatever its case, and never guessed between two."""

import pytest

from molgen.base.errors import MolgenError
from molgen.data.columns import ID_NAMES, STRUCTURE_NAMES, Choice, id_column, structure_column
from molgen.data.readers import read


@pytest.mark.parametrize("name", STRUCTURE_NAMES)
@pytest.mark.parametrize("writing", [str.lower, str.upper, str.title, " {} ".format])
def test_a_structure_column_is_found_by_its_name(name, writing):
    assert structure_column(["x", writing(name), "y"], Choice(), "f") == 1


@pytest.mark.parametrize("name", ID_NAMES)
def test_an_id_column_is_found_by_its_name_and_may_be_absent(name):
    assert id_column(["x", name.upper()], Choice(), "f") == 1
    assert id_column(["x", "y"], Choice(), "f") is None


def test_an_identifier_is_sooner_taken_than_a_name_and_words_may_be_apart():
    assert id_column(["Name", "smiles", "ID"], Choice(), "f") == 2
    exported = ["Molecule ChEMBL ID", "Molecule Name", "Smiles", "Standard Value"]  # as ChEMBL writes them
    assert (structure_column(exported, Choice(), "f"), id_column(exported, Choice(), "f")) == (2, 0)
    assert structure_column(["Canonical SMILES", "x"], Choice(), "f") == 0


def test_two_candidates_are_listed_and_not_chosen_between():
    with pytest.raises(MolgenError) as error:
        structure_column(["SMILES", "activity", "canonical_smiles"], Choice(), "f.csv")
    assert str(error.value) == "2 columns could be meant: 'SMILES', 'canonical_smiles' (f.csv)\n  say which with --smiles-col"
    with pytest.raises(MolgenError, match="say which with --id-col"):
        id_column(["id", "Compound_ID"], Choice(), "f.csv")
    with pytest.raises(MolgenError, match="say which with --id-col"):
        id_column(["title", "Name"], Choice(), "f.csv")


def test_no_candidate_lists_the_columns_there_are():
    with pytest.raises(MolgenError, match="no structure column among 'a', 'b'"):
        structure_column(["a", "b"], Choice(), "f.csv")


def test_the_column_a_person_names_wins():
    assert structure_column(["smiles", "parent"], Choice(smiles_col="parent"), "f") == 1
    assert structure_column(["smiles", "Parent"], Choice(smiles_col="parent"), "f") == 1
    assert structure_column(["PARENT", "parent"], Choice(smiles_col="parent"), "f") == 1  # its very writing before its twin
    assert id_column(["id", "code"], Choice(id_col="code"), "f") == 1


def test_a_name_that_is_not_there_or_there_twice_is_an_error():
    with pytest.raises(MolgenError, match="no column 'x'"):
        structure_column(["smiles"], Choice(smiles_col="x"), "f")
    with pytest.raises(MolgenError, match="2 columns could be meant"):
        structure_column(["A", "a"], Choice(smiles_col=" a "), "f")
    with pytest.raises(MolgenError, match="2 columns could be meant"):
        structure_column(["smiles", "smiles"], Choice(), "f")


def test_the_structure_is_not_its_own_id():
    assert id_column(["name"], Choice(id_col="name"), "f", structure=0) is None


def test_a_row_whose_id_is_blank_has_the_one_that_a_run_gave_it(tmp_path):
    path = tmp_path / "ranking.csv"
    path.write_text("id,smiles,molgen_id\n,CCO,row_13\nb,CCC,b\n,CC,\n")
    assert read(path).ids == ("row_13", "b", "row_3")
