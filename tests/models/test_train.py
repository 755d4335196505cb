"""Training: what was measured, merged and split is what the card says, and the test part teaches nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Task
from molgen.models.measured import measured
from molgen.models.train import _warn_of_classes, prepared, train
from tests.models.conftest import series, tiny


def table(**columns):
    return Library.from_frame(pd.DataFrame(columns))


def ten(values, smiles=None):
    """Ten molecules so that there is enough to learn, and then those asked for."""
    base = [f"{'C' * n}O" for n in range(1, 11)]
    return table(smiles=base + (smiles or []), y=[str(n) for n in range(10)] + [str(value) for value in values])


def test_repeats_are_merged_by_their_median():
    data = measured(ten([7.0, 7.4, 7.5], ["c1ccccc1", "C1=CC=CC=C1", "c1ccccc1"]), ["y"])
    assert data.targets[-1, 0] == 7.4 and len(data.library) == 11 and data.repeats == 2
    assert data.conflicts == {"y": []}


def test_repeats_far_apart_are_reported():
    data = measured(ten([5.0, 9.5], ["c1ccccc1", "C1=CC=CC=C1"]), ["y"])
    assert data.conflicts["y"] == [{"ids": ["row_11", "row_12"], "values": [5.0, 9.5], "relations": ["=", "="]}]


def test_a_bound_gives_way_to_a_value():
    data = measured(ten([">9", 7.0], ["c1ccccc1", "C1=CC=CC=C1"]), ["y"])
    assert (data.targets[-1, 0], data.relations[-1, 0]) == (7.0, "=")


def test_a_bound_alone_is_kept_and_not_judged_by():
    data = measured(ten([">9"], ["c1ccccc1"]), ["y"])
    assert (data.targets[-1, 0], data.relations[-1, 0]) == (9.0, ">") and np.isnan(data.exact[-1, 0])


def test_classes_are_seen_and_disagreements_reported():
    base = table(smiles=[f"{'C' * n}O" for n in range(1, 11)] + ["c1ccccc1", "C1=CC=CC=C1"], y=[0, 1] * 6)
    data = measured(base, ["y"])
    assert data.tasks == (Task("y", "classification"),) and len(data.conflicts["y"]) == 1


def test_zeros_and_ones_may_be_values():
    base = table(smiles=[f"{'C' * n}O" for n in range(1, 13)], y=[0, 1] * 6)
    assert measured(base, [Task("y", "regression")]).tasks[0].kind == "regression"


@pytest.mark.parametrize(
    ("target", "says"),
    [("ki", "no column 'ki'"), (Task("y", "classification"), "want 0 and 1"), ("flat", "nothing to learn"), ("few", "3 molecules")],
)
def test_targets_that_cannot_be_learned_are_refused(target, says):
    smiles = [f"{'C' * n}O" for n in range(1, 13)]
    library = table(smiles=smiles, y=range(12), flat=[1.5] * 12, few=[1, 2, 3] + [None] * 9)
    with pytest.raises(MolgenError, match=says):
        train(library, target, recipe=tiny("mean"), split="none")


@pytest.mark.parametrize("name", ["kernel", "boosting"])
def test_test_molecules_teach_nothing(name):
    honest = series()
    lied = honest.assign(logp=np.where(honest["part"] == "test", 99.0, honest["logp"]))
    said = [
        train(Library.from_frame(frame), "logp", recipe=tiny(name), split="column", split_column="part").predict(["CCO", "c1ccccc1C"])
        for frame in (honest, lied)
    ]
    assert np.array_equal(said[0].mean, said[1].mean) and np.array_equal(said[0].high, said[1].high)


def test_the_cards_counts_close():
    frame = series()
    messy = pd.concat([frame, frame.iloc[:4], frame.iloc[:2].assign(smiles="C1CC"), frame.iloc[5:6].assign(logp=None, smiles="CCCCCCCO")])
    rows = train(Library.from_frame(messy.reset_index(drop=True)), "logp", recipe=tiny("mean"), split="random").card["rows"]
    parts = ("rejected", "unlabelled", "repeats", "train", "valid", "test")
    assert rows["read"] == len(messy) == sum(rows[part] for part in parts)
    assert (rows["rejected"], rows["unlabelled"], rows["repeats"]) == (2, 1, 4)


def test_the_card_holds_what_a_colleague_asks(fitted):
    card = fitted("blend").card
    assert set(card["metrics"]["logp"]) == {"held out", "test"} and card["metrics"]["logp"]["test"]["n"] == 12
    assert 0.0 <= card["metrics"]["fat"]["held out"]["auroc"] <= 1.0
    assert 0.85 <= card["calibration"]["seen"]["logp"]["held out"] <= 1.0
    assert set(card["chosen"]["weights"]) == {"kernel", "boosting", "network"}
    assert card["data"] and card["provenance"]["versions"]["rdkit"] and card["limits"]


def test_without_a_test_part_all_is_learned_from(library):
    card = train(library, "logp", recipe=tiny("mean"), split="none").card
    assert card["rows"]["train"] == 60 and set(card["metrics"]["logp"]) == {"held out"}


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (["logp", "logp_low"], "called 'logp_low', one of 'logp', one of 'logp_low'"),
        (["logp_spread", "logp"], "called 'logp_spread', one of 'logp_spread', one of 'logp'"),
        (["fat", "fat_classes"], "called 'fat_classes'"),
        ("similarity", "called 'similarity', one of 'similarity', one of all tasks"),
        (["logp", "logp_in_domain"], "called 'logp_in_domain'"),
        (["logp", "nearest_logp"], "called 'nearest_logp'"),
        ("id", "called 'nearest_id'"),
        (["logp", "logp"], "'logp' is named twice"),
    ],
)
def test_tasks_whose_results_would_overwrite_each_other_are_refused_before_the_fit(targets, said):
    frame = series()
    for name in ("logp_low", "logp_spread", "logp_in_domain", "nearest_logp", "similarity", "id"):
        frame[name] = frame["logp"]
    frame["fat_classes"] = frame["fat"]
    told = []
    with pytest.raises(MolgenError, match=said):
        train(Library.from_frame(frame), targets, recipe=tiny("mean"), split="none", progress=lambda *step: told.append(step))
    assert not told


def test_what_only_looks_like_a_clash_is_learned():
    frame = series().assign(fat_low=lambda own: own["logp"])  # classes have no interval
    said = train(Library.from_frame(frame), ["fat", "fat_low"], recipe=tiny("mean"), split="none").predict(["CCO"])
    assert said.columns()["fat_low"] == said.mean[:, 1]


@pytest.mark.parametrize("split", ["scaffold", "random", "none"])
def test_a_split_column_that_nothing_would_read_is_refused(library, split):
    with pytest.raises(MolgenError, match=f"split '{split}' reads no column, and 'part' is given for it"):
        train(library, "logp", recipe=tiny("mean"), split=split, split_column="part")


@pytest.mark.parametrize("split", ["column", "time"])
def test_a_split_column_that_is_not_there_is_named(library, split):
    with pytest.raises(MolgenError, match="no column 'parts'"):
        train(library, "logp", recipe=tiny("mean"), split=split, split_column="parts")


def test_a_seed_below_zero_is_refused(library):
    with pytest.raises(MolgenError, match="seed is -1, want a whole number, 0 or more"):
        train(library, "logp", recipe=tiny("mean"), split="none", seed=-1)


def test_progress_is_told(library):
    told = []
    train(library, "logp", recipe=tiny("kernel"), split="none", progress=lambda done, all_, what: told.append((done, all_, what)))
    assert told[0] == (1, 4, "kernel, fold 1") and told[-1][:2] == (4, 4)


def test_sparse_tasks_are_learned_beside_full_ones():
    frame = series()
    frame["few"] = frame["logp"].where(np.arange(60) < 12)
    predictor = train(Library.from_frame(frame), ["few", "logp"], recipe=tiny("blend"), split="none")
    assert [predictor.card["metrics"][name]["held out"]["n"] for name in ("few", "logp")] == [12, 60]
    assert np.isfinite(predictor.predict(["CCO"]).low).all()


def test_a_task_with_no_value_to_train_on_is_named():
    frame = series()
    frame["few"] = frame["logp"].where(frame["part"] == "test")
    with pytest.raises(MolgenError, match=r"no value outside the test part \(column few\)"):
        train(Library.from_frame(frame), ["few", "logp"], recipe=tiny("mean"), split="column", split_column="part")


def test_one_positive_in_sixty_is_survived():
    frame = series()
    frame["rare"] = (np.arange(60) == 3).astype(int)
    said = train(Library.from_frame(frame), "rare", recipe=tiny("boosting"), split="none").predict(["CCO"])
    assert 0.0 <= said.mean[0, 0] <= 0.5


def test_a_table_in_place_of_a_library_is_refused_with_the_way_to_make_one() -> None:
    with pytest.raises(MolgenError, match="from_frame"):
        train(pd.DataFrame({"smiles": ["CCO"], "y": [1.0]}), "y", recipe="mean")


def test_a_training_part_of_one_value_is_refused():
    table = series().assign(one=lambda own: np.where(own["part"] == "train", 0, np.arange(len(own)) % 2))
    with pytest.raises(MolgenError, match="every value outside the test part is 0"):
        train(Library.from_frame(table), "one", recipe="mean", split="column", split_column="part")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (dict(units={"LOGP": "nM"}), "did you mean 'logp'"),
        (dict(coverage=0.995), "at most 0.99"),
        (dict(seed=1.5), "want a whole number"),
        (dict(recipe={"predictor": "mean"}), "want RecipeConfig or text"),
    ],
)
def test_what_would_be_ignored_or_break_later_is_refused_at_once(ask, said):
    with pytest.raises(MolgenError) as error:
        train(Library.from_frame(series()), "logp", **{"recipe": "mean", **ask})
    assert said in str(error.value)


def test_a_task_is_checked_when_it_is_made():
    for wrong in (dict(kind="regress"), dict(scale="ln"), dict(unit=5)):
        with pytest.raises(MolgenError, match="of a task is"):
            Task("logp", **wrong)


def test_classes_of_which_little_can_be_learned_are_warned_of(caplog):
    rare = [f"C{'C' * n}O" for n in range(40)]
    noise = np.random.default_rng(4).permutation(np.arange(40) % 2)
    frame = pd.DataFrame({"smiles": rare, "few": [1] * 4 + [0] * 36, "noise": noise, "fine": [1] * 20 + [0] * 20})
    for name, predictor in (("few", "mean"), ("noise", "mean"), ("fine", "kernel")):
        caplog.clear()
        model = train(Library.from_frame(frame), name, recipe=tiny(predictor), split="none")
        few = "few: 36 values of class 0 and 4 of class 1" in caplog.text
        assert few == (name == "few") and caplog.text.count("values of class 0") == (name == "few")
    caplog.clear()
    backwards = replace(model, card={"metrics": {"fine": {"held out": {"auroc": 0.31}}}})
    ready = prepared(Library.from_frame(frame), "fine", config=tiny("kernel"), split="none")
    _warn_of_classes(ready, backwards)
    assert "fine: AUROC 0.31 of kernel on held-out folds, worse than a coin, with 20 values of class 0 and 20 of class 1" in caplog.text


def test_bounds_are_no_classes_and_no_value_is_beyond_all_bounds():
    table = series().assign(odd=["<1", ">0", "0", "1"] * 15, huge=lambda own: np.where(own.index == 7, 1e300, own["logp"]))
    with pytest.raises(MolgenError, match="with bounds"):
        train(Library.from_frame(table), Task("odd", kind="classification"), recipe="mean")
    with pytest.raises(MolgenError, match="want none beyond 1e"):
        train(Library.from_frame(table), "huge", recipe="mean")


def test_the_card_says_what_was_learned_and_its_key_tells_two_requests_apart():
    table = series().assign(Ki=lambda own: 10 ** (4 - own["logp"] / 10))
    cards = [train(Library.from_frame(table), "Ki", units={"Ki": unit}, recipe="mean").card for unit in ("nM", "uM")]
    cards.append(train(Library.from_frame(table), "Ki", units={"Ki": "nM"}, recipe="mean", coverage=0.5).card)
    assert [card["tasks"][0]["unit"] for card in cards] == ["-log10 mol/L"] * 3
    assert len({card["provenance"]["key"] for card in cards}) == 3
