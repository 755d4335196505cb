"""A model folder from anywhere: it loads as what was saved, or it is refused in words; nothing in it runs, nothing beside it is lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.base.files import sha256
from molgen.models.base import PREDICTORS
from molgen.models.domain import USUAL_SIZES
from molgen.models.files import MANIFEST
from molgen.models.folder import check_free
from molgen.models.predictor import Predictor
from molgen.models.scaling import FLAT
from molgen.models.train import train


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


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_saving_again_replaces_what_is_ours_and_keeps_what_is_not(saved, folder, fitted):
    (folder / "notes").mkdir()
    (folder / "notes" / "assay.csv").write_text("mine")
    (folder / "readme.txt").write_text("mine")
    fitted("mean").save(folder)
    assert contents(folder).keys() - contents(saved["mean"]).keys() == {"notes/assay.csv", "readme.txt"}
    assert not any(path.name.startswith("member") for path in folder.rglob("*"))  # folders that only the old one had
    assert Predictor.load(folder).recipe.predictor == "mean"


def test_a_save_that_fails_at_any_move_leaves_the_old_model(folder, fitted, monkeypatch):
    before = contents(folder)
    for allowed in range(0, 20, 3):
        left = iter(range(allowed))
        rename = Path.rename

        def fails(source, target, left=left, rename=rename):
            if "old" not in source.parts and next(left, None) is None:  # moving back is allowed
                raise OSError(5, "Input/output error")
            return rename(source, target)

        monkeypatch.setattr(Path, "rename", fails)
        with pytest.raises(OSError, match="Input/output"):
            fitted("blend").save(folder)
        monkeypatch.undo()
        assert contents(folder) == before


def test_a_listed_path_outside_the_folder_is_not_replaced(folder, fitted, tmp_path):
    (tmp_path / "secret").write_text("mine")
    manifest = json.loads((folder / MANIFEST).read_text())
    edit(folder, MANIFEST, files=manifest["files"] | {"../secret": "0" * 64, str(tmp_path / "secret"): "0" * 64})
    fitted("mean").save(folder)
    assert (tmp_path / "secret").read_text() == "mine" and Predictor.load(folder).recipe.predictor == "mean"


def test_a_model_is_saved_through_a_link_and_into_the_folder_one_is_in(folder, fitted, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(folder)
    fitted("mean").save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and Predictor.load(folder).recipe.predictor == "mean"
    monkeypatch.chdir(folder)
    fitted("kernel").save(".")
    assert Predictor.load(".").recipe.predictor == Predictor.load(folder).recipe.predictor == "kernel"
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    fitted("mean").save(".")
    assert Predictor.load(".").recipe.predictor == "mean"


def in_the_way(folder, tmp_path):
    """Places where no predictor can be saved."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text.txt").write_text("mine")
    cut = shutil.copytree(folder, tmp_path / "cut")
    (cut / MANIFEST).write_text("{")
    (folder / "model" / "mine.txt").write_text("mine")
    return [tmp_path / "file", tmp_path / "file" / "model", tmp_path / "dangling", tmp_path / "thesis", cut, folder]


def test_a_place_that_cannot_be_saved_in_is_refused_before_anything_is_fitted_and_left_alone(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("molgen.models.train.prepared", lambda *_, **__: pytest.fail("went on"))
    places = in_the_way(folder, tmp_path)
    before = contents(tmp_path)
    for place in places:
        with pytest.raises(MolgenError):
            train(None, "logp", out=place)
    assert contents(tmp_path) == before


def test_a_model_of_another_format_may_be_trained_again_in_its_place(folder, fitted):
    edit(folder, MANIFEST, format=1)
    check_free(folder)
    fitted("mean").save(folder)
    assert Predictor.load(folder).recipe.predictor == "mean"


def test_sizes_are_kept_and_models_saved_before_they_were_have_usual_ones(folder, fitted):
    sizes = fitted("blend").domain.sizes.tolist()
    assert Predictor.load(folder).domain.sizes.tolist() == sizes != [list(USUAL_SIZES)]
    manifest = json.loads((folder / MANIFEST).read_text())
    edit(folder, MANIFEST, tasks=[{name: value for name, value in task.items() if name != "sizes"} for task in manifest["tasks"]])
    model = Predictor.load(folder)
    assert model.domain.sizes.tolist() == [list(USUAL_SIZES)] * len(model.tasks)
    assert not model.predict(["C" * (USUAL_SIZES[1] + 1), "CC"]).in_domain.any()
