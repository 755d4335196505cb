"""Terms answered by trained models: a predicted value with its spread, and the difference of two."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path

import numpy as np

from molgen.base.errors import MolgenError, meant
from molgen.data.labels import MOLAR, P_UNIT, POSSIBLE_P
from molgen.data.library import Library
from molgen.models.predict import load
from molgen.models.predictions import Predictions
from molgen.models.predictor import Predictor
from molgen.score.base import Reading, Term
from molgen.score.curves import Values


class Prediction(Term):
    """What a saved (or given) model predicts for one of its tasks, with interval, domain and nearest known molecule.

    Of a model of pairs, for one `target`: a FASTA file, a sequence, or the name of a protein it knows.
    """

    def __init__(self, *, model: str | Path | Predictor, task: str = "", target: str = "", name: str = "") -> None:
        self._source = _Source(model, task, target)
        super().__init__(name=name or self._source.task, about=f"prediction of {self._source.about}")
        self.unit, self.desirable, self.logarithmic = self._source.unit, self._source.chance, self._source.logarithmic
        self.largest = POSSIBLE_P[1] if self.unit == P_UNIT else inf

    def measure(self, distinct: Library) -> Reading:
        said = self._source.ask(distinct)
        column = self._source.column
        ends = {"classes": said.class_sets} if self._source.chance else {"low": said.low, "high": said.high}
        details = {
            **{name: values[:, column].tolist() for name, values in ends.items()},
            "in_domain": said.in_domain[:, column].tolist(),
            "similarity": said.similarity[:, column].round(6).tolist(),
            "nearest_id": said.nearest_id[:, column].tolist(),
            "nearest_smiles": said.nearest_smiles[:, column].tolist(),
            "nearest_value": said.nearest_value[:, column].tolist(),
        }
        return Reading(said.mean[:, column], said.spread[:, column], details)


class InDomain(Term):
    """How near a molecule is to those that a model has learned a task from: 1 inside its domain, less the farther outside.

    Beside a prediction it keeps a search where the model knows its way. It looks at one model, for pairs at one `target` too.
    """

    desirable, exact = True, True

    def __init__(self, *, model: str | Path | Predictor, task: str = "", target: str = "", name: str = "") -> None:
        self._source = _Source(model, task, target)
        super().__init__(name=name or f"{self._source.task} domain", about=f"domain of {self._source.about}")

    def measure(self, distinct: Library) -> Reading:
        return Reading.exact(self._source.nearness(distinct))


class Difference(Term):
    """One prediction minus another: selectivity, in log units, when both are p-values.

    The two errors are taken as independent, so the spread is on the safe side for models of one family.
    """

    desirable = False

    def __init__(
        self,
        *,
        model: str | Path | Predictor,
        minus: str | Path | Predictor,
        task: str = "",
        minus_task: str = "",
        target: str = "",
        minus_target: str = "",
        name: str = "difference",
    ) -> None:
        self._left, self._right = _Source(model, task, target), _Source(minus, minus_task, minus_target)
        left, right = self._left, self._right
        if left.chance != right.chance or (left.unit and right.unit and left.unit != right.unit):
            told = [f"{one.task} in {'chances' if one.chance else one.unit or 'its own unit'}" for one in (left, right)]
            raise MolgenError(f"a difference of {' and '.join(told)}", where=f"term {name!r}", fix="subtract what is told in one unit")
        super().__init__(name=name, about=f"difference of {self._left.about} and {self._right.about}")
        self.unit = self._left.unit

    def measure(self, distinct: Library) -> Reading:
        left, right = self._left.ask(distinct), self._right.ask(distinct)
        i, j = self._left.column, self._right.column
        spread = np.hypot(left.spread[:, i], right.spread[:, j])
        inside = left.in_domain[:, i] & right.in_domain[:, j]
        return Reading(left.mean[:, i] - right.mean[:, j], spread, {"in_domain": inside.tolist()})


class Selectivity(Term):
    """By how much a model of pairs has a molecule prefer one protein to each of others: the least of the differences.

    Of p-values 1 says ten times as strong as on any of the others. The two errors of that difference are taken as independent.
    Among the others the protein itself does not count, so that a whole panel may be named. Models that tell concentrations, of which
    the smallest are the strongest, or whatever was learned as logarithms, are refused.
    """

    desirable = False

    def __init__(self, *, model: str | Path | Predictor, target: str, over: Sequence[str], name: str = "selectivity") -> None:
        others = [over] if isinstance(over, str) else list(over)
        if not others:
            raise MolgenError("selective over nothing", where=f"term {name!r}", fix='over = ["..."]')
        loaded = _loaded(model)
        own, rivals = loaded.named([target]), loaded.named(others)
        if len(own) > 1:
            raise MolgenError(f"{len(own)} targets in {target}", where=f"term {name!r}", fix="name the one to hit, the others in `over`")
        rivals = rivals.take([i for i, key in enumerate(rivals.keys) if not key or key not in own.keys])
        if not len(rivals):
            raise MolgenError("selective over nothing but the target itself", where=f"term {name!r}", fix='over = ["..."]')
        if loaded.tasks[0].scale == "log" or loaded.tasks[0].unit in MOLAR:
            fix = "train it on p-values: molgen train --unit nM, or whichever it is"
            raise MolgenError("the model tells concentrations or learned logarithms, no p-values", where=f"term {name!r}", fix=fix)
        self._predictor = loaded.against(own.and_those(rivals))  # type: ignore[arg-type]
        super().__init__(name=name, about=f"selectivity of {self._predictor.key}")
        self.unit = loaded.tasks[0].unit

    def measure(self, distinct: Library) -> Reading:
        said = distinct.once(("predictions", self._predictor.key), self._predictor.predict)
        worst = 1 + said.mean[:, 1:].argmax(axis=1)  # the one it binds best of those it should not
        rows = np.arange(len(worst))
        names = [self._predictor.tasks[i].name for i in worst.tolist()]
        inside = said.in_domain[:, 0] & said.in_domain[rows, worst]
        spread = np.hypot(said.spread[:, 0], said.spread[rows, worst])
        return Reading(said.mean[:, 0] - said.mean[rows, worst], spread, {"in_domain": inside.tolist(), "closest_rival": names})


def _loaded(model: str | Path | Predictor) -> Predictor:
    return model if isinstance(model, Predictor) else load(Path(model))


class _Source:
    """A model and the task asked of it; its predictions for a library are made once for all terms."""

    def __init__(self, model: str | Path | Predictor, task: str, target: str) -> None:
        self._predictor = _loaded(model)
        if target:
            self._predictor = self._predictor.against_named([target])
        elif self._predictor.pairs is not None:
            raise MolgenError("the model is of pairs", where=str(model), fix='say whose: target = "..."')
        names = [known.name for known in self._predictor.tasks]
        if not task and len(names) > 1:
            raise MolgenError(f"the model has {len(names)} tasks", where=str(model), fix=f"say which: {', '.join(names)}")
        if task and task not in names:
            raise MolgenError(f"the model has no task {task!r}", where=str(model), fix=meant(task, names))
        self.task = task or names[0]
        self.column = names.index(self.task)
        self.unit = self._predictor.tasks[self.column].unit
        self.logarithmic = self._predictor.tasks[self.column].scale == "log"
        self.chance = self._predictor.tasks[self.column].kind == "classification"
        self.about = f"{self.task} by model {self._predictor.key}"

    def nearness(self, distinct: Library) -> Values:
        said = self.ask(distinct)
        return self._predictor.domain.nearness(distinct, said.similarity, said.closeness)[:, self.column]

    def ask(self, distinct: Library) -> Predictions:
        # Two goals on one model share its answer: it is kept with the library, under the model's own key.
        return distinct.once(("predictions", self._predictor.key), self._predictor.predict)
