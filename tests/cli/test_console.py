"""Which stream a command speaks on: what the next program reads is the table and nothing else."""

import io
import json
import sys

import pandas as pd
import pytest

from molgen.cli.main import main
from molgen.data.library import Library
from molgen.models.train import train

ROWS = "smiles,id\nCCO,a\nnope,b\nCCN,c\n"


@pytest.fixture
def molgen(capsys):
    """Runs a command line; gives (exit code, standard output, standard error)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return stop.value.code or 0, said.out, said.err

    return run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    measured = pd.DataFrame({"smiles": ["C" * n + "O" for n in range(1, 20)], "y": [n / 10 for n in range(1, 20)]})
    folder = tmp_path_factory.mktemp("model") / "mean"
    train(Library.from_frame(measured), "y", recipe="mean", split="none", out=folder)
    return folder


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in.csv").write_text(ROWS)
    return tmp_path / "in.csv"


@pytest.mark.parametrize("talk", [(), ("--quiet",), ("--json",)])
@pytest.mark.parametrize("verb", ["prepare", "predict"])
def test_a_table_has_standard_output_to_itself(molgen, model, source, tmp_path, verb, talk):
    words = (verb, *([model] if verb == "predict" else []), source)
    molgen(*words, "-o", tmp_path / "out.csv", "--quiet")
    code, out, err = molgen(*words, "-o", "-", *talk)
    assert code == 0 and out == (tmp_path / "out.csv").read_text()
    if "--json" in talk:
        assert json.loads(err.strip().splitlines()[-1])["read"] == 3
    else:
        assert "read: 3\n" in err


def test_one_command_reads_what_another_wrote(molgen, model, source, tmp_path, monkeypatch):
    _, out, _ = molgen("prepare", source)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.encode())))
    code, out, _ = molgen("predict", model, "-", "-o", tmp_path / "out.csv", "--json", "--quiet")
    assert code == 0 and json.loads(out)["read"] == 3


@pytest.mark.parametrize("name", ["file/out.csv", "file/out.parquet", "folder.csv"])
@pytest.mark.parametrize("verb", ["prepare", "predict"])
def test_a_place_that_cannot_be_written_is_a_wrong_request(molgen, model, source, tmp_path, verb, name):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    code, out, err = molgen(verb, *([model] if verb == "predict" else []), source, "-o", tmp_path / name)
    assert code == 2 and out == "" and "want a f" in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder.csv", "in.csv"]
