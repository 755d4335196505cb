"""Every command, as a person or a script calls it: exit codes, files, and rows that all come back."""

import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen.cli.main import COMMANDS, main
from molgen.data import catalogue
from molgen.data.writers import write
from tests.data.dirty import write_dirty

OBJECTIVE = """
[[goal]]
term = "qed"
[[goal]]
term = "sa"
curve = { kind = "ramp", worst = 6, best = 2 }
"""


@pytest.fixture
def molgen(capsys):
    """Runs a command line; gives (exit code, standard output, standard error)."""

    def run(*arguments):
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    rows = catalogue.load_rows("jak1_ki")
    path = tmp_path_factory.mktemp("measured") / "jak1.csv"
    write(rows.columns.iloc[:120], path, structures=[], ids=[])
    return path


@pytest.fixture(scope="module")
def model(measured, tmp_path_factory):
    out = tmp_path_factory.mktemp("model") / "kernel"
    with pytest.raises(SystemExit) as stop:
        main(
            [
                "train",
                "--data",
                str(measured),
                "--target",
                "pKi",
                "--preset",
                "kernel",
                "--split",
                "random",
                "-o",
                str(out),
                "--workers",
                "1",
                "--quiet",
            ]
        )
    assert not stop.value.code
    return out


def test_help_names_every_command(molgen):
    code, out, _ = molgen("--help")
    assert code == 0
    for name in COMMANDS:
        assert name in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_each_of_its_options(molgen, name):
    code, out, _ = molgen(name, "--help")
    assert code == 0
    assert "--json" in out
    assert COMMANDS[name].split()[0] in out


def test_an_unknown_command_is_a_wrong_request(molgen):
    assert molgen("frobnicate")[0] == 2


def test_a_bug_is_a_traceback_and_exit_1():
    code = "import molgen.cli.doctor as doctor, molgen.cli.main as cli\ndoctor.command = lambda: 1 / 0\ncli.main(['doctor'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "our bug" in done.stderr


def test_prepare_gives_every_row_back_in_order(molgen, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text('name,SMILES,note\na,CCO,"x, y"\nb,,\nc,C1CC,=1+1\nd,OCC,z\ne,СCO,\n', encoding="utf-8")
    code, _, err = molgen("prepare", source, "-o", tmp_path / "out.csv")
    assert code == 0
    table = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert table["name"].tolist() == list("abcde")
    assert table["molgen_status"].tolist() == ["ok", "invalid", "invalid", "ok", "invalid"]
    assert table["molgen_duplicate_of"].tolist() == ["", "", "", "a", ""]
    assert all(bool(error) == (status == "invalid") for error, status in zip(table["molgen_error"], table["molgen_status"]))
    assert "3 rejected" in err


def test_strict_exits_2_and_still_writes(molgen, tmp_path):
    source = tmp_path / "in.smi"
    source.write_text("CCO a\nC1CC b\n")
    assert molgen("prepare", source, "-o", tmp_path / "out.sdf", "--strict")[0] == 2
    assert (tmp_path / "out.sdf").read_text().count("$$$$") == 2


def test_standard_input_and_output_work_as_a_pipe(molgen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"smiles,id\nCCO,a\nnope,b\n")))
    code, out, _ = molgen("prepare", "-", "--json")
    assert code == 0
    rows = list(csv.DictReader(line for line in out.splitlines() if not line.startswith("{")))
    assert [row["molgen_status"] for row in rows] == ["ok", "invalid"]


def test_train_writes_a_model_and_its_card(model):
    card = json.loads((model / "card.json").read_text())
    assert card["metrics"]["pKi"]["test"]["rmse"] < 1.0


def test_card_shows_the_model_in_words_as_json_and_as_a_page(molgen, model, tmp_path):
    code, out, _ = molgen("card", model)
    assert code == 0 and out.startswith(f"# {model.name}\n") and "\n## Where it fails\n" in out
    code, out, _ = molgen("card", model, "--json")
    assert code == 0 and json.loads(out)["card"] == json.loads((model / "card.json").read_text())
    code, out, _ = molgen("card", model, "-o", tmp_path / "card.html")
    page = (tmp_path / "card.html").read_text()
    assert code == 0 and page.startswith("<!doctype html>") and "Where it fails" in page and "http" not in page.split("<main>")[1]
    assert molgen("card", model, "-o", tmp_path / "card.csv")[0] == 2 and not (tmp_path / "card.csv").exists()


def test_predict_says_value_interval_domain_and_neighbour(molgen, model, measured, tmp_path):
    source = tmp_path / "in.csv"
    known = pd.read_csv(measured)["smiles"][0]
    source.write_text(f"id,smiles,mine\na,{known},1\nb,C1CC,2\nc,CCCCCCCCCCCC,3\nd,{known},4\n")
    code, out, _ = molgen("predict", model, source, "-o", tmp_path / "out.csv", "--json")
    assert code == 0
    assert json.loads(out)["rejected"] == 1
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["mine"].tolist() == [1, 2, 3, 4]
    good = table.iloc[[0, 2, 3]]
    assert (good["molgen_pKi_low"] < good["molgen_pKi"]).all()
    assert (good["molgen_pKi"] < good["molgen_pKi_high"]).all()
    assert pd.isna(table["molgen_pKi"][1])
    assert table["molgen_error"][1] == "ring 1 is opened and never closed"
    assert table["molgen_in_domain"].astype(str).tolist() == ["True", "False", "False", "True"]
    assert table["molgen_pKi"][0] == table["molgen_pKi"][3]


def test_predict_leaves_out_what_is_no_protein_of_a_file_and_says_so(molgen, measured, tmp_path, caplog):
    good = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQ"
    (tmp_path / "panel.fasta").write_text(f">pep\nMKTAYI\n>good\n{good}\n>good\n{good}\n")
    code, _, err = molgen("predict", "kinases", measured, "-o", tmp_path / "out.csv", "--target", tmp_path / "panel.fasta")
    told = pd.read_csv(tmp_path / "out.csv")
    assert code == 0 and len(told) == 120 and [name for name in told if name.endswith("_spread")] == ["molgen_pKd_good_spread"], err
    assert "panel.fasta: 1 of 3 proteins is left out: 6 residues, want 30 to 10000 (pep)" in caplog.text
    (tmp_path / "panel.fasta").write_text(">pep\nMKTAYI\n")
    for asked, says in ((tmp_path / "panel.fasta", "none of its proteins can be read: 6 residues"), ("", "no protein given")):
        code, _, err = molgen("predict", "kinases", measured, "-o", tmp_path / "none.csv", "--target", asked)
        assert code == 2 and says in err and not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize("option", ["--part-col", "--part-table"])
def test_predict_asks_no_partner_of_a_model_of_molecules(molgen, model, measured, tmp_path, option):
    code, _, err = molgen("predict", model, measured, "-o", tmp_path / "out.csv", option, "pKi")
    assert code == 2 and f"the model is of molecules alone ({option})" in err and not (tmp_path / "out.csv").exists()
    code, _, err = molgen("predict", "kinases", measured, "-o", tmp_path / "out.csv", "--target", "ABL1", option, "pKi")
    assert code == 2 and f"rows are not asked for theirs ({option})" in err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--unit", "nM"), "'pKi' is of p-values by its name"),
        (("--split-column", "split"), "split 'scaffold' reads no column, and 'split' is given for it"),
        (("--split", "time", "--split-column", "day"), "no column 'day'"),
    ],
)
def test_train_refuses_what_it_would_ignore_or_misread(molgen, measured, tmp_path, more, said):
    asked = ("train", "--data", measured, "--target", "pKi", "--preset", "mean", "--workers", "1", "-o", tmp_path / "m")
    code, _, err = molgen(*asked, *more)
    assert code == 2 and said in err and not (tmp_path / "m").exists()


def test_truths_are_learned_as_classes_and_only_as_such(molgen, measured, tmp_path):
    table = pd.read_csv(measured)
    table.assign(potent=table["pKi"] > 7, said=np.where(table["pKi"] > 7, "high", "low")).to_csv(tmp_path / "in.csv", index=False)
    asked = ("train", "--data", tmp_path / "in.csv", "--preset", "mean", "--workers", "1", "-o", tmp_path / "m", "--target")
    code, _, err = molgen(*asked, "potent", "--kind", "regression")
    assert code == 2 and "a regression of true and false (column potent)" in err
    code, out, err = molgen(*asked, "potent", "--json")
    assert code == 0 and "auroc" in json.loads(out)["metrics"]["potent"]["test"], err
    code, _, err = molgen(*asked, "said", "--kind", "classification")
    assert code == 2 and re.search("0 molecules with a value, want at least 10; 120 cells refused, the first: said: '(high|low)'", err)
    table.assign(act=np.where(table["pKi"] > 7, "active", "inactive")).to_csv(tmp_path / "in.csv", index=False)
    code, out, err = molgen(*asked, "act", "--json")
    assert code == 0 and "auroc" in json.loads(out)["metrics"]["act"]["test"], err


def test_predict_on_a_dirty_file_gives_every_row_back_and_every_bad_one_a_reason(molgen, model, tmp_path):
    source, out = tmp_path / "dirty.csv", tmp_path / "out.csv"
    write_dirty(source)
    given = pd.read_csv(source, dtype=str, keep_default_na=False)
    assert len(given) >= 200
    code, _, err = molgen("predict", model, source, "-o", out)
    assert code == 0, err
    table = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert table["id"].tolist() == given["id"].tolist()
    bad = table["molgen_status"] != "ok"
    assert bad.sum() > 50
    assert (table.loc[bad, "molgen_error"] != "").all()
    assert (table.loc[~bad, "molgen_error"] == "").all()
    assert (table.loc[~bad, "molgen_pKi"].astype(float).between(0, 15)).all()
    assert (table.loc[bad, "molgen_pKi"] == "").all()


def test_screen_generate_and_report_leave_a_whole_run(molgen, model, measured, tmp_path):
    objective = tmp_path / "o.toml"
    objective.write_text(
        f"{OBJECTIVE}\n[[goal]]\nterm = 'prediction'\nmodel = '{model}'\ncurve = {{ kind = 'sigmoid', poor = 6, good = 8 }}\n"
    )
    code, out, err = molgen("screen", measured, "--objective", objective, "-o", tmp_path / "run", "--top", "20", "--json")
    assert code == 0, err
    counts = json.loads(out)
    assert counts["read"] == counts["ranked"] + counts["cut"] + counts["rejected"] + counts["duplicates"] == 120
    for name in ("ranking.csv", "ranking.sdf", "rejects.csv", "provenance.json", "run.json"):
        assert (tmp_path / "run" / name).stat().st_size
    code, out, err = molgen(
        "generate", "--objective", objective, "--seeds", measured, "--budget", "40", "--top", "5", "-o", tmp_path / "new", "--json"
    )
    assert code == 0, err
    assert json.loads(out)["calls"] <= 40
    assert len(pd.read_csv(tmp_path / "new" / "proposals.csv")) <= 5
    for run in ("run", "new"):
        code, out, err = molgen("report", tmp_path / run)
        assert code == 0, err
        assert "<!doctype html>" in (tmp_path / run / "report.html").read_text(encoding="utf-8").lower()


def test_generate_needs_no_seeds_but_an_objective(molgen, tmp_path):
    objective = tmp_path / "o.toml"
    objective.write_text(OBJECTIVE)
    code, _, err = molgen("generate", "--objective", objective, "--budget", "80", "-o", tmp_path / "run", "--keep", "c1ccncc1")
    assert code == 0, err
    made = pd.read_csv(tmp_path / "run" / "proposals.csv")["molgen_smiles"]
    pyridine = Chem.MolFromSmarts("c1ccncc1")
    assert len(made) and all(Chem.MolFromSmiles(smiles).HasSubstructMatch(pyridine) for smiles in made)


def test_generate_decorates_with_a_generator_and_its_options(molgen, tmp_path):
    objective = tmp_path / "o.toml"
    objective.write_text(OBJECTIVE)
    asked = ("generate", "--objective", objective, "--budget", "30", "--decorate", "*c1ccc(*)nc1", "--avoid", "[Br]", "--avoid", "[Cl]")
    code, _, err = molgen(*asked, "--generator", "mixture", "--options", 'of=["genetic", "analogues"]', "-o", tmp_path / "run")
    assert code == 0, err
    made = [Chem.MolFromSmiles(smiles) for smiles in pd.read_csv(tmp_path / "run" / "proposals.csv")["molgen_smiles"]]
    scaffold, halogen = Chem.MolFromSmarts("[!#1]c1[cH][cH]c([!#1])n[cH]1"), Chem.MolFromSmarts("[Br,Cl]")
    assert len(made) and all(mol.HasSubstructMatch(scaffold) and not mol.HasSubstructMatch(halogen) for mol in made)
    code, _, err = molgen(*asked, "--options", "population", "-o", tmp_path / "other")
    assert code == 2 and "'population' is not name=value" in err


def test_evaluate_looks_at_its_out_before_the_work(molgen, measured, tmp_path):
    code, _, err = molgen("evaluate", "--data", measured, "--target", "nothing of the kind", "-o", tmp_path / "results.xyz")
    assert code == 2 and "can't tell the format" in err


def test_evaluate_compares_recipes_beside_the_mean(molgen, measured, tmp_path):
    code, out, err = molgen(
        "evaluate",
        "--data",
        measured,
        "--target",
        "pKi",
        "--recipe",
        "kernel",
        "--split",
        "random",
        "--repeats",
        "2",
        "--json",
        "-o",
        tmp_path / "e.csv",
    )
    assert code == 0, err
    systems = {row["system"] for row in json.loads(out)["summary"]}
    assert {"kernel", "mean"} <= systems
    assert (tmp_path / "e.csv").stat().st_size


def test_list_names_everything_and_doctor_is_well(molgen):
    code, out, _ = molgen("list", "--json")
    assert code == 0
    tables = json.loads(out)
    assert {"dmpnn", "gine"} <= set(tables["encoders"])
    assert {"prediction", "qed", "alerts"} <= set(tables["terms"])
    code, out, _ = molgen("list", "terms")
    assert code == 0
    assert "qed" in out
    assert molgen("doctor")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prepare", "nowhere.csv"), "no such file"),
        (("predict", "nowhere", "nowhere.csv"), "nowhere"),
        (("report", "nowhere"), "nowhere"),
        (("list", "cheeses"), "cheeses"),
        (("screen", "x.csv", "--objective", "nowhere.toml", "-o", "run"), "nowhere.toml"),
        (("prepare", "molecules.xyz"), "format"),
        (("train", "--data", "x.csv", "--target", "y", "--kind", "classification", "--unit", "nM", "-o", "m"), "no concentration unit"),
        (("train", "--data", "x.csv", "--target", "y", "--seed", "-1", "-o", "m"), "seed: input should be .* 0, got -1"),
        (("evaluate", "--data", "x.csv", "--target", "y", "--seed", "-1"), "seed: input should be .* 0, got -1"),
        (("train", "--data", "x.csv", "--target", "y", "--part-col", "gene", "-o", "m"), r"rows are molecules alone \(--part-col\)"),
    ],
)
def test_a_wrong_request_exits_2_and_names_what_is_wrong(molgen, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = molgen(*arguments)
    assert code == 2
    assert re.search(said, err)
    assert "Traceback" not in err
