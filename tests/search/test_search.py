"""A search finds what a plain loop over RDKit molecules finds, from a prepared library and from any other."""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molgen.base.errors import MolgenError
from molgen.chem.fingerprints import packed_patterns
from molgen.chem.parse import Limits
from molgen.chem.substructure import Patterns
from molgen.data import shelf
from molgen.data.catalogue import load_rows
from molgen.data.library import Library
from molgen.data.prepare import prepare
from molgen.data.readers import read
from molgen.search.run import search


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """lib.csv, and lib.parquet prepared of it: drugs, one of them twice, rows that are no molecules."""
    path = tmp_path_factory.mktemp("library")
    drugs = load_rows("chembl_drugs").columns[["id", "smiles"]].iloc[200:700].fillna("")
    odd = pd.DataFrame({"id": ["bad", "twice", "none"], "smiles": ["C1CC", drugs["smiles"].iloc[7], ""]})
    pd.concat([odd.head(1), drugs, odd.tail(2)]).assign(plate=range(503)).to_csv(path / "lib.csv", index=False)
    prepare(path / "lib.csv", path / "lib.parquet")
    return path


@pytest.fixture(scope="module")
def library(folder):
    return read(folder / "lib.parquet")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Several pages in a library of five hundred."""
    monkeypatch.setattr(shelf, "_PAGE", 70)


QUERIES = ["CC(=O)Oc1ccccc1C(=O)O", "CN1CCC[C@H]1c1cccnc1.Cl", "NCCc1ccc(O)c(O)c1"]


def by_rdkit(library, query):
    """[(row, similarity)] of all molecules, the most alike first, equals in order."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    asked = generator.GetFingerprint(Chem.MolFromSmiles(Library.of([query]).smiles[0]))
    rows = np.flatnonzero(library.ok).tolist()
    alike = DataStructs.BulkTanimotoSimilarity(asked, [generator.GetFingerprint(library.mols[row]) for row in rows])
    return sorted(zip(rows, alike), key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize("top", [1, 5, 499])
def test_the_top_of_each_query_is_rdkits(folder, library, top):
    found = search(folder / "lib.parquet", queries=QUERIES, top=top).frame
    for query in QUERIES:
        own, expected = found[found["molgen_query"] == query], by_rdkit(library, query)[:top]
        assert own["molgen_row"].tolist() == [row for row, _ in expected]
        assert np.allclose(own["molgen_tanimoto"], [alike for _, alike in expected], atol=1e-7)
        assert own["molgen_rank"].tolist() == list(range(1, len(expected) + 1))


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.35, 0.99])
def test_above_a_threshold_is_rdkits(folder, library, threshold):
    found = search(folder / "lib.parquet", queries=QUERIES, threshold=threshold).frame
    for query in QUERIES:
        expected = [row for row, alike in by_rdkit(library, query) if alike >= threshold]
        assert found.loc[found["molgen_query"] == query, "molgen_row"].tolist() == expected


def test_top_and_threshold_together_are_both(folder):
    both = search(folder / "lib.parquet", queries=QUERIES, top=4, threshold=0.3).frame
    top = search(folder / "lib.parquet", queries=QUERIES, top=4).frame
    pd.testing.assert_frame_equal(both, top[top["molgen_tanimoto"] >= 0.3].reset_index(drop=True))


def test_hits_carry_what_the_input_says_of_them(folder, library):
    found = search(folder / "lib.parquet", queries=QUERIES[0], top=6)
    for row in found.frame.itertuples():
        assert (row.molgen_id, row.molgen_smiles) == (library.ids[row.molgen_row], library.smiles[row.molgen_row])
        assert row.molgen_line == library.rows.lines[row.molgen_row] and int(row.plate) == row.molgen_row
    assert found.frame.columns.tolist()[:3] == ["id", "smiles", "plate"] and found.ids == tuple(found.frame["molgen_id"])
    assert found.counts == {"read": 503, "rejected": 2, "queries": 1, "hits": 6}


def test_a_molecule_that_is_there_twice_is_found_twice_in_the_librarys_order(folder, library):
    twice = library.smiles[8]
    found = search(folder / "lib.parquet", queries=[twice], top=2).frame
    assert found["molgen_row"].tolist() == [8, 501] and found["molgen_tanimoto"].tolist() == [1.0, 1.0]


def test_any_other_file_and_a_library_in_memory_give_the_same(folder, library):
    expected = search(folder / "lib.parquet", queries=QUERIES, top=3).frame
    pd.testing.assert_frame_equal(search(folder / "lib.csv", queries=QUERIES, top=3).frame.astype(str), expected.astype(str))
    pd.testing.assert_frame_equal(search(library, queries=QUERIES, top=3).frame.astype(str), expected.astype(str))


def test_with_other_limits_the_library_is_prepared_again(folder, caplog):
    found = search(folder / "lib.parquet", queries=QUERIES, top=3, limits=Limits(heavy_atoms=15))
    assert "standardised again" in caplog.text and found.counts["rejected"] > 2
    assert all(Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() <= 15 for smiles in found.smiles)


PATTERNS = [
    "c1ccccc1", "[OX2H]", "C(=O)[OX2H1]", "[#7;R]", "[r6]", "[R2]", "[x2]", "[v4]", "[^2]", "[D3]", "[X3]", "[h1]", "[k6]", "[r{5-6}]",
    "*@*", "*!@*", "[nH]", "S(=O)(=O)N", "[N+](=O)[O-]", "[!#6;!#1]", "[$(C=O)]N", "[F,Cl,Br,I]", "C#N", "[R]@[R]!@[R]", "[C@H](F)Cl",
    "[H]", "[#6]1~[#6]~[#6]~[#6]~[#6]~[#6]1", "[z1]", "[+]", "C/C=C/C", "[Pt]",
]  # fmt: skip


@pytest.mark.parametrize("smarts", PATTERNS)
def test_a_pattern_is_found_where_rdkit_finds_it_in_the_whole_molecule(folder, library, smarts):
    query = Chem.MolFromSmarts(smarts)
    expected = [row for row in np.flatnonzero(library.ok).tolist() if library.mols[row].HasSubstructMatch(query)]
    found = search(folder / "lib.parquet", smarts=smarts)
    assert found.frame["molgen_row"].tolist() == expected
    assert found.counts["screened_out"] <= 501 - len(expected)


def test_the_fingerprint_spares_most_of_the_matching(folder):
    assert search(folder / "lib.parquet", smarts="c1ccc2[nH]ccc2c1").counts["screened_out"] > 350


def test_several_patterns_must_all_match(folder, library):
    patterns = ["c1ccccc1", "C(=O)[OX2H1]", "[#7]"]
    queries = [Chem.MolFromSmarts(smarts) for smarts in patterns]
    expected = [
        row for row in np.flatnonzero(library.ok).tolist() if all(library.mols[row].HasSubstructMatch(query) for query in queries)
    ]
    assert len(expected) > 3 and search(folder / "lib.parquet", smarts=patterns).frame["molgen_row"].tolist() == expected


def test_a_limit_gives_the_first_matches_and_ends_there(folder):
    every = search(folder / "lib.parquet", smarts="c1ccccc1")
    some = search(folder / "lib.parquet", smarts="c1ccccc1", limit=5)
    assert some.frame["molgen_row"].tolist() == every.frame["molgen_row"].tolist()[:5]
    assert some.counts["read"] == 70 and every.counts["read"] == 503


def test_queries_come_from_a_file_with_their_ids_and_the_bad_ones_are_named(folder, tmp_path):
    (tmp_path / "q.smi").write_text(f"{QUERIES[0]} aspirin\nC1CC broken\n{QUERIES[2]} dopamine\n")
    found = search(folder / "lib.parquet", queries=tmp_path / "q.smi", top=1)
    assert found.frame["molgen_query"].tolist() == ["aspirin", "dopamine"]
    assert [(reject.id, reject.reason) for reject in found.bad_queries] == [("broken", "ring 1 is opened and never closed")]


def test_nothing_found_is_a_table_with_its_columns(folder, tmp_path):
    found = search(folder / "lib.parquet", smarts="[U]")
    assert len(found) == 0 and found.frame.columns.tolist()[-4:] == ["molgen_id", "molgen_smiles", "molgen_row", "molgen_line"]
    (tmp_path / "empty.csv").write_text("id,smiles\n")
    assert len(search(tmp_path / "empty.csv", queries="CCO")) == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "want queries to be similar to or SMARTS"),
        ({"queries": "CCO", "smarts": "C"}, "one of the two"),
        ({"smarts": "C1CC("}, r"not a SMARTS pattern: 'C1CC\('"),
        ({"smarts": [""]}, "not a SMARTS pattern"),
        ({"smarts": "C", "top": 3}, "no top or threshold"),
        ({"queries": "CCO", "limit": 3}, "limit is for SMARTS"),
        ({"queries": "CCO", "top": 0}, "top is 0"),
        ({"smarts": "C", "limit": 0}, "limit is 0"),
        ({"queries": "CCO", "threshold": 1.5}, "threshold is 1.5"),
        ({"queries": "C1CC"}, "no query can be read; 'C1CC': ring 1 is opened"),
        ({"queries": []}, "no query can be read; there are none"),
    ],
)
def test_what_can_not_be_searched_for_is_refused_with_the_reason(folder, asked, said):
    with pytest.raises(MolgenError, match=said):
        search(folder / "lib.parquet", **asked)


def test_a_missing_or_broken_library_is_a_request_error(tmp_path):
    with pytest.raises(MolgenError, match="no such file"):
        search(tmp_path / "none.parquet", queries="CCO")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(MolgenError, match="not a whole Parquet file"):
        search(tmp_path / "x.parquet", queries="CCO")


@pytest.mark.parametrize("name", ["hits.csv", "hits.sdf", "hits.smi", "hits.parquet"])
def test_hits_are_written_in_any_form(folder, tmp_path, name):
    found = search(folder / "lib.parquet", queries=QUERIES, top=3)
    found.save(tmp_path / name)
    assert read(tmp_path / name, smiles_col="molgen_smiles" if name.endswith(("csv", "parquet")) else None).smiles == list(found.smiles)


@pytest.mark.parametrize("smarts", ["[^0]", "[^1]", "[^2]", "[^3]"])
def test_hybridisation_is_rdkits_for_metals_too(smarts):
    odd = ["[Re]", "[Fe+3]", "O=P(O)(O)O", "O=S(=O)(O)O", "CC#N", "CCO", "c1cc[nH]c1"]
    wanted = [Chem.MolFromSmiles(text).HasSubstructMatch(Chem.MolFromSmarts(smarts)) for text in odd]
    assert Patterns((smarts,)).found_in(odd).tolist() == wanted


ELEMENTLESS = ["[X3;N]", "[D1;O]=C", "[X3;C]=O", "[X4;C]", "[H1;O]C", "[R;N]1CCCCC1", "[^2;N]", "[+0;N]", "[O,N]", "[!C]c"]


@pytest.mark.parametrize("smarts", ELEMENTLESS)
def test_an_atom_of_no_element_turns_nothing_away_that_holds_it(smarts):
    """RDKit's fingerprint of such a query has bits of an element 0."""
    mols = [mol for smiles in load_rows("chembl_drugs").raw[:300] if (mol := Chem.MolFromSmiles(smiles))]
    patterns, query = Patterns((smarts,)), Chem.MolFromSmarts(smarts)
    holding = np.array([mol.HasSubstructMatch(query) for mol in mols])
    assert holding.any() and patterns.may_be_in(packed_patterns(mols))[holding].all()


def test_the_form_of_the_library_is_that_of_queries_whose_name_says_none(tmp_path):
    (tmp_path / "lib.txt").write_text("CCO a\nCCN b\n")
    (tmp_path / "q.txt").write_text("CCO q\n")
    found = search(tmp_path / "lib.txt", queries=tmp_path / "q.txt", format="smi", top=1)
    assert found.frame["molgen_id"].tolist() == ["a"]
