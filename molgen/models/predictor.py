"""A fitted model with everything that makes its numbers fit to act on: intervals, domain, card; saved as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.base.files import digest
from molgen.data.library import Library
from molgen.models.base import Estimate, Model, Task, Values
from molgen.models.calibration import Calibration
from molgen.models.domain import Domain
from molgen.models.folder import read_folder, write_folder
from molgen.models.predictions import Predictions
from molgen.models.recipe import RecipeConfig
from molgen.models.reference import Reference
from molgen.models.scale import as_measured
from molgen.models.shipped import opened

# Beyond this many molecules, features of all of them at once would fill the memory; up to it, they
# stay on the library for the next model.
_AT_ONCE = 2000


@dataclass(frozen=True, eq=False)
class Predictor:
    """Always fitted. Made by `train`, kept with `save`, brought back with `load`."""

    model: Model
    tasks: tuple[Task, ...]
    calibration: Calibration
    domain: Domain
    recipe: RecipeConfig
    card: dict[str, Any]
    reference: Reference | None = None  # what a prediction is ranked among

    @property
    def key(self) -> str:
        """Hex digest of what the card says was learned, from what, how and with which outcome; not of when."""
        lasting = {name: value for name, value in self.card.items() if name not in ("seconds", "provenance")}
        return digest(lasting, asdict(self.calibration), self.domain.thresholds.tolist())

    def predict(self, molecules: Library | Sequence[str]) -> Predictions:
        """One entry a molecule, in order; NaN for those that are no valid structure."""
        library = molecules if isinstance(molecules, Library) else Library.of(molecules)
        distinct = library.distinct()
        said, nearest, similarity = self._said(distinct)
        told = as_measured(self.tasks, self.calibration(said, 1 - similarity))
        of_row = library.fill(nearest)
        there = np.where(np.isnan(of_row), -1, of_row).astype(np.int64)
        return Predictions(
            library,
            self.tasks,
            library.fill(told.mean),
            library.fill(told.spread),
            library.fill(told.low),
            library.fill(told.high),
            _filled(library, told.classes),
            self.calibration.coverage,
            library.fill(similarity >= self.domain.thresholds) == 1.0,
            library.fill(similarity),
            there,
            self.domain.known,
            self.reference,
        )

    def at(self, coverage: float) -> Predictor:
        """The same with intervals, and sets of classes, that hold the truth this often.

        >>> import molgen as mg
        >>> mg.train(mg.dataset("jak2_ki").take(range(60)), "pKi", recipe="mean", split="none").at(0.8).predict(["CCO"]).coverage
        0.8
        """
        if not 0 < coverage < 1:
            raise MolgenError(f"coverage is {coverage:g}, want a share between 0 and 1")
        return replace(self, calibration=replace(self.calibration, coverage=coverage))

    def only(self, names: Sequence[str]) -> Predictor:
        """The same for some of its tasks, by name; the card stays that of all.

        >>> import molgen as mg
        >>> model = mg.train(mg.dataset("jak2_ki").take(range(60)), ["pKi", "activity_cliff"], recipe="mean", split="none")
        >>> [task.name for task in model.only(["pKi"]).tasks]
        ['pKi']
        """
        there = [task.name for task in self.tasks]
        for name in names:
            if name not in there:
                raise MolgenError(f"the model has no task {name!r}", fix=f"it has: {', '.join(there)}")
        tasks = [there.index(name) for name in names]
        return replace(
            self,
            model=self.model.only(tasks),
            tasks=tuple(self.tasks[i] for i in tasks),
            calibration=self.calibration.only(tasks),
            domain=self.domain.only(tasks),
            reference=None if self.reference is None else self.reference.only(tasks),
        )

    def among(self, name: str, molecules: Library) -> Predictor:
        """The same, ranking each prediction among those for these molecules: a column `<task>_<name>_percentile` more."""
        return replace(self, reference=Reference.of(name, self.predict(molecules.distinct()).mean))

    def to_ship(self) -> Predictor:
        """The same to three digits, in a form that packs small, without the structures and values it has learned from."""
        counts = {name: {task: len(found) for task, found in self.card[name].items()} for name in ("problems", "conflicts")}
        card = self.card | {"problems": {}, "conflicts": {}, "counts": counts}  # the lists hold ids and values
        domain = replace(self.domain, known=self.domain.known.without_data())
        return replace(self, model=self.model.lighter(), domain=domain, card=card)

    def _said(self, distinct: Library) -> tuple[Estimate, NDArray[np.int64], Values]:
        """The model's estimate, the nearest molecule measured for each task and its similarity, one row a distinct molecule."""
        said, nearest = [], []
        for part in _parts(distinct):
            said.append(self.model.predict(part))
            nearest.append(self.domain.nearest(part))
        estimate = Estimate(np.concatenate([one.mean for one in said]), np.concatenate([one.spread for one in said]))
        similarity = np.concatenate([one.tanimoto for one in nearest]).astype(np.float64)
        return estimate, np.concatenate([one.row for one in nearest]), similarity

    def save(self, folder: Path | str) -> Path:
        """The predictor as a folder of plain data: TOML, JSON, safetensors, LightGBM's text."""
        return write_folder(Path(folder), **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, model: Path | str) -> Predictor:
        """The predictor saved in a folder or packed in a file, or a shipped one by its name.

        Anything amiss with its files is a MolgenError, and nothing in them is run.
        """
        with opened(model) as folder:
            return cls(**read_folder(folder))

    def _repr_html_(self) -> str:
        return f"<pre>{json.dumps(self.card.get('metrics', {}), indent=1)}</pre>"


def _filled(library: Library, texts: NDArray[np.str_]) -> NDArray[np.str_]:
    """Texts by row of `distinct()` [distinct, ...] laid out over all rows, "" where rejected."""
    place = library.fill(np.arange(len(texts)))
    out = np.full((len(library), *texts.shape[1:]), "", dtype=texts.dtype)
    out[library.ok] = texts[place[library.ok].astype(np.int64)]
    return out


def _parts(distinct: Library) -> Iterator[Library]:
    if len(distinct) <= _AT_ONCE:
        yield distinct
        return
    for start in range(0, len(distinct), _AT_ONCE):
        yield distinct.take(range(start, min(start + _AT_ONCE, len(distinct))))
