"""Weights against a general optimiser, and a blend that is what its members say."""

import numpy as np
import pytest
from scipy.optimize import minimize

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.base import Estimate
from molgen.models.blend import _EVENNESS, Blend, BlendModel, stacked
from molgen.models.calibration import Scaling
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import PROTEINS, TINY_PAIR_KERNEL, pairs


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_the_best_on_the_simplex(seed):
    rng = np.random.default_rng(seed)
    errors = rng.normal(size=(80, 4)) * rng.uniform(0.3, 2.0, 4) + rng.normal(size=(80, 1))
    typical = np.mean(errors**2)

    def cost(weights):
        return ((errors @ weights) ** 2).sum() / typical + _EVENNESS * 80 * ((weights - 0.25) ** 2).sum()

    bounds, whole = [(0, 1)] * 4, {"type": "eq", "fun": lambda weights: weights.sum() - 1}
    wanted = minimize(cost, np.full(4, 0.25), bounds=bounds, constraints=[whole], method="SLSQP", options={"ftol": 1e-12}).x
    found = stacked(errors)
    assert found.sum() == pytest.approx(1.0) and (found >= 0).all()
    assert np.allclose(found, wanted, atol=2e-3)


def test_a_member_that_only_adds_noise_gets_little():
    rng = np.random.default_rng(0)
    good = rng.normal(0, 0.3, (300, 1))
    weights = stacked(np.hstack([good, good + rng.normal(0, 3.0, (300, 1))]))
    assert weights[0] > 0.95


def test_perfect_members_share_alike():
    assert stacked(np.zeros((10, 3))).tolist() == pytest.approx([1 / 3] * 3)


def test_the_blend_is_the_mixture_of_its_members():
    model = BlendModel(("a", "b"), ("mean", "mean"), (), np.array([[0.25, 0.75]]), ((Scaling(1.0, 0.0), Scaling(1.0, 0.0)),))
    said = [Estimate(np.array([[1.0]]), np.array([[0.5]])), Estimate(np.array([[2.0]]), np.array([[0.2]]))]
    both = model.combined(said, model.weights)
    rng = np.random.default_rng(0)
    first = rng.uniform(size=400_000) < 0.25
    sample = np.where(first, rng.normal(1.0, 0.5, 400_000), rng.normal(2.0, 0.2, 400_000))
    assert both.mean[0, 0] == pytest.approx(1.75) and both.spread[0, 0] == pytest.approx(sample.std(), rel=0.01)


def test_a_blend_in_a_blend_is_refused():
    with pytest.raises(MolgenError, match="cannot be a member"):
        Blend(members={"blend": {}})


def test_two_members_of_one_kind_go_by_names_of_their_own():
    blend = Blend(members={"short": {"predictor": "boosting", "trees": 5}, "long": {"predictor": "boosting", "trees": 50}})
    members = blend.members_for(100)
    assert members["short"].recipe.trees == 5 and members["long"].recipe.trees == 50


def test_a_member_takes_part_with_as_many_molecules_as_it_is_for():
    blend = Blend(members={"kernel": {"rows": [0, 4000]}, "boosting": {}, "network": {"rows": [1000, 100_000]}})
    assert list(blend.members_for(500)) == ["kernel", "boosting"]
    assert list(blend.members_for(1000)) == ["kernel", "boosting", "network"]
    assert list(blend.members_for(4001)) == ["boosting", "network"]


def test_a_blend_nobody_of_which_takes_part_says_so():
    with pytest.raises(MolgenError, match="no member of the blend takes part with 20 molecules"):
        Blend(members={"kernel": {"rows": [100, 4000]}}).members_for(20)


@pytest.mark.parametrize("rows", [[5], [10, 3], ["a", "b"], 7, [0.5, 3]])
def test_rows_that_are_no_range_are_refused(rows):
    with pytest.raises(MolgenError, match="rows of the member 'kernel'"):
        Blend(members={"kernel": {"rows": rows}})


def test_the_blend_is_no_worse_than_its_members_on_held_out_molecules(fitted):
    held = {name: fitted(name).card["metrics"]["logp"]["held out"]["rmse"] for name in ("kernel", "boosting", "network", "blend")}
    assert held["blend"] <= 1.05 * min(held[name] for name in ("kernel", "boosting", "network"))


@pytest.mark.parametrize("order", [("mean", "pair_kernel"), ("pair_kernel", "mean")])
def test_a_mean_among_models_of_pairs_leaves_them_models_of_pairs(order, tmp_path):
    options = {"mean": {}, "pair_kernel": TINY_PAIR_KERNEL | {"identities": False, "new": "molecules"}}
    recipe = RecipeConfig(options={"members": {name: options[name] for name in order}}, folds=3)
    model = Predictor.load(train(pairs(), "affinity", recipe=recipe, split="none").save(tmp_path / "model"))
    bound = model.against_named(["AAA1", "BBB1"]).predict(["c1ccccc1CC"])
    said = model.predict(Library.of(["c1ccccc1CC"] * 2, columns={"target": [PROTEINS["AAA1"], PROTEINS["BBB1"]]}).paired("target"))
    assert np.allclose(bound.mean[0], said.mean[:, 0], atol=1e-5) and model.pairs == "target"
    other = Library.of(["c1ccccc1CC"], columns={"target": ["WQHGNPYYKDMMTRSCEFVLIAWQHGNPYYKDMM"]}).paired("target")
    assert model.predict(other).closeness[0, 0] < 0.5
