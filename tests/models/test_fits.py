"""A training that was ended goes on from the fits it had, and ends in the same model."""

import errno
import importlib
import shutil

import numpy as np
import pytest

from molgen.base.errors import MolgenError
from molgen.base.parallel import Pool
from molgen.data.library import Library
from molgen.models import crossfit
from molgen.models.base import Task, Training
from molgen.models.fits import FITS, Fits
from molgen.models.kernel import Kernel
from molgen.models.predict import load
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import TINY, TINY_OF_PAIRS, pairs, series, tiny

HOW = {"split": "column", "split_column": "part", "seed": 3, "device": "cpu"}


class Stop:
    """Interrupts a training once so many fits are done; remembers how it was told of them."""

    def __init__(self, after=0):
        self.after, self.seen = after, []

    def __call__(self, done, of, what):
        self.seen.append((done, of))
        if done == self.after:
            raise KeyboardInterrupt


@pytest.fixture
def run(monkeypatch):
    """The fits that were really done."""
    done, fit = [], crossfit._run
    monkeypatch.setattr(crossfit, "_run", lambda training, job: (done.append(job.title), fit(training, job))[1])
    return done


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted((folder / "model").rglob("*")) if path.is_file()}


def numbers(predictor, library):
    told = predictor.predict(library)
    return np.stack([told.mean, told.spread, told.low, told.high])


def cut(library, target, recipe, out, *, after=2):
    with pytest.raises(KeyboardInterrupt):
        train(library, target, recipe=recipe, out=out, progress=Stop(after), **HOW)


CASES = [(name, TINY[name]) for name in TINY] + list(TINY_OF_PAIRS.items())


@pytest.mark.parametrize(("name", "options"), CASES, ids=[name for name, _ in CASES])
def test_it_goes_on_with_what_is_left_and_ends_in_the_same_model(name, options, tmp_path, run):
    library, target = (pairs(), "affinity") if name in TINY_OF_PAIRS else (Library.from_frame(series()), "logp")
    recipe = RecipeConfig(predictor=name, options=options, folds=3)
    whole = train(library, target, recipe=recipe, out=tmp_path / "whole", **HOW)
    cut(library, target, recipe, tmp_path / "cut")
    assert [path.name for path in (tmp_path / "cut").iterdir()] == [FITS]
    run.clear()
    seen = Stop()
    again = train(library, target, recipe=recipe, out=tmp_path / "cut", progress=seen, **HOW)
    of = seen.seen[0][1]
    assert len(run) == of - 2 and seen.seen == [(n, of) for n in range(2, of + 1)]
    assert np.array_equal(numbers(again, library), numbers(whole, library), equal_nan=True)
    assert files(tmp_path / "cut") == files(tmp_path / "whole") and not (tmp_path / "cut" / FITS).exists()
    assert again.card["metrics"] == whole.card["metrics"] == load(tmp_path / "cut").card["metrics"]


def test_fits_of_other_data_or_another_recipe_are_none_of_its(tmp_path, run):
    table = series()
    cut(Library.from_frame(table), "logp", tiny("kernel"), tmp_path)
    for change, recipe, seed in ((0.5, tiny("kernel"), 3), (0.0, tiny("mean"), 3), (0.0, tiny("kernel"), 4)):
        shutil.copytree(tmp_path / FITS, tmp_path / "other" / FITS)
        run.clear()
        changed = Library.from_frame(table.assign(logp=table["logp"] + change))
        train(changed, "logp", recipe=recipe, out=tmp_path / "other", **{**HOW, "seed": seed})
        assert len(run) == 4 and not (tmp_path / "other" / FITS).exists()
        shutil.rmtree(tmp_path / "other")


def test_a_fit_that_a_disk_spoiled_is_fitted_again(tmp_path, run):
    library = Library.from_frame(series())
    cut(library, "logp", tiny("boosting"), tmp_path)
    model, held = sorted((tmp_path / FITS).glob("*/*.txt"))[0], sorted((tmp_path / FITS).glob("*/held.safetensors"))[-1]
    assert model.parent != held.parent
    model.write_bytes(model.read_bytes()[:200])  # which LightGBM would not survive
    held.write_bytes(held.read_bytes()[:-1] + b"\0")
    run.clear()
    made = train(library, "logp", recipe=tiny("boosting"), out=tmp_path, **HOW)
    assert len(run) == 4 and np.isfinite(made.predict(library).mean).all()


def test_a_file_of_ones_own_beside_the_fits_is_refused_and_stays(tmp_path):
    library = Library.from_frame(series())
    cut(library, "logp", tiny("kernel"), tmp_path)
    (tmp_path / "recipe.toml").write_text("mine")
    with pytest.raises(MolgenError, match="exists and is not a saved predictor"):
        train(library, "logp", recipe=tiny("kernel"), out=tmp_path, **HOW)
    assert (tmp_path / "recipe.toml").read_text() == "mine"


def test_drafts_of_a_killed_write_do_not_end_a_training(tmp_path):
    library = Library.from_frame(series())
    cut(library, "logp", tiny("kernel"), tmp_path)
    (tmp_path / FITS / ".partial-abcholder.json").write_text("{")
    train(library, "logp", recipe=tiny("kernel"), out=tmp_path, **HOW)
    assert not (tmp_path / FITS).exists()


def test_what_a_recipe_names_counts_by_what_is_in_it(tmp_path):
    training = Training(Library.from_frame(series()), np.zeros((60, 1)), (Task("logp"),))
    profile, held = tmp_path / "profile", np.zeros(60, dtype=bool)
    profile.mkdir()
    recipe, places = Kernel.of({**TINY["kernel"], "profile": str(profile)}), []
    for text in ("one", "two", "one"):
        (profile / "predictor.json").write_text(text)
        places.append(Fits(tmp_path, training)._place(recipe, held))
    assert places[0] == places[2] != places[1]


def test_a_recipe_from_elsewhere_counts_by_its_file(tmp_path, monkeypatch):
    training, held, places = Training(Library.from_frame(series()), np.zeros((60, 1)), (Task("logp"),)), np.zeros(60, dtype=bool), []
    monkeypatch.syspath_prepend(str(tmp_path))
    for remark in ("# one", "# two"):
        (tmp_path / "guest.py").write_text(f"from molgen.models.mean import Mean\n\n{remark}\nclass Guest(Mean):\n    pass\n")
        guest = importlib.import_module("guest").Guest()
        places.append(Fits(tmp_path, training)._place(guest, held))
    assert places[0] != places[1]
    (tmp_path / "guest.py").unlink()
    assert Fits(tmp_path, training)._place(guest, held) is None


def test_what_lies_among_the_fits_and_is_none_is_not_touched(tmp_path):
    (tmp_path / FITS / "mine").mkdir(parents=True)
    (tmp_path / FITS / "mine" / "a.txt").write_text("precious")
    with pytest.raises(MolgenError, match="lies where a training keeps its fits"):
        train(Library.from_frame(series()), "logp", recipe=tiny("mean"), out=tmp_path, **HOW)
    assert (tmp_path / FITS / "mine" / "a.txt").read_text() == "precious"


@pytest.mark.parametrize("moved", [0, 3, 6])
def test_a_training_killed_while_its_model_is_put_in_place_goes_on(tmp_path, moved, run):
    """Killed, not stopped: nothing is tidied up."""
    library = Library.from_frame(series())
    cut(library, "logp", tiny("kernel"), tmp_path / "model", after=4)
    whole = train(library, "logp", recipe=tiny("kernel"), out=tmp_path / "whole", **HOW)
    shutil.copytree(tmp_path / "whole", tmp_path / "model" / ".partial-x" / "new")
    for path in sorted((tmp_path / "model" / ".partial-x" / "new").iterdir())[:moved]:
        if path.name != "predictor.json":  # it comes last
            path.rename(tmp_path / "model" / path.name)
    with pytest.raises(MolgenError, match="its training has not ended"):
        load(tmp_path / "model")
    run.clear()
    made = train(library, "logp", recipe=tiny("kernel"), out=tmp_path / "model", **HOW)
    assert not run and made.card["metrics"] == whole.card["metrics"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {path.name for path in (tmp_path / "whole").iterdir()}
    assert load(tmp_path / "model").recipe == made.recipe


def test_a_pool_of_workers_leaves_its_fits_too(tmp_path):
    library = Library.from_frame(series())
    with pytest.raises(KeyboardInterrupt):
        train(library, "logp", recipe=tiny("boosting"), out=tmp_path, executor=Pool(workers=2), progress=Stop(3), **HOW)
    seen = Stop()
    train(library, "logp", recipe=tiny("boosting"), out=tmp_path, progress=seen, **HOW)
    assert seen.seen == [(3, 4), (4, 4)]


def test_a_model_there_stays_until_the_new_one_is_whole(tmp_path):
    library = Library.from_frame(series())
    train(library, "logp", recipe=tiny("mean"), out=tmp_path, **HOW)
    before = files(tmp_path)
    cut(library, "logp", tiny("kernel"), tmp_path)
    assert files(tmp_path) == before and load(tmp_path).recipe.predictor == "mean"
    assert train(library, "logp", recipe=tiny("kernel"), out=tmp_path, **HOW).recipe.predictor == "kernel"
    assert load(tmp_path).recipe.predictor == "kernel"


def test_one_training_at_a_time_is_in_a_folder(tmp_path):
    library = Library.from_frame(series())

    def second(done, of, what):
        with pytest.raises(MolgenError, match="another run is at work"):
            train(library, "logp", recipe=tiny("mean"), out=tmp_path / "model", **HOW)

    train(library, "logp", recipe=tiny("mean"), out=tmp_path / "model", progress=second, **HOW)


def test_a_disk_without_locks_is_no_hindrance(tmp_path, monkeypatch):
    def refused(self, **options):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    train(Library.from_frame(series()), "logp", recipe=tiny("mean"), out=tmp_path / "model", **HOW)
    assert load(tmp_path / "model").recipe.predictor == "mean" and not (tmp_path / "model" / FITS).exists()


def test_a_training_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(MolgenError, match="learns from pairs"):
        train(Library.from_frame(series()), "logp", recipe="pairs", out=tmp_path / "model", **HOW)
    assert not (tmp_path / "model").exists()
