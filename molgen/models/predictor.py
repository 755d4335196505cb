"""A fitted model with everything that makes its numbers fit to act on: intervals, domain, card; saved as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError, meant
from molgen.base.files import digest
from molgen.data.columns import free_name
from molgen.data.library import Library
from molgen.data.partners import Partner, PartnerKind, Partners, asked_partners, partners_of
from molgen.data.proteins import Proteins
from molgen.models.base import Estimate, Model, Task, Values
from molgen.models.calibration import Calibration, check_coverage
from molgen.models.domain import Domain
from molgen.models.folder import read_folder, write_folder
from molgen.models.known_pairs import Beside, KnownPairs, PairsAsked
from molgen.models.predictions import Predictions
from molgen.models.recipe import RecipeConfig
from molgen.models.reference import Reference
from molgen.models.scale import as_measured
from molgen.models.shipped import opened

# Beyond this many molecules, features of all of them at once would fill the memory; up to it, they
# stay on the library for the next model.
_AT_ONCE = 2000


class Bound(NamedTuple):
    """The partners that each task of a bound model is about, and how like each is to those the model has learned from."""

    partners: Partner
    closeness: NDArray[np.float64]  # [tasks]
    beside: Beside | None = None  # how like each is to each of those, unless all are one to the model

    def take(self, tasks: Sequence[int]) -> Bound:
        """Those of these tasks."""
        beside = None if self.beside is None else self.beside.take(tasks)
        return Bound(self.partners.take(tasks), self.closeness[list(tasks)], beside)


@dataclass(frozen=True, eq=False, repr=False)
class Predictor:
    """Always fitted. Made by `train`, kept with `save`, brought back with `load`."""

    model: Model
    tasks: tuple[Task, ...]
    calibration: Calibration
    domain: Domain
    recipe: RecipeConfig
    card: dict[str, Any]
    reference: Reference | None = None  # what a prediction is ranked among
    bound: Bound | None = None  # of a model of pairs that is asked about molecules alone
    known_pairs: KnownPairs | None = None  # of a model of pairs that keeps what was measured

    @cached_property
    def key(self) -> str:
        """Hex digest of what the card says was learned, from what, how and with which outcome; not of when."""
        lasting = {name: value for name, value in self.card.items() if name not in ("seconds", "provenance")}
        partners = [] if self.bound is None else [self.bound.partners.digest]
        return digest(lasting, asdict(self.calibration), self.domain.thresholds.tolist(), *partners)

    @property
    def pairs(self) -> PartnerKind | None:
        """What it wants to know each molecule's partner as, a protein (`target`) or a cell line (`context`); None for none."""
        return None if self.bound is not None else self.model.pairs

    @property
    def proteins(self) -> Proteins | None:
        """The proteins it has learned from, None if it has not."""
        known = self.model.known_partners
        return known if isinstance(known, Proteins) else None

    def predict(self, molecules: Library | Sequence[str]) -> Predictions:
        """One entry a molecule, in order; NaN for those that are no valid structure."""
        library = molecules if isinstance(molecules, Library) else Library.of(molecules)
        if self.pairs is not None and library.partners is None:
            raise MolgenError("the model is of pairs, these are molecules alone", fix="say against what: --target, or against(...)")
        distinct = library.distinct()
        said, nearest, similarity, closeness = self._said(distinct)
        told = as_measured(self.tasks, self.calibration(said, 1 - similarity * (1.0 if closeness is None else closeness)))
        inside = self.domain.nearness(distinct, similarity, closeness) == 1.0
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
            library.fill(inside) == 1.0,
            library.fill(similarity),
            there,
            self.domain.known,
            self.reference,
            None if closeness is None else library.fill(closeness),
            self._pairs_asked(library),
        )

    def _pairs_asked(self, library: Library) -> PairsAsked | None:
        """What finds the known pairs most like the rows, where it is of pairs and keeps them."""
        if self.known_pairs is None or not self.domain.known.told:
            return None
        of_row = None if self.bound is not None or library.partners is None else library.partners.of_row
        beside = self.bound.beside if self.bound is not None else Beside.of(partners_of(library), self.model)
        return None if beside is None else PairsAsked(library, self.domain.known, self.known_pairs, beside, of_row)

    def at(self, coverage: float) -> Predictor:
        """The same with intervals, and sets of classes, that hold the truth this often.

        >>> import molgen as mg
        >>> mg.train(mg.dataset("jak2_ki").take(range(60)), "pKi", recipe="mean", split="none").at(0.8).predict(["CCO"]).coverage
        0.8
        """
        check_coverage(coverage)
        return replace(self, calibration=replace(self.calibration, coverage=coverage))

    def only(self, names: str | Sequence[str]) -> Predictor:
        """The same for some of its tasks, or for one, by name; the card stays that of all.

        >>> import molgen as mg
        >>> model = mg.train(mg.dataset("jak2_ki").take(range(60)), ["pKi", "activity_cliff"], recipe="mean", split="none")
        >>> [task.name for task in model.only(["pKi"]).tasks]
        ['pKi']
        """
        there = [task.name for task in self.tasks]
        names = [names] if isinstance(names, str) else names
        if not len(names):
            raise MolgenError("no task is named", fix=f"there are: {', '.join(there)}")
        for name in names:
            if name not in there:
                raise MolgenError(f"the model has no task {name!r}", fix=meant(name, there))
        tasks = [there.index(name) for name in names]
        return replace(
            self,
            model=self.model.only(tasks),
            tasks=tuple(self.tasks[i] for i in tasks),
            calibration=self.calibration.only(tasks),
            domain=self.domain.only(tasks),
            reference=None if self.reference is None else self.reference.only(tasks),
            bound=None if self.bound is None else self.bound.take(tasks),
        )

    def against(self, partners: Partner) -> Predictor:
        """The same for these proteins, or cell lines: asked about molecules alone, it answers a task for each of them.

        One that can't be read is a MolgenError; each is encoded once, here.
        """
        self._of_pairs()
        for name, reason in zip(partners.names, partners.reasons):
            if reason:
                raise MolgenError(reason, where=name)
        if not len(partners):
            raise MolgenError("no target is named")
        each = Partners(partners, np.arange(len(partners)))
        (task,) = self.tasks
        names: list[str] = []
        for partner in partners.names:  # two of one name are two columns
            names.append(free_name(f"{task.name}_{partner}", names))
        return replace(
            self,
            model=self.model.against(each),
            tasks=tuple(replace(task, name=name) for name in names),
            calibration=replace(self.calibration, tasks=self.calibration.tasks * len(partners)),
            domain=self.domain.times(len(partners)),
            reference=None,
            bound=Bound(partners, self.model.closeness(each), Beside.of(each, self.model)),
        )

    def against_named(self, sources: Sequence[str | Path]) -> Predictor:
        """The same for the partners `named` so."""
        return self.against(self.named(sources))

    def named(self, sources: Sequence[str | Path]) -> Partner:
        """The partners of files, one after another; a protein may be given as its sequence or by the name of a known one.

        Each is there once, and those of a file that can't be read are left out, with a warning.
        """
        return asked_partners(self._of_pairs(), sources, known=self.proteins)

    def _of_pairs(self) -> PartnerKind:
        if self.pairs is None:
            raise MolgenError("the model is of molecules alone", fix="name a model of pairs, or no target")
        return self.pairs

    def among(self, name: str, molecules: Library) -> Predictor:
        """The same, ranking each prediction among those for these molecules: a column `<task>_<name>_percentile` more."""
        return replace(self, reference=Reference.of(name, self.predict(molecules.distinct()).mean))

    def to_ship(self) -> Predictor:
        """The same to three digits, in a form that packs small, without the structures and values it has learned from."""
        counts = {name: {task: len(found) for task, found in self.card[name].items()} for name in ("problems", "conflicts")}
        # The lists hold ids and values.
        card = self.card | {"problems": {}, "conflicts": {}, "counts": self.card.get("counts", counts)}
        domain = replace(self.domain, known=self.domain.known.without_data())
        return replace(self, model=self.model.lighter(), domain=domain, card=card, known_pairs=None)

    def _said(self, distinct: Library) -> tuple[Estimate, NDArray[np.int64], Values, Values | None]:
        """The model's estimate, the nearest molecule measured for each task, its similarity, and of pairs how close the partner is to
        those learned from; one row a distinct molecule, or pair."""
        said, nearest = [], []
        for part in _parts(distinct):
            said.append(self.model.predict(part))
            nearest.append(self.domain.nearest(part))
        estimate = Estimate(np.concatenate([one.mean for one in said]), np.concatenate([one.spread for one in said]))
        row = np.concatenate([one.row for one in nearest])
        similarity = np.concatenate([one.tanimoto for one in nearest]).astype(np.float64)
        if distinct.partners is not None:
            closeness = self.model.closeness(distinct.partners)[distinct.partners.of_row]
            return estimate, row[distinct.molecule_of_row], similarity[distinct.molecule_of_row], closeness[:, None]
        return estimate, row, similarity, None if self.bound is None else np.broadcast_to(self.bound.closeness, similarity.shape)

    def save(self, folder: Path | str) -> Path:
        """The predictor as a folder of plain data: TOML, JSON, safetensors, LightGBM's text."""
        return write_folder(Path(folder), **{field.name: getattr(self, field.name) for field in fields(self) if field.name != "bound"})

    @classmethod
    def load(cls, model: Path | str) -> Predictor:
        """The predictor saved in a folder or packed in a file, or a shipped one by its name.

        Anything amiss with its files is a MolgenError, and nothing in them is run.
        """
        with opened(model) as folder:
            return cls(**read_folder(folder))

    def __repr__(self) -> str:
        names = [task.name for task in self.tasks]
        named = ", ".join(names) if len(names) < 6 else f"{', '.join(names[:5])} ... {len(names)} in all"
        return f"Predictor({named}; {self.recipe.predictor}, {len(self.domain.known):,} molecules learned from)"

    def _repr_html_(self) -> str:
        return f"<pre>{json.dumps(self.card.get('metrics', {}), indent=1)}</pre>"


def _filled(library: Library, texts: NDArray[np.str_]) -> NDArray[np.str_]:
    """Texts by row of `distinct()` [distinct, ...] laid out over all rows, "" where rejected."""
    place = library.fill(np.arange(len(texts)))
    out = np.full((len(library), *texts.shape[1:]), "", dtype=texts.dtype)
    out[library.ok] = texts[place[library.ok].astype(np.int64)]
    return out


def _parts(distinct: Library) -> Iterator[Library]:
    if len(distinct) <= _AT_ONCE or distinct.partners is not None:  # of pairs it is the molecules that weigh, and each is there once
        yield distinct
        return
    for start in range(0, len(distinct), _AT_ONCE):
        yield distinct.take(range(start, min(start + _AT_ONCE, len(distinct))))
