"""A model's card in words: what is in it is said, what fails is worked out, and nothing in it is taken for markup."""

import json

import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.shipped import shipped
from molgen.models.train import train
from molgen.report.card import CardPage, _sections, card, is_weak

ALKYL = [f"{'C' * n}{end}" for n in range(1, 13) for end in ("O", "N", "Cl", "c1ccccc1")]
TASKS = [{"name": name, "kind": "regression", "unit": "nM", "scale": "linear"} for name in ("a", "b")]


def made(**errors):
    """A card as `train` writes it, with these errors of groups; all of a task err by 1."""
    whole = {"n": 500, "rmse": 1.0, "mae": 0.8, "r2": 0.5, "spearman": 0.7}
    return {
        "tasks": TASKS,
        "source": "kd.csv",
        "data": "0" * 64,
        "rows": {"read": 520, "rejected": 5, "repeats": 10, "unlabelled": 5, "train": 500, "valid": 0, "test": 0, "bounds": 3},
        "problems": {},
        "conflicts": {"a": [{}], "b": []},
        "split": {"method": "none", "folds": 5, "fold_method": "scaffold"},
        "metrics": {"a": {"held out": whole}, "b": {"held out": whole | {"r2": 0.1}}},
        "audit": {"part": "held out", "errors": errors},
        "calibration": {"asked": 0.9, "seen": {"a": {"held out": 0.91}, "b": {"held out": 0.9}}},
        "domain": {"thresholds": {"a": 0.3, "b": 0.25}, "molecules": 500, "similarity": "Tanimoto, ECFP4, 2048 bits"},
        "recipe": {"predictor": "kernel"},
        "seed": 3,
    }


def paged(card):
    return CardPage("mine", card, tuple(_sections(card, "")))


def by_title(page):
    return {section.title: section for section in page.sections}


def test_the_rows_of_the_data_add_up_in_words():
    words = " ".join(by_title(paged(made()))["What it learned from"].words)
    assert "520 rows = 5 rejected + 5 unlabelled + 10 repeats + 500 train" in words
    assert "Bounds among the values: 3," in words and "Values of one molecule that disagree, counted by task: 1." in words


def test_groups_that_err_most_come_first_and_the_others_not_at_all():
    group = {"n": 40, "bias": -0.5}
    card = made(a={"size": {"small": group | {"rmse": 1.3}, "large": group | {"rmse": 2.0}, "usual": group | {"rmse": 1.2}}})
    card["audit"]["errors"]["a"]["charge"] = {"few": {"n": 19, "rmse": 9.0, "bias": 0.0}}
    (grid,) = by_title(paged(card))["Where it fails"].grids
    assert [row[2] for row in grid.rows] == ["large", "small"]
    assert grid.rows[0][4:] == ("RMSE 2.00", "RMSE 1.000", "0.50 too low")


def test_a_model_of_many_tasks_shows_the_worst_group_of_each():
    card = made()
    names = [f"t{i}" for i in range(12)]
    card["tasks"] = [TASKS[0] | {"name": name} for name in names]
    card["metrics"] = {name: {"held out": {"n": 100, "rmse": 1.0, "r2": 0.5}} for name in names}
    groups = {str(size): {"n": 30, "rmse": 1.3 + size, "bias": 1.0} for size in range(3)}
    card["audit"]["errors"] = {name: {"size": groups} for name in names}
    (grid,) = by_title(paged(card))["Where it fails"].grids
    assert [row[0] for row in grid.rows] == names and {row[2] for row in grid.rows} == {"2"}


def test_a_task_not_to_lean_on_is_named():
    card = made()
    assert is_weak(card, "b", "regression") and not is_weak(card, "a", "regression")
    group = {"size": {"all": {"n": 400, "rmse": 1.0, "bias": 0.0}}}
    words = by_title(paged(made(a=group)))["Where it fails"].words
    assert words == (
        "Do not lean on these, whose R² is below 0.3: b (R² 0.100, held out).",
        "There are no groups of 20 or more molecules that err at least 1.25 times as much as all of their task.",
    )


def test_what_could_not_be_judged_is_not_called_good():
    card = made()
    sizes = {"few": {"n": 15, "rmse": 9.0, "bias": 0.0}, "gone": {"n": 30, "rmse": None, "bias": 0.0}}
    card["audit"] = {"part": "test", "errors": {"a": {"size": sizes}}}
    card["metrics"]["a"]["test"] = {"n": 15, "rmse": 3.0, "r2": -2.0}  # too few to go by: what was held out decides
    card["metrics"]["b"] = {"held out": {"n": 0, "rmse": None, "r2": None}}
    words = by_title(paged(card))["Where it fails"].words
    assert words == ("Nothing, or too little, is there to judge by: b.", "Too few were judged to tell groups apart.")
    card["metrics"]["a"]["test"]["n"] = 60
    assert by_title(paged(card))["Where it fails"].words[1].endswith("a (R² −2.00, test).")


def test_pairs_are_no_molecules():
    card = made() | {"chosen": {"proteins": 7}}
    card["rows"]["test"] = 30
    card["audit"]["leakage"] = {"same_skeleton": 0.9, "nearly_the_same": 0.9, "same_scaffold": 1.0}
    page = by_title(paged(card))
    assert any("30 pairs" in words for words in page["How well it does"].words)
    assert any("90 % have a molecule that training has too" in words for words in page["How well it does"].words)
    assert not any("stereoisomers of a training" in words for words in page["How well it does"].words)


def test_logarithms_are_judged_in_decades():
    card = made()
    card["metrics"]["b"]["held out"] |= {"rmse_log10": 0.4, "r2_log10": 0.6}
    assert not is_weak(card, "b", "regression")
    (grid,) = by_title(paged(card))["How well it does"].grids
    assert "RMSE, decades" in grid.head and grid.rows[1][grid.head.index("RMSE, decades")] == "0.400" and "–" in grid.rows[0]


def test_names_are_no_markup():
    card = made()
    card["tasks"] = [TASKS[0] | {"name": "<b>a|b</b>"}, TASKS[0] | {"name": "c`d\ne"}]
    card["source"] = "<script>*x*</script>\n# head"
    page = paged(card)
    assert "`` c`d e ``" in page.to_markdown() and "- \\<script>\\*x\\*\\</script> # head: " in page.to_markdown()
    assert "`<b>a\\|b</b>`" in page.to_markdown()
    assert "<b>a|b</b>" not in page.to_html() and "&lt;b&gt;a|b&lt;/b&gt;" in page.to_html()


@pytest.mark.parametrize("name", shipped())
def test_models_of_ours_say_their_data_licences_and_failures(name):
    page = card(name)
    found = by_title(page)
    (data,) = found["What it learned from"].grids
    assert data.head[:2] == ("data", "licence") and all(citation and licence for citation, licence, *_ in data.rows)
    assert len(found["Where it fails"].words) > 4 and len(found["What it says"].grids[0].rows) == len(page.card["tasks"])
    assert page.name == name


def test_of_pairs_the_partner_must_be_near_too():
    page, blend = card("kinases"), made() | {"chosen": {"weights": {}, "members": {"trees": {"cell lines": 7}, "kernel": {}}}}
    assert any(f"{page.card['chosen']['proteins']} proteins" in words for words in by_title(page)["When to trust it"].words)
    assert any("7 cell lines" in words for words in by_title(paged(blend))["When to trust it"].words)
    assert not any("partner" in words for words in by_title(card("admet"))["When to trust it"].words)


def test_endpoints_of_ours_say_what_they_mean_and_which_way_is_better():
    (grid,) = by_title(card("admet-fast"))["What it says"].grids
    row = next(row for row in grid.rows if row[0] == "half_life_h")
    assert row == ("half_life_h", "h", "logarithm", "half-life in man", "higher")


def test_the_card_of_a_model_of_your_own(tmp_path):
    library = Library.of(ALKYL, columns={"y": [float(len(text)) for text in ALKYL]})
    trained = train(library, "y", recipe="kernel", split="random", out=tmp_path / "mine")
    page = card(tmp_path / "mine")
    assert page.card == json.loads(json.dumps(trained.card)) and page.name == "mine"
    test = [row for row in by_title(page)["How well it does"].grids[0].rows if row[1] == "test"]
    assert test and test[0][2] == str(trained.card["metrics"]["y"]["test"]["n"])
    (tmp_path / "mine" / "card.json").write_text("{}")
    with pytest.raises(MolgenError, match="digest"):
        card(tmp_path / "mine")


def test_no_model_no_card(tmp_path):
    with pytest.raises(MolgenError, match="no saved predictor"):
        card(tmp_path)
