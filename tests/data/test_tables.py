"""Every line of a table becomes a row, with its cells, its line number, and the reason when it is broken."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.data import streams, tables
from molgen.data.columns import Choice
from molgen.data.library import Rows
from molgen.data.readers import join
from molgen.data.tables import smi_rows, table_rows

CELL = (
    st.text(alphabet="CNO=()#' ,;\t\"\n\u00e9", max_size=6)
    .map(lambda text: text.replace("'", ""))
    .filter(lambda text: not text.startswith("\t"))
)


def stream(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")


def table(text: str, *, chunk: int = 100, delimiter: str | None = None, **choice: str) -> Rows:
    return join(list(table_rows(stream(text), Choice(**choice), chunk, "f.csv", delimiter=delimiter)))


def smi(text: str, *, chunk: int = 100) -> Rows:
    return join(list(smi_rows(stream(text), chunk, "f.smi")))


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from(",;\t|"), st.integers(1, 5))
def test_any_table_comes_back_cell_by_cell(rows, end, mark, chunk):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=mark, lineterminator=end)
    writer.writerow(["id", "smiles", "note"])
    writer.writerows(rows)
    read = table(written.getvalue(), chunk=chunk, delimiter=mark)
    assert read.columns.to_numpy().tolist() == [list(row) for row in rows]
    assert read.raw == tuple(row[1] for row in rows)
    assert read.ids == tuple(row[0].strip() or f"row_{number}" for number, row in enumerate(rows, start=1))
    assert not read.faults


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_the_last_one_missing_change_nothing(end, last):
    text = end.join(["smiles,id", "CCO,a", "CCN,b"]) + (end if last else "")
    read = table(text)
    assert (read.raw, read.ids, read.lines) == (("CCO", "CCN"), ("a", "b"), (2, 3))


@pytest.mark.parametrize("header", ["smiles,id", "smiles;id", "smiles\tid", "smiles|id", '"smiles","a;b;c;d"'])
def test_the_delimiter_is_the_headers(header):
    mark = next(mark for mark in ",;\t|" if mark in header.replace("a;b;c;d", ""))
    assert table(f"{header}\nCCO{mark}x\n").columns.shape == (1, 2)


def test_a_header_alone_is_no_row_and_nothing_is_no_table():
    assert len(table("smiles,id\n")) == 0 and table("smiles,id").columns.columns.tolist() == ["smiles", "id"]
    for text in ("", "\n", "  \nsmiles\n"):
        with pytest.raises(MolgenError, match="no header"):
            table(text)


def test_short_long_and_blank_lines_stay_rows_with_their_lines():
    read = table("smiles,id,note\nCCO,a,x\nCCN\n\nCCC,b,y,more,still\nCCF,c,z,,\nCCl,d,w\n\n\n")
    assert read.raw == ("CCO", "CCN", "", "CCC", "CCF", "CCl") and read.lines == (2, 3, 4, 5, 6, 7)
    assert read.faults == {1: "1 cells, the header has 3", 2: "blank line", 3: "5 cells, the header has 3"}
    assert read.columns["note"].tolist() == ["x", "", "", "y,more,still", "z", "w"]  # nothing read is lost


def test_quoted_newlines_stay_in_their_cell_and_the_line_is_where_the_row_starts():
    read = table('smiles,"my\nnote"\nCCO,"a\nb\r\nc"\nCCN,d\n')
    assert read.columns.columns.tolist() == ["smiles", "my\nnote"] and read.lines == (3, 6)
    assert read.columns.iloc[:, 1].tolist() == ["a\nb\r\nc", "d"]


@pytest.mark.parametrize(("text", "line"), [('smiles,id\nCCO,a\nCCN,"b\nCCC,c\n', 3), ('smiles,"id\nCCO,a\n', 1), ('smiles\n"CC"O\n', 2)])
def test_a_quote_never_closed_is_one_error_with_its_line(text, line):
    with pytest.raises(MolgenError) as error:
        table(text)
    assert error.value.where == f"f.csv, line {line}" and "quote" in error.value.fix


def test_an_endless_line_is_one_rejected_row_unless_a_quote_in_it_is_open(monkeypatch):
    monkeypatch.setattr(tables, "LINE_MAX", 50)
    read = table("smiles,id\nCCO,a\n" + "C" * 500 + ",b\nCCN,c\n")
    assert read.ids == ("a", "row_2", "c") and read.lines == (2, 3, 4) and read.faults == {1: "line of more than 50 characters"}
    with pytest.raises(MolgenError, match="more than 50 characters") as error:
        table('smiles,id\nCCO,a\n"' + "C" * 500 + '",b\n')
    assert error.value.where == "f.csv, line 3"


def test_a_name_with_a_comma_in_it_does_not_part_the_columns():
    assert table("smiles;pKi, mean\nCCO;8,3\n").columns.to_numpy().tolist() == [["CCO", "8,3"]]


def test_a_nul_byte_is_kept_for_the_gate_to_refuse():
    assert table("smiles,id\nC\x00C,a\nCCO,b\n").raw == ("C\x00C", "CCO")


def test_duplicate_unnamed_and_case_twin_columns_all_stay():
    read = table("smiles,x,x,,X,molgen_status\nCCO,1,2,3,4,mine\n")
    assert read.columns.columns.tolist() == ["smiles", "x", "x", "", "X", "molgen_status"]
    assert read.columns.to_numpy().tolist() == [["CCO", "1", "2", "3", "4", "mine"]]


def test_protected_cells_and_headers_are_read_as_they_were():
    read = table("smiles,'=x\nCCO,'=1+1\n")
    assert read.columns.columns.tolist() == ["smiles", "=x"] and read.columns.iloc[0, 1] == "=1+1"


@given(
    st.lists(st.tuples(st.text(alphabet="CNO=()", min_size=1, max_size=5), st.text(alphabet="ab-1", max_size=4)), max_size=12),
    st.sampled_from(" \t"),
    st.integers(1, 4),
)
@settings(max_examples=100)
def test_a_smiles_file_comes_back_line_by_line(rows, mark, chunk):
    read = smi("".join(f"{smiles}{mark}{name}\n" for smiles, name in rows), chunk=chunk)
    assert read.raw == tuple(smiles for smiles, _ in rows)
    assert read.ids == tuple(name or f"row_{number}" for number, (_, name) in enumerate(rows, start=1))


@pytest.mark.parametrize(
    ("line", "smiles", "name"),
    [
        ("CCO", "CCO", "row_1"),
        ("CCO ethanol 96 %", "CCO", "ethanol 96 %"),
        ("CCO\tethanol\tmore", "CCO", "ethanol\tmore"),
        ("  CCO   x ", "CCO", "x"),
        ("CC |$a;b$| x", "CC |$a;b$|", "x"),
        ("CC |$a;b$|", "CC |$a;b$|", "row_1"),
        ("\tCO", "", "CO"),  # a name without a structure is not methanol
        ("CC\u00a0CO x", "CC\u00a0CO", "x"),  # the gate sees the whole, not the half before the no-break space
        ("\u00a0", "\u00a0", "row_1"),
        ("\ufeffCCO x", "\ufeffCCO", "x"),
    ],
)
def test_a_line_is_parted_at_blanks_and_tabs_alone(line, smiles, name):
    read = smi(line + "\nC end\n")
    assert (read.raw[0], read.ids[0]) == (smiles, name)


@pytest.mark.parametrize("header", ["smiles", "SMILES id", "smiles\tname", "canonical_smiles zinc_id", "\ufeffsmiles id"])
def test_a_header_is_known_by_its_words(header):
    assert smi(f"{header}\nCCO a\n").raw == ("CCO",)


def test_blank_lines_between_molecules_are_rows_and_at_the_end_padding():
    read = smi("CCO a\n\nCCN b\n\n  \n")
    assert (read.raw, read.ids, read.lines) == (("CCO", "", "CCN"), ("a", "row_2", "b"), (1, 2, 3))
    assert len(smi("")) == 0 and len(smi("\n\n")) == 0


def test_an_endless_line_is_a_row_with_a_reason(monkeypatch):
    monkeypatch.setattr(streams, "LINE_MAX", 20)
    monkeypatch.setattr(tables, "LINE_MAX", 20)
    read = smi("C" * 99 + "\nCCO b\n")
    assert read.faults == {0: "line of more than 20 characters"} and read.ids[1] == "b"


def test_a_spreadsheets_note_of_its_delimiter_is_no_header():
    read = table("sep=;\nsmiles;y\nCCO;1,5\nC;\"a\nb\"\nCC;2\n")
    assert read.columns.columns.tolist() == ["smiles", "y"] and read.columns["y"].tolist()[:1] == ["1,5"] and read.lines == (3, 4, 6)


@pytest.mark.parametrize("header", ["id smiles", "smiles id act", "name\tsmiles"])
def test_a_smiles_file_of_other_columns_is_a_table(header):
    mark = "\t" if "\t" in header else " "
    cells = {"smiles": "CCO", "id": "e", "name": "e", "act": "5"}
    read = smi(f"{header}\n" + mark.join(cells[name] for name in header.split()) + "\n")
    assert read.raw == ("CCO",) and read.ids == ("e",) and read.columns.columns.tolist() == header.split()


def test_blanks_between_columns_may_be_several():
    read = smi("smiles   name   pKi\nCCO   a   1\nCCCCCC  b  2\n")
    assert not any(read.faults) and read.ids == ("a", "b") and read.columns["pKi"].tolist() == ["1", "2"]


def test_a_callers_own_limit_of_cells_is_not_lowered():
    before = csv.field_size_limit(10**9)
    try:
        table("smiles\nCCO\n")
        assert csv.field_size_limit() == 10**9
    finally:
        csv.field_size_limit(before)


def test_an_empty_cell_between_two_blanks_stays_where_the_header_has_single_ones():
    read = smi("smiles name value\nCCO  5\n")
    assert not any(read.faults) and read.columns["value"].tolist() == ["5"]
