"""A prepared library is its input, with the work done: whatever reads it finds what it would have worked out itself."""

import gzip
import json
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool
from molgen.chem.parse import Limits
from molgen.data import library as library_module
from molgen.data import prepared as prepared_module
from molgen.data.catalogue import load_rows
from molgen.data.library import Library
from molgen.data.prepare import Account, prepare
from molgen.data.readers import read, read_rows
from molgen.features.bits import ecfp4
from molgen.score.objective import Objective
from molgen.screen.run import screen
from molgen.search.run import search

GOALS = [{"term": "qed"}, {"term": "property", "property": "logp", "curve": {"kind": "range", "low": 1.0, "high": 3.0, "margin": 1.0}}]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Drugs, salts among them, in more than one chunk, with rows that are rejected, repeated, odd."""
    drugs = load_rows("chembl_drugs").columns[["id", "smiles"]].head(1_150).fillna("")
    odd = pd.DataFrame(
        {
            "id": ["bad ring", "nothing", "again", "salt of the first", "kekule", "=1+1"],
            "smiles": ["C1CC", "", drugs["smiles"][3], drugs["smiles"][0] + ".Cl", "c1cccc1", drugs["smiles"][3]],
        }
    )
    table = pd.concat([odd.head(3), drugs, odd.tail(3), drugs.iloc[[1100]]])
    table["molgen_status"] = "mine"
    path = tmp_path_factory.mktemp("raw") / "raw.csv.gz"
    path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    return path


@pytest.fixture(scope="module")
def lib(raw):
    path = raw.parent / "lib.parquet"
    prepare(raw, path)
    return path


def refuse_to_standardize(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("standardised again")

    monkeypatch.setattr(library_module, "_standardize_chunk", refused)


def test_reading_it_back_is_reading_the_input_without_the_work(raw, lib, monkeypatch):
    plain = read(raw)
    refuse_to_standardize(monkeypatch)
    fast = read(lib)
    assert fast.structures == plain.structures and fast.rejects == plain.rejects
    assert (fast.ids, fast.rows.raw, fast.rows.lines) == (plain.ids, plain.rows.raw, plain.rows.lines)
    assert fast.digest == plain.digest
    assert fast.inchikeys == plain.inchikeys and np.array_equal(fast.first_row, plain.first_row)
    pd.testing.assert_frame_equal(fast.to_frame().astype(object), plain.to_frame().astype(object))


def test_the_account_is_that_of_the_library(raw, lib, tmp_path):
    assert prepare(raw, tmp_path / "again.parquet") == Account.of(read(raw))


def test_the_table_says_what_prepare_has_always_said(raw, lib):
    said = pd.read_parquet(lib)
    expected = read(raw).to_frame()
    pd.testing.assert_frame_equal(said[expected.columns.tolist()].astype(object), expected.astype(object))
    assert said["molgen_status"].eq("mine").all() and said["molgen_status_2"].isin(["ok", "invalid"]).all()


def test_the_bits_are_rdkits(lib):
    table = pq.read_table(lib).to_pandas()
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    for smiles, circles, pattern in table[["molgen_smiles", "molgen_ecfp4", "molgen_pattern"]].iloc[::97].itertuples(index=False):
        if not smiles:
            assert circles is None and pattern is None
            continue
        mol = Chem.MolFromSmiles(smiles)
        assert "".join(f"{byte:08b}" for byte in circles) == generator.GetFingerprint(mol).ToBitString()
        assert "".join(f"{byte:08b}" for byte in pattern) == Chem.PatternFingerprint(mol, fpSize=2048).ToBitString()


def test_rows_that_are_taken_keep_their_bits(lib):
    whole = read(lib)
    chosen = whole.take([5, 900, 2])
    assert [structure.smiles for structure in chosen.rows.prepared.structures] == chosen.smiles
    distinct = whole.distinct()
    assert len(distinct.rows.prepared.ecfp4) == len(distinct) and distinct.rows.prepared.ecfp4.any(axis=1).all()


def test_the_bits_in_it_are_those_that_would_be_worked_out(raw, lib):
    fast = read(lib)
    assert ecfp4(fast) is fast.distinct().rows.prepared.ecfp4
    assert np.array_equal(ecfp4(fast), ecfp4(read(raw)))


def test_a_screen_of_it_is_the_screen_of_the_input(raw, lib, tmp_path, monkeypatch):
    slow = screen(raw, Objective.of(GOALS), top=200, diverse=0.6, out=tmp_path / "slow")
    refuse_to_standardize(monkeypatch)
    fast = screen(lib, Objective.of(GOALS), top=200, diverse=0.6, out=tmp_path / "fast")
    assert fast.counts == slow.counts and fast.counts.duplicates > 2 and fast.counts.rejected >= 3
    for file in ("ranking.csv", "rejects.csv", "ranking.sdf"):
        assert (tmp_path / "fast" / file).read_bytes() == (tmp_path / "slow" / file).read_bytes()


@pytest.mark.parametrize("name", ["rdkit", "chembl_structure_pipeline"])
def test_made_with_another_version_it_is_standardised_again_and_says_so(raw, lib, monkeypatch, caplog, name):
    now = prepared_module.made_with()
    monkeypatch.setattr(prepared_module, "made_with", lambda: {**now, name: "0.0"})
    with caplog.at_level(logging.WARNING):
        rows = list(read_rows(lib))
    assert all(chunk.prepared is None for chunk in rows) and len(rows) == 2
    assert len(caplog.messages) == 1 and f"standardised again, since it was made with {name}" in caplog.text
    assert Library.from_rows(rows[0]).structures == read(raw).structures[: len(rows[0])]


def test_asked_with_other_limits_it_is_standardised_again(lib, caplog):
    with caplog.at_level(logging.WARNING):
        small = read(lib, limits=Limits(heavy_atoms=20))
    assert "asked for is at most 4000 characters and at most 20 heavy atoms" in caplog.text
    assert any("heavy atoms, more than 20" in reject.reason for reject in small.rejects)
    rows = next(read_rows(lib))
    assert len(Library.from_rows(rows, limits=Limits(heavy_atoms=20)).rejects) > len(Library.from_rows(rows).rejects)


def test_a_row_given_up_is_given_up_though_it_was_prepared(lib):
    rows = replace(next(read_rows(lib)), given_up={4: "given up: killed its worker (signal 9)"})
    assert Library.from_rows(rows).rejects[1].stage == "gate" and Library.from_rows(rows).structures[4].stage == "watchdog"


def test_preparing_it_again_gives_the_same_rows(lib, tmp_path):
    prepare(lib, tmp_path / "twice.parquet")
    assert pq.read_table(tmp_path / "twice.parquet").equals(pq.read_table(lib))


def test_an_sd_file_with_tags_that_come_and_go_keeps_its_records(tmp_path):
    def record(name, smiles, **tags):
        block = Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))
        return name + block[block.index("\n") :] + "".join(f"> <{tag}>\n{value}\n\n" for tag, value in tags.items()) + "$$$$\n"

    many = [record(f"n{i}", "C" * (i % 40 + 1)) for i in range(1_200)]
    records = [record("a", "CCO", x=1), record("b", "CCN", y="two"), *many, record("z", "OCC", z="=3")]
    (tmp_path / "m.sdf").write_text("".join(records) + "no record\n$$$$\n")
    prepare(tmp_path / "m.sdf", tmp_path / "m.parquet")
    plain, fast = read(tmp_path / "m.sdf"), read(tmp_path / "m.parquet")
    assert fast.rows.raw == plain.rows.raw and fast.ids == plain.ids and fast.structures == plain.structures
    assert fast.rejects == plain.rejects and len(fast.rejects) == 1
    assert fast.rows.columns.fillna("").to_dict("list") == plain.rows.columns.fillna("").to_dict("list")


def test_types_and_two_columns_of_one_name_survive(tmp_path):
    big = 2**60 + 1
    columns = [pa.array(["CCO", "CCN"]), pa.array([big, None]), pa.array([0.5, None]), pa.array([None, None], pa.string())]
    pq.write_table(pa.Table.from_arrays(columns, names=["smiles", "n", "x", "x"]), tmp_path / "t.parquet")
    prepare(tmp_path / "t.parquet", tmp_path / "p.parquet")
    again = read(tmp_path / "p.parquet").rows.columns
    pd.testing.assert_frame_equal(again, read(tmp_path / "t.parquet").rows.columns)
    assert again.columns.tolist() == ["smiles", "n", "x", "x"] and again["n"][0] == big and pd.isna(again["n"][1])


@pytest.mark.parametrize("text", ["id,smiles\n", "id,smiles\na,C1CC\n"])
def test_a_library_without_molecules_is_one(tmp_path, text):
    (tmp_path / "e.csv").write_text(text)
    done = prepare(tmp_path / "e.csv", tmp_path / "e.parquet")
    assert (done.read, done.ok) == (text.count("\n") - 1, 0)
    assert read(tmp_path / "e.parquet").rejects == read(tmp_path / "e.csv").rejects


def test_workers_give_the_same_file_as_none(raw, lib, tmp_path):
    prepare(raw, tmp_path / "pool.parquet", executor=Pool(workers=2))
    assert (tmp_path / "pool.parquet").read_bytes() == lib.read_bytes()


def test_a_file_of_another_name_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(MolgenError, match=r"a prepared library is a .parquet file, not .csv"):
        prepare(tmp_path / "nothing.smi", tmp_path / "x.csv")


def test_a_file_that_breaks_off_leaves_nothing(raw, tmp_path):
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(raw.read_bytes()[:-500])
    with pytest.raises(MolgenError, match="broken"):
        prepare(broken, tmp_path / "x.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.csv.gz"]


def test_killed_in_the_middle_it_leaves_nothing_that_could_be_taken_for_a_library(raw, tmp_path):
    code = f"from molgen.data.prepare import prepare; prepare({str(raw)!r}, {str(tmp_path / 'x.parquet')!r})"
    process = subprocess.Popen([sys.executable, "-c", code])
    give_up = time.monotonic() + 120
    while not list(tmp_path.glob(".partial-*/*.arrow")) and time.monotonic() < give_up:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(tmp_path.glob(".partial-*/*.arrow")), "killed before it began"
    assert not list(tmp_path.glob("*.parquet"))
    prepare(raw, tmp_path / "x.parquet")
    assert len(read(tmp_path / "x.parquet")) == len(read(raw))


def test_another_programs_metadata_under_our_name_is_not_believed(lib, tmp_path):
    table = pq.read_table(lib)
    said = json.loads(table.schema.metadata[b"molgen.prepared"])
    for broken in ("not json", "{}", json.dumps({**said, "columns": {}}), json.dumps({**said, "made_with": {"format": 99}})):
        pq.write_table(table.replace_schema_metadata({b"molgen.prepared": broken.encode()}), tmp_path / "f.parquet")
        assert next(read_rows(tmp_path / "f.parquet")).prepared is None


@pytest.mark.parametrize(
    ("kind", "cells", "held"),
    [
        (pa.int32(), [1, 2], pa.int64()),
        (pa.uint64(), [2**53 + 1, 5], pa.uint64()),
        (pa.binary(), [b"\xff", b"a"], pa.binary()),
    ],
)
def test_a_column_with_a_gap_in_one_chunk_keeps_its_values(tmp_path, kind, cells, held):
    column = pa.array([cells[i % 2] if i != 1200 else None for i in range(1500)], kind)
    pq.write_table(pa.table({"smiles": ["CCO"] * 1500, "x": column}), tmp_path / "in.parquet")
    prepare(tmp_path / "in.parquet", tmp_path / "out.parquet")
    back = pq.read_table(tmp_path / "out.parquet")["x"]
    assert back.type == held and back.to_pylist() == column.to_pylist()


@pytest.mark.parametrize(("early", "late"), [(2**60 + 1, 0.5), (b"\xff", "a")])
def test_what_no_type_holds_for_all_chunks_is_text(early, late):
    rows = Library.of(["CCO"] * 1500, columns={"x": [early] * 1000 + [late] * 500})
    found = search(rows, queries=["CCO"], top=2)
    assert found.frame["x"].tolist() == [str(early)] * 2
