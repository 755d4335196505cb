"""A program of one's own: a line for each SMILES, or a clear end."""

import os
import sys

import pytest

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool
from molgen.data.library import Library
from molgen.generate.run import generate
from molgen.score.objective import Objective
from molgen.score.program import Program
from molgen.screen.run import screen

DOCK = """
import sys
print("receptor", sys.argv[1], file=sys.stderr)
for line in sys.stdin:
    print("failed" if "Cl" in line else f"{-len(line.strip())}.5 kcal/mol")
"""


def program(folder, text, *more):
    (folder / "score.py").write_text(text)
    return Program(command=[sys.executable, str(folder / "score.py"), *more])


def objective(folder, command):
    (folder / "dock.py").write_text(DOCK)
    (folder / "receptor.pdbqt").write_text("ATOM 1")
    curve = "{ kind = 'ramp', worst = 0, best = -60 }"
    (folder / "o.toml").write_text(f"[[goal]]\nterm = 'program'\nname = 'docking'\ncommand = {command!r}\ncurve = {curve}\n")
    return folder / "o.toml"


@pytest.mark.parametrize("command", [[sys.executable, "dock.py", "receptor.pdbqt"], f"{sys.executable} dock.py receptor.pdbqt"])
def test_files_of_the_command_are_where_the_objective_is_and_part_of_what_it_is_known_by(tmp_path, command):
    path = objective(tmp_path, command)
    made = Objective.from_toml(path)
    assert made.score(Library.of(["CCO", "C1", "CCCl", "CCO", "CC"])).raw[:, 0].tolist()[::3] == [-3.5, -3.5]
    key = made.key
    assert Objective.from_toml(path).key == key
    (tmp_path / "receptor.pdbqt").write_text("ATOM 2")
    assert Objective.from_toml(path).key != key
    (tmp_path / "elsewhere").mkdir()
    moved = objective(tmp_path / "elsewhere", command)
    assert Objective.from_toml(moved).key == key


def test_files_after_an_equals_sign_are_files_too(tmp_path):
    (tmp_path / "rec.pdbqt").write_text("ATOM 1")
    keys = []
    for text in ("ATOM 1", "ATOM 2"):
        (tmp_path / "rec.pdbqt").write_text(text)
        path = objective(tmp_path, [sys.executable, "-c", "import sys; [print(len(sys.argv[1])) for line in sys.stdin]", "--rec=rec.pdbqt"])
        keys.append(Objective.from_toml(path).key)
        assert Objective.from_toml(path).score(Library.of(["CC"])).raw[0, 0] == len(f"--rec={tmp_path / 'rec.pdbqt'}")
    assert keys[0] != keys[1]


def test_a_script_beside_the_objective_is_found_from_its_folder(tmp_path, monkeypatch):
    (tmp_path / "dock.sh").write_text("#!/bin/sh\nwhile read line; do echo 1; done\n")
    os.chmod(tmp_path / "dock.sh", 0o755)
    monkeypatch.chdir(tmp_path)
    for command in ("./dock.sh", "dock.sh"):
        objective(tmp_path, [command])
        made = Objective.from_toml("o.toml")
        monkeypatch.chdir("/")
        assert made.score(Library.of(["CC"])).raw[0, 0] == 1
        monkeypatch.chdir(tmp_path)


def test_a_program_that_says_no_number_at_all_is_told_of(tmp_path, caplog):
    program(tmp_path, "import sys; [print('-7.5,CCO') for line in sys.stdin]").read(Library.of(["CCO", "CC"]))
    assert "none of 2 lines begins with a number, the first is '-7.5,CCO'" in caplog.text


def test_a_line_without_a_number_is_a_rejected_molecule(tmp_path):
    ranking = screen(Library.of(["CCO", "C1", "CCCl", "CCC"]), objective(tmp_path, [sys.executable, "dock.py", "receptor.pdbqt"]))
    assert ranking.frame["molgen_docking"].tolist() == [-3.5, -3.5]
    assert ranking.rejects["reason"].tolist()[1] == "no value for docking" and len(ranking.rejects) == 2


def test_it_works_in_watched_workers_and_in_a_search(tmp_path):
    path = objective(tmp_path, [sys.executable, "dock.py", "receptor.pdbqt"])
    made = [f"{'C' * n}O" for n in range(1, 30)]
    ranking = screen(Library.of(made), path, executor=Pool(workers=2), chunk=10)
    assert ranking.smiles == made[::-1]
    found = generate(path, seeds=["Cc1ccc(NC(=O)c2ccccc2)cc1"], budget=20, batch=10, out=tmp_path / "run")
    assert found.extras["generation"]["calls"] == 20


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys; sys.exit('no licence')", "ended with 1: no licence"),
        ("print('Vina 1.2')\nimport sys\nfor line in sys.stdin: print(1)", "said 3 lines of 2 molecules"),
        ("", "said 0 lines of 2 molecules"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9"),
    ],
)
def test_a_program_that_does_not_answer_ends_the_run_with_what_it_said(tmp_path, text, said):
    with pytest.raises(MolgenError, match=said):
        program(tmp_path, text).read(Library.of(["CCO", "CC"]))


def test_what_numbers_are_and_what_is_none(tmp_path):
    text = "import sys\nfor line, said in zip(sys.stdin, ['1e-3', ' -7,5', '', 'inf', '-8.1 -7.9', '1_000']): print(said)"
    values = program(tmp_path, text).read(Library.of(["C" * n for n in range(1, 7)])).mean.tolist()
    assert [value if value == value else None for value in values] == [0.001, None, None, None, -8.1, None]


@pytest.mark.parametrize("command", ["", [], [""]])
def test_no_program_is_refused(command):
    with pytest.raises(MolgenError, match="no program is named"):
        Program(command=command)


def test_a_quote_without_end_is_refused():
    with pytest.raises(MolgenError, match=r"no closing quotation.*goal 1"):
        Objective.of([{"term": "program", "command": "python 'dock"}])


def test_one_that_is_not_there_or_is_no_program_is_refused(tmp_path):
    with pytest.raises(MolgenError, match="no such program"):
        Program(command="dock-with-me --fast")
    (tmp_path / "notes.txt").write_text("dock it")
    os.chmod(tmp_path / "notes.txt", 0o644)
    with pytest.raises(MolgenError, match="can't be run"):
        Program(command=[str(tmp_path / "notes.txt")])
