"""What is asked in Python with a value of another type is refused with what is wanted, not with a traceback from inside."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import molgen as mg

GOALS = [{"term": "qed"}]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mg.read(["CCO"]), "read: path is .'CCO'., want a path or text"),
        (lambda: mg.read(pd.DataFrame({"smiles": ["CCO"]})), "path is a DataFrame"),
        (lambda: mg.prepare(mg.Library.of(["CCO"]), "x.parquet"), "prepare: source"),
        (lambda: mg.screen(["CCO"], mg.Objective.of(GOALS)), "screen: source .* want Library or a path or text"),
        (lambda: mg.screen("library.smi", GOALS), "screen: objective"),
        (lambda: mg.search(["CCO"], queries=["CCO"]), "search: source"),
        (lambda: mg.generate(GOALS, budget=10), "generate: objective"),
        (lambda: mg.generate("nowhere.toml", budget=10), "nowhere.toml"),
        (lambda: mg.report(5), "report: folder"),
        (lambda: mg.report("run", rows=-1), "rows is -1"),
        (lambda: mg.predict("mean", Path("library.smi")), "predict: molecules"),
        (lambda: mg.explain("nowhere", ["CCO"]), "nowhere"),
        (lambda: mg.explain("nowhere", ["CCO"], method="shaply"), "method is 'shaply', want 'shapley' or"),
        (lambda: mg.explain("nowhere", ["CCO"], rounds=1.5), "rounds is 1.5, want a whole number"),
        (lambda: mg.explain("nowhere", ["CCO"], edits=-1), "edits -1"),
        (lambda: mg.train(mg.Library.of(["CCO"]), "y", units="nM"), "units is 'nM', want a table"),
        (lambda: mg.evaluate(mg.Library.of(["CCO"]), "y", recipes=[]), "no recipe to evaluate"),
        (lambda: mg.featurize("CCO"), "one text 'CCO'"),
    ],
)
def test_another_type_is_refused(call, says):
    with pytest.raises(mg.MolgenError, match=says):
        call()


@pytest.fixture(scope="module")
def measured():
    return mg.dataset("jak2_ki").take(range(60))


def test_one_preset_and_one_task_need_no_list(measured):
    found = mg.evaluate(measured, pd.Index(["pKi"]), recipes="mean", repeats=1)
    assert set(found["system"]) == {"mean"}
    both = mg.train(measured, ["pKi", "activity_cliff"], recipe="mean", split="none")
    assert [task.name for task in both.only("pKi").tasks] == ["pKi"]


def test_options_of_numpy_and_none_are_saved_as_a_file_holds_them(measured, tmp_path):
    options = {"trees": np.int64(5), "fingerprints": np.array(["ecfp4"]), "profile": None}
    model = mg.train(measured, "pKi", recipe=mg.RecipeConfig(predictor="boosting", options=options), split="none", out=tmp_path / "model")
    assert mg.load(tmp_path / "model").recipe.options == {"trees": 5, "fingerprints": ["ecfp4"]} == model.recipe.options


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf")])
def test_a_weight_that_no_model_could_be_read_back_with_is_refused(measured, weight):
    recipe = mg.RecipeConfig(predictor="kernel", options={"fingerprints": {"ecfp4": 1.0, "fcfp6": weight}})
    with pytest.raises(mg.MolgenError, match="fcfp6"):
        mg.train(measured, "pKi", recipe=recipe, split="none")


def test_ids_may_be_numbers_and_a_model_of_them_is_read_back(measured, tmp_path):
    table = pd.DataFrame({"smiles": measured.smiles, "y": np.arange(60.0)})
    library = mg.Library.of(table["smiles"], ids=table.index, columns={"y": table["y"]})
    assert library.ids[:2] == ("0", "1")
    mg.train(library, "y", recipe="mean", split="none", out=tmp_path / "model")
    assert mg.load(tmp_path / "model").domain.known.ids[0] == "0"
