"""The shipped data are those of the manifest, byte for byte and row for row."""

import gzip
import re
from dataclasses import replace

import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.data import catalogue
from molgen.data.catalogue import benchmark_folder, datasets, entries, folder, load
from molgen.data.labels import labels
from molgen.data.splits import split

NAMES = sorted(entries())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_has_its_digest_its_rows_and_its_licence(name):
    entry = entries()[name]
    assert sha256(entry.path) == entry.sha256
    with gzip.open(entry.path, "rt") as opened:
        assert len(pd.read_csv(opened)) == entry.rows
    assert re.search(r"MIT|Apache|CC BY", entry.licence) and re.search(r"\(\d{4}\)", entry.citation) and entry.about.endswith(".")


def test_every_data_file_is_in_the_manifest():
    assert {path.name for path in folder().glob("*.gz")} == {entry.file for entry in entries().values()}


def test_the_training_data_are_sound_and_their_potency_follows_from_their_ki():
    library = load("jak1_ki")
    assert library.ok.all() and len(library) == 615
    written, computed = labels(library, "pKi"), labels(library, "Ki_nM", unit="nM")
    assert written.known.all() and abs(written.values - computed.values).max() < 1e-3
    assert set(split(library, "column").tolist()) == {"train", "test"}


def test_tables_that_are_no_molecules_are_no_datasets():
    assert set(entries()) - set(datasets()) == {"exchanges", "precedents"}


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(MolgenError, match="chembl_drugs"):
        load("nothing")


def test_a_file_with_other_bytes_is_refused(monkeypatch):
    wrong = {"jak1_ki": replace(datasets()["jak1_ki"], sha256="0" * 64)}
    monkeypatch.setattr(catalogue, "entries", lambda: wrong)
    with pytest.raises(MolgenError, match="not those of the manifest"):
        load("jak1_ki")


def test_the_benchmark_folder_is_the_one_named_and_must_be_there(monkeypatch, tmp_path):
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path))
    assert benchmark_folder() == tmp_path
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path / "absent"))
    with pytest.raises(MolgenError, match="want a folder"):
        benchmark_folder()
