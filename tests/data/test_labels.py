"""A label is the number that was measured, its bound kept, or a reason why there is none."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.data.labels import MOLAR, Labels, labels
from molgen.data.library import Library


def read(cells: list[object], column: str = "y", unit: str | None = None) -> Labels:
    return labels(Library.of(["CCO"] * len(cells), columns={column: cells}), column, unit=unit)


@pytest.mark.parametrize(
    ("cell", "value", "relation"),
    [
        ("1.5", 1.5, "="),
        (" 1.5 ", 1.5, "="),
        ("+2", 2, "="),
        ("-.5", -0.5, "="),
        ("5.", 5, "="),
        ("1e3", 1000, "="),
        ("1E-2", 0.01, "="),
        ("=3", 3, "="),
        ("~3", 3, "="),
        (">10", 10, ">"),
        ("> 10", 10, ">"),
        (">=10", 10, ">"),
        (">>10", 10, ">"),
        ("\u226510", 10, ">"),
        ("<0.1", 0.1, "<"),
        ("<=0.1", 0.1, "<"),
        ("<<0.1", 0.1, "<"),
        ("\u22640.1", 0.1, "<"),
        (7, 7, "="),
        (0.25, 0.25, "="),
        (np.float32(0.5), 0.5, "="),
    ],
)
def test_numbers_and_their_bounds_are_read(cell, value, relation):
    found = read([cell])
    assert (found.values.tolist(), found.relations.tolist(), found.problems) == ([value], [relation], {})


@pytest.mark.parametrize("cell", ["", "  ", "NA", "n/a", "N/A", "nan", "NaN", "None", "null", "ND", "-", "?", None, math.nan, pd.NA])
def test_missing_is_missing_and_no_problem(cell):
    found = read([cell, "1"])
    assert found.known.tolist() == [False, True] and found.problems == {} and found.relations.tolist() == ["=", "="]


@pytest.mark.parametrize(
    "cell",
    ["1,500", "1.5 nM", "inf", "-inf", "1e400", ">1e999", "12-15", "5+/-1", "high", "1 000", "==5", ">", "--1", "0x10", "1_000", "True"],
)
def test_what_is_no_number_is_refused_with_its_text(cell):
    found = read(["1", cell])
    assert (
        np.isnan(found.values[1]) and list(found.problems) == [1] and cell[:5] in found.problems[1] and found.problems[1].startswith("y: ")
    )


@pytest.mark.parametrize(
    ("unit", "cell", "expected"),
    [
        ("nM", "10", 8.0),
        ("uM", "1", 6.0),
        ("µM", "1", 6.0),
        ("\u03bcM", "1", 6.0),
        ("mM", "1", 3.0),
        ("M", "1e-9", 9.0),
        ("pM", "100", 10.0),
    ],
)
def test_concentrations_become_p_values(unit, cell, expected):
    assert read([cell], unit=unit).values[0] == pytest.approx(expected, abs=1e-12)


@given(st.floats(min_value=1e-3, max_value=1e5), st.sampled_from(["=", ">", "<"]))
def test_a_weaker_concentration_is_a_smaller_p_value_and_turns_its_bound(nanomolar, relation):
    found = read([f"{relation}{nanomolar!r}"], unit="nM")
    assert found.values[0] == pytest.approx(9 - math.log10(nanomolar), abs=1e-9)
    assert found.relations[0] == {"=": "=", ">": "<", "<": ">"}[relation]


@pytest.mark.parametrize("cell", ["0", "-5", ">0", "1e-400"])
def test_no_concentration_is_zero_or_less(cell):
    assert "a concentration of" in read([cell], unit="nM").problems[0]


@pytest.mark.parametrize("cell", ["1e8", "1e-6", "1e-300"])
def test_an_impossible_potency_is_refused_and_asks_for_the_unit(cell):
    assert "outside 2 to 14; is the unit right?" in read([cell], unit="nM").problems[0]


@pytest.mark.parametrize("column", ["pKi", "pIC50", "PEC50", "pKd", "pchembl_value"])
def test_a_column_of_p_values_is_known_by_its_name(column):
    found = read(["2", "14", "1.99", "14.01", "5000"], column)
    assert found.known.tolist() == [True, True, False, False, False] and sorted(found.problems) == [2, 3, 4]


@pytest.mark.parametrize("column", ["pKi", "pIC50", "pchembl_value"])
def test_a_unit_for_what_is_a_p_value_already_is_refused(column):
    with pytest.raises(MolgenError, match=f"'{column}' is of p-values by its name, not of concentrations in nM"):
        read(["6.5"], column, unit="nM")


@pytest.mark.parametrize(
    "cells", [[True, False, None], ["TRUE", " false", ""], ["True", "False", "NA"], [np.True_, np.False_, pd.NA], ["true", False, np.nan]]
)
def test_a_column_of_truths_is_ones_and_zeros(cells):
    found = read(cells)
    assert np.array_equal(found.values, [1, 0, np.nan], equal_nan=True) and found.problems == {} and found.truths


@pytest.mark.parametrize(("column", "unit"), [("pKi", None), ("Ki", "nM")])
def test_a_truth_is_no_potency(column, unit):
    assert "'True' is not a number" in read([True, False], column, unit=unit).problems[0]


@pytest.mark.parametrize("column", ["pKa", "logP", "price", "Ki_nM"])
def test_other_columns_may_hold_any_number(column):
    assert read(["5000", "-3"], column).known.all()


def test_a_column_absent_or_there_twice_is_a_request_error():
    library = Library.from_frame(pd.DataFrame([["CCO", 1, 2]], columns=["smiles", "y", "y"]))
    for column, said in (("z", "no column 'z'"), ("y", "2 columns are called 'y'")):
        with pytest.raises(MolgenError, match=said):
            labels(library, column)


def test_an_unknown_unit_lists_the_known_ones():
    with pytest.raises(MolgenError, match="known: M, mM"):
        read(["1"], unit="nm")
    assert set(MOLAR) >= {"M", "mM", "uM", "nM", "pM"}


@given(st.lists(st.text(max_size=8) | st.floats() | st.none(), max_size=8), st.sampled_from([None, "nM"]))
def test_any_cell_is_a_finite_number_missing_or_a_problem(cells, unit):
    found = read(cells, unit=unit)
    assert len(found.values) == len(cells) and not np.isinf(found.values).any() and set(found.relations.tolist()) <= {"=", ">", "<"}
    assert not found.known[list(found.problems)].any()


def test_commas_are_read_where_the_column_shows_what_they_are():
    assert read(["8,30", "7,1", "9"]).values.tolist() == [8.3, 7.1, 9.0]
    assert read(["2,400.0", ">1,234,567", "100"]).values.tolist() == [2400.0, 1234567.0, 100.0]
    assert read(["\N{MINUS SIGN}5.0"]).values.tolist() == [-5.0]
    for unclear in (["8,300", "9"], ["8,30", "7.1"], ["8,30", "1,234.5"]):
        assert read(unclear).problems
    assert read(["0,593", "8,301"]).values.tolist() == [0.593, 8.301] and read(["1234,567", "12,345"]).values.tolist() == [1234.567, 12.345]
    assert labels(Library.of(["C"], columns={"pKi": ["8,301"]}), "pKi").values.tolist() == [8.301]


def test_points_among_decimal_commas_are_of_thousands_or_in_doubt():
    assert read(["1.234,5", "12,5", "1.234", "850"]).values.tolist() == [1234.5, 12.5, 1234.0, 850.0]
    found = read(["12,5", "1.234", "850"])
    assert found.problems == {1: "y: '1.234' may be of decimals or of thousands"} and np.isnan(found.values[1])
    assert read(["12,5", "1.234.567"]).values.tolist() == [12.5, 1234567.0]


def test_a_slip_among_decimal_points_is_refused_alone():
    assert list(read(["5.234", "6.120", "6,5"]).problems) == [2] and read(["5.234", "6.120", "6,5"]).values[0] == 5.234
    assert list(read(["5.234", "6.120", "1.234.567"]).problems) == [2]
    for column in ("pKi", "pIC50_JAK2"):
        assert labels(Library.of(["C", "CC"], columns={column: ["5,234", "6.12"]}), column).values.tolist() == [5.234, 6.12]


@pytest.mark.parametrize("pair", [("yes", "No"), ("Y", "n"), ("active", "Inactive"), ("POSITIVE", "negative")])
def test_other_words_for_true_and_false_are_classes(pair):
    found = read([*pair, ""])
    assert found.truths and found.values[:2].tolist() == [1.0, 0.0] and np.isnan(found.values[2])
    assert read([pair[0], "false"]).problems


def test_relations_and_units_of_an_export_are_read():
    columns = {"Standard Value": ["10000", "10", "5", "7"], "Standard Relation": ["'>'", "'='", "=", ""]}
    table = Library.of(["C", "CC", "CCC", "CCCC"], columns={**columns, "Standard Units": ["nM", "uM", "ug.mL-1", ""]})
    found = labels(table, "Standard Value", unit="nM")
    assert found.values[[0, 1]].tolist() == [5.0, 5.0] and found.relations.tolist()[:2] == ["<", "="] and found.values[3] > 8
    assert found.problems == {2: "Standard Value: in ug.mL-1, which is no concentration"}
    with pytest.raises(MolgenError, match="is in several units: nM, uM, ug"):
        labels(table, "Standard Value")
    assert labels(Library.of(["C"], columns={"value": ["7"], "relation": ["<"]}), "value").relations.tolist() == ["<"]


def test_relations_and_units_of_any_column_are_read():
    beside = {"IC50 units": ["nM", "uM"], "IC50 qualifier": ["=", ">"]}
    for names in (beside, {name.replace(" ", "_").replace("units", "unit"): cells for name, cells in beside.items()}):
        found = labels(Library.of(["C", "CC"], columns={"IC50": ["1", "1"], **names}), "IC50", unit="nM")
        assert found.values.round(6).tolist() == [9.0, 6.0] and found.relations.tolist() == ["=", "<"]
    bare = {"IC50": ["1", "1"], "logD": ["1", "1"], "units": ["uM", "mg/ml"], "relation": [">", "="]}
    found = labels(Library.of(["C", "CC"], columns=bare), "IC50", unit="nM")
    assert found.values[0] == 6.0 and found.relations[0] == "<" and found.problems == {1: "IC50: in mg/ml, which is no concentration"}
    assert labels(Library.of(["C", "CC"], columns=bare), "logD").relations.tolist() == ["=", "="]
    assert labels(Library.of(["C"], columns={"Ki": ["1"], "units": ["umol/L"]}), "Ki", unit="nM").values.round(6).tolist() == [6.0]
    people = {"Ki": ["1"], "operator": ["Ann"], "relation": [">"]}
    assert labels(Library.of(["C"], columns=people), "Ki", unit="nM").relations.tolist() == ["<"]


@pytest.mark.parametrize("column", ["IC50 (nM)", "Ki"])
def test_units_of_another_column_are_not_this_ones(column):
    beside = {"EC50 value": ["12"], "units": ["uM"], "relation": [">"]}
    found = labels(Library.of(["C"], columns={column: ["100"], **beside}), column, unit="nM")
    assert found.values.round(6).tolist() == [7.0] and found.relations.tolist() == ["="]


@pytest.mark.parametrize(
    ("column", "said"),
    [("pKi_JAK2", "is of p-values by its name"), ("Ki (\N{MICRO SIGN}M)", "by its name, not in nM")],
)
def test_a_unit_that_the_name_of_the_column_denies_is_refused(column, said):
    with pytest.raises(MolgenError, match=said):
        labels(Library.of(["C"], columns={column: ["1"]}), column, unit="nM")


def test_a_relation_column_adds_to_bare_numbers_alone():
    columns = {"value": ["NA", ">10", "active", "1,234.5", "7"], "relation": ["=", "=", "=", ">", "<"]}
    found = labels(Library.of(["C", "CC", "CCC", "CCCC", "CCCCC"], columns=columns), "value")
    assert found.relations[[1, 3, 4]].tolist() == [">", ">", "<"] and found.values[3] == 1234.5 and list(found.problems) == [2]


@pytest.mark.parametrize("column", ["PKD1_IC50_nM", "JAK2 IC50 1 mM ATP (nM)"])
def test_names_that_only_look_like_another_unit_are_taken(column):
    assert labels(Library.of(["C"], columns={column: ["10"]}), column, unit="nM").values.tolist() == [8.0]


def test_units_count_where_there_is_a_value():
    table = Library.of(["C", "CC", "CCC"], columns={"value": ["1", "", "2"], "units": ["nM", "uM", "NA"]})
    assert labels(table, "value").values[0] == 1.0
    table = Library.of(["C", "CC"], columns={"value": ["1", "1"], "units": ["nmol/L", "umol/L"]})
    assert labels(table, "value", unit="nM").values.round(6).tolist() == [9.0, 6.0]
    assert read(["1,234,567", "1,2,3", "0,123"]).problems.keys() == {1, 2}
