"""Every recipe over the same folds: how models are judged on molecules they have not seen, on all cores at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.base.parallel import Serial
from molgen.data.library import Library
from molgen.models.base import Estimate, Fitted, Model, Recipe, Training, Workplace, empty_estimate
from molgen.models.fits import Fits


class Single(Recipe):
    """A recipe that is one model; a subclass says how it is learned, the folds are done here."""

    on_device: ClassVar[bool] = False  # uses an accelerator where there is one
    effort: ClassVar[float] = 1.0  # time of one fit next to the others', so that the longest start first

    @property
    def refits(self) -> bool:
        """Learned once more on all rows; if not, the fold models together are the model."""
        return True

    @abstractmethod
    def features(self, library: Library) -> Any:
        """What `learn` reads of the molecules, worked out once through `library.once`."""

    @abstractmethod
    def learn(self, training: Training) -> Model:
        """The model of the rows that have targets."""

    def joined(self, models: Sequence[Model], noise: NDArray[np.float64]) -> Model:
        """The fold models as one; `noise` [tasks] is the root mean square of what they got wrong on rows they had not seen."""
        raise NotImplementedError(f"{type(self).__name__} refits, its fold models are not kept")

    def fit(self, training: Training, folds: NDArray[np.int64], workplace: Workplace = Workplace()) -> Fitted:
        return cross_fit([self], training, folds, workplace)[0]


def cross_fit(recipes: Sequence[Single], training: Training, folds: NDArray[np.int64], workplace: Workplace) -> list[Fitted]:
    """One fitted model a recipe. `folds` [molecules] numbers the fold of each row; -1 is never held out."""
    fits = None if workplace.fits is None else Fits(workplace.fits, training)
    jobs = _jobs(recipes, folds)
    found = [None if fits is None else fits.find(job.recipe, job.held) for job in jobs]
    done = [(job, _Done(*fit)) for job, fit in zip(jobs, found) if fit is not None]
    left = [job for job, fit in zip(jobs, found) if fit is None]
    if done and workplace.progress:
        workplace.progress(len(done), len(jobs), "found fitted")
    for recipe in {id(job.recipe): job.recipe for job in left}.values():
        recipe.features(training.library)  # here, so that each fold's process gets them and does not repeat the work
    # An accelerator is not shared between processes.
    executor = Serial() if any(recipe.on_device for recipe in recipes) and _accelerated(training.device) else workplace.executor
    for result, job in zip(executor.map(_run, left, shared=training), left):
        done.append((job, result))
        if fits is not None:
            fits.keep(job.recipe, job.held, result.model, result.held)
        if workplace.progress:
            workplace.progress(len(done), len(jobs), job.title)
    return [_gathered(recipe, training, [(job, result) for job, result in done if job.member == i]) for i, recipe in enumerate(recipes)]


def _accelerated(device: str) -> bool:
    from molgen.nn.fitted import best_device  # torch, which trees and kernels do without

    return best_device(device).type != "cpu"


@dataclass(frozen=True)
class _Job:
    member: int
    fold: int  # -1: all rows
    recipe: Single
    held: NDArray[np.bool_]  # [molecules], rows to estimate afterwards

    @property
    def title(self) -> str:
        return type(self.recipe).__name__.lower() + (f", fold {self.fold + 1}" if self.fold >= 0 else ", all rows")


@dataclass(frozen=True)
class _Done:
    model: Model
    held: Estimate  # [held rows, tasks]


def _jobs(recipes: Sequence[Single], folds: NDArray[np.int64]) -> list[_Job]:
    jobs = []
    for member, recipe in enumerate(recipes):
        for fold in np.unique(folds[folds >= 0]).tolist():
            held = folds == fold
            jobs.append(_Job(member, fold, recipe, held))
        if recipe.refits or not jobs:
            jobs.append(_Job(member, -1, recipe, np.zeros(len(folds), dtype=bool)))
    return sorted(jobs, key=lambda job: -job.recipe.effort)


def _run(training: Training, job: _Job) -> _Done:
    model = job.recipe.learn(training.without(job.held))
    if not job.held.any():
        return _Done(model, empty_estimate(training.library.take([]), training.tasks))
    # The whole library, because its features are there already; but only what can be held against a measurement.
    wanted = np.isfinite(training.targets) & job.held[:, None]
    said = model.predict_where(training.library, wanted)
    return _Done(model, Estimate(said.mean[job.held], said.spread[job.held]))


def _gathered(recipe: Single, training: Training, done: list[tuple[_Job, _Done]]) -> Fitted:
    held_out = empty_estimate(training.library, training.tasks)
    for job, result in done:
        held_out.mean[job.held], held_out.spread[job.held] = result.held
    fits = sorted(done, key=lambda pair: pair[0].fold)
    if recipe.refits or len(fits) == 1:
        return Fitted(fits[0][1].model, held_out)
    off = held_out.mean - training.exact
    judged = np.isfinite(off)  # a task of bounds alone can't be: what its models disagree is all that is known of its error
    noise = np.sqrt(np.square(np.where(judged, off, 0.0)).sum(axis=0) / np.maximum(judged.sum(axis=0), 1))
    # One fold model alone cannot disagree with itself: what is known of its error is how far off it was.
    told = Estimate(held_out.mean, np.where(np.isfinite(held_out.mean), noise, np.nan))
    return Fitted(recipe.joined([result.model for _, result in fits], noise), told)
