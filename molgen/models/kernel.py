"""A Gaussian process on fragment counts: on a few hundred molecules of a few series, hard to beat and seconds to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.library import Library
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.models.base import Estimate, Kind, Model, Training
from molgen.models.counts import MOST, Size, counts
from molgen.models.crossfit import Single
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.minmax import References
from molgen.models.process import Process, Settings, Shape

_FIELDS, _ARRAYS = "kernel.json", "weights.safetensors"
_SOUGHT_ON = 1500  # rows the settings are sought on; a cube of the rows an attempt, some thirty attempts


class Kernel(Single):
    """Similar molecules have similar values; how similar is a mean of several fingerprints' MinMax kernels.

    Their weights are set, not learned: on hundreds of molecules the likelihood of learned weights
    was higher, and the error on unseen molecules too. A classification is fitted as a regression on 0
    and 1 and cut there; that ranks well, and calibrates worse than trees or networks.
    """

    fingerprints: dict[FingerprintKind, float] = Field(
        {"ecfp4": 1.0, "fcfp6": 1.0, "atom_pair": 2.0}, min_length=1, description="Fingerprints and the weights of their similarities"
    )
    shape: Shape = Field("linear", description="linear: similarity as it is; exponential: with a length that is learned")
    level: float = Field(2.0, ge=0, description="How freely the whole set may lie off its mean, next to what similarity explains")
    size: Size = Field(4096, description="Columns each fingerprint is hashed to")
    most_rows: int = Field(4000, gt=1, description="Molecules a task kept at most, by chance; time goes with their cube")

    def features(self, library: Library) -> list[NDArray[np.uint8]]:
        return _counts(tuple(self.fingerprints), self.size, library)

    @classmethod
    def read(cls, folder: Path) -> KernelModel:
        return KernelModel.read(folder)

    def learn(self, training: Training) -> KernelModel:
        rng = np.random.default_rng(training.seed)
        kept = [_some(np.flatnonzero(np.isfinite(column)), self.most_rows, rng) for column in training.targets.T]
        rows = np.unique(np.concatenate(kept))
        references = [References(whole[rows]) for whole in self.features(training.library)]
        weights = tuple(self.fingerprints.values())
        similarity = _similarity(references, weights, [reference.counts for reference in references])
        seen, processes = [], []
        for column, own in zip(training.targets.T, kept):
            place = np.searchsorted(rows, own)
            seen.append(place)
            among = similarity[np.ix_(place, place)]
            processes.append(Process.of(among, column[own], shape=self.shape, level=self.level, most=_SOUGHT_ON))
        kinds = tuple(task.kind for task in training.tasks)
        return KernelModel(tuple(self.fingerprints), weights, self.size, tuple(references), kinds, tuple(seen), tuple(processes))


def _some(rows: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Shuffled, so that the first few are as good a sample as any."""
    return rng.permutation(rows)[:most]


@dataclass(frozen=True, eq=False)
class KernelModel(Model):
    """One process a task, over one set of molecules."""

    fingerprints: tuple[FingerprintKind, ...]
    weights: tuple[float, ...]
    size: Size
    references: tuple[References, ...]  # one a fingerprint
    kinds: tuple[Kind, ...]
    seen: tuple[NDArray[np.int64], ...]  # of each task: rows of the references
    processes: tuple[Process, ...]

    def predict(self, library: Library) -> Estimate:
        similarity = _similarity(self.references, self.weights, _counts(self.fingerprints, self.size, library))
        mean, spread = np.empty((len(library), len(self.kinds))), np.empty((len(library), len(self.kinds)))
        for task, (kind, seen, process) in enumerate(zip(self.kinds, self.seen, self.processes)):
            own = similarity[:, seen]
            mean[:, task], spread[:, task] = process.mean(own), process.spread(own)
            if kind == "classification":
                mean[:, task] = np.clip(mean[:, task], 0.0, 1.0)
        return Estimate(mean, spread)

    def about(self) -> dict[str, Any]:
        return {"molecules": len(self.references[0].counts), "noise": [float(p.scale * p.settings.noise**0.5) for p in self.processes]}

    def write(self, folder: Path) -> None:
        tasks = tuple(
            _Task(kind=kind, centre=process.centre, scale=process.scale, **asdict(process.settings))
            for kind, process in zip(self.kinds, self.processes)
        )
        molecules = len(self.references[0].counts)
        fields = _Fields(fingerprints=self.fingerprints, weights=self.weights, size=self.size, molecules=molecules, tasks=tasks)
        write_fields(folder / _FIELDS, fields)
        arrays: dict[str, NDArray[Any]] = {}
        for i, reference in enumerate(self.references):  # one column in fifty is not 0
            place = np.flatnonzero(reference.counts)
            arrays |= {f"place.{i}": place, f"count.{i}": reference.counts.ravel()[place]}
        for i, (seen, process) in enumerate(zip(self.seen, self.processes)):
            arrays |= {f"seen.{i}": seen, f"pull.{i}": process.pull}
        write_arrays(folder / _ARRAYS, arrays)

    @classmethod
    def read(cls, folder: Path) -> Self:
        fields = read_fields(folder / _FIELDS, _Fields)
        prints, tasks = range(len(fields.fingerprints)), range(len(fields.tasks))
        wanted = {f"place.{i}": ("i", 1) for i in prints} | {f"count.{i}": ("u", 1) for i in prints}
        wanted |= {f"seen.{i}": ("i", 1) for i in tasks} | {f"pull.{i}": ("f", 1) for i in tasks}
        arrays = read_arrays(folder / _ARRAYS, wanted)
        _check(folder / _ARRAYS, fields, arrays)
        references = tuple(_references(fields, arrays[f"place.{i}"], arrays[f"count.{i}"]) for i in prints)
        similarity = _similarity(references, fields.weights, [reference.counts for reference in references])
        processes = []
        for i, task in enumerate(fields.tasks):
            seen = arrays[f"seen.{i}"]
            settings = Settings(task.shape, task.amplitude, task.noise, task.length, task.level)
            processes.append(Process(settings, task.centre, task.scale, arrays[f"pull.{i}"], similarity[np.ix_(seen, seen)]))
        kinds = tuple(task.kind for task in fields.tasks)
        return cls(
            fields.fingerprints, fields.weights, fields.size, references, kinds, tuple(arrays[f"seen.{i}"] for i in tasks), tuple(processes)
        )


class _Task(BaseModel, allow_inf_nan=False):
    kind: Kind
    centre: float
    scale: float
    shape: Shape
    amplitude: float = Field(gt=0)
    noise: float = Field(gt=0)
    length: float = Field(gt=0)
    level: float = Field(ge=0)


class _Fields(BaseModel):
    fingerprints: tuple[FingerprintKind, ...] = Field(min_length=1)
    weights: tuple[float, ...]
    size: Size
    molecules: int = Field(gt=0, lt=2**20)
    tasks: tuple[_Task, ...] = Field(min_length=1)


def _check(path: Path, fields: _Fields, arrays: dict[str, NDArray[Any]]) -> None:
    written = max(len(arrays[f"place.{i}"]) for i in range(len(fields.fingerprints)))
    check(
        fields.molecules <= written, path, f"{fields.molecules} molecules with {written} fragments in all"
    )  # and no room for them is taken
    check(len(fields.weights) == len(fields.fingerprints) and min(fields.weights) > 0, path.with_name(_FIELDS), "weights amiss")
    for i in range(len(fields.fingerprints)):
        place, count = arrays[f"place.{i}"], arrays[f"count.{i}"]
        inside = (place >= 0) & (place < fields.molecules * fields.size)
        check(
            place.shape == count.shape and bool(inside.all()) and count.max(initial=0) <= MOST, path, f"fingerprint {i} of other molecules"
        )
    for i in range(len(fields.tasks)):
        seen = arrays[f"seen.{i}"]
        check(
            seen.shape == arrays[f"pull.{i}"].shape and bool(((seen >= 0) & (seen < fields.molecules)).all()),
            path,
            f"task {i} is of other molecules",
        )


def _references(fields: _Fields, place: NDArray[np.int64], count: NDArray[np.uint8]) -> References:
    whole = np.zeros(fields.molecules * fields.size, dtype=np.uint8)
    whole[place] = count
    return References(whole.reshape(fields.molecules, fields.size))


def _counts(fingerprints: Sequence[FingerprintKind], size: Size, library: Library) -> list[NDArray[np.uint8]]:
    return [counts(library, kind, size) for kind in fingerprints]


def _similarity(references: Sequence[References], weights: Sequence[float], queries: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    return np.average([reference.similarity(own) for reference, own in zip(references, queries)], axis=0, weights=weights)
