"""Graph networks: one that has seen all molecules, or one a fold, and where those disagree they do not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.library import Library
from molgen.features.descriptor import Descriptors
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.features.graph import Graphs
from molgen.models.base import Estimate, Model, Training
from molgen.models.counts import MOST, Size, counts
from molgen.models.crossfit import Single
from molgen.models.files import check, numbered, read_arrays, read_fields, restored, write_arrays, write_fields
from molgen.nn.fit import NetworkSettings, fit_network
from molgen.nn.fitted import FittedNetwork, predict_all

_FIELDS, _ARRAYS = "network.json", "weights.safetensors"
_LOGARITHMS = np.log1p(np.arange(MOST + 1, dtype=np.float32))  # a count's
_APART = 7_919  # between the seeds of a bag, so that the next run's are others


class Beside(BaseModel, frozen=True, extra="forbid"):
    """Numbers about the whole molecule that go into the head, next to what the graph says."""

    fingerprints: tuple[FingerprintKind, ...] = Field(("ecfp4",), description="Fingerprints, as logarithms of counts")
    size: Size = Field(1024, description="Columns each fingerprint is hashed to")
    descriptors: bool | Literal["quick"] = Field("quick", description="Descriptors: false for none, true for all the cheap ones")

    def of(self, library: Library) -> NDArray[np.float32] | None:
        """[molecules, numbers], None for none."""
        parts = [_LOGARITHMS[counts(library, kind, self.size)] for kind in self.fingerprints]
        if self.descriptors:
            parts.append(self._descriptors().of(library))
        return np.concatenate(parts, axis=1) if parts else None

    @property
    def width(self) -> int:
        """Numbers a molecule."""
        return len(self.fingerprints) * self.size + (self._descriptors().width if self.descriptors else 0)

    def _descriptors(self) -> Descriptors:
        return Descriptors(set="quick" if self.descriptors == "quick" else "cheap")


class NetworkEnsemble(Single):
    """Networks of one make: a single one trained on all rows, or those of the folds together, their disagreement the spread.

    A single one says how sure it is from what networks like it got wrong on rows they had not seen. All epochs of the
    schedule are run: early stopping on the fold that is judged would flatter the network, and another part held
    back for it is missed by a small set. `held_back` is for large ones.
    """

    on_device: ClassVar[bool] = True
    effort: ClassVar[float] = 10.0

    # On potency series of some hundred molecules a graph alone is well behind a kernel on fragments; with the
    # fragments beside it, it keeps up, and errs elsewhere. More fingerprints and all cheap descriptors beside it err
    # still less on such series (the preset `potency` has them), but cost more than everything else together.
    network: NetworkSettings = NetworkSettings()
    beside: Beside = Beside()
    single: bool = Field(True, description="Keep one network, of all rows; if not, those of the folds, at as many times the cost")
    # One, since more cost as many times more: the folds already differ.
    bag: int = Field(1, ge=1, le=20, description="Networks a fold, each from another start")
    devices: int = Field(1, ge=1, description="Accelerators that train one network together")
    held_back: float = Field(0.0, ge=0, lt=0.5, description="Share of the rows kept from training, to stop it early by")

    @property
    def refits(self) -> bool:
        return self.single

    def features(self, library: Library) -> tuple[Graphs, NDArray[np.float32] | None]:
        return Graphs.of(library), self.beside.of(library)

    @classmethod
    def read(cls, folder: Path) -> NetworkModel:
        return NetworkModel.read(folder)

    def learn(self, training: Training) -> NetworkModel:
        graphs, extra = self.features(training.library)
        fitted = tuple(
            fit_network(
                self.network,
                graphs,
                extra,
                training.targets,
                kinds=tuple(task.kind for task in training.tasks),
                validation=self._held_back(training),
                relations=training.signs,
                seed=training.seed + start * _APART,
                device=training.device,
                devices=self.devices,
            )
            for start in range(self.bag)
        )
        return NetworkModel(fitted, np.zeros(len(training.tasks)), self.beside)

    def joined(self, models: Sequence[Model], noise: NDArray[np.float64]) -> NetworkModel:
        networks = tuple(network for model in models if isinstance(model, NetworkModel) for network in model.networks)
        return NetworkModel(networks, noise, self.beside)

    def _held_back(self, training: Training) -> NDArray[np.bool_] | None:
        rows = np.flatnonzero(training.learned)
        count = round(self.held_back * len(rows))
        if not count:
            return None
        mask = np.zeros(len(training.targets), dtype=bool)
        mask[np.random.default_rng(training.seed).permutation(rows)[:count]] = True
        return mask


@dataclass(frozen=True, eq=False)
class NetworkModel(Model):
    """Fitted networks that differ in their seed: their mean, and how far they disagree."""

    networks: tuple[FittedNetwork, ...]
    noise: NDArray[np.float64]  # [tasks], root mean square of what a fold's networks got wrong on rows they had not seen
    beside: Beside

    def predict(self, library: Library) -> Estimate:
        said = predict_all(self.networks, Graphs.of(library), self.beside.of(library))  # [networks, molecules, tasks]
        # What is wrong with a chance is told by the chance itself: its spread is how far the networks disagree.
        noise = np.where([kind == "classification" for kind in self.networks[0].kinds], 0.0, self.noise)
        return Estimate(said.mean(axis=0), np.sqrt(noise**2 + said.var(axis=0)))

    def only(self, tasks: Sequence[int]) -> Self:
        return replace(self, networks=tuple(network.only(tasks) for network in self.networks), noise=self.noise[list(tasks)])

    def lighter(self) -> Self:
        return replace(self, networks=tuple(network.lighter() for network in self.networks))

    def about(self) -> dict[str, Any]:
        weights = sum(array.size for array in self.networks[0].tensors().values())
        return {"networks": len(self.networks), "weights": weights, "noise": self.noise.tolist()}

    def write(self, folder: Path) -> None:
        write_fields(folder / _FIELDS, {"facts": [network.to_dict() for network in self.networks], "beside": self.beside.model_dump()})
        write_arrays(folder / _ARRAYS, {"noise": self.noise, **numbered(self.networks)})

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        arrays = read_arrays(folder / _ARRAYS, {"noise": ("f", 1)})
        networks = restored(FittedNetwork.restore, fields.facts, arrays, folder / _ARRAYS)
        check(all(network.kinds == networks[0].kinds for network in networks), folder / _FIELDS, "networks of different tasks")
        check(len(arrays["noise"]) == len(networks[0].kinds), folder / _ARRAYS, "noise of other tasks")
        return cls(networks, arrays["noise"], fields.beside)


class _Fields(BaseModel):
    facts: tuple[dict[str, Any], ...] = Field(min_length=1)
    beside: Beside
