"""A library keeps every row in its place; what is worked out on distinct molecules lands on all their rows."""

import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool
from molgen.data.library import Library, Rows, with_columns
from molgen.data.splits import split

POOL = ["CCO", "OCC", "C(O)C", "CCN", "CCN.Cl", "c1ccccc1", "C1=CC=CC=C1", "C1CC", "", "*C", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"]
CELLS = st.lists(st.sampled_from(POOL), max_size=15)


@given(CELLS)
@settings(max_examples=60, deadline=None)
def test_results_on_distinct_molecules_reach_every_row(cells):
    library = Library.of(cells)
    distinct = library.distinct()
    # The plain way: each row asked by itself.
    keys = [Chem.MolToInchiKey(Chem.MolFromSmiles(text)) if text else "" for text in library.smiles]
    assert sorted(distinct.inchikeys) == sorted(set(keys) - {""}) and distinct.ok.all()
    numbers = {key: float(position) for position, key in enumerate(distinct.inchikeys)}
    filled = library.fill(np.arange(len(distinct)))
    np.testing.assert_array_equal(filled, [numbers.get(key, np.nan) for key in keys])
    wide = library.fill(np.arange(3 * len(distinct)).reshape(-1, 3))
    assert wide.shape == (len(cells), 3)
    np.testing.assert_array_equal(wide[:, 0], filled * 3)


@given(CELLS, st.data())
@settings(max_examples=60, deadline=None)
def test_taken_rows_are_those_rows(cells, data):
    library = Library.of(cells, columns={"n": list(range(len(cells)))})
    index = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=10)) if cells else []
    taken = library.take(index)
    assert taken.smiles == [library.smiles[i] for i in index] and taken.ids == tuple(library.ids[i] for i in index)
    assert taken.rows.columns["n"].tolist() == index
    assert [reject.reason for reject in taken.rejects] == [library.structures[i].reason for i in index if not library.ok[i]]
    mask = np.isin(np.arange(len(cells)), index)
    assert library.take(mask).ids == library.take(sorted(set(index))).ids


def test_the_wrong_number_of_values_is_refused():
    with pytest.raises(ValueError, match="3 values for 1 distinct"):
        Library.of(["CCO", "OCC", "C1CC"]).fill(np.zeros(3))


def test_duplicates_name_the_first_of_their_kind_and_rejects_none():
    library = Library.of(["CCO", "C1CC", "OCC", "CCN.Cl", "NCC"], ids=list("abcde"))
    assert library.first_row.tolist() == [0, -1, 0, 3, 3]
    assert library.to_frame()["molgen_duplicate_of"].tolist() == ["", "", "a", "", "d"]
    assert library.ok.tolist() == [True, False, True, True, True]


def test_rejects_say_row_id_line_stage_reason_and_raw_text():
    rows = Rows(("a", "b", "c"), ("CCO", "C1CC", "CCN"), pd.DataFrame({"smiles": ["CCO", "C1CC", "CCN"]}), (2, 3, 9), {2: "blank line"})
    first, second = Library.from_rows(rows).rejects
    assert (first.row, first.id, first.line, first.stage, first.raw) == (1, "b", 3, "gate", "C1CC")
    assert (second.row, second.line, second.stage, second.reason) == (2, 9, "row", "blank line")


def test_a_thing_is_worked_out_once_and_shared_through_the_distinct_rows():
    calls = []
    library = Library.of(["CCO", "OCC"])
    for _ in range(3):
        assert library.distinct().once("answer", lambda distinct: calls.append(len(distinct)) or 42) == 42
    assert calls == [1] and library.distinct() is library.distinct() and library.mols is library.mols
    alone = Library.of(["CCO"])
    assert alone.distinct() is alone


def test_the_same_text_is_standardised_once(monkeypatch):
    seen = []
    real = Library.of(["CCO"]).structures[0]
    monkeypatch.setattr("molgen.data.library.standardize_all", lambda texts, limits: seen.extend(texts) or [real] * len(texts))
    assert len(Library.of(["CCO"] * 50 + ["CCN"] * 50)) == 100 and seen == ["CCO", "CCN"]


def test_a_pool_of_processes_gives_the_same_library():
    assert Library.of(POOL, executor=Pool(workers=1)).structures == Library.of(POOL).structures


@pytest.mark.parametrize("most", [0, 1_000])
@pytest.mark.parametrize("executor", [None, Pool(workers=1)], ids=["here", "pool"])
def test_molecules_are_those_of_the_smiles_whether_kept_or_read_again(monkeypatch, most, executor):
    monkeypatch.setattr("molgen.data.library._MOST_MOLS", most)
    library = Library.of(POOL, executor=executor)
    kept = executor is None and most > 0
    assert all((structure.mol is not None) == kept for structure, ok in zip(library.structures, library.ok) if ok)
    for mol, smiles in zip(library.mols, library.smiles, strict=True):
        assert mol.ToBinary() == Chem.MolFromSmiles(smiles).ToBinary()


def test_no_key_is_made_before_it_is_asked_for(monkeypatch):
    made, real = [], Chem.MolToInchiKey
    monkeypatch.setattr(Chem, "MolToInchiKey", lambda mol: made.append(mol) or real(mol))
    library = Library.of(POOL)
    assert len(library.mols) == len(POOL) and library.ok.any() and made == []
    assert len(library.distinct()) == len(set(library.inchikeys) - {""}) and len(made) >= len(library.distinct())


def test_a_library_of_nothing_is_one():
    empty = Library.of([])
    assert (len(empty), empty.smiles, empty.rejects, empty.mols) == (0, [], (), [])
    assert empty.fill(np.zeros((0, 2))).shape == (0, 2) and len(empty.distinct()) == 0 == len(empty.take([]))
    assert empty.to_frame().columns.tolist()[0] == "smiles" and len(empty.to_frame()) == 0
    bad = Library.of(["", "C1CC"])
    assert len(bad.distinct()) == 0 and np.isnan(bad.fill(np.zeros(0))).all()


def test_input_columns_stand_first_untouched_and_none_is_overwritten():
    frame = pd.DataFrame([["CCO", 1, "mine", "too", 2.5]], columns=["smiles", "x", "molgen_smiles", "molgen_smiles_2", "x"])
    out = Library.from_frame(frame).to_frame()
    pd.testing.assert_frame_equal(out.iloc[:, :5], frame)
    assert out["molgen_smiles"].tolist() == ["mine"] and out["molgen_smiles_3"].tolist() == ["CCO"]
    assert not out.columns[5:].isin(frame.columns).any()


def test_new_columns_leave_the_frame_as_it_was():
    frame = pd.DataFrame({"a": [1, 2]}, index=[7, 9])
    out = with_columns(frame, {"b": [3, 4]})
    assert frame.columns.tolist() == ["a"] and out["molgen_b"].tolist() == [3, 4] and out.index.tolist() == [7, 9]


def test_a_frame_with_gaps_becomes_rows():
    library = Library.from_frame(pd.DataFrame({"s": ["CCO", None, np.nan], "k": ["a", None, 3]}, index=[5, 5, 5]), smiles="s", id="k")
    assert library.ids == ("a", "row_2", "3") and library.ok.tolist() == [True, False, False]
    with pytest.raises(MolgenError, match="no column 'smiles'"):
        Library.from_frame(pd.DataFrame({"s": []}))


def test_ids_must_be_as_many_as_structures():
    with pytest.raises(MolgenError, match="1 ids for 2 structures"):
        Library.of(["CCO", "CCN"], ids=["a"])


def test_the_digest_follows_what_was_read():
    assert Library.of(["CCO"]).digest == Library.of(["CCO"]).digest
    assert len({Library.of(["CCO"]).digest, Library.of(["OCC"]).digest, Library.of(["CCO"], ids=["x"]).digest}) == 3


def test_a_molecule_already_known_costs_almost_nothing():
    cells = ["CCO", "C1CC"] * 50_000
    began = time.process_time()
    library = Library.of(cells)
    library.fill(np.zeros(len(library.distinct())))
    assert time.process_time() - began < 3  # 30 microseconds a row


def test_molecules_that_are_read_again_say_nothing_twice(capfd):
    known = pickle.loads(pickle.dumps(Library.of(["[F-].[H+]", "CCO", "C1CC"])))
    assert [mol.GetNumAtoms() for mol in known.mols] == [2, 3, 0]
    assert capfd.readouterr().err == ""


def test_a_column_that_is_not_there_or_there_twice_is_refused_with_what_was_meant():
    library = Library.of(["CCO"], columns={"pKi_JAK2": ["7.5"], "pKi_JAK1": ["6.5"], "year": ["2020"]})
    with pytest.raises(MolgenError, match="did you mean 'pKi_JAK2' or 'pKi_JAK1'"):
        library.cells("pki")
    with pytest.raises(MolgenError, match="did you mean 'year'"):
        library.cells("yaer")
    with pytest.raises(MolgenError, match="there are: smiles, pKi_JAK2, pKi_JAK1, year"):
        library.cells("target")
    twice = replace(library.rows, columns=library.rows.columns.set_axis(["smiles", "a", "a", "year"], axis=1))
    with pytest.raises(MolgenError, match="2 columns are called 'a'"):
        replace(library, rows=twice).cells("a")


def test_what_is_no_sequence_of_smiles_is_refused_and_a_missing_one_is_a_reject():
    with pytest.raises(MolgenError, match="where a sequence of SMILES belongs"):
        Library.of("CCO")
    with pytest.raises(MolgenError, match="from_frame"):
        Library.of(pd.DataFrame({"smiles": ["CCO"]}))
    with pytest.raises(MolgenError, match="MolToSmiles"):
        Library.of([Chem.MolFromSmiles("CCO")])
    assert [reject.row for reject in Library.of(["CCO", None, float("nan"), pd.NA]).rejects] == [1, 2, 3]
    with pytest.raises(MolgenError, match="2 columns are called 'smiles'"):
        Library.from_frame(pd.DataFrame([["CCO", "CCN"]], columns=["smiles", "smiles"]))


def test_tautomers_are_told_apart_but_never_parted():
    indazoles = ["c1ccc2[nH]ncc2c1", "CCO", "c1ccc2n[nH]cc2c1", "C1CC", "OCC"]
    library = Library.of(indazoles)
    assert library.inchikeys[0] == library.inchikeys[2] and library.first_row.tolist() == [0, 1, 0, -1, 1]
    assert (len(library.distinct()), len(library.unique())) == (3, 2)
    np.testing.assert_array_equal(library.fill(np.array([1.0, 2.0, 3.0])), [1, 2, 3, np.nan, 2])
    np.testing.assert_array_equal(library.fill_unique(np.array([1.0, 2.0])), [1, 2, 1, np.nan, 2])
    assert library.molecule_of_row.tolist() == [0, 1, 2, -1, 1] and len(library.molecules) == 3
    for method in ("random", "scaffold", "cluster"):
        parts = split(Library.of([*indazoles, *POOL]), method, fractions=(0.5, 0.0, 0.5), seed=3)
        assert parts[0] == parts[2]


def test_columns_keep_their_order_whatever_index_they_have():
    wrong = pd.Series([10, 20, 30], index=[2, 1, 0])
    assert Library.of(["C", "CC", "CCC"], columns={"a": wrong, "b": pd.Series([1, 2, 3], index=[7, 8, 9])}).cells("a") == ["10", "20", "30"]
    assert Library.of(["C", "CC", "CCCC", "CCC"], columns={"target": "EGFR"}).cells("target") == ["EGFR"] * 4
    with pytest.raises(MolgenError, match="2 values for 3 structures"):
        Library.of(["C", "CC", "CCC"], columns={"a": [1, 2]})


def test_what_is_no_sequence_of_smiles_is_said():
    with pytest.raises(MolgenError, match="an array of 2 dimensions where SMILES belong"):
        Library.of(np.array([["CCO", "1"], ["CCN", "2"]], dtype=object))
    with pytest.raises(MolgenError, match="a file is opened by read"):
        Library.of(Path("a.smi"))


def test_a_mask_of_another_length_is_refused():
    with pytest.raises(MolgenError, match="a mask of 1 for 3 rows"):
        Library.of(["C", "CC", "CCC"]).take(np.array([True]))
