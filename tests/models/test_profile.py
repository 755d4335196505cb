"""A profile: known molecules are told by networks that had not seen them, and what leans on it needs no other file."""

from dataclasses import replace

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.models.predict import load
from molgen.models.profile import Profile, profile_named
from molgen.models.recipe import RecipeConfig, preset
from molgen.models.train import train

from .conftest import TINY_BOOSTING, TINY_KERNEL, TINY_NETWORK

ASKED = ["c1ccc(CCO)cc1", "CC(=O)Nc1ccccc1", "OC1OC(CO)C(O)C(O)C1O"]


@pytest.fixture(scope="module")
def panel(library):
    recipe = RecipeConfig(predictor="network", options={**TINY_NETWORK, "single": False}, folds=3)
    return train(library, ["logp", "fat"], recipe=recipe, split="column", split_column="part", device="cpu")


@pytest.fixture(scope="module")
def where(panel, tmp_path_factory):
    return str(panel.to_ship().save(tmp_path_factory.mktemp("panel") / "model"))


def test_a_known_molecule_is_told_by_the_network_of_its_fold_and_a_new_one_by_all(panel, library):
    profile, distinct = Profile.of(panel), library.distinct()
    told = profile.columns(distinct)
    each = np.stack([replace(panel.model, networks=(network,)).predict(distinct).mean for network in panel.model.networks])
    fold_of = dict(zip(panel.domain.known.smiles, panel.domain.known.fold.tolist()))
    folds = np.array([fold_of.get(smiles, -1) for smiles in distinct.smiles])
    assert set(folds.tolist()) == {-1, 0, 1, 2}
    for row, fold in enumerate(folds.tolist()):
        want = each[:, row].mean(axis=0) if fold < 0 else each[fold, row]
        assert told[row] == pytest.approx(want, abs=1e-5)
    # What the networks said when the molecules were held out, and so nothing they had learned by heart.
    seen = folds >= 0
    assert not np.allclose(told[seen], each.mean(axis=0)[seen], atol=1e-4)


def test_a_profile_is_the_same_after_a_walk_through_files(panel, tmp_path, library):
    profile = Profile.of(panel)
    profile.write(tmp_path / "profile")
    again = Profile.read(tmp_path / "profile")
    assert np.array_equal(again.columns(library), profile.columns(library))
    (tmp_path / "profile" / "known.safetensors").unlink()
    with pytest.raises(MolgenError, match="not a model of ours"):
        Profile.read(tmp_path / "profile")


@pytest.mark.parametrize(
    ("name", "options"), [("boosting", {**TINY_BOOSTING, "fingerprints": ()}), ("kernel", {**TINY_KERNEL, "descriptors": 0.9})]
)
def test_a_model_that_leans_on_a_profile_says_the_same_when_that_is_gone(name, options, where, library, tmp_path):
    recipe = RecipeConfig(predictor=name, options={**options, "profile": where}, folds=3)
    leaning = train(library, ["logp", "fat"], recipe=recipe, split="column", split_column="part", device="cpu")
    alone = recipe.model_copy(update={"options": options})
    plain = train(library, ["logp", "fat"], recipe=alone, split="column", split_column="part", device="cpu")
    said = leaning.predict(ASKED).mean
    assert not np.allclose(said, plain.predict(ASKED).mean, atol=1e-6)
    loaded = load(leaning.save(tmp_path / "model"))
    assert np.allclose(loaded.predict(ASKED).mean, said, atol=1e-9)
    assert np.allclose(loaded.only(["fat"]).predict(ASKED).mean[:, 0], said[:, 1], atol=1e-9)


def test_a_model_that_is_no_set_of_fold_networks_cannot_be_a_profile(fitted, panel):
    for predictor in (fitted("kernel"), fitted("network")):
        with pytest.raises(MolgenError, match="networks of several folds"):
            Profile.of(predictor)
    known = replace(panel.domain.known, fold=np.full(len(panel.domain.known), -1))
    with pytest.raises(MolgenError, match="networks of several folds"):
        Profile.of(replace(panel, domain=replace(panel.domain, known=known)))


def test_a_profile_by_name_is_the_model_that_lies_there_now(panel, tmp_path):
    folder = tmp_path / "model"
    panel.save(folder)
    first = profile_named(str(folder))
    assert profile_named(str(folder)) is first
    panel.only(["fat"]).save(folder)
    assert profile_named(str(folder)).width == 1 < first.width
    with pytest.raises(MolgenError, match="no saved predictor here"):
        profile_named(str(tmp_path / "nothing"))


def test_folds_are_kept_in_the_folder_and_in_what_ships(panel, where):
    assert sorted(set(panel.domain.known.fold.tolist())) == [0, 1, 2]
    assert np.array_equal(load(where).domain.known.fold, panel.domain.known.fold)


def test_the_preset_leans_on_the_model_that_comes_with_molgen():
    members = preset("informed").options["members"]
    assert {name for name, member in members.items() if "profile" in member} == {"random trees", "careful trees", "kernel"}
    profile = profile_named("admet-fast")
    assert profile is not None and profile.width == 50 and len(profile.marks) > 50_000
