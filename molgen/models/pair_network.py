"""Pairs of a molecule and a protein, or a cell line: one network of two towers, a few of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.features.graph import Graphs
from molgen.features.partner import View, worked_out
from molgen.models.attended import Attended
from molgen.models.base import Against, Estimate, Model, RowKind, Training
from molgen.models.crossfit import Single
from molgen.models.files import check, numbered, read_arrays, read_fields, restored, write_arrays, write_fields
from molgen.models.network import Beside
from molgen.models.of_pairs import OfPairs
from molgen.models.sight import Sight
from molgen.nn.attention import WINDOW
from molgen.nn.pairs import FittedPairs, Others, Pairs, PairSettings, fit_pairs

_FIELDS, _ARRAYS = "pairs.json", "weights.safetensors"
_APART = 7_919  # between the seeds of a bag, so that the next run's are others


class PairNetworks(Single):
    """Networks for pairs: those of the folds together, or a bag of them trained on all pairs; their disagreement is the spread.

    A molecule is its fragments and descriptors, a protein its likeness to the training ones, its runs of residues and its ATP site, a
    cell line its profile. `identities` adds who each is: of use where all that will ever be asked about was in the training set, and
    nowhere else.
    """

    on_device: ClassVar[bool] = True
    effort: ClassVar[float] = 10.0

    network: PairSettings = PairSettings()
    ligand: Beside = Beside(fingerprints=("ecfp4", "fcfp4", "atom_pair"), descriptors=True)
    identities: bool = Field(False, description="Tell the network which molecule and which partner it is, where it knows them")
    single: bool = Field(False, description="Train once more on all pairs; if not, the networks of the folds are kept")
    bag: int = Field(1, ge=1, le=20, description="Networks a fit, each from another start")

    @property
    def rows(self) -> tuple[RowKind, ...]:
        return ("pairs",)

    @property
    def refits(self) -> bool:
        return self.single

    def features(self, library: Library) -> Any:
        worked_out(partners_of(library))
        return self.ligand.of(library), Graphs.of(library) if self.network.attention else None

    @classmethod
    def read(cls, folder: Path) -> PairModel:
        return PairModel.read(folder)

    def learn(self, training: Training) -> PairModel:
        library, task, rows = training.library, training.tasks[0], np.flatnonzero(training.learned)
        sight = Sight.of(self.ligand, library, identities=self.identities, attends=self.network.attention > 0)
        samples = sight.samples(library, rows)
        bounds = None if training.signs is None else training.signs[rows, 0]
        fitted = tuple(
            fit_pairs(
                self.network,
                samples,
                training.targets[rows, 0],
                kind=task.kind,
                relations=bounds,
                seed=training.seed + start * _APART,
                device=training.device,
            )
            for start in range(self.bag)
        )
        return PairModel(sight, fitted, 0.0)

    def joined(self, models: Sequence[Model], noise: NDArray[np.float64]) -> PairModel:
        whole = [model for model in models if isinstance(model, PairModel)]
        return PairModel(whole[0].sight, tuple(network for model in whole for network in model.networks), float(noise[0]))


@dataclass(frozen=True, eq=False)
class PairModel(OfPairs):
    """Fitted networks that differ in their seed or in what they have seen: their mean, and how far they disagree."""

    sight: Sight
    networks: tuple[FittedPairs, ...]
    noise: float  # root mean square of what a fold's networks got wrong on pairs they had not seen

    @property
    def own_noise(self) -> float:
        """The noise beside which the networks disagree; none of a class, whose chance says how sure it is."""
        return 0.0 if self.networks[0].kind == "classification" else self.noise

    def predict(self, library: Library) -> Estimate:
        samples = self.sight.samples(library, np.arange(len(library)))
        said = np.stack([network.rows(samples) for network in self.networks]).astype(np.float64)
        return Estimate(said.mean(axis=0)[:, None], np.sqrt(self.own_noise**2 + said.var(axis=0))[:, None])

    @property
    def attends(self) -> bool:
        return self.sight.attends

    def attended(self, library: Library, task: int = 0) -> list[Attended]:
        return self.attended_in(self.sight.samples(library, np.arange(len(library)))) if self.attends else super().attended(library, task)

    def attended_in(self, samples: Pairs) -> list[Attended]:
        """A row each, the mean of what the networks attended to."""
        said = [network.attended(samples) for network in self.networks]
        means = [[np.mean(side, axis=0) for side in zip(*row)] for row in zip(*said)]
        return [Attended(atoms, windows, WINDOW) for atoms, windows in means]

    def partner_view(self) -> View:
        return self.sight.view

    def against(self, partners: Partners) -> NetworksAgainst:
        return NetworksAgainst(self, self.sight.partners(partners))

    def lighter(self) -> Self:
        return replace(self, networks=tuple(network.lighter() for network in self.networks))

    def about(self) -> dict[str, Any]:
        weights = sum(array.size for array in self.networks[0].tensors().values())
        return {"networks": len(self.networks), "weights": weights, **self.partners_known(), "identities": self.sight.identities}

    def write(self, folder: Path) -> None:
        write_fields(folder / _FIELDS, {"facts": [one.to_dict() for one in self.networks], "noise": self.noise})
        write_arrays(folder / _ARRAYS, numbered(self.networks))
        self.sight.write(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        arrays = read_arrays(folder / _ARRAYS, {})
        networks = restored(FittedPairs.restore, fields.facts, arrays, folder / _ARRAYS)
        sight = Sight.read(folder)
        for one in networks:
            check(one.kind == networks[0].kind, folder / _FIELDS, "networks of different tasks")
            check(one.widths == sight.widths, folder / _ARRAYS, "networks for other numbers")
            check(sight.attends or not one.settings.attention, folder / _ARRAYS, "attention without atoms and residues")
        return cls(sight, networks, fields.noise)


@dataclass(frozen=True, eq=False)
class NetworksAgainst(Against):
    """Such a model for certain partners: asked about molecules alone, it answers a task a partner."""

    model: PairModel
    partners: Others

    def predict(self, library: Library) -> Estimate:
        ligands = self.model.sight.ligands(library)
        said = np.stack([network.matrix(ligands, self.partners) for network in self.model.networks]).astype(np.float64)
        return Estimate(said.mean(axis=0), np.sqrt(self.model.own_noise**2 + said.var(axis=0)))

    @property
    def attends(self) -> bool:
        return self.model.attends

    def attended(self, library: Library, task: int = 0) -> list[Attended]:
        if not self.attends:
            return super().attended(library, task)
        rows, partner = library.molecule_of_row, self.partners.take(np.array([task]))
        return self.model.attended_in(Pairs(self.model.sight.ligands(library), partner, rows, np.zeros_like(rows), 0))

    def only(self, tasks: Sequence[int]) -> Self:
        return replace(self, partners=self.partners.take(np.array(tasks, dtype=np.int64)))


class _Fields(BaseModel, allow_inf_nan=False):
    facts: tuple[dict[str, Any], ...] = Field(min_length=1)
    noise: float = Field(ge=0)
