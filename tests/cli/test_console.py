"""Which stream a command speaks on: what the next program reads is the table and nothing else."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from molgen.cli.console import Console
from molgen.cli.main import main
from molgen.data.library import Library
from molgen.models.train import train

MEASURED = "smiles,y\n" + "".join(f"{'C' * n}O,{n / 10}\n" for n in range(1, 21))
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


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("prepare", "in.csv", "-o", "in.csv"), "in.csv"),
        (("predict", "MODEL", "in.csv", "-o", "./in.csv"), "in.csv"),
        (("evaluate", "--data", "y.csv", "--target", "y", "-o", "y.csv"), "y.csv"),
        (("screen", "in.csv", "--objective", "o.toml", "-o", "in.csv"), "in.csv"),
        (("explain", "MODEL", "in.csv", "-o", "in.csv"), "in.csv"),
    ],
)
def test_what_is_read_is_never_written_over(molgen, model, source, tmp_path, monkeypatch, words, kept):
    monkeypatch.chdir(tmp_path)
    Path("y.csv").write_text(MEASURED)
    Path("o.toml").write_text('[[goal]]\nterm = "qed"\n')
    before = Path(kept).read_text()
    code, _, err = molgen(*(model if word == "MODEL" else word for word in words))
    assert code == 2 and ("would take the place" in err or "want a folder" in err)
    assert Path(kept).read_text() == before


def test_values_that_cannot_be_read_are_said_before_the_work(molgen, tmp_path):
    (tmp_path / "y.csv").write_text(MEASURED + '"CCCCCl","1,234"\n')
    asked = ("--data", tmp_path / "y.csv", "--target", "y", "--split", "random", "--workers", "1")
    for words in (("train", "--preset", "mean", "-o", tmp_path / "m"), ("evaluate", "--recipe", "mean", "--repeats", "1")):
        code, out, err = molgen(*words, *asked, "--json")
        assert code == 0 and "1 value of y refused, the first at line 22: y: '1,234'" in err
        assert json.loads(out)["refused_values"] == {"y": 1}


def test_grades_that_may_be_classes_are_said_to_be_learned_as_values(molgen, tmp_path):
    for values, options, said in (((0, 1, 2), (), True), ((0, 1, 2), ("--kind", "regression"), False), ((0, 1.5, 2), (), False)):
        (tmp_path / "y.csv").write_text("\n".join(["smiles,y", *(f"{'C' * n}O,{values[n % 3]}" for n in range(1, 25))]))
        asked = ("--data", tmp_path / "y.csv", "--target", "y", "--split", "random", "--workers", "1", *options)
        code, _, err = molgen("evaluate", "--recipe", "mean", "--repeats", "1", *asked)
        assert code == 0 and ("y has 3 whole numbers only" in err) == said


def test_what_is_learned_as_logarithms_is_said_and_judged_in_decades(molgen, tmp_path):
    (tmp_path / "y.csv").write_text("smiles,y\n" + "".join(f"{'C' * n}O,{10 ** (n / 10)}\n" for n in range(1, 41)))
    asked = ("--data", tmp_path / "y.csv", "--target", "y", "--split", "random", "--workers", "1")
    for words in (("train", "--preset", "mean", "-o", tmp_path / "m"), ("evaluate", "--recipe", "mean", "--repeats", "1")):
        for scale in ("log", "linear"):
            code, out, err = molgen(*words, *asked, "--scale", scale)
            assert code == 0 and ("y is learned as logarithms" in err) == (scale == "log")
            for name in ("rmse_log10", "within_2fold", "gmfe"):
                assert (name in out) == (scale == "log"), (words[0], name)
            assert "rmse " in out


def test_duplicates_and_labels_that_disagree_are_counted_on_the_screen(molgen, tmp_path):
    asked = ("--data", tmp_path / "y.csv", "--target", "y", "--split", "random", "--workers", "1")
    for rows, said in (("CO,0.1\nCCO,9\n", True), ("CO,0.1\n", True), ("", False)):
        (tmp_path / "y.csv").write_text(MEASURED + rows)
        code, _, err = molgen("train", "--preset", "mean", "-o", tmp_path / "m", *asked)
        assert code == 0 and ("values are duplicates" in err) == said and ("conflicts: 1, see card.json" in err) == ("CCO,9" in rows)
    (tmp_path / "y.csv").write_text(MEASURED + "CO,0.1\nCCO,9\n")
    code, out, _ = molgen("evaluate", "--recipe", "mean", "--repeats", "1", "--audit", *asked)
    _, table = out.split("duplicates and conflicting labels")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│ y ")]
    assert code == 0 and cells[0] == ["y", "22", "20", "2", "1", "0"]


def test_bounds_are_counted_on_the_screen_for_the_metrics_leave_them_out(molgen, tmp_path):
    for sign in (">", ""):
        (tmp_path / "y.csv").write_text(MEASURED.replace(",0.5\n", f",{sign}0.5\n").replace(",0.7\n", f",{sign}0.7\n"))
        asked = ("train", "--data", tmp_path / "y.csv", "--target", "y", "--split", "none", "--preset", "mean", "--workers", "1")
        code, out, err = molgen(*asked, "-o", tmp_path / "m", "--json")
        assert code == 0 and ("y: 2 of 20 values are bounds (> or <)" in err) == bool(sign)
        assert json.loads(out)["metrics"]["y"]["held out"]["n"] == (18 if sign else 20)


def test_learning_is_strict_when_asked(molgen, tmp_path):
    (tmp_path / "y.csv").write_text(MEASURED + "C1CC,3\n")
    asked = ("--data", tmp_path / "y.csv", "--target", "y", "--split", "random", "--workers", "1", "--strict")
    for words in (("train", "--preset", "mean", "-o", tmp_path / "m"), ("evaluate", "--recipe", "mean", "--repeats", "1")):
        code, _, err = molgen(*words, *asked)
        assert code == 2 and "1 rows were rejected (--strict)" in err
    assert (tmp_path / "m" / "card.json").is_file()


def test_quiet_keeps_the_results(molgen, tmp_path):
    (tmp_path / "y.csv").write_text(MEASURED)
    asked = ("evaluate", "--data", tmp_path / "y.csv", "--target", "y", "--recipe", "mean", "--repeats", "1", "--split", "random")
    _, out, err = molgen(*asked, "--workers", "1", "--quiet")
    assert "rmse" in out and err == ""
    code, _, err = molgen(*asked, "--group-column", "y")
    assert code == 2 and "--audit" in err


def test_several_queries_are_all_asked_and_a_file_that_is_not_there_is_said_so(molgen, source, tmp_path):
    _, out, _ = molgen("search", source, "--query", "CCO", "--query", "CCN", "--top", "1")
    assert [line.split(",")[2] for line in out.splitlines()[1:]] == ["CCO", "CCN"]
    code, _, err = molgen("search", source, "--query", "hits.smi")
    assert code == 2 and "no such file (hits.smi)" in err
    code, _, err = molgen("search", source, "--query", "CCO", "--query", source)
    assert code == 2 and "put all of them in one file" in err


def test_a_reader_that_has_seen_enough_is_no_failure(source):
    for words in ("prepare", str(source)), ("list",):
        with subprocess.Popen([sys.executable, "-m", "molgen", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
            assert ran.stdout and ran.stderr
            ran.stdout.close()
            assert b"Traceback" not in ran.stderr.read() and ran.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_said_in_a_line(source):
    with open("/dev/full", "w") as full:
        ran = subprocess.run([sys.executable, "-m", "molgen", "prepare", source], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 2 and "No space left" in ran.stderr and "Traceback" not in ran.stderr


def test_standard_output_is_utf_8_whatever_the_locale(source):
    source.write_text("smiles,id\nCCO,α\n", encoding="utf-8")
    asked = [sys.executable, "-m", "molgen", "prepare", source, "--quiet"]
    ran = subprocess.run(asked, env={**os.environ, "PYTHONIOENCODING": "latin-1"}, capture_output=True)
    assert ran.returncode == 0 and "α" in ran.stdout.decode("utf-8")


def test_a_query_longer_than_a_files_name_is_a_query(molgen, source):
    _, out, _ = molgen("search", source, "--query", "C" * 300, "--top", "1")
    assert len(out.splitlines()) == 2


def test_of_a_pipe_with_a_name_every_row_is_read(model, tmp_path):
    pipe, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    os.mkfifo(pipe)
    running = subprocess.Popen([sys.executable, "-m", "molgen", "predict", str(model), str(pipe), "-o", str(out), "--quiet"])
    with pipe.open("w") as rows:
        rows.write("smiles,id\n" + "".join(f"{'C' * (1 + i % 30)}O,m{i}\n" for i in range(3_000)))
    assert running.wait(timeout=120) == 0
    assert pd.read_csv(out)["id"].tolist() == [f"m{i}" for i in range(3_000)]


def test_columns_of_one_name_are_each_written_once(molgen, model, tmp_path):
    (tmp_path / "in.csv").write_text("id,smiles,x,x\na,CCO,1,2\n")
    code, _, _ = molgen("predict", model, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    header, row = (tmp_path / "out.csv").read_text().splitlines()
    assert code == 0 and header.startswith("id,smiles,x,x,molgen_") and row.startswith("a,CCO,1,2,")


def test_a_table_in_a_cell_that_is_empty_for_a_while_is_written(molgen, model, tmp_path):
    rows = [{"smiles": "CCO", "more": {"a": None} if i < 1_500 else {"a": "x"}} for i in range(2_000)]
    pd.DataFrame(rows).to_parquet(tmp_path / "in.parquet")
    code, _, err = molgen("predict", model, tmp_path / "in.parquet", "-o", tmp_path / "out.parquet")
    assert code == 0, err
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 2_000


def test_numbers_too_large_for_a_column_of_numbers_are_text(molgen, model, tmp_path):
    pd.DataFrame({"smiles": ["CCO", "CC"], "n": pd.array([2**63 + 1, None], dtype="UInt64")}).to_parquet(tmp_path / "in.parquet")
    code, _, err = molgen("predict", model, tmp_path / "in.parquet", "-o", tmp_path / "out.csv")
    assert code == 0 and "9223372036854775809" in (tmp_path / "out.csv").read_text(), err


def test_closed_standard_input_is_said(molgen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    code, _, err = molgen("prepare", "-")
    assert code == 2 and "standard input is closed" in err


def test_a_name_as_long_as_names_can_be_is_written(molgen, source, tmp_path):
    out = tmp_path / ("a" * 251 + ".csv")
    code, _, err = molgen("prepare", source, "-o", out)
    assert code == 0 and out.is_file(), err
    code, _, err = molgen("prepare", source, "-o", tmp_path / ("a" * 300 + ".csv"))
    assert code == 2 and "too long" in err


def test_with_strict_the_result_is_told_before_the_command_ends(molgen, model, source, tmp_path):
    code, out, err = molgen("predict", model, source, "-o", tmp_path / "out.csv", "--strict", "--json")
    assert code == 2 and json.loads(out)["rejected"] == 1 and "1 rows were rejected" in err


@pytest.mark.parametrize("option", ["--seeds", "--known"])
def test_a_seed_that_cannot_be_read_counts_for_strict(molgen, source, tmp_path, option):
    objective = tmp_path / "o.toml"
    objective.write_text('[[goal]]\nterm = "qed"\n')
    code, _, err = molgen("generate", "--objective", objective, option, source, "--budget", 5, "-o", tmp_path / "run", "--strict")
    assert code == 2 and "1 rows were rejected" in err and (tmp_path / "run" / "proposals.csv").is_file()


def test_a_place_that_can_hold_no_run_is_said_before_the_search(molgen, tmp_path):
    objective = tmp_path / "o.toml"
    objective.write_text('[[goal]]\nterm = "qed"\n')
    code, _, err = molgen("generate", "--objective", objective, "--budget", 10**9, "-o", objective / "run")
    assert code == 2 and "want a folder" in err


def test_reasons_are_not_put_into_the_folder_of_a_run(molgen, model, source, tmp_path):
    objective = tmp_path / "o.toml"
    objective.write_text('[[goal]]\nterm = "qed"\n')
    molgen("screen", source, "--objective", objective, "-o", tmp_path / "run")
    code, _, err = molgen("explain", model, source, "-o", tmp_path / "run")
    assert code == 2 and "holds a run of screen" in err


def test_brackets_are_letters_and_no_markup(molgen, tmp_path, capsys):
    console = Console()
    console.table([{"scaffold": "c1cc[nH]c1", "IC50 [nM]": "[/a]"}], title="ke [/h]")
    with console.progress("hit [/a]") as bar:
        bar.step(1, 2, "hit [/b]")
    shown = capsys.readouterr().out
    assert "c1cc[nH]c1" in shown and "IC50 [nM]" in shown and "[/a]" in shown and "ke [/h]" in shown


def test_a_name_the_locale_has_no_letters_for_is_no_failure(tmp_path):
    (tmp_path / "in.csv").write_text(ROWS)
    command = [sys.executable, "-m", "molgen", "prepare", "in.csv", "-o", "na\u00efve.csv"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True)
    assert done.returncode == 0 and (tmp_path / "na\u00efve.csv").exists()


def test_partners_and_the_tables_of_others_are_not_written_over(molgen, model, source, tmp_path):
    (tmp_path / "prot.csv").write_text("name,sequence\nA,MKTAYIAKQR\n")
    code, _, err = molgen("predict", model, source, "--target", tmp_path / "prot.csv", "-o", tmp_path / "prot.csv")
    assert code == 2 and "would take the place" in err and "MKTAYIAKQR" in (tmp_path / "prot.csv").read_text()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "atoms.csv").write_text("mine")
    code, _, err = molgen("explain", model, source, "-o", tmp_path / "mine")
    assert code == 2 and "is no run's" in err and (tmp_path / "mine" / "atoms.csv").read_text() == "mine"
    assert molgen("explain", model, source, "-o", tmp_path / "why")[0] == 0
    before = (tmp_path / "why" / "neighbours.csv").read_text()
    code, _, err = molgen("explain", model, tmp_path / "why" / "neighbours.csv", "-o", tmp_path / "why")
    assert code == 2 and "would take the place" in err and (tmp_path / "why" / "neighbours.csv").read_text() == before
    assert molgen("explain", model, source, "-o", tmp_path / "why")[0] == 0  # the same again


def test_rows_with_other_columns_stand_under_their_own_headings(capsys):
    Console().table([{"task": "pKi", "rmse": 0.5}, {"task": "active", "auroc": 0.9}])
    lines = [line.replace("│", "┃") for line in capsys.readouterr().out.splitlines()]
    cells = [[cell.strip() for cell in line.split("┃")[1:-1]] for line in lines if "┃" in line]
    assert cells == [["task", "rmse", "auroc"], ["pKi", "0.5", ""], ["active", "", "0.9"]]
