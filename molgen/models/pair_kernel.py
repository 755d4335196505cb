"""A Gaussian process for pairs of a molecule and a partner: minutes to fit, most of them to find what likeness is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.data.partners import Partners, alike_groups, partners_of
from molgen.features.partner import View
from molgen.models.base import Against, Estimate, Kind, Training
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.grid import Matrix, inverse_root, places, valid
from molgen.models.kernel import one_thread
from molgen.models.kronecker import (
    SIDES,
    Answer,
    Ground,
    New,
    Settings,
    answered,
    compares,
    kernel,
    known_kernel,
    sought,
    usual,
    whole_kernel,
)
from molgen.models.learned import Learned, LearnsPairs
from molgen.models.likeness import Likeness, Measure
from molgen.models.of_pairs import OfPairs
from molgen.models.scores import NormalScores, scores_in, scores_kept, scores_wanted
from molgen.models.view import read_view, write_view

_FIELDS, _ARRAYS = "pair_kernel.json", "weights.safetensors"
_ROUNDS = 3


class PairKernel(LearnsPairs):
    """Similar molecules do similar things to similar partners. What likeness is worth is sought on pairs held out, as `new` says.

    With `identities` each training molecule, and each training partner, has something of its own beside what its structure says; and
    where only pairs will be new, they are compared by what was measured of them too. A classification is fitted as a regression on 0
    and 1 and cut there.
    """

    identities: bool = Field(False, description="Tell training molecules, and partners, by who they are as well as by structure")
    new: New = Field("molecules", description="What will be new when it is asked: pairs of known ones, molecules, partners or both")
    scored: bool = Field(False, description="Learn values by their place among all, as normal scores: their order counts")
    settings: Settings = Field({}, description="What likeness is worth, as the card of another model has it; sought when not given")
    sought_on: int = Field(600, ge=2, description="Molecules, at most, on which the settings are sought")

    def features(self, library: Library) -> Any:
        told = super().features(library)
        alike_groups(partners_of(library))
        return told

    @classmethod
    def read(cls, folder: Path) -> PairKernelModel:
        return PairKernelModel.read(folder)

    @one_thread
    def learn(self, training: Training) -> PairKernelModel:
        rng = np.random.default_rng(training.seed)
        own = Learned.of(training, self.measure(), rng, most=self.most_molecules, scored=self.scored)
        among = tuple(valid(one[own.used]) for one in own.view.likeness(own.partners))
        ground = Ground((own.among,), among)
        wanted = usual((1, len(among)), new=self.new, identities=self.identities)
        rounds = _ROUNDS if compares(wanted) or bool(own.bounds.any()) else 1
        if self.settings and (set(self.settings) != set(wanted) or min(self.settings.values()) <= 0):
            raise MolgenError("settings of another kind of process, or not above 0", where="settings", fix=f"want {', '.join(wanted)}")
        settings = self.settings or sought(
            ground,
            own.grid,
            np.array(alike_groups(own.partners))[own.used],
            new=self.new,
            identities=self.identities,
            rounds=rounds,
            most=self.sought_on,
            rng=rng,
        )
        answer = answered(ground, own.grid, settings, rounds=rounds)
        keys = own.inchikeys if self.identities else ()
        partners_learned = None if answer.learned is None else answer.learned[1]
        root = inverse_root(whole_kernel(settings, SIDES[1], ground.partners, partners_learned), settings["noise"])
        kind = training.tasks[0].kind
        scale = (own.centre, own.scale, own.scores)
        return PairKernelModel(own.likeness, own.view, keys, self.new, settings, answer, root, *scale, kind)


@dataclass(frozen=True, eq=False)
class PairKernelModel(OfPairs):
    """A process that has seen a grid of molecules and partners."""

    likeness: Likeness
    view: View
    keys: tuple[str, ...]  # InChIKeys of the molecules learned from; none without identities
    new: New
    settings: Settings
    answer: Answer
    partner_root: Matrix  # [partners, partners], turns how far one goes together with them into what they explain of it
    centre: float
    scale: float
    scores: NormalScores | None
    kind: Kind

    @one_thread
    def predict(self, library: Library) -> Estimate:
        partners = partners_of(library)
        used, j = np.unique(partners.of_row, return_inverse=True)
        told = self.against(partners).only(used.tolist()).predict(library.molecules)
        i = library.molecule_of_row
        return Estimate(told.mean[i, j][:, None], told.spread[i, j][:, None])

    def partner_view(self) -> View:
        return self.view

    @one_thread
    def against(self, partners: Partners) -> KernelAgainst:
        own = self._kernel(1, self.view.likeness(partners), self.partner_places(partners))
        return KernelAgainst(self, self.answer.pull @ own.kernel.T, _explained(self.partner_root, own.kernel), own.itself)

    def to_molecules(self, library: Library) -> _Kernel:
        """How far molecules go together with those learned from."""
        return self._kernel(0, (self.likeness.to(library).astype(np.float32),), places(library.inchikeys, self.keys))

    def _kernel(self, side: int, alike: Sequence[Matrix], place: NDArray[np.int64]) -> _Kernel:
        """Of any of a side with the known ones; `place` says which of them each is itself, -1 for none."""
        name, learned = SIDES[side], self.answer.learned
        told, itself = kernel(self.settings, name, alike), kernel(self.settings, name, [np.ones(len(place), np.float32)] * len(alike))
        if self.keys:
            there = np.flatnonzero(place >= 0)
            told[there] += known_kernel(self.settings, name, place[there], told.shape[1], None if learned is None else learned[side])
            itself[there] += self.settings[f"{name} own"] + self.settings.get(f"{name} learned", 0.0)
        return _Kernel(told, itself)

    def explained(self, own: Matrix) -> NDArray[np.float64]:
        """[molecules], how much of how far each goes together with itself those learned from explain."""
        return _explained(self._molecule_root, own)

    @cached_property
    def _molecule_root(self) -> Matrix:  # as of the partners; larger than all else, and soon made again
        learned = None if self.answer.learned is None else self.answer.learned[0]
        among = (self.likeness.among().astype(np.float32),)
        return inverse_root(whole_kernel(self.settings, SIDES[0], among, learned), self.settings["noise"])

    def about(self) -> dict[str, Any]:
        settings = {name: round(value, 4) for name, value in self.settings.items()}
        how = {"identities": bool(self.keys), "scored": self.scores is not None}
        return {"molecules": len(self.likeness), **self.partners_known(), **how, "settings": settings}

    def write(self, folder: Path) -> None:
        fields = _Fields(
            measure=self.likeness.measure,
            molecules=len(self.likeness),
            keys=self.keys,
            new=self.new,
            settings=self.settings,
            centre=self.centre,
            scale=self.scale,
            scored=self.scores is not None,
            kind=self.kind,
        )
        write_fields(folder / _FIELDS, fields)
        told = scores_kept(self.scores) | ({} if self.answer.told is None else {"told": self.answer.told})
        write_arrays(folder / _ARRAYS, self.likeness.arrays() | {"pull": self.answer.pull, "root": self.partner_root} | told)
        write_view(self.view, folder)

    @classmethod
    @one_thread
    def read(cls, folder: Path) -> Self:
        fields, path, view = read_fields(folder / _FIELDS, _Fields), folder / _ARRAYS, read_view(folder)
        grids: dict[str, tuple[str, int]] = dict.fromkeys(("pull", "told") if compares(fields.settings) else ("pull",), ("f", 2))
        arrays = read_arrays(path, Likeness.wanted(fields.measure) | grids | {"root": ("f", 2)} | scores_wanted(fields.scored))
        shape = (fields.molecules, len(view.known))
        check(all(arrays[name].shape == shape for name in grids) and len(fields.keys) in (0, shape[0]), path, "pairs of others")
        check(arrays["root"].shape == (shape[1], shape[1]), path, "partners of others")
        wanted = usual((1, view.likenesses), new=fields.new, identities=bool(fields.keys))
        check(set(fields.settings) == set(wanted) and min(fields.settings.values()) > 0, folder / _FIELDS, "other settings")
        likeness = Likeness.restored(fields.measure, fields.molecules, arrays, path)
        answer = Answer(arrays["pull"], arrays.get("told"))
        scale = (fields.centre, fields.scale, scores_in(arrays, path))
        return cls(likeness, view, fields.keys, fields.new, fields.settings, answer, arrays["root"], *scale, fields.kind)


@dataclass(frozen=True, eq=False)
class KernelAgainst(Against):
    """Such a model for certain partners: asked about molecules alone, it answers a task a partner."""

    model: PairKernelModel
    pull: Matrix  # [known molecules, partners]
    explained: NDArray[np.float64]  # [partners], as of the molecules
    itself: Matrix  # [partners], how far each goes together with itself

    @one_thread
    def predict(self, library: Library) -> Estimate:
        own, model = self.model.to_molecules(library), self.model
        mean = model.centre + model.scale * (own.kernel @ self.pull).astype(np.float64)
        unknown = np.outer(own.itself, self.itself) - np.outer(model.explained(own.kernel), self.explained)
        spread = model.scale * np.sqrt(np.maximum(unknown, 0.0) + model.settings["noise"])
        if model.scores is not None:
            return Estimate(*model.scores.told(mean, spread))
        if model.kind == "classification":
            return Estimate(np.clip(mean, 0.0, 1.0), np.zeros_like(spread))
        return Estimate(mean, spread)

    def only(self, tasks: Sequence[int]) -> Self:
        some = list(tasks)
        return replace(self, pull=self.pull[:, some], explained=self.explained[some], itself=self.itself[some])


@dataclass(frozen=True, eq=False)
class _Kernel:
    kernel: Matrix  # [asked, known]
    itself: Matrix  # [asked]


class _Fields(BaseModel, allow_inf_nan=False):
    measure: Measure
    molecules: int = Field(gt=0, lt=2**20)
    keys: tuple[str, ...]
    new: New
    settings: dict[str, float]
    centre: float
    scale: float = Field(gt=0)
    scored: bool = False
    kind: Kind


def _explained(root: Matrix, own: Matrix) -> NDArray[np.float64]:
    rest = root @ own.T
    return np.asarray(np.einsum("ij,ij->j", rest, rest), dtype=np.float64)
