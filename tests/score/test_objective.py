"""The objective: a weighted geometric mean, cautious where asked, refusing what it can't read."""

from dataclasses import replace

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.predictor import Predictor
from molgen.score.base import Reading, Term
from molgen.score.curves import Ramp, Range, Sigmoid
from molgen.score.objective import Goal, Objective
from molgen.score.predictions import Prediction
from molgen.score.ranking import OWN_COLUMNS
from molgen.screen.run import screen

RAMP = {"kind": "ramp", "worst": 0, "best": 1}


class Toy(Term):
    """Says what it was told to, with a spread of 1."""

    def __init__(self, values, name="toy"):
        super().__init__(name=name, about=f"toy {values}")
        self.values = values

    def measure(self, distinct):
        return Reading(np.array(self.values[: len(distinct)], dtype=float), np.ones(len(distinct)))


LIBRARY = Library.of(["CCO", "CCN", "CCC"])


def test_total_is_the_weighted_geometric_mean_worked_by_hand():
    goals = (
        Goal(term=Toy([1, 4, 10], "a"), curve=Ramp(worst=0, best=10), weight=3),
        Goal(term=Toy([9, 9, 9], "b"), curve=Ramp(worst=0, best=10), weight=1),
    )
    scores = Objective(goals).score(LIBRARY)
    by_hand = [(a**3 * 0.9) ** 0.25 for a in (0.1, 0.4, 1.0)]
    assert np.allclose(scores.total, by_hand)


def test_one_failed_goal_fails_the_molecule():
    goals = (Goal(term=Toy([0, 5, 5], "a"), curve=Ramp(worst=0, best=10)), Goal(term=Toy([10, 10, 10], "b"), curve=Ramp(worst=0, best=10)))
    assert Objective(goals).score(LIBRARY).total[0] == 0.0


def test_rejected_molecules_score_nan_and_not_0():
    total = Objective.of([{"term": "qed"}]).score(Library.of(["CCO", "C1CC"])).total
    assert np.isfinite(total[0])
    assert np.isnan(total[1])


@pytest.mark.parametrize("curve", [Ramp(worst=0, best=10), Ramp(worst=10, best=0), Range(low=4, high=6, margin=3)])
def test_caution_takes_the_worst_within_the_spread(curve):
    raw = [2.0, 5.0, 8.0]
    said = Objective((Goal(term=Toy(raw), curve=curve, caution=1.5),)).score(LIBRARY).desirability[:, 0]
    brute = [curve(np.linspace(value - 1.5, value + 1.5, 1001)).min() for value in raw]
    assert np.allclose(said, brute, atol=1e-9)


def test_caution_of_a_logarithm_is_a_factor_and_keeps_the_order():
    """Spreads as they are told of such tasks: that of the logarithm, times the value."""
    values, spread_of_log = [0.5, 5.0, 50.0], 1.2

    class Decades(Toy):
        logarithmic = True

        def measure(self, distinct):
            mean = np.array(self.values)
            return Reading(mean, spread_of_log * mean)

    for worst, best in ((0.0, 60.0), (60.0, 0.0)):
        curve = Ramp(worst=worst, best=best)
        said = Objective((Goal(term=Decades(values), curve=curve, caution=0.5),)).score(LIBRARY).desirability[:, 0]
        end = np.exp(-0.5 * spread_of_log if best > worst else 0.5 * spread_of_log)
        assert np.allclose(said, curve(np.array(values) * end))
    shipped = [Prediction(model="admet-fast", task=task).logarithmic for task in ("half_life_h", "caco2_log_cm_per_s")]
    assert shipped == [True, False]


class Steps:
    """A curve of somebody's own, without words of its own."""

    def __init__(self, height):
        self.height = height

    def __call__(self, raw):
        return np.where(raw > self.height, 1.0, 0.0)

    def window(self):
        return 0.0, 1.0


def test_a_curve_of_ones_own_is_known_by_what_it_holds():
    keys = [Objective((Goal(term=Toy([1]), curve=Steps(height)),)).key for height in (0.5, 0.5, 0.6)]
    assert keys[0] == keys[1] != keys[2]


def test_the_key_changes_with_anything_that_changes_the_scores():
    base = {"term": "qed", "curve": {"kind": "ramp", "worst": 0, "best": 1}, "weight": 1.0}
    others = [{**base, "weight": 2.0}, {**base, "curve": {"kind": "as_is"}}, {**base, "term": "sa"}]
    keys = {Objective.of([goal]).key for goal in [base, *others]}
    assert len(keys) == 4
    assert len({Objective((Goal(term=Toy([1]), caution=caution),)).key for caution in (0.0, 1.0, 2.0)}) == 3
    assert Objective.of([base]).key == Objective.of([dict(base)]).key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no \\[\\[goal\\]\\]"),
        ("[[goal]]\nterm = 'qued'", "no term is called 'qued'.*goal 1.*did you mean 'qed'"),
        ("[[goal]]\nterm = 'qed'\nweight = -1", "weight"),
        ("[[goal]]\nterm = 'qed'\ncurve = {kind = 'ramp', worst = 1}", "best"),
        ("[[goal]]\nterm = 'qed'\ncurve = {kind = 'slope'}", "no curve"),
        ("[[goal]]\nterm = 'qed'\n[[goal]]\nterm = 'qed'", "two goals are called 'QED'"),
        ("[[goal]]\nterm = 'property'", "property"),
        ("[[goals]]\nterm = 'qed'", "unknown key 'goals'"),
        ("[[goal]\n", "not TOML"),
        ("[[goal]]\nterm = 'prediction'\nmodel = 'nowhere'", "nowhere"),
    ],
)
def test_a_wrong_file_is_refused_in_its_own_words(tmp_path, text, said):
    path = tmp_path / "o.toml"
    path.write_text(text)
    with pytest.raises(MolgenError) as caught:
        Objective.from_toml(path)
    import re

    assert re.search(said, str(caught.value), re.DOTALL), str(caught.value)


@pytest.mark.parametrize("name", OWN_COLUMNS)
def test_a_goal_called_like_a_column_of_the_result_is_refused(name):
    for goal in ({"term": "qed"}, {"term": "property", "property": "mw", "curve": RAMP}):
        with pytest.raises(MolgenError, match=f"column '{name}', which the result has already"):
            Objective.of([{**goal, "name": name}])


def test_every_column_of_a_screen_is_a_goals_or_a_reserved_one():
    columns = screen(LIBRARY, Objective.of([{"term": "qed"}])).frame.columns
    own = {name.removeprefix("molgen_") for name in columns if name.startswith("molgen_")}
    assert own - {"QED", "QED_desirability"} <= set(OWN_COLUMNS)


def test_a_goals_further_columns_write_over_nothing():
    with pytest.raises(MolgenError, match="'a_desirability'"):
        Objective.of([{"term": "qed", "name": "a"}, {"term": "sa", "name": "a_desirability", "curve": RAMP}])
    with pytest.raises(MolgenError, match="'alert_names'"):
        Objective.of([{"term": "alerts", "name": "alert", "curve": RAMP}]).score(LIBRARY)
    with pytest.raises(MolgenError, match="'alerts_names'"):
        Objective.of([{"term": "alerts", "curve": RAMP}, {"term": "sa", "name": "alerts_names", "curve": RAMP}]).score(LIBRARY)
    with pytest.raises(MolgenError, match="without a name"):
        Objective.of([{"term": "sa", "name": "", "curve": RAMP}])


@pytest.mark.parametrize("goal", [{"term": "sa"}, {"term": "alerts"}, {"term": "property", "property": "logp"}, {"term": "likelihood"}])
def test_values_that_are_no_desirabilities_want_a_curve(goal):
    with pytest.raises(MolgenError, match="no desirabilities from 0 to 1"):
        Objective.of([goal])
    Objective.of([{**goal, "curve": RAMP}])


EXACT = [
    {"term": "qed"},
    {"term": "sa"},
    {"term": "alerts"},
    {"term": "likelihood"},
    {"term": "property", "property": "logp"},
    {"term": "similarity", "references": ["CCO"]},
    {"term": "novelty", "known": ["CCO"]},
    {"term": "substructure", "smarts": "O"},
    {"term": "function", "call": lambda smiles: [1.0] * len(smiles), "name": "one"},
]


@pytest.mark.parametrize("goal", EXACT, ids=[goal["term"] for goal in EXACT])
def test_what_is_calculated_has_no_spread_to_be_cautious_of(goal):
    with pytest.raises(MolgenError, match="without a spread to be cautious of"):
        Objective.of([{**goal, "curve": RAMP, "caution": 1.0}])
    assert (Objective.of([{**goal, "curve": RAMP}]).score(LIBRARY).spread == 0).all()


@pytest.mark.parametrize("wrong", [float("inf"), float("nan"), -1.0, "2"])
def test_weight_and_caution_are_finite_numbers(wrong):
    for what in ("weight", "caution"):
        with pytest.raises(MolgenError, match=what):
            Goal(term=Toy([1]), **{what: wrong})


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ({"weight": float("inf")}, "weight"),
        ({"caution": float("inf")}, "caution"),
        ({"weight": True}, "weight: input should be a valid number, got True"),
        ({"caution": "2"}, "caution: input should be a valid number, got '2'"),
        ({"curve": {"kind": "ramp", "worst": float("inf"), "best": 1}}, "worst is inf, want a finite number"),
        ({"curve": {"kind": "ramp", "worst": "6", "best": "3"}}, "worst is '6', want a number"),
        ({"curve": {"kind": 5}}, "no curve is called 5"),
        ({"name": 5}, "name is 5, want text"),
    ],
)
def test_a_wrong_goal_is_refused_when_it_is_made(goal, said):
    with pytest.raises(MolgenError, match=said) as caught:
        Objective.of([{"term": "qed", **goal}])
    assert "goal 1" in caught.value.where


def test_what_is_no_table_is_no_goal():
    with pytest.raises(MolgenError, match="'qed' is not a goal"):
        Objective.of(["qed"])


def test_why_a_molecule_has_no_score_names_the_goals():
    goals = (Goal(term=Toy([0.5, np.nan, 0.5], "a")), Goal(term=Toy([0.5, np.nan, np.nan], "b")))
    assert Objective(goals).score(LIBRARY).unsaid() == ["", "no value for a, b", "no value for b"]


def test_files_of_partners_are_taken_from_the_objectives_folder_and_names_are_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "t.fasta").write_text(">T\n" + "MKTAYIAKQR" * 4 + "\n")
    goals = '[[goal]]\nterm = "prediction"\nmodel = "kinases"\ntarget = "t.fasta"\ncurve = {kind = "ramp", worst = 0, best = 9}\n'
    goals += '[[goal]]\nterm = "likelihood"\nmodel = "molecules"\ncurve = {kind = "ramp", worst = -9, best = 0}\n'
    (tmp_path / "sub" / "o.toml").write_text(goals)
    assert len(Objective.from_toml(tmp_path / "sub" / "o.toml").goals) == 2
    (tmp_path / "sub" / "o.toml").write_text(goals.replace("t.fasta", "EGFR"))
    assert len(Objective.from_toml(tmp_path / "sub" / "o.toml").goals) == 2


def test_a_curve_of_concentrations_is_refused_for_p_values():
    term = Toy([5, 7, 9], "pKi")
    term.largest, term.unit = 14.0, "-log10 mol/L"
    for fine in (Ramp(worst=5, best=9), Sigmoid(poor=5, good=10), Range(low=7, high=20, margin=1)):
        assert Goal(term=term, curve=fine).curve is fine
    for wrong in (Ramp(worst=1000, best=1), Sigmoid(poor=500, good=10), Range(low=50, high=100, margin=10)):
        with pytest.raises(MolgenError, match="for p-values, which are 14 at most"):
            Goal(term=term, curve=wrong)


def test_a_class_has_its_set_and_a_value_its_interval():
    said = {}
    for name, task in (("herg", "herg_blocker_10um_probability"), ("caco2", "caco2_log_cm_per_s")):
        goal = {"term": "prediction", "name": name, "model": "admet-fast", "task": task, "curve": RAMP}
        said[name] = {what.removeprefix(f"{name}_") for what in Objective.of([goal]).score(LIBRARY).details}
    assert {"classes"} == said["herg"] - said["caco2"] and {"low", "high"} == said["caco2"] - said["herg"]


def test_a_ranking_says_none_of_a_class_where_all_are_ruled_out():
    model = Predictor.load("admet-fast").only("herg_blocker_10um_probability")
    (chances,) = model.calibration.tasks
    nothing = replace(chances, zero=(-1.0,) * 99, one=(-1.0,) * 99)  # no chance is likely enough for either
    model = replace(model, calibration=replace(model.calibration, tasks=(nothing,)))
    goal = {"term": "prediction", "name": "herg", "model": model, "curve": RAMP}
    assert model.predict(LIBRARY).classes[:, 0].tolist() == [""] * 3
    assert Objective.of([goal]).score(LIBRARY).details["herg_classes"] == ["none"] * 3
