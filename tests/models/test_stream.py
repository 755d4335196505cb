"""A file predicted chunk by chunk says what predicting it whole says, in every form of file."""

import gzip

import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool, Serial
from molgen.data.library import Library
from molgen.data.prepare import prepare
from molgen.data.readers import read
from molgen.data.writers import write
from molgen.models import stream
from molgen.models.stream import predict_file
from molgen.models.train import train

SMILES = ["CCO", "OCC", "c1ccccc1O", "C1CC", "", "CCN", "CC(=O)Nc1ccc(O)cc1", "OC(=O)c1ccccc1", "CCO", "Br.CCN", "CCCCCC"]


@pytest.fixture(scope="module")
def model():
    measured = pd.DataFrame({"smiles": ["C" * n + "O" for n in range(1, 30)], "pKi": [n / 10 for n in range(1, 30)]})
    from molgen.data.library import Library

    return train(Library.from_frame(measured), "pKi", recipe="mean", split="none")  # whose numbers follow no rounding of a batch


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "CHUNK", 4)
    table = pd.DataFrame({"name": [f"mol {i}" for i in range(len(SMILES))], "smiles": SMILES, "molgen_status": "mine"})
    table.to_csv(tmp_path / "in.csv", index=False)
    return tmp_path / "in.csv"


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.sdf", "out.csv.gz"])
def test_in_chunks_or_whole_the_bytes_are_the_same(model, source, tmp_path, name):
    library = read(source)
    said = model.predict(library)
    write(said.to_frame(), tmp_path / f"whole_{name}", structures=library.smiles, ids=library.ids)
    done = predict_file(model, source, tmp_path / name, executor=Serial())
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole_{name}").read_bytes()
    assert (done.account.read, done.account.ok, done.account.rejected, done.account.duplicates) == (11, 9, 2, 3)
    assert done.outside_domain == int((library.ok[:, None] & ~said.in_domain).sum())
    if name.endswith("gz"):
        assert gzip.decompress((tmp_path / name).read_bytes()).startswith(b"name,")


def test_brief_in_chunks_is_brief_as_a_whole(model, source, tmp_path):
    library = read(source)
    write(model.predict(library).to_frame(brief=True), tmp_path / "whole.csv", structures=library.smiles, ids=library.ids)
    predict_file(model, source, tmp_path / "out.csv", brief=True, executor=Serial())
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_parquet_holds_the_same_table_and_processes_the_same_rows(model, source, tmp_path):
    predict_file(model, source, tmp_path / "out.parquet", executor=Pool(workers=2))
    whole = model.predict(read(source)).to_frame()
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found.columns.tolist() == whole.columns.tolist()
    pd.testing.assert_frame_equal(found, whole, check_dtype=False)
    assert found["molgen_duplicate_of"].tolist() == ["", "mol 0", "", "", "", "", "", "", "mol 0", "mol 5", ""]


def test_a_prepared_library_is_predicted_as_its_source(model, source, tmp_path):
    prepare(source, tmp_path / "lib.parquet")
    predict_file(model, source, tmp_path / "raw.csv", executor=Serial())
    predict_file(model, tmp_path / "lib.parquet", tmp_path / "prepared.csv", executor=Serial())
    assert (tmp_path / "prepared.csv").read_bytes() == (tmp_path / "raw.csv").read_bytes()


def test_titles_of_records_stay_beside_their_predictions(model, tmp_path):
    library = Library.of(["CCO", "C1CC", "CCN"], ids=["ethanol", "broken", "ethylamine"])
    write(pd.DataFrame({"pKi": [1, 2, 3]}), tmp_path / "t.sdf", structures=["CCO", "CC(", "CCN"], ids=library.ids)
    for name in ("p.csv", "p.parquet"):
        predict_file(model, tmp_path / "t.sdf", tmp_path / name, executor=Serial())
    told = pd.read_csv(tmp_path / "p.csv")
    assert told.columns[:3].tolist() == ["pKi", "molgen_id", "molgen_status"] and told["molgen_id"].tolist() == list(library.ids)
    assert pd.read_parquet(tmp_path / "p.parquet").columns.tolist() == told.columns.tolist()
    again = predict_file(model, tmp_path / "p.csv", tmp_path / "again.csv", executor=Serial())  # as a pipe has it
    assert again.account.ok == 2


def test_predictions_are_not_written_where_they_have_no_place(model, source, tmp_path):
    with pytest.raises(MolgenError, match="no place for predictions"):
        predict_file(model, source, tmp_path / "out.smi", executor=Serial())


def test_a_wrong_name_writes_nothing(model, source, tmp_path):
    with pytest.raises(MolgenError, match="can't tell the format"):
        predict_file(model, source, tmp_path / "out.docx", executor=Serial())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_place_that_cannot_be_written_is_refused_before_the_file_is_read(model, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    for name in ("file/out.csv", "file/out.parquet", "folder.csv"):
        with pytest.raises(MolgenError, match="want a f"):
            predict_file(model, tmp_path / "missing.csv", tmp_path / name, executor=Serial())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


def test_a_file_without_rows_gives_one_without_rows(model, tmp_path):
    (tmp_path / "none.csv").write_text("smiles,id\n")
    done = predict_file(model, tmp_path / "none.csv", tmp_path / "out.csv", executor=Serial())
    assert done.account.read == 0
    assert (tmp_path / "out.csv").read_text().startswith("smiles,id,molgen_status")
