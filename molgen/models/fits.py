"""Finished fits of a training on disk: what a training that was killed goes on from."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from molgen.base.claim import CLAIM, claimed
from molgen.base.files import digest, write_json
from molgen.base.files import sha256 as file_digest
from molgen.base.provenance import versions
from molgen.models.base import Estimate, Model, Recipe, Training
from molgen.models.files import read_all_arrays, write_arrays

FITS = "fits"  # folder in a model's folder, there until the model is whole
DRAFT = ".partial-"
_OURS = re.compile(r"[0-9a-f]{64}|\.partial-.*")
_HELD, _DIGESTS = "held.safetensors", "digests.json"


@contextmanager
def unfinished(out: Path | None) -> Iterator[Path | None]:
    """Where the fits of the model of this folder are kept until the block ends well; one training at a time is in there."""
    if out is None:
        yield None
        return
    with claimed(out / FITS, stays=False, needed=False):
        for draft in out.glob(f"{DRAFT}*"):  # of a model that was being saved when its training was killed
            shutil.rmtree(draft, ignore_errors=True)
        yield out / FITS
        for place in (out / FITS).iterdir():
            if _OURS.fullmatch(place.name):
                shutil.rmtree(place)


def strangers(folder: Path) -> list[Path]:
    """What lies among the fits of a model's folder and is none of ours."""
    found = sorted((folder / FITS).iterdir()) if (folder / FITS).is_dir() else []
    return [path for path in found if path.name not in CLAIM and not _OURS.fullmatch(path.name)]


class Fits:
    """Fits by all that decides them, so that one of other data, another recipe or another version is not taken for this."""

    def __init__(self, folder: Path, training: Training) -> None:
        self._folder = folder
        arrays = [training.targets, training.signs if training.signs is not None else np.empty(0)]
        said = [sha256(np.ascontiguousarray(array).tobytes()).hexdigest() for array in arrays]
        tasks = [vars(task) for task in training.tasks]
        self._ground = digest(training.library.digest, training.library.smiles, said, tasks, training.seed, training.device, versions())

    def find(self, recipe: Recipe, held: NDArray[np.bool_]) -> tuple[Model, Estimate] | None:
        """The model that was fitted without the `held` rows, and what it said of them; None where it was not."""
        place = self._place(recipe, held)
        if not place.is_dir():
            return None
        if not _is_whole(place):  # what a failing disk left is fitted anew
            shutil.rmtree(place)
            return None
        arrays = read_all_arrays(place / _HELD)
        return type(recipe).read(place), Estimate(arrays["mean"], arrays["spread"])

    def keep(self, recipe: Recipe, held: NDArray[np.bool_], model: Model, said: Estimate) -> None:
        """Whole or not at all."""
        place = self._place(recipe, held)
        if place.is_dir():  # of another member that is the same
            return
        self._folder.mkdir(parents=True, exist_ok=True)  # another training that ended there may have taken it along
        with TemporaryDirectory(dir=self._folder, prefix=DRAFT) as name:
            draft = Path(name) / "fit"
            draft.mkdir()
            model.write(draft)
            write_arrays(draft / _HELD, said._asdict())
            write_json(draft / _DIGESTS, _digests(draft))
            draft.rename(place)

    def _place(self, recipe: Recipe, held: NDArray[np.bool_]) -> Path:
        kind = f"{type(recipe).__module__}.{type(recipe).__qualname__}"
        return self._folder / digest(self._ground, kind, recipe.model_dump(mode="json"), sha256(held.tobytes()).hexdigest())


def _digests(place: Path) -> dict[str, str]:
    paths = [path for path in sorted(place.rglob("*")) if path.is_file() and path.name != _DIGESTS]
    return {path.relative_to(place).as_posix(): file_digest(path) for path in paths}


def _is_whole(place: Path) -> bool:
    """Whether every file is there as it was written."""
    try:
        return bool(json.loads((place / _DIGESTS).read_text(encoding="utf-8")) == _digests(place))
    except (OSError, ValueError):
        return False
