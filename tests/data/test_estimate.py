"""How many rows a file holds, from a look at its beginning."""

import gzip

import pandas as pd
import pytest

from molgen.data.estimate import estimated_rows
from molgen.data.readers import read_rows


@pytest.fixture
def table():
    return pd.DataFrame({"smiles": ["C" * (1 + i % 40) for i in range(200_000)], "id": [f"mol_{i}" for i in range(200_000)]})


def test_small_files_and_parquet_are_counted_exactly(tmp_path, table):
    few = table.head(1_000)
    few.to_csv(tmp_path / "a.csv", index=False)
    few.to_csv(tmp_path / "a.csv.gz", index=False)
    few.to_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.smi").write_text("C a\nCC b")
    (tmp_path / "a.sdf").write_text("\n\n\n  0  0  0  0  0  0            999 V2000\nM  END\n$$$$\n" * 7)
    for name in ("a.csv", "a.csv.gz", "a.parquet", "a.smi", "a.sdf"):
        rows = sum(len(chunk) for chunk in read_rows(tmp_path / name))
        assert estimated_rows(tmp_path / name) == rows, name


def test_large_files_are_estimated_within_a_twentieth(tmp_path, table):
    table.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    for name in ("a.csv", "a.csv.gz"):
        assert abs(estimated_rows(tmp_path / name) / 200_000 - 1) < 0.05, name


def test_what_cannot_be_counted_is_not_guessed(tmp_path):
    assert estimated_rows("-") is None
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"smiles\nC\n" * 10_000)[:40])
    assert estimated_rows(tmp_path / "a.csv.gz") is None
    (tmp_path / "a.parquet").write_bytes(b"no")
    assert estimated_rows(tmp_path / "a.parquet") is None
    (tmp_path / "a.smi").write_text("")
    assert estimated_rows(tmp_path / "a.smi") is None
