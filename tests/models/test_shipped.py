"""Packed models: the same bytes each time, the same answers but for the last digits, and nothing of the data in them."""

import zipfile

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.models.predict import load
from molgen.models.shipped import pack
from tests.models.conftest import TINY

ASKED = ["c1ccc(CCO)cc1", "CC(=O)Nc1ccccc1", "C1CC", "OC1OC(CO)C(O)C(O)C1O"]


def test_a_packed_model_is_the_folder_and_packs_to_the_same_bytes(fitted, tmp_path):
    folder = fitted("blend").save(tmp_path / "model")
    packed = pack(folder, tmp_path / "one.zip")
    assert packed.read_bytes() == pack(folder, tmp_path / "two.zip").read_bytes()
    one, other = load(packed).predict(ASKED), load(folder).predict(ASKED)
    assert np.array_equal(one.mean, other.mean, equal_nan=True) and np.array_equal(one.in_domain, other.in_domain)


@pytest.mark.parametrize("name", list(TINY))
def test_a_lighter_model_says_nearly_the_same(fitted, tmp_path, name):
    whole = fitted(name)
    light = load(whole.to_ship().save(tmp_path / "light"))
    said, told = whole.predict(ASKED), light.predict(ASKED)
    assert np.allclose(told.mean, said.mean, rtol=3e-3, atol=3e-3, equal_nan=True)
    assert np.array_equal(told.similarity, said.similarity, equal_nan=True) and np.array_equal(told.in_domain, said.in_domain)
    assert not light.domain.known.told and np.isnan(light.domain.known.values).all()
    assert not [column for column in told.columns() if column.startswith("nearest")]


def test_lighter_trees_take_less_room(fitted, tmp_path):
    whole = sum(path.stat().st_size for path in fitted("boosting").save(tmp_path / "a").rglob("booster*"))
    light = sum(path.stat().st_size for path in fitted("boosting").to_ship().save(tmp_path / "b").rglob("booster*"))
    assert light < 0.6 * whole


@pytest.mark.parametrize("name", list(TINY))
def test_one_task_of_a_model_says_what_it_says_among_the_others(fitted, tmp_path, library, name):
    whole = fitted(name).among("series", library)
    for i, task in enumerate(("logp", "fat")):
        alone = whole.only([task])
        loaded = load(alone.save(tmp_path / task))
        for one in (alone, loaded):
            said, told = whole.predict(ASKED), one.predict(ASKED)
            assert np.allclose(told.mean[:, 0], said.mean[:, i], rtol=1e-5, atol=1e-6, equal_nan=True)
            assert np.allclose(told.percentile[:, 0], said.percentile[:, i], atol=0.5, equal_nan=True)
            assert told.classes[:, 0].tolist() == said.classes[:, i].tolist()
    with pytest.raises(MolgenError, match="no task 'pKi'"):
        whole.only(["pKi"])


def test_a_percentile_is_the_share_of_the_reference_below(fitted, library):
    ranked = fitted("kernel").among("series", library)
    said = ranked.predict(library)
    places = said.percentile[:, 0]
    by_value = np.argsort(said.mean[:, 0])
    assert (np.diff(places[by_value]) >= 0).all() and places.min() == 0 and places.max() == 100
    middle = np.abs(said.mean[:, 0] - np.median(said.mean[:, 0])).argmin()
    assert abs(places[middle] - 50) < 2
    assert {"logp_series_percentile", "fat_series_percentile"} <= set(said.columns())


def test_names_without_a_model_and_files_that_are_none(tmp_path):
    with pytest.raises(MolgenError, match="no saved predictor here") as found:
        load("admat")
    assert "of our own there are" in str(found.value)
    (tmp_path / "odd.zip").write_bytes(b"PK nothing")
    with pytest.raises(MolgenError, match="not a packed model"):
        load(tmp_path / "odd.zip")


def test_a_member_that_would_leave_the_folder_does_not(tmp_path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as file:
        file.writestr("../../escaped.txt", "x")
    with pytest.raises(MolgenError):
        load(tmp_path / "evil.zip")
    assert not list(tmp_path.parent.rglob("escaped.txt"))


def test_a_damaged_packed_model_is_refused_in_words(fitted, tmp_path):
    whole = pack(fitted("mean").save(tmp_path / "model"), tmp_path / "one.zip").read_bytes()
    refused = 0
    for place in range(40, len(whole) - 40, max(1, len(whole) // 150)):
        (tmp_path / "bad.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            load(tmp_path / "bad.zip")
        except MolgenError:
            refused += 1
    assert refused > 50


def test_a_model_made_light_twice_keeps_its_counts(fitted):
    once = fitted("mean").to_ship()
    assert once.to_ship().card["counts"] == once.card["counts"]
