"""What a recipe file says is what is built, and slips are named."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.models.base import PREDICTORS, Recipe
from molgen.models.recipe import PRESETS, RecipeConfig, preset, to_toml

SCALARS = st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = SCALARS | TEXTS | st.lists(SCALARS | TEXTS, max_size=3)
TABLES = st.recursive(st.dictionaries(TEXTS, VALUES, max_size=4), lambda inner: st.dictionaries(TEXTS, VALUES | inner, max_size=4))


@given(TABLES)
def test_any_table_comes_back_from_toml(table):
    assert tomllib.loads(to_toml(table)) == table


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_build_and_survive_a_file(name, tmp_path):
    (tmp_path / "recipe.toml").write_text(to_toml(preset(name).model_dump()))
    again = RecipeConfig.from_toml(tmp_path / "recipe.toml")
    assert again == preset(name) and isinstance(again.build(), Recipe)


@pytest.mark.parametrize("name", sorted(PREDICTORS))
def test_every_predictor_builds_from_its_defaults(name):
    assert isinstance(RecipeConfig(predictor=name).build(), Recipe)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"predictor": "bosting"}, "did you mean 'boosting'"),
        ({"predictor": "boosting", "options": {"tree": 5}}, "no option 'tree'"),
        ({"predictor": "boosting", "options": {"trees": "many"}}, "trees: .*'many'"),
        ({"predictor": "kernel", "options": {"size": 1000}}, "size"),
        ({"predictor": "network", "options": {"network": {"epoch": 3}}}, "epoch"),
        ({"predictor": "blend", "options": {"members": {}}}, "members"),
        ({"predictor": "blend", "options": {"members": {"kernel": {"shape": "round"}}}}, "shape"),
    ],
)
def test_slips_are_named(config, says):
    with pytest.raises(MolgenError, match=says):
        RecipeConfig.of(config).build()


def test_an_unknown_preset_is_told_those_there_are():
    with pytest.raises(MolgenError, match="did you mean 'best'"):
        preset("beste")
    with pytest.raises(MolgenError, match=r"there are: .*potency"):
        preset("quux")


@pytest.mark.parametrize(("predictor", "option"), [("boosting", "huber"), ("kernel", "level")])
def test_an_option_without_end_is_refused_before_anything_is_fitted(predictor, option):
    with pytest.raises(MolgenError, match=f"{option}: input should be a finite number"):
        RecipeConfig(predictor=predictor, options={option: float("inf")}).build()
