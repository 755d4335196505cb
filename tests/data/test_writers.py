"""What is written is read back the same, runs nowhere, and is whole or absent."""

import gzip
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.data.catalogue import datasets
from molgen.data.library import Library
from molgen.data.readers import read
from molgen.data.writers import write

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ARTEMISININ = "C[C@@H]1CC[C@H]2[C@@H](C)C(=O)O[C@@H]3O[C@]4(C)CC[C@@H]1[C@]32OO4"  # its plain drawing hides a stereocentre


def table(cells: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"smiles": ["CCO"] * len(cells), "note": cells}, dtype=object)


@given(st.lists(TEXT, min_size=1, max_size=8))
@example(["=1+1", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=x", "\r=x", "'=x", "a\rb", "a\nb", 'a"b', "a,b", "", " "])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.csv.gz"])
def test_any_text_survives_a_table(tmp_path_factory, name, cells):
    path = tmp_path_factory.mktemp("tables") / name
    write(table(cells), path, structures=["CCO"] * len(cells), ids=["a"] * len(cells))
    assert read(path).rows.columns["note"].tolist() == cells


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "'=1"])
def test_no_cell_nor_header_starts_a_formula(tmp_path, cell):
    frame = pd.DataFrame({"smiles": ["CCO"], cell: [cell], "n": [-1.5]})
    write(frame, tmp_path / "x.csv", structures=["CCO"], ids=["a"])
    read_plainly = pd.read_csv(tmp_path / "x.csv", keep_default_na=False)
    assert read_plainly.columns[1][0] == "'" == read_plainly.iloc[0, 1][0]
    assert read_plainly["n"].tolist() == [-1.5]  # numbers stay numbers


def test_a_table_written_twice_is_the_same_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write(table(["x"]), tmp_path / name, structures=["CCO"], ids=["a"])
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


HOSTILE = [
    "$$$$",
    "a\n$$$$\nb",
    "a\r\n\r\n> <x>\nb",
    ">  <evil>\nx",
    "M  END",
    "\n\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n",
    "",
    "\x1c$$$$\x1c",
    "\u2028$$$$",
]


@given(st.lists(st.sampled_from(HOSTILE) | TEXT, min_size=1, max_size=4), TEXT, st.sampled_from(HOSTILE) | TEXT)
@settings(max_examples=150, deadline=None)
@example(HOSTILE, "tag", "$$$$")
@example(HOSTILE, ">  <x>\n$$$$", "a\n$$$$")
def test_no_id_tag_or_text_injects_or_loses_a_molecule(tmp_path_factory, cells, tag, name):
    path = tmp_path_factory.mktemp("sdf") / "x.sdf"
    structures = ["CCO", "c1ccccc1", "CC(=O)O", "CCN"][: len(cells)] + ["CCCl"] * (len(cells) - 4)
    write(pd.DataFrame({"first": cells, tag + "_": cells}), path, structures=structures, ids=[name] * len(cells))
    again = read(path)
    assert again.smiles == structures
    supplier = Chem.SDMolSupplier(str(path))  # a reader that is not ours sees as many
    assert len(supplier) == len(cells) and [Chem.MolToSmiles(mol) for mol in supplier] == structures


def test_a_mol_block_is_written_without_what_stands_behind_it(tmp_path):
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
    write(table([""]), tmp_path / "x.sdf", structures=[block + "> <evil>\n1\n\n$$$$\n" + block], ids=["a"])
    again = read(tmp_path / "x.sdf")
    assert (again.smiles, again.ids, "evil" in again.rows.columns) == (["CCO"], ("a",), False)
    write(table([""]), tmp_path / "x.smi", structures=[block], ids=["a"])
    assert (tmp_path / "x.smi").read_text() == "CCO\ta\n"


def test_every_drug_is_read_back_from_its_drawing(tmp_path):
    shipped = pd.read_csv(datasets()["chembl_drugs"].path)["smiles"]
    drugs = Library.of([*shipped[::9], ARTEMISININ])
    write(drugs.to_frame(), tmp_path / "x.sdf.gz", structures=drugs.smiles, ids=drugs.ids)
    again = read(tmp_path / "x.sdf.gz")
    assert (again.inchikeys, again.ids) == (drugs.inchikeys, drugs.ids)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.smi", "x.sdf", "x.parquet", "x.csv.gz", "x.sdf.gz"])
def test_rejected_rows_keep_their_place_in_every_form(tmp_path, name):
    library = Library.of(["CCO", "C1CC", "", "CCN"])
    write(library.to_frame(), tmp_path / name, structures=library.smiles, ids=library.ids)
    again = read(tmp_path / name, **({} if "smi" in name or "sdf" in name else {"smiles_col": "molgen_smiles"}))
    assert (again.smiles, len(again.rejects)) == (library.smiles, 2)
    if name[2:5] in ("smi", "sdf"):
        assert again.ids == library.ids


def test_columns_of_an_sdf_keep_order_numbers_and_blanks(tmp_path):
    frame = pd.DataFrame({"b": ["", "x"], "a": [1 / 3, np.nan], "n": [1, 2]})
    write(frame, tmp_path / "x.sdf", structures=["CCO", "CCN"], ids=["1", "2"])
    columns = read(tmp_path / "x.sdf").rows.columns
    assert columns.columns.tolist() == ["b", "a", "n"]
    assert columns.to_numpy().tolist() == [["", repr(1 / 3), "1"], ["x", "", "2"]]


def test_parquet_keeps_types_doubles_mixtures_and_formulas(tmp_path):
    frame = pd.DataFrame([["CCO", 1, 0.5, "=1", "x"], ["CCN", 2, np.nan, None, 3]], columns=["smiles", "n", "x", "x", "mixed"])
    write(frame, tmp_path / "x.parquet", structures=["CCO", "CCN"], ids=["a", "b"])
    again = read(tmp_path / "x.parquet").rows.columns
    assert again.columns.tolist() == frame.columns.tolist()
    assert again.iloc[:, 1].tolist() == [1, 2] and again.iloc[0, 3] == "=1" and again["mixed"].tolist() == ["x", "3"]


@pytest.mark.parametrize("name", ["x.csv", "x.sdf"])
def test_a_list_in_a_cell_is_written_as_its_text(tmp_path, name):
    cells = [np.array([1.5, 2.5]), np.array(["=a", "b"], dtype=object), [3, None], np.arange(2000), None, float("nan"), pd.NA, pd.NaT]
    frame = pd.DataFrame({"smiles": "CCO", "note": pd.Series(cells, dtype=object)})
    write(frame, tmp_path / name, structures=["CCO"] * len(cells), ids=["a"] * len(cells))
    wanted = ["[1.5, 2.5]", "['=a', 'b']", "[3, None]", str(list(range(2000))), "", "", "", ""]
    assert read(tmp_path / name).rows.columns["note"].tolist() == wanted


def test_standard_output_is_csv(capsys):
    write(table(["=x"]), "-", structures=["CCO"], ids=["a"])
    assert capsys.readouterr().out == "smiles,note\nCCO,'=x\n"


def test_an_unknown_name_is_a_request_error_before_anything_is_written(tmp_path):
    for name in ("x", "x.txt", "x.gz", "x.parquet.gz"):
        with pytest.raises(MolgenError, match="can't tell the format"):
            write(table(["x"]), tmp_path / name, structures=["CCO"], ids=["a"])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["x.csv", "x.sdf.gz", "x.parquet"])
def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch, name):
    write(table(["old"]), tmp_path / name, structures=["CCO"], ids=["a"])
    before = (tmp_path / name).read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(table(["new"]), tmp_path / name, structures=["CCO"], ids=["a"])
    assert (tmp_path / name).read_bytes() == before and os.listdir(tmp_path) == [name]


def test_a_packed_file_is_a_plain_gzip(tmp_path):
    write(table(["x"]), tmp_path / "x.smi.gz", structures=["CCO"], ids=["a b"])
    assert gzip.decompress((tmp_path / "x.smi.gz").read_bytes()) == b"CCO\ta b\n"
