"""A workbook has every row, numbers as numbers, text as text, and a picture beside each molecule."""

import math
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.data import workbook
from molgen.data.library import Library
from molgen.data.readers import read
from molgen.data.writers import write

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


@given(st.lists(TEXT, min_size=1, max_size=8))
@example(["=1+1", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=x", "a\nb", 'a"b', " ", "{=1}", "http://x.y"])
@example(["007", "1E5", "_x0041_", "12345678901234567", "-0", "7.10"])
@settings(deadline=None, max_examples=40)
def test_any_text_survives_as_text(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("books") / "x.xlsx"
    frame = pd.DataFrame({"smiles": ["CCO"] * (len(cells) + 1), "note": [*cells, "text"]}, dtype=object)
    write(frame, path, structures=[""] * len(frame), ids=["a"] * len(frame))
    # A carriage return is a line's end to XML, and a number of no more than 15 digits is one.
    found = read(path).rows.columns["note"].tolist()[:-1]
    for cell, back in zip(cells, found):
        want = cell.replace("\r\n", "\n").replace("\r", "\n")
        assert back in (want, cell) or float(back) == float(cell)


def test_numbers_stay_numbers_and_what_is_none_is_empty(tmp_path):
    frame = pd.DataFrame(
        {
            "smiles": ["CCO"] * 3,
            "x": [0.1, math.nan, -2e-7],
            "n": np.array([1, 2, 3], dtype=np.int32),
            "ok": np.array([True, False, True]),
            "text": ["7.10", "-3", ""],
            "far": [math.inf, 1.0, None],
            "list": [np.arange(2), None, None],
        }
    )
    write(frame, tmp_path / "x.xlsx", structures=[""] * 3, ids=[""] * 3)
    back = read(tmp_path / "x.xlsx").rows.columns
    assert back["x"].tolist()[::2] == [0.1, -2e-7] and math.isnan(back["x"][1])
    assert back[["n", "ok"]].to_numpy().tolist() == [[1, True], [2, False], [3, True]]
    assert back["text"].tolist()[:2] == [7.1, -3] and math.isnan(back["text"][2])
    assert back["far"].tolist() == ["inf", "1", ""] and back["list"].tolist() == ["[0, 1]", "", ""]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write(pd.DataFrame({"smiles": ["CCO"]}), tmp_path / name, structures=["CCO"], ids=["a"])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_does_not_fit_is_said(tmp_path, monkeypatch, caplog):
    write(pd.DataFrame({"smiles": ["C" * 40_000, "\ud800"]}, dtype=object), tmp_path / "x.xlsx", structures=["", ""], ids=["a", "b"])
    assert "1 cells hold but the first 32767 characters" in caplog.text
    assert [len(raw) for raw in read(tmp_path / "x.xlsx").rows.raw] == [32_767, 1]
    monkeypatch.setattr(workbook, "_ROWS", 1)
    with pytest.raises(MolgenError, match="more than the 1 rows that a sheet has"):
        write(pd.DataFrame({"smiles": ["C", "C"]}), tmp_path / "y.xlsx", structures=["", ""], ids=["a", "b"])
    assert not (tmp_path / "y.xlsx").exists()
