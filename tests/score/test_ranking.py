"""The ranking's account closes, and its files say what it says."""

import json

import pandas as pd
import pytest
from rdkit import Chem

from molgen.score.objective import Objective
from molgen.score.ranking import Counts
from molgen.screen.run import screen


def test_counts_that_do_not_close_are_a_bug():
    with pytest.raises(AssertionError, match="do not close"):
        Counts(read=3, ranked=1, cut=0, rejected=1, duplicates=0)


def test_files_hold_the_ranked_molecules_in_order(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("smiles,id,molgen_score\nCCO,a,mine\nc1ccccc1O,b,mine\nC1CC,c,mine\nOCC,d,mine\n")
    ranking = screen(source, Objective.of([{"term": "qed"}]), out=tmp_path / "run")
    table = pd.read_csv(tmp_path / "run" / "ranking.csv")
    assert table["molgen_id"].tolist() == ["b", "a"]
    assert table["input_molgen_score"].tolist() == ["mine", "mine"]  # the input's own, kept aside
    assert table["molgen_score"].is_monotonic_decreasing
    mols = list(Chem.SDMolSupplier(str(tmp_path / "run" / "ranking.sdf")))
    assert [Chem.MolToSmiles(mol) for mol in mols] == ranking.smiles
    rejects = pd.read_csv(tmp_path / "run" / "rejects.csv")
    assert rejects[["id", "line", "raw"]].values.tolist() == [["c", 4, "C1CC"]]
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["counts"] == {"read": 4, "ranked": 2, "cut": 0, "rejected": 1, "duplicates": 1}
    assert [goal["name"] for goal in run["goals"]] == ["QED"]
