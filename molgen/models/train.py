"""From a table of measured molecules to a predictor with its card; what is held out for testing is never learned from."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError, meant
from molgen.base.parallel import Executor, Serial
from molgen.base.wanted import checked
from molgen.data.library import Library
from molgen.data.splits import folds
from molgen.data.splits import split as split_parts
from molgen.models.base import Fitted, Progress, Recipe, Task, Training, Workplace
from molgen.models.calibration import Calibration, check_coverage
from molgen.models.card import card_of
from molgen.models.domain import Domain, to_other_folds
from molgen.models.fits import unfinished
from molgen.models.folder import check_free
from molgen.models.known_pairs import KnownPairs
from molgen.models.measured import Measured, measured
from molgen.models.predictions import refuse_clashes
from molgen.models.predictor import Predictor
from molgen.models.recipe import RecipeConfig, preset, usual
from molgen.models.scale import as_measured, settled, to_learn

_FEWEST_OF_A_CLASS = 10
_COIN = 0.5  # AUROC


@checked
def train(
    library: Library,
    targets: str | Task | Sequence[str | Task],
    *,
    recipe: RecipeConfig | str | None = None,
    split: str = "scaffold",
    split_column: str | None = None,
    fractions: Sequence[float] = (0.8, 0.0, 0.2),
    units: dict[str, str] | None = None,
    coverage: float = 0.9,
    group: str | None = None,
    seed: int = 0,
    device: str = "auto",
    executor: Executor | None = None,
    progress: Progress | None = None,
    out: Path | str | None = None,
) -> Predictor:
    """A predictor of the target columns, saved to `out` when that is given; what was fitted is kept there meanwhile, so that
    the same call goes on after an interruption of any kind.

    `recipe` is a RecipeConfig or the name of a preset, `potency` if not given, and `pairs` for a library of pairs. Test molecules
    judge the model and teach it nothing; those of a valid part are cross-fitted with the training ones. With `split` "none" all
    molecules are learned from, and the card has only what was seen on held-out folds. `group` names a column, of assays say, by
    whose values the card tells errors apart.
    """
    if out is not None:
        out = Path(out).absolute()  # wherever the work may change to
        check_free(out)
    config = recipe if isinstance(recipe, RecipeConfig) else preset(recipe or usual(library))
    if group is not None and group not in library.rows.columns:
        raise MolgenError(f"no column {group!r}", where=library.source, fix=meant(group, map(str, library.rows.columns)))
    ready = prepared(
        library,
        targets,
        config=config,
        split=split,
        split_column=split_column,
        fractions=fractions,
        units=units,
        coverage=coverage,
        seed=seed,
        device=device,
    )
    fitting = _fitting(config, library, ready.training.tasks)
    with unfinished(out) as fits:
        began = time.perf_counter()
        fitted = fitting.fit(ready.training, ready.fold_of, Workplace(executor or Serial(), progress, fits))
        finished = ready.finished(fitted, config, seconds={"fit": time.perf_counter() - began}, group=group)
        if out is not None:
            finished.save(out)
    _warn_of_classes(ready, finished)
    return finished


def _warn_of_classes(ready: Prepared, finished: Predictor) -> None:
    """A line for each task of classes of which a model can have learned little or nothing."""
    for task, column in zip(finished.tasks, ready.training.targets.T):
        if task.kind != "classification":
            continue
        warn, zeros, ones = logging.getLogger(__name__).warning, int((column == 0).sum()), int((column == 1).sum())
        if min(zeros, ones) < _FEWEST_OF_A_CLASS:
            warn("%s: %d values of class 0 and %d of class 1 to learn from: too few of one to tell them apart", task.name, zeros, ones)
        auroc = finished.card["metrics"][task.name]["held out"].get("auroc")  # None, of one class alone
        # The mean is not meant: a fold with many of a class leaves fewer to the mean of the others.
        if auroc is not None and auroc < _COIN and finished.recipe.predictor != "mean":
            worse = "%s: AUROC %.2f of %s on held-out folds, worse than a coin, with %d values of class 0 and %d of class 1"
            warn(worse, task.name, auroc, finished.recipe.predictor, zeros, ones)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What recipes are fitted on, and all that makes a predictor of a fit: several recipes may share it."""

    library: Library  # as it was read
    data: Measured
    parts: NDArray[np.str_]  # [measured molecules]
    training: Training
    fold_of: NDArray[np.int64]  # [training molecules]
    split: dict[str, Any]
    coverage: float
    seconds: float  # it took to get here

    def finished(self, fitted: Fitted, config: RecipeConfig, *, seconds: dict[str, float], group: str | None = None) -> Predictor:
        """The predictor of a fit on this ground: calibrated by what it said of held-out folds, with its domain and card."""
        learned, tasks, own = np.flatnonzero(self.parts != "test"), self.training.tasks, self.training.library
        distance = 1 - to_other_folds(own, self.data.targets[learned], self.fold_of)
        exact = to_learn(tasks, self.data.exact[learned])
        calibration = Calibration.of(fitted.held_out, exact, tasks, coverage=self.coverage, distance=distance)
        domain = Domain.of(own, self.data.targets[learned], self.fold_of)
        known_pairs = KnownPairs.of(own, self.data.targets[learned, 0], fitted.model.known_partners)
        bare = Predictor(fitted.model, tasks, calibration, domain, config, {}, known_pairs=known_pairs)
        told = as_measured(tasks, calibration(fitted.held_out, distance))
        seconds = {"read": self.seconds, **seconds}
        seed = self.training.seed
        card = card_of(self.library, self.data, self.parts, told, bare, seed=seed, seconds=seconds, split=self.split, group=group)
        return replace(bare, card=card.to_dict())


def _fitting(config: RecipeConfig, library: Library, tasks: Sequence[Task]) -> Recipe:
    """The recipe, if it is for such rows."""
    recipe = config.build()
    if library.partners is None and "molecules" not in recipe.rows:
        raise MolgenError(f"{config.predictor!r} learns from pairs, these are molecules alone", fix="--parts ligand,target")
    if library.partners is not None and "pairs" not in recipe.rows:
        raise MolgenError(f"{config.predictor!r} learns from molecules alone, these are pairs", fix="--preset pairs")
    if library.partners is not None and len(tasks) > 1:
        raise MolgenError(f"{len(tasks)} columns to learn of pairs, want one", fix="train a model a column")
    return recipe


def prepared(
    library: Library,
    targets: str | Task | Sequence[str | Task],
    *,
    config: RecipeConfig,
    split: str = "scaffold",
    split_column: str | None = None,
    fractions: Sequence[float] = (0.8, 0.0, 0.2),
    units: dict[str, str] | None = None,
    coverage: float = 0.9,
    seed: int = 0,
    device: str = "auto",
) -> Prepared:
    """The measurements of these columns by distinct molecule, divided into parts and folds as `train` and the config say."""
    began = time.perf_counter()
    check_coverage(coverage)
    if not isinstance(seed, Integral) or seed < 0:
        raise MolgenError(f"seed is {seed!r}, want a whole number, 0 or more")
    if split_column is not None and split not in ("column", "time") and ":" not in split:  # a guest's may balance one
        raise MolgenError(f"split {split!r} reads no column, and {split_column!r} is given for it", fix="split by `column` or `time`")
    data = measured(library, [targets] if isinstance(targets, (str, Task)) else list(targets), units=units)
    parts = _parts(library, data, split, split_column, fractions, seed)
    learned = np.flatnonzero(parts != "test")
    own = data.library.take(learned)
    tasks = settled(data.tasks, data.targets[learned])
    refuse_clashes(tasks, pairs=library.partners is not None)
    training = Training(own, to_learn(tasks, data.targets[learned]), tasks, data.relations[learned], seed, device)
    fold_of = folds(own, config.folds, method=config.fold_method, seed=seed)
    _check_folds(training, fold_of)
    divided = {"method": split, "column": split_column, "fractions": list(fractions)}
    return Prepared(library, data, parts, training, fold_of, divided, coverage, time.perf_counter() - began)


def _parts(library: Library, data: Measured, method: str, column: str | None, fractions: Sequence[float], seed: int) -> NDArray[np.str_]:
    """[molecules], the part of each measured molecule."""
    if method == "none":
        return np.full(len(data.library), "train", dtype="<U5")
    if method == "column":  # read from the whole file, so that a wrong word is found wherever it stands
        parts = split_parts(library, method, column=column)[data.rows]
    else:
        parts = split_parts(data.library, method, fractions=fractions, seed=seed, column=column)
    if not (parts != "test").any():
        raise MolgenError("every molecule is in the test part; nothing is left to learn from", where=f"split {method}")
    return parts


def _check_folds(training: Training, fold_of: NDArray[np.int64]) -> None:
    """A sparse task must have values to learn from whichever fold is held out."""
    for task, column in zip(training.tasks, training.targets.T):
        known = np.isfinite(column)
        if not known.any():
            raise MolgenError("no value outside the test part", where=f"column {task.name}", fix="choose another split")
        if np.ptp(column[known]) == 0:
            same = f"every value outside the test part is {column[known][0]:g}; there is nothing to learn"
            raise MolgenError(same, where=f"column {task.name}", fix="choose another split")
        for fold in np.unique(fold_of):
            if (known & (fold_of != fold)).sum() < 2:
                few = f"fewer than two of its {known.sum()} values lie outside one of the folds"
                raise MolgenError(few, where=f"column {task.name}", fix="train it apart, or with random folds")
