"""A spreadsheet's rows are read as its CSV's would be, from the sheet that has them; a broken one is an error."""

import io
import re
import sys
import types
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from molgen.base.errors import MolgenError
from molgen.data.columns import Choice
from molgen.data.estimate import estimated_rows
from molgen.data.labels import labels
from molgen.data.readers import join, read, read_rows


def book(path, sheets: dict, *, hidden: tuple[str, ...] = ()):
    """A workbook of these sheets; a cell as (row, column): value, or rows from A1 on."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        for name, cells in sheets.items():
            sheet = made.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
                sheet.set_first_sheet()
            if not isinstance(cells, dict):
                cells = {(row, column): cell for row, line in enumerate(cells) for column, cell in enumerate(line)}
            for (row, column), cell in cells.items():
                write = sheet.write_string if isinstance(cell, str) else sheet.write
                write(row, column, cell)
    return path


def patched(source, target, change):
    """The workbook with the text of its sheets changed."""
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w") as changed:
        for name in given.namelist():
            text = given.read(name).decode()
            changed.writestr(name, change(text) if name.startswith("xl/worksheets/sheet") else text)


SERIES = [["Compound ID", "SMILES", "pIC50", "n", "seen", "note"], [17, "CCO", 7.5, 3, True, ">10"], [18, "OCC", 8, None, False, 10]]


def test_cells_are_the_text_of_a_csv(tmp_path):
    library = read(book(tmp_path / "x.xlsx", {"Series": SERIES}))
    assert (library.ids, library.smiles, library.rows.lines) == (("17", "18"), ["CCO", "CCO"], (2, 3))
    frame = library.rows.columns
    assert frame.columns.tolist() == SERIES[0]
    assert frame.to_numpy().tolist() == [["17", "CCO", "7.5", "3", "TRUE", ">10"], ["18", "OCC", "8", "", "FALSE", "10"]]
    assert labels(library, "pIC50").values.tolist() == [7.5, 8.0]


def test_dates_and_times_are_said_as_everywhere(tmp_path):
    found = [date(2024, 5, 1), datetime(2024, 5, 1, 12), time(6, 30), timedelta(hours=30), 1e-7, 2.0**60, "a\x01"]
    cells = [["smiles", *"abcdefg"], ["CCO", *found]]
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx")) as made:
        sheet = made.add_worksheet()
        forms = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm", time: "hh:mm", timedelta: "[h]:mm"}
        for row, line in enumerate(cells):
            for column, cell in enumerate(line):
                if type(cell) in forms:
                    sheet.write_datetime(row, column, cell, made.add_format({"num_format": forms[type(cell)]}))
                else:
                    sheet.write(row, column, cell)
    said = ["2024-05-01", "2024-05-01T12:00:00", "06:30:00", "30:00:00", "1e-07", "1.152921504606847e+18", "a\x01"]
    assert read(tmp_path / "x.xlsx").rows.columns.iloc[0].tolist() == ["CCO", *said]


def test_an_error_or_a_formula_that_was_never_worked_out_is_shown_and_no_row_lost(tmp_path):
    made = openpyxl.Workbook()
    for row in (["id", "smiles", "n"], ["a", "CCO", "=1+1"], ["b", "=Lookup!A2", "#N/A"], ["#REF!", "#N/A", "#DIV/0!"]):
        made.active.append(row)
    made.save(tmp_path / "x.xlsx")
    library = read(tmp_path / "x.xlsx")
    assert library.rows.columns.to_numpy().tolist() == [["a", "CCO", "=1+1"], ["b", "=Lookup!A2", "#N/A"], ["#REF!", "#N/A", "#DIV/0!"]]
    assert [reject.id for reject in library.rejects] == ["b", "#REF!"]
    with xlsxwriter.Workbook(str(tmp_path / "y.xlsx")) as saved:  # as Excel saves it
        sheet = saved.add_worksheet()
        sheet.write_row(0, 0, ["smiles", "n"])
        sheet.write_formula(1, 0, "=A9", value="CCN")
        sheet.write_formula(1, 1, '=IF(A1>7,"hit","")', value="")
    patched(tmp_path / "y.xlsx", tmp_path / "z.xlsx", lambda text: text.replace('<c r="B2">', '<c r="B2" t="str">'))
    assert read(tmp_path / "z.xlsx").rows.columns.to_numpy().tolist() == [["CCN", ""]]


def test_formulas_are_found_whatever_the_prefix_of_their_names(tmp_path):
    made = openpyxl.Workbook()
    for row in (["smiles", "n"], ["CCO", "=1+1"]):
        made.active.append(row)
    made.save(tmp_path / "x.xlsx")
    prefixed = lambda text: re.sub(r"<(/?)(?=[a-z])", r"<\1x:", text).replace("xmlns=", "xmlns:x=")  # noqa: E731
    patched(tmp_path / "x.xlsx", tmp_path / "y.xlsx", prefixed)
    assert read(tmp_path / "y.xlsx").rows.columns.to_numpy().tolist() == [["CCO", "=1+1"]]


def test_what_is_no_character_stays_as_it_is_written(tmp_path):
    library = read(book(tmp_path / "x.xlsx", {"a": [["smiles", "id"], ["CCO", "a_xD800_b"], ["CCN", "c_x0000_"]]}))
    assert library.ids == ("a_xD800_b", "c_x0000_")


def test_of_a_header_of_two_rows_or_below_a_title_the_lower_one_counts(tmp_path):
    for n, title in enumerate((["Structure", "", "Assay"], ["Molecule"])):
        rows = [title, ["SMILES", "ID", "IC50"], ["CCO", "a", 7]]
        library = read(book(tmp_path / f"{n}.xlsx", {"a": rows}))
        assert library.ids == ("a",) and library.rows.columns.columns.tolist() == ["SMILES", "ID", "IC50"]


def test_what_lies_about_a_table_is_left_out_and_rows_keep_the_numbers_that_are_shown(tmp_path):
    cells = {(0, 0): "Series 3", (3, 2): "smiles", (3, 4): "when", (4, 2): "CCO", (4, 4): 1, (6, 2): "CCN", (6, 4): 2, (9, 2): " "}
    library = read(book(tmp_path / "x.xlsx", {"a": cells}))
    assert library.rows.lines == (5, 6, 7) and library.rows.faults == {1: "blank line"}
    assert library.rows.columns.to_numpy().tolist() == [["CCO", "1"], ["", ""], ["CCN", "2"]]


def test_a_cell_far_away_costs_nothing(tmp_path):
    rows = {(0, 0): "smiles", (1, 0): "CCO", (1_048_575, 16_383): " "}
    assert read(book(tmp_path / "x.xlsx", {"a": rows})).smiles == ["CCO"]


def test_a_column_without_a_name_stays_where_it_says_anything_and_a_late_word_in_one_is_said(tmp_path):
    frame = read(book(tmp_path / "x.xlsx", {"a": [["", "smiles", ""], ["", "CCO", "x"]]})).rows.columns
    assert frame.columns.tolist() == ["smiles", ""] and frame.to_numpy().tolist() == [["CCO", "x"]]
    late = [["", "smiles"], *[["", "C" * n] for n in range(1, 60)], ["look!", "CCN"]]
    library = read(book(tmp_path / "y.xlsx", {"a": late}))
    assert len(library) == 60 and [reject.reason for reject in library.rejects] == ["'look!' in column A, which has no name"]


def test_an_empty_column_where_excel_shows_pictures_is_not_the_structures(tmp_path):
    rows = [["Structure", "SMILES"], ["", "CCO"]]
    library = read(book(tmp_path / "x.xlsx", {"a": rows}))
    assert library.smiles == ["CCO"] and library.rows.columns.columns.tolist() == ["Structure", "SMILES"]
    with pytest.raises(MolgenError, match="2 columns could be meant"):
        read(book(tmp_path / "y.xlsx", {"a": [["Structure", "SMILES"], ["CCN", "CCO"]]}))


def test_two_columns_of_one_name_both_stay(tmp_path):
    frame = read(book(tmp_path / "x.xlsx", {"a": [["smiles", "n", "n"], ["CCO", 1, "x"]]})).rows.columns
    assert frame.columns.tolist() == ["smiles", "n", "n"] and frame.to_numpy().tolist() == [["CCO", "1", "x"]]


def test_of_several_sheets_it_is_the_one_with_structures(tmp_path):
    about = [["made by"], ["A. Chemist"]]
    assert read(book(tmp_path / "x.xlsx", {"about": about, "data": SERIES})).ids == ("17", "18")
    with pytest.raises(MolgenError, match="2 sheets have structures: 'one', 'two'"):
        read(book(tmp_path / "y.xlsx", {"one": SERIES, "two": SERIES}))
    other = [["cmpd", "parent"], ["a", "CCN"]]
    assert read(book(tmp_path / "y.xlsx", {"one": SERIES, "two": other}), smiles_col="parent").smiles == ["CCN"]
    assert read(book(tmp_path / "y.xlsx", {"old": SERIES, "new": [["smiles"], ["CCN"]]}, hidden=("old",))).smiles == ["CCN"]
    with pytest.raises(MolgenError, match=r"no structure column among 'made by' .*sheet 'about'"):
        read(book(tmp_path / "y.xlsx", {"about": about}))
    with pytest.raises(MolgenError, match="nothing stands in it"):
        read(book(tmp_path / "y.xlsx", {"empty": []}))


def test_a_sheet_with_a_header_alone_has_no_rows(tmp_path):
    assert read(book(tmp_path / "x.xlsx", {"a": SERIES[:1]})).rows.columns.columns.tolist() == SERIES[0]


def test_how_many_rows_there_are_is_not_told_beforehand(tmp_path):
    assert estimated_rows(book(tmp_path / "x.xlsx", {"a": SERIES})) is None


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_chunks_join_to_the_whole(tmp_path, chunk):
    rows = [["smiles", "n", "mixed"], *([f"C{'C' * n}", n, "text" if n == 4 else n / 2] for n in range(7))]
    path = book(tmp_path / "x.xlsx", {"a": rows})
    whole, parts = join(list(read_rows(path))), join(list(read_rows(path, chunk=chunk)))
    assert (parts.ids, parts.raw, parts.lines) == (whole.ids, whole.raw, whole.lines)
    assert whole.raw == tuple("C" * n for n in range(1, 8))
    pd.testing.assert_frame_equal(parts.columns, whole.columns)
    assert whole.columns["mixed"].tolist() == ["0", "0.5", "1", "1.5", "text", "2.5", "3"]


def test_standard_input_is_read_once_its_form_is_said(tmp_path, monkeypatch):
    data = book(tmp_path / "x.xlsx", {"a": SERIES}).read_bytes()
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(data)))
    assert read("-", format="xlsx", id_col="note").ids == (">10", "10")


def test_a_spreadsheet_that_is_cut_short_or_none_is_never_silently_short(tmp_path):
    whole = book(tmp_path / "x.xlsx", {"a": [["smiles"], *(["C" * n] for n in range(1, 300))]}).read_bytes()
    for cut in (*range(0, len(whole), len(whole) // 100), len(whole) - 1):
        (tmp_path / "x.xlsx").write_bytes(whole[:cut])
        with pytest.raises(MolgenError, match="not a whole workbook"):
            list(read_rows(tmp_path / "x.xlsx"))
    (tmp_path / "x.xlsx").write_text("smiles\nCCO\n")
    with pytest.raises(MolgenError, match="not a whole workbook"):
        list(read_rows(tmp_path / "x.xlsx"))
    with pytest.raises(MolgenError, match="no such file"):
        list(read_rows(tmp_path / "y.xlsx"))


def test_other_spreadsheets_are_answered_with_what_to_do(tmp_path):
    for name in ("x.xls", "x.ods", "x.xlsb"):
        with pytest.raises(MolgenError, match=r"save it as \.xlsx"):
            list(read_rows(tmp_path / name))
    (tmp_path / "x.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(MolgenError, match="locked by a password"):
        list(read_rows(tmp_path / "x.xlsx"))


def test_a_chosen_column_that_no_sheet_has_is_an_error(tmp_path):
    with pytest.raises(MolgenError, match="no column 'core'"):
        list(read_rows(book(tmp_path / "x.xlsx", {"a": SERIES}), choice=Choice(smiles_col="core")))
