"""Parquet rows keep their types; a broken file is a request error."""

import io
import sys
import types

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molgen.base.errors import MolgenError
from molgen.data.columns import Choice
from molgen.data.parquet import parquet_rows
from molgen.data.readers import join, read


def test_every_row_and_type_comes_back_in_chunks_of_any_size(tmp_path):
    big = 2**60 + 1  # a float would round it
    table = pa.table(
        {"id": ["a", None, "", "d"], "SMILES": ["CCO", None, "C1CC", "CCN"], "n": [big, None, 3, 4], "x": [0.1, None, 3.0, 1e300]}
    )
    pq.write_table(table, tmp_path / "x.parquet")
    for chunk in (1, 3, 100):
        rows = join(list(parquet_rows(tmp_path / "x.parquet", Choice(), chunk)))
        assert rows.ids == ("a", "row_2", "row_3", "d") and rows.raw == ("CCO", "", "C1CC", "CCN") and rows.lines == (1, 2, 3, 4)
        assert rows.columns.columns.tolist() == ["id", "SMILES", "n", "x"]
        assert rows.columns["n"].tolist()[0] == big and pd.isna(rows.columns["n"].iloc[1])


def test_an_index_of_pandas_and_duplicate_columns_stay(tmp_path):
    pd.DataFrame({"smiles": ["CCO"]}, index=pd.Index(["mine"], name="key")).to_parquet(tmp_path / "i.parquet")
    assert read(tmp_path / "i.parquet").rows.columns.to_dict("list") == {"smiles": ["CCO"], "key": ["mine"]}
    pq.write_table(
        pa.Table.from_arrays([pa.array(["CCO"]), pa.array([1]), pa.array([2])], names=["smiles", "x", "x"]), tmp_path / "d.parquet"
    )
    assert read(tmp_path / "d.parquet").rows.columns.to_numpy().tolist() == [["CCO", 1, 2]]


def test_no_rows_are_no_rows(tmp_path):
    pq.write_table(pa.table({"smiles": pa.array([], pa.string())}), tmp_path / "x.parquet")
    library = read(tmp_path / "x.parquet")
    assert len(library) == 0 and library.rows.columns.columns.tolist() == ["smiles"]


@pytest.mark.parametrize("cut", [0, 1, 4, 50, 0.3, 0.5, 0.9, 0.99, -8, -1])
def test_a_truncated_file_is_an_error_at_every_cut(tmp_path, cut):
    pq.write_table(pa.table({"smiles": [f"{'C' * n}O" for n in range(1, 200)]}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[: int(cut * len(whole)) if isinstance(cut, float) else cut])
    with pytest.raises(MolgenError, match="not a whole Parquet file"):
        read(tmp_path / "x.parquet")


def test_damaged_pages_are_an_error_and_not_other_molecules(tmp_path):
    pq.write_table(pa.table({"smiles": [f"{'C' * n}O" for n in range(1, 200)]}), tmp_path / "x.parquet", write_page_checksum=True)
    whole = bytearray((tmp_path / "x.parquet").read_bytes())
    whole[60:200] = bytes(140)
    (tmp_path / "x.parquet").write_bytes(whole)
    with pytest.raises(MolgenError, match="not a whole Parquet file"):
        read(tmp_path / "x.parquet")


def test_what_is_no_parquet_is_a_request_error(tmp_path):
    (tmp_path / "x.parquet").write_text("smiles\nCCO\n")
    for path in (tmp_path / "x.parquet", tmp_path / "absent.parquet"):
        with pytest.raises(MolgenError):
            read(path)


def test_standard_input_may_be_parquet(monkeypatch):
    written = io.BytesIO()
    pq.write_table(pa.table({"smiles": ["CCO"]}), written)
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(written.getvalue())))
    assert read("-", format="parquet").smiles == ["CCO"]


def test_a_file_is_read_and_let_go_of(tmp_path):
    """What is held at a time is some row groups at most, never what was read before."""
    groups, rows = 40, 5_000
    text = np.random.default_rng(0).integers(33, 127, (rows, 200), dtype=np.uint8)  # nothing that packs
    table = pa.table({"smiles": ["C"] * rows, "note": [row.tobytes().decode() for row in text]})
    with pq.ParquetWriter(tmp_path / "long.parquet", table.schema) as writer:
        for _ in range(groups):
            writer.write_table(table)
    before, most, seen = pa.total_allocated_bytes(), 0, 0
    for chunk in parquet_rows(tmp_path / "long.parquet", Choice(), 1_000):
        seen += len(chunk)
        most = max(most, pa.total_allocated_bytes() - before)
    assert seen == groups * rows
    assert most < (tmp_path / "long.parquet").stat().st_size / 4


def test_ids_go_by_the_rules_of_other_tables(tmp_path):
    pq.write_table(pa.table({"smiles": ["C", "CC", "CCC"], "id": [" ", None, "c"], "molgen_id": ["a", "", "x"]}), tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet").ids == ("a", "row_2", "c")


def test_structures_in_bytes_are_read(tmp_path):
    pq.write_table(pa.table({"smiles": pa.array([b"CCO", b"\xff", None], pa.binary())}), tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet").ok.tolist() == [True, False, False]


def test_a_folder_is_no_broken_file(tmp_path):
    (tmp_path / "d.parquet").mkdir()
    with pytest.raises(MolgenError, match="a folder, want a file"):
        read(tmp_path / "d.parquet")
