"""The audit against what was put into the data: leaks, cliffs, groups that go wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from sklearn.metrics import mean_squared_error

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.audit import _balance, _cliffs
from molgen.models.base import Task
from molgen.models.evaluate import evaluate
from molgen.models.measured import measured
from molgen.models.train import train
from tests.models.conftest import series, tiny


def trained(frame: pd.DataFrame, target: str = "logp", **options):
    library = Library.from_frame(frame)
    return library, train(library, target, recipe=tiny("kernel"), split="column", split_column="part", **options)


def test_errors_by_group_are_the_metrics_of_its_rows() -> None:
    library, predictor = trained(series())
    test = (library.rows.columns["part"] == "test").to_numpy()
    truth, said = library.rows.columns["logp"].to_numpy()[test], predictor.predict(library.take(test)).mean[:, 0]
    groups = predictor.card["audit"]["errors"]["logp"]
    sizes = np.array([mol.GetNumHeavyAtoms() for mol in library.take(test).mols])
    assert predictor.card["audit"]["part"] == "test"
    assert sum(one["n"] for one in groups["size"].values()) <= test.sum()
    small = groups["size"]["0 to 20 heavy atoms"]
    assert small["n"] == (sizes <= 20).sum()
    assert small["rmse"] == pytest.approx(np.sqrt(mean_squared_error(truth[sizes <= 20], said[sizes <= 20])))
    assert small["bias"] == pytest.approx((said - truth)[sizes <= 20].mean())


def test_a_group_that_is_wrong_stands_out() -> None:
    frame = series().assign(assay=lambda table: np.where(np.arange(len(table)) % 2, "good", "bad"))
    rng = np.random.default_rng(0)
    frame["logp"] += np.where(frame["assay"] == "bad", rng.choice([-3.0, 3.0], len(frame)), 0.0) * (frame["part"] == "test")
    _, predictor = trained(frame, group="assay")
    by = predictor.card["audit"]["errors"]["logp"]["assay"]
    assert by["bad"]["rmse"] > 3 * by["good"]["rmse"]
    with pytest.raises(MolgenError, match="no column 'lab'"):
        trained(frame, group="lab")


def test_stereoisomers_and_near_twins_across_the_split_are_told() -> None:
    frame = series()
    pairs = [("C[C@H](O)c1ccccc1", "C[C@@H](O)c1ccccc1"), ("CCCCCCCCCCCCc1ccccc1", "CCCCCCCCCCCCCc1ccccc1")]
    rows = [{"smiles": text, "logp": 1.0, "fat": 0, "part": part} for pair in pairs for text, part in zip(pair, ("train", "test"))]
    _, clean = trained(frame)
    _, leaky = trained(pd.concat([frame, pd.DataFrame(rows)], ignore_index=True))
    before, after = clean.card["audit"]["leakage"], leaky.card["audit"]["leakage"]
    assert before["same_skeleton"] == 0.0
    assert after["same_skeleton"] * after["test_molecules"] == pytest.approx(1)
    near = [round(one["nearly_the_same"] * one["test_molecules"]) for one in (before, after)]
    assert near[1] == near[0] + 2


def test_repeats_and_conflicts_are_counted_a_task() -> None:
    frame = series().assign(logp=lambda table: table["logp"].astype(str))
    again = frame.head(3).assign(logp=[frame["logp"][0], "9.5", "-9.5"], fat=np.nan)  # one agrees
    flipped = frame.iloc[[5]].assign(logp="", fat=1 - frame["fat"][5])
    whole = pd.concat([frame, again, flipped], ignore_index=True)
    whole.loc[7, "logp"] = ">" + whole["logp"][7]
    records = evaluate(Library.from_frame(whole), ["logp", "fat"], recipes={"m": tiny("mean")}, split="random", repeats=1)
    found = records.attrs["audit"]["m"]
    assert found["labels"]["logp"] == {"rows": 63, "molecules": 60, "repeats": 3, "conflicts": 2, "bounds": 1}
    assert found["labels"]["fat"] == {"rows": 61, "molecules": 60, "repeats": 1, "conflicts": 1, "bounds": 0}
    assert [one["ids"] for one in found["conflicts"]["logp"]] == [["row_2", "row_62"], ["row_3", "row_63"]]
    assert [one["values"] for one in found["conflicts"]["fat"]] == [[frame["fat"][5], 1 - frame["fat"][5]]]


def test_molecules_on_a_cliff_are_told_from_others() -> None:
    frame = series()
    twins = [f"{'C' * n}c1ccccc1" for n in range(12, 32)]
    rows = [{"smiles": text, "logp": 3.0 * (i % 2), "fat": 0, "part": "test" if i % 2 else "train"} for i, text in enumerate(twins)]
    _, predictor = trained(pd.concat([frame, pd.DataFrame(rows)], ignore_index=True))
    by = predictor.card["audit"]["errors"]["logp"]["cliff"]
    assert by["on a cliff"]["n"] == 10 and by["on a cliff"]["rmse"] > by["elsewhere"]["rmse"]


def test_errors_of_logarithms_are_told_in_decades() -> None:
    frame = series().assign(dose=lambda table: 10 ** table["logp"])
    (_, wide), (_, plain) = (trained(frame, target) for target in ("dose", "logp"))
    ours, theirs = (one.card["audit"]["errors"][name]["size"] for one, name in ((wide, "dose"), (plain, "logp")))
    assert set(ours) == set(theirs)
    for group, of_logs in ours.items():
        assert set(of_logs) == {"n", "rmse_log10", "bias_log10"}
        assert list(of_logs.values()) == pytest.approx(list(theirs[group].values()))


def test_charges_that_are_only_a_way_of_writing_do_not_count() -> None:
    from molgen.models.audit import _charge

    kinds = {"C[N+](=O)[O-]": "neutral", "CC(=O)[O-]": "anion", "C[N+](C)(C)C": "cation", "C[N+](C)(C)CC(=O)[O-]": "zwitterion"}
    assert {text: _charge(Chem.MolFromSmiles(text)) for text in kinds} == kinds


def test_classes_are_audited_too_and_without_a_test_part_the_folds_are() -> None:
    library = Library.from_frame(series())
    predictor = train(library, ["logp", "fat"], recipe=tiny("kernel"), split="none")
    found = predictor.card["audit"]
    assert found["part"] == "held out" and "leakage" not in found
    assert found["balance"]["fat"]["share_of_1"] == pytest.approx(series()["fat"].mean())
    assert "brier" in next(iter(found["errors"]["fat"]["size"].values())) and "cliff" not in found["errors"]["fat"]


def test_an_evaluation_carries_the_audit_of_each_system() -> None:
    records = evaluate(Library.from_frame(series()), "logp", recipes={"k": tiny("kernel"), "m": tiny("mean")}, split="scaffold", repeats=2)
    assert set(records.attrs["audit"]) == {"k", "m"}
    assert records.attrs["audit"]["k"]["leakage"]["same_scaffold"] == 0.0


def test_a_bound_that_agrees_is_on_no_cliff() -> None:
    rest = ["c1ccccc1", "CN", "CF", "CCl", "CBr", "C#N", "CS"]
    smiles, values = [f"{'C' * n}O" for n in (12, 13, 14)] + rest, [">4", "8.0", "8.1", *["5.0"] * len(rest)]
    data = measured(Library.of(smiles, columns={"pKi": values}), [Task("pKi", scale="linear")])
    assert _cliffs(data, data.tasks, np.arange(10)) == [["elsewhere"] * 10]
    assert _balance(data.tasks[0], data.exact[:, 0])["n"] == 9 and np.isnan(_balance(data.tasks[0], np.full(3, np.nan))["median"])
