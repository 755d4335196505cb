"""Finished fits of a training on disk: what a training that was killed goes on from."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.claim import CLAIM, claimed
from molgen.base.files import DRAFT, content, digest, sweep, write_json
from molgen.base.files import sha256 as file_digest
from molgen.base.provenance import versions
from molgen.models.base import Estimate, Model, Recipe, Training
from molgen.models.files import MANIFEST, read_all_arrays, write_arrays

FITS = "fits"  # folder in a model's folder, there until the model is whole
_OURS = re.compile(r"[0-9a-f]{64}|\.partial-.*")
_HELD, _DIGESTS = "held.safetensors", "digests.json"


@contextmanager
def unfinished(out: Path | None) -> Iterator[Path | None]:
    """Where the fits of the model of this folder are kept until the block ends well; one training at a time is in there."""
    if out is None:
        yield None
        return
    with claimed(out / FITS, stays=False, needed=False):
        yield out / FITS
        # Drafts beside it are of a model that was being put in place when its training was killed.
        for place in [*(out / FITS).iterdir(), *out.glob(f"{DRAFT}*")]:
            if _OURS.fullmatch(place.name):
                shutil.rmtree(place, ignore_errors=True)
        sweep(out / FITS)


def strangers(folder: Path) -> list[Path]:
    """What lies among the fits of a model's folder and is none of ours."""
    found = sorted((folder / FITS).iterdir()) if (folder / FITS).is_dir() else []
    return [path for path in found if path.name not in CLAIM and not _OURS.fullmatch(path.name)]


class Fits:
    """Fits by all that decides them, so that one of other data, another recipe or another version is not taken for this.

    Files and saved predictors that a recipe names count by what is in them, a recipe from elsewhere by the file that defines it; one
    without such a file, of a notebook say, is not kept.
    """

    def __init__(self, folder: Path, training: Training) -> None:
        self._folder = folder
        arrays = [training.targets, training.signs if training.signs is not None else np.empty(0)]
        said = [sha256(np.ascontiguousarray(array).tobytes()).hexdigest() for array in arrays]
        tasks = [vars(task) for task in training.tasks]
        self._ground = digest(training.library.digest, training.library.smiles, said, tasks, training.seed, training.device, versions())

    def find(self, recipe: Recipe, held: NDArray[np.bool_]) -> tuple[Model, Estimate] | None:
        """The model that was fitted without the `held` rows, and what it said of them; None where it was not."""
        place = self._place(recipe, held)
        if place is None or not place.is_dir():
            return None
        if not _is_whole(place):  # what a failing disk left is fitted anew
            shutil.rmtree(place)
            return None
        arrays = read_all_arrays(place / _HELD)
        return type(recipe).read(place), Estimate(arrays["mean"], arrays["spread"])

    def keep(self, recipe: Recipe, held: NDArray[np.bool_], model: Model, said: Estimate) -> None:
        """Whole or not at all."""
        place = self._place(recipe, held)
        if place is None or place.is_dir():  # of another member that is the same
            return
        self._folder.mkdir(parents=True, exist_ok=True)  # another training that ended there may have taken it along
        with TemporaryDirectory(dir=self._folder, prefix=DRAFT) as name:
            draft = Path(name) / "fit"
            draft.mkdir()
            model.write(draft)
            write_arrays(draft / _HELD, said._asdict())
            write_json(draft / _DIGESTS, _digests(draft))
            draft.rename(place)

    def _place(self, recipe: Recipe, held: NDArray[np.bool_]) -> Path | None:
        kind, said = type(recipe), recipe.model_dump(mode="json")
        try:
            made = "" if kind.__module__.startswith("molgen.") else file_digest(Path(inspect.getfile(kind)))
        except (TypeError, OSError):
            return None
        named = [content(text) or content(os.path.join(text, MANIFEST)) for text in _texts(said)]
        told = [self._ground, kind.__module__, kind.__qualname__, made, said, named, sha256(held.tobytes()).hexdigest()]
        return self._folder / digest(told)


def _texts(said: Any) -> list[str]:
    """Every text in plain values."""
    if isinstance(said, str):
        return [said] if said else []
    inside = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [text for one in inside for text in _texts(one)]


def _digests(place: Path) -> dict[str, str]:
    paths = [path for path in sorted(place.rglob("*")) if path.is_file() and path.name != _DIGESTS]
    return {path.relative_to(place).as_posix(): file_digest(path) for path in paths}


def _is_whole(place: Path) -> bool:
    """Whether every file is there as it was written."""
    try:
        return bool(json.loads((place / _DIGESTS).read_text(encoding="utf-8")) == _digests(place))
    except (OSError, ValueError):
        return False
