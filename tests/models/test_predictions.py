"""The columns of predictions: each of them is there, once."""

from dataclasses import replace

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.models.base import Task
from molgen.models.predict import load
from molgen.models.predictions import layout_of


def test_columns_hold_what_they_are_called_for(fitted):
    said = fitted("mean").predict(["CCO", "CCN"])
    columns = said.columns()
    assert list(columns) == [
        "logp", "logp_spread", "logp_low", "logp_high", "fat", "fat_spread", "fat_classes",
        "in_domain", "similarity", "nearest_id", "nearest_smiles", "nearest_logp", "nearest_fat",
    ]  # fmt: skip
    for name, values in {"logp_high": said.high[:, 0], "fat": said.mean[:, 1], "nearest_fat": said.nearest_value[:, 1]}.items():
        assert np.array_equal(columns[name], values)


def test_a_set_without_classes_is_none_and_what_was_not_predicted_is_empty(fitted):
    model = fitted("mean").at(0.5)
    said = model.predict(["CCO", "C1CC"])
    said = replace(said, classes=np.full((2, 2), ""))
    frame = said.to_frame()
    assert frame["molgen_fat_classes"].tolist() == ["none", ""] and "molgen_logp_classes" not in frame
    assert set(said.classes.ravel()) == {""}  # which is no class: words to count


def test_brief_is_the_values_and_the_domain(fitted):
    said = fitted("mean").predict(["CCO", "C1CC", "C" * 90])
    brief, whole = said.to_frame(brief=True), said.to_frame()
    assert list(said.columns(brief=True)) == ["logp", "fat", "in_domain"]
    assert all(brief[name].equals(whole[name]) for name in brief) and len(brief) == 3


def test_brief_names_the_tasks_that_a_row_is_outside_of():
    said = load("admet-fast").only(["half_life_h", "logd74"]).predict(["CC(C)Cc1ccc(cc1)C(C)C(=O)O", "C1CC", "[Na+].[Cl-]", "C" * 200])
    outside = said.columns(brief=True)["outside_domain"].tolist()
    wanted = ["; ".join(task.name for task, inside in zip(said.tasks, row) if not inside) for row in said.in_domain.tolist()]
    assert outside == [text if ok else "" for text, ok in zip(wanted, said.library.ok.tolist())]
    assert outside[3] == "half_life_h; logd74" and outside[1] == ""


def test_two_columns_of_one_name_are_never_one(fitted):
    """A model from before such tasks were refused, or one asked about partners of such names."""
    model = fitted("mean")
    clashing = replace(model, tasks=(Task("logp"), Task("logp_low", "classification")))
    with pytest.raises(MolgenError, match="called 'logp_low', one of 'logp', one of 'logp_low'"):
        clashing.predict(["CCO"]).columns()
    assert clashing.only(["logp_low"]).predict(["CCO"]).columns()["logp_low"].shape == (1,)


def test_tasks_measured_apart_tell_their_domain_apart():
    names = [column.name for column in layout_of((Task("a"), Task("b")), shared=False, told=False)]
    assert names[-4:] == ["a_in_domain", "a_similarity", "b_in_domain", "b_similarity"]
