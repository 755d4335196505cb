"""A model folder from anywhere: it loads as what was saved, or it is refused in words; nothing in it runs."""

import json
import shutil

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.models.base import PREDICTORS
from molgen.models.folder import MANIFEST
from molgen.models.predictor import Predictor
from molgen.models.scaling import FLAT


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    root = tmp_path_factory.mktemp("saved")
    return {name: fitted(name).save(root / name) for name in PREDICTORS}


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved["blend"], tmp_path / "model")


def resign(folder):
    """The manifest made to agree with the files, as whoever forges a folder would."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"] = {name: sha256(folder / name) for name in manifest["files"] if (folder / name).is_file()}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def edit(folder, name, **changes):
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | changes))


def test_another_format_is_named(folder):
    edit(folder, MANIFEST, format=1)
    with pytest.raises(MolgenError, match="format 1, want 3"):
        Predictor.load(folder)


def test_an_unknown_predictor_is_named(folder):
    edit(folder, MANIFEST, predictor="oracle")
    with pytest.raises(MolgenError, match="oracle"):
        Predictor.load(folder)


@pytest.mark.parametrize("wrong", ["os:system", "../mean", "", "mean"])
def test_the_predictor_must_be_the_one_whose_files_are_there(folder, wrong):
    edit(folder, MANIFEST, predictor=wrong)
    with pytest.raises(MolgenError):
        Predictor.load(folder)


def test_each_missing_file_is_named(saved, tmp_path):
    for i, path in enumerate(sorted(path for path in saved["blend"].rglob("*") if path.is_file())):
        folder = shutil.copytree(saved["blend"], tmp_path / str(i))
        gone = folder / path.relative_to(saved["blend"])
        gone.unlink()
        with pytest.raises(MolgenError, match=gone.name):
            Predictor.load(folder)


def test_one_flipped_bit_is_seen(saved, tmp_path):
    for i, path in enumerate(sorted(path for path in saved["blend"].rglob("*") if path.is_file() and path.name != MANIFEST)):
        folder = shutil.copytree(saved["blend"], tmp_path / str(i))
        altered = folder / path.relative_to(saved["blend"])
        raw = bytearray(altered.read_bytes())
        raw[len(raw) // 2] ^= 1
        altered.write_bytes(raw)
        with pytest.raises(MolgenError, match="digest"):
            Predictor.load(folder)


def test_paths_outside_the_folder_are_refused(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    for name in ("../../secret", "/etc/passwd"):
        edit(folder, MANIFEST, files=manifest["files"] | {name: "0" * 64})
        with pytest.raises(MolgenError, match="outside"):
            Predictor.load(folder)


@pytest.mark.parametrize("name", sorted(PREDICTORS))
def test_evil_folders_are_refused_or_harmless(saved, tmp_path, name):
    """Files cut short, overwritten and swapped, digests made to agree: an answer or a MolgenError, never another error."""
    rng = np.random.default_rng(sum(map(ord, name)))
    files = sorted(path.relative_to(saved[name]) for path in saved[name].rglob("*") if path.is_file())
    # LightGBM's own parser is C++ and not built for hostile text: its files are covered by their digest.
    files = [path for path in files if path.suffix != ".txt"]
    refused = 0
    for attempt in range(40):
        folder = shutil.copytree(saved[name], tmp_path / str(attempt))
        victim = folder / files[rng.integers(len(files))]
        raw = bytearray(victim.read_bytes())
        where, length = int(rng.integers(min(len(raw), 400))), int(rng.integers(1, 60))
        ways = [
            raw[:where],
            raw[:where] + rng.bytes(length) + raw[where + length :],
            rng.bytes(length),
            b'{"__metadata__": 1}' + raw[where:],
            b"",
        ]
        victim.write_bytes(bytes(ways[rng.integers(len(ways))]))
        if victim.name != MANIFEST:
            resign(folder)
        try:
            model = Predictor.load(folder)
            model.predict(model.model.example())
        except MolgenError:
            refused += 1
        shutil.rmtree(folder)
    assert refused > 20


def spreads(folder, change):
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest["tasks"][0]["spreads"])
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_folder_from_before_trends_is_read_as_one_that_has_none(folder):
    spreads(folder, lambda own: own.pop("trend"))
    assert Predictor.load(folder).calibration.tasks[0].trend == FLAT


@pytest.mark.parametrize("knots", [[2.0, 1.0], [1.0, 1.0], [1.0], []])
def test_a_trend_out_of_order_is_refused(folder, knots):
    spreads(folder, lambda own: own.update(trend={"knots": knots, "factors": [1.0, 2.0]}))
    with pytest.raises(MolgenError, match="knots"):
        Predictor.load(folder)


def test_cut_booster_text_is_refused(saved, tmp_path):
    folder = shutil.copytree(saved["boosting"], tmp_path / "model")
    booster = next(folder.rglob("booster-*.txt"))
    for text in ("", "tree\n", "garbage", booster.read_text()[:200]):
        booster.write_text(text)
        resign(folder)
        with pytest.raises(MolgenError):
            Predictor.load(folder)
