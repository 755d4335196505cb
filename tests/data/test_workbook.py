"""A workbook has every row, numbers as numbers, text as text, and a picture beside each molecule."""

import math
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.data import workbook
from molgen.data.library import Library
from molgen.data.readers import read
from molgen.data.workbook import write_workbook
from molgen.data.writers import Written, write, write_tables
from molgen.models import stream
from molgen.models.predict import load

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=12)


def pictures(path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.startswith("xl/media/")]


def test_rows_in_are_rows_out_with_a_picture_for_each_that_has_a_structure(tmp_path):
    library = Library.of(["CCO", "C1CC", "c1ccccc1", Chem.MolToMolBlock(Chem.MolFromSmiles("CCN"))], ids=["a", "b", "c", "d"])
    structures = [library.smiles[0], "", library.smiles[2], library.rows.raw[3]]
    frame = library.to_frame().drop(columns="smiles", errors="ignore")
    write(frame, tmp_path / "x.xlsx", structures=structures, ids=library.ids)
    back = read(tmp_path / "x.xlsx")
    assert len(back) == 4 and len(pictures(tmp_path / "x.xlsx")) == 3
    assert back.rows.columns["molgen_smiles"].tolist() == ["CCO", "", "c1ccccc1", "CCN"]
    assert list(back.rows.columns.columns) == [str(name) for name in frame.columns]


def test_pictures_end_where_there_are_too_many_and_rows_do_not(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "PICTURES", 3)
    smiles = ["C" * n for n in range(1, 8)]
    write(pd.DataFrame({"smiles": smiles}), tmp_path / "x.xlsx", structures=smiles, ids=smiles)
    assert len(pictures(tmp_path / "x.xlsx")) == 3 and read(tmp_path / "x.xlsx").smiles == smiles


def test_a_table_without_rows_is_its_header(tmp_path):
    write(pd.DataFrame({"smiles": [], "n": []}), tmp_path / "x.xlsx", structures=[], ids=[])
    library = read(tmp_path / "x.xlsx")
    assert len(library) == 0 and library.rows.columns.columns.tolist() == ["smiles", "n"]


def test_pictures_come_though_the_first_rows_have_none(tmp_path, monkeypatch):
    tables = [Written(pd.DataFrame({"smiles": smiles}), smiles, smiles) for smiles in ([], ["", ""], ["CCO"])]
    write_tables(tables, tmp_path / "x.xlsx")
    assert len(pictures(tmp_path / "x.xlsx")) == 1 and read(tmp_path / "x.xlsx").rows.raw == ("", "", "CCO")


@given(st.lists(TEXT, min_size=1, max_size=8))
@example(["=1+1", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=x", "a\nb", 'a"b', "{=1}", "http://x.y"])
@example(["007", "1E5", "_x0041_", "12345678901234567", "-0", "7.10"])
@settings(deadline=None, max_examples=40)
def test_any_text_survives_as_text(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("books") / "x.xlsx"
    frame = pd.DataFrame({"smiles": ["CCO"] * (len(cells) + 1), "note": [*cells, "text"]}, dtype=object)
    write(frame, path, structures=[], ids=[])
    plain = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]  # a carriage return is a line's end to XML
    found = read(path).rows.columns["note"].tolist()[:-1]
    assert all(back in (cell, text) for cell, text, back in zip(cells, plain, found))


def test_text_that_says_numbers_is_numbers_but_for_names(tmp_path):
    cells = {"pIC50": ["7.10", "-3", "1e-07", "0.5501217966938848"], "Lot ID": ["1.10", "1.1", "2", "3"], "code": ["1.10", "2", "x", "1"]}
    write(pd.DataFrame({"smiles": ["CCO"] * 4, **cells}), tmp_path / "x.xlsx", structures=[], ids=[])
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    said = {column[0].value: [cell.value for cell in column[1:]] for column in sheet.iter_cols()}
    assert said["pIC50"] == [7.1, -3, 1e-7, pytest.approx(0.5501217966938848, rel=1e-14)]
    assert said["Lot ID"] == cells["Lot ID"] and said["code"] == cells["code"]
    names = ["1.10", "1.1", "1.2", "3.0"]
    frame = pd.DataFrame({"smiles": ["CCO"] * 4, "number": ["10", "11", "12", "13"], "lot": names})
    write(frame, tmp_path / "y.xlsx", structures=[], ids=["10", "11", "12", "13"])
    back = read(tmp_path / "y.xlsx").rows.columns
    assert back["lot"].tolist() == names and back["number"].tolist() == ["10", "11", "12", "13"]
    assert openpyxl.load_workbook(tmp_path / "y.xlsx").active["B2"].value == "10"


def test_a_drawing_says_the_molecule_whatever_the_title_of_its_block(tmp_path):
    block = "ti\x01tle\x0b" + Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
    write(pd.DataFrame({"a": [1]}), tmp_path / "x.xlsx", structures=[block], ids=["a"])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        assert b'descr="CCO"' in archive.read("xl/drawings/drawing1.xml")


def test_numbers_stay_numbers_and_what_is_none_is_empty(tmp_path):
    frame = pd.DataFrame(
        {
            "smiles": ["CCO"] * 3,
            "x": [0.1, math.nan, -2e-7],
            "n": np.array([1, 2, 3], dtype=np.int32),
            "ok": np.array([True, False, True]),
            "far": [math.inf, 1.0, None],
            "list": [np.arange(2), None, None],
        }
    )
    write(frame, tmp_path / "x.xlsx", structures=[], ids=[])
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows(values_only=True))
    assert rows[1:] == [
        ("CCO", 0.1, 1, True, "inf", "[0, 1]"),
        ("CCO", None, 2, False, 1, None),
        ("CCO", -2e-7, 3, True, None, None),
    ]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write(pd.DataFrame({"smiles": ["CCO"]}), tmp_path / name, structures=["CCO"], ids=["a"])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_does_not_fit_is_said(tmp_path, monkeypatch, caplog):
    cells = ["C" * 40_000, "\ud800", "\U0001f9ea" * 20_000, "CC"]
    write(pd.DataFrame({"smiles": cells}, dtype=object), tmp_path / "x.xlsx", structures=[], ids=[])
    assert "3 cells are too long for a spreadsheet, or hold what it can't" in caplog.text
    assert [len(raw) for raw in read(tmp_path / "x.xlsx").rows.raw] == [32_767, 1, 16_383, 2]
    for what, frame in (("rows", pd.DataFrame({"smiles": ["C", "C"]})), ("columns", pd.DataFrame([["C"] * 3], columns=list("abc")))):
        monkeypatch.setattr(workbook, "MOST_ROWS", 1)
        monkeypatch.setattr(workbook, "_MOST_COLUMNS", 2)
        with pytest.raises(MolgenError, match=rf"more than the \d {what} that a sheet has"):
            write(frame, tmp_path / "y.xlsx", structures=[], ids=[])
    assert [path.name for path in tmp_path.iterdir()] == ["x.xlsx"]


def test_a_disk_that_is_full_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_workbook({"a": [Written(pd.DataFrame({"smiles": ["C"]}), [], [])]}, tmp_path / "nowhere" / "x.xlsx")


def test_a_prediction_into_more_rows_than_a_sheet_has_ends_early(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "MOST_ROWS", 2)
    (tmp_path / "x.smi").write_text("C\nCC\nCCC\n")
    with pytest.raises(MolgenError, match="more than the 2 rows that a sheet has"):
        stream.predict_file(load("admet-fast"), tmp_path / "x.smi", tmp_path / "x.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["x.smi"]
