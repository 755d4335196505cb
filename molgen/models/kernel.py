"""A Gaussian process on fragment counts: on a few hundred molecules of a few series, hard to beat and seconds to fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from threadpoolctl import threadpool_limits

from molgen.data.library import Library
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.models.base import Estimate, Kind, Model, Training
from molgen.models.counts import Size
from molgen.models.crossfit import Single
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.likeness import Likeness, Measure, Measuring, Weight
from molgen.models.process import Process, Settings, Shape
from molgen.models.profile import Profile, profile_named

_FIELDS, _ARRAYS, _PROFILE = "kernel.json", "weights.safetensors", "profile"
_SOUGHT_ON = 1500  # rows the settings are sought on; a cube of the rows an attempt, some thirty attempts


F = TypeVar("F", bound=Callable[..., Any])


def one_thread(function: F) -> F:
    """The function, one BLAS thread while it runs.

    A sum in two threads ends in another digit than in one: results would tell how many cores made them.
    """
    return cast(F, threadpool_limits.wrap(limits=1, user_api="blas")(function))


class Kernel(Measuring, Single):
    """Similar molecules have similar values; how similar is a mean of several fingerprints' MinMax kernels
    and of closeness by descriptors.

    Their weights are set, not learned: on hundreds of molecules the likelihood of learned weights
    was higher, and the error on unseen molecules too. A classification is fitted as a regression on 0
    and 1 and cut there; that ranks well, and calibrates worse than trees or networks.
    """

    fingerprints: dict[FingerprintKind, Weight] = Field(
        {"ecfp4": 1.0, "fcfp6": 1.0, "atom_pair": 2.0}, min_length=1, description="Fingerprints and the weights of their similarities"
    )
    shape: Shape = Field("linear", description="linear: similarity as it is; exponential: with a length that is learned")
    level: float = Field(2.0, ge=0, description="How freely the whole set may lie off its mean, next to what similarity explains")
    size: Size = Field(4096, description="Columns each fingerprint is hashed to")
    descriptors: float = Field(0.2, ge=0, lt=1, description="Weight of closeness by descriptors; the fingerprints share the rest")
    profile: str | None = Field(
        None, description="A model of networks, one of ours or a folder, whose predictions closeness goes by instead of descriptors"
    )
    most_rows: int = Field(4000, gt=1, description="Molecules a task kept at most, by chance; time goes with their cube")

    @one_thread
    def features(self, library: Library) -> Any:
        measure = self.measure()
        measure.share(library)
        return measure.fragments(library), measure.numbers(library, profile_named(self.profile))

    @classmethod
    def read(cls, folder: Path) -> KernelModel:
        return KernelModel.read(folder)

    @one_thread
    def learn(self, training: Training) -> KernelModel:
        rng = np.random.default_rng(training.seed)
        kept = [_some(np.flatnonzero(np.isfinite(column)), self.most_rows, rng) for column in training.targets.T]
        rows = np.unique(np.concatenate(kept))
        likeness = Likeness.of(self.measure(), training.library, rows, profile_named(self.profile))
        among = likeness.among(training.library)
        seen, processes = [], []
        for i, own in enumerate(kept):
            place = np.searchsorted(rows, own)
            seen.append(place)
            similarity, bounds = among[np.ix_(place, place)], None if training.signs is None else training.signs[own, i]
            values = training.targets[own, i]
            processes.append(Process.of(similarity, values, shape=self.shape, level=self.level, most=_SOUGHT_ON, bounds=bounds))
        return KernelModel(likeness, tuple(task.kind for task in training.tasks), tuple(seen), tuple(processes))


def _some(rows: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Shuffled, so that the first few are as good a sample as any."""
    return rng.permutation(rows)[:most]


@dataclass(frozen=True, eq=False)
class KernelModel(Model):
    """One process a task, over one set of molecules."""

    likeness: Likeness
    kinds: tuple[Kind, ...]
    seen: tuple[NDArray[np.int64], ...]  # of each task: which of the molecules
    processes: tuple[Process, ...]

    @one_thread
    def predict(self, library: Library) -> Estimate:
        similarity = self.likeness.to(library)
        mean, spread = np.empty((len(library), len(self.kinds))), np.empty((len(library), len(self.kinds)))
        for task, (kind, seen, process) in enumerate(zip(self.kinds, self.seen, self.processes)):
            own = similarity[:, seen]
            mean[:, task], spread[:, task] = process.mean(own), process.spread(own)
            if kind == "classification":  # one process does not disagree with itself, and a chance says how sure it is
                mean[:, task], spread[:, task] = np.clip(mean[:, task], 0.0, 1.0), 0.0
        return Estimate(mean, spread)

    def only(self, tasks: Sequence[int]) -> Self:
        kinds, seen = tuple(self.kinds[i] for i in tasks), tuple(self.seen[i] for i in tasks)
        return replace(self, kinds=kinds, seen=seen, processes=tuple(self.processes[i] for i in tasks))

    def about(self) -> dict[str, Any]:
        return {"molecules": len(self.likeness), "noise": [float(one.scale * one.settings.noise**0.5) for one in self.processes]}

    def write(self, folder: Path) -> None:
        tasks = tuple(
            _Task(kind=kind, centre=process.centre, scale=process.scale, **asdict(process.settings))
            for kind, process in zip(self.kinds, self.processes)
        )
        told = self.likeness.profile is not None
        write_fields(folder / _FIELDS, _Fields(measure=self.likeness.measure, molecules=len(self.likeness), tasks=tasks, profile=told))
        if self.likeness.profile is not None:
            self.likeness.profile.write(folder / _PROFILE)
        arrays = self.likeness.arrays()
        for i, (seen, process) in enumerate(zip(self.seen, self.processes)):
            arrays |= {f"seen.{i}": seen, f"pull.{i}": process.pull}
        write_arrays(folder / _ARRAYS, arrays)

    @classmethod
    @one_thread
    def read(cls, folder: Path) -> Self:
        fields, path = read_fields(folder / _FIELDS, _Fields), folder / _ARRAYS
        tasks = range(len(fields.tasks))
        wanted = {f"seen.{i}": ("i", 1) for i in tasks} | {f"pull.{i}": ("f", 1) for i in tasks}
        arrays = read_arrays(path, Likeness.wanted(fields.measure) | wanted)
        profile = Profile.read(folder / _PROFILE) if fields.profile else None
        likeness = Likeness.restored(fields.measure, fields.molecules, arrays, path, profile)
        among = likeness.among()
        processes = []
        for i, task in enumerate(fields.tasks):
            seen, pull = arrays[f"seen.{i}"], arrays[f"pull.{i}"]
            inside = bool(((seen >= 0) & (seen < fields.molecules)).all())
            check(inside and seen.shape == pull.shape, path, f"task {i} is of other molecules")
            settings = Settings(task.shape, task.amplitude, task.noise, task.length, task.level)
            processes.append(Process(settings, task.centre, task.scale, pull, among[np.ix_(seen, seen)]))
        return cls(likeness, tuple(task.kind for task in fields.tasks), tuple(arrays[f"seen.{i}"] for i in tasks), tuple(processes))


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
    measure: Measure
    molecules: int = Field(gt=0, lt=2**20)
    tasks: tuple[_Task, ...] = Field(min_length=1)
    profile: bool = False
