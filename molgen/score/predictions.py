"""Terms answered by trained models: a predicted value with its spread, and the difference of two."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.models.predict import load
from molgen.models.predictions import Predictions
from molgen.models.predictor import Predictor
from molgen.score.base import Reading, Term


class Prediction(Term):
    """What a saved (or given) model predicts for one of its tasks, with interval, domain and nearest known molecule."""

    def __init__(self, *, model: str | Path | Predictor, task: str = "", name: str = "") -> None:
        self._source = _Source(model, task)
        super().__init__(name=name or self._source.task, about=f"prediction of {self._source.about}")
        self.unit = self._source.unit

    def measure(self, distinct: Library) -> Reading:
        said = self._source.ask(distinct)
        column = self._source.column
        details = {
            "low": said.low[:, column].tolist(),
            "high": said.high[:, column].tolist(),
            "in_domain": said.in_domain[:, column].tolist(),
            "similarity": said.similarity[:, column].tolist(),
            "nearest_id": said.nearest_id[:, column].tolist(),
            "nearest_smiles": said.nearest_smiles[:, column].tolist(),
            "nearest_value": said.nearest_value[:, column].tolist(),
        }
        return Reading(said.mean[:, column], said.spread[:, column], details)


class Difference(Term):
    """One prediction minus another: selectivity, in log units, when both are p-values.

    The two errors are taken as independent, so the spread is on the safe side for models of one family.
    """

    def __init__(
        self,
        *,
        model: str | Path | Predictor,
        minus: str | Path | Predictor,
        task: str = "",
        minus_task: str = "",
        name: str = "difference",
    ) -> None:
        self._left, self._right = _Source(model, task), _Source(minus, minus_task)
        super().__init__(name=name, about=f"difference of {self._left.about} and {self._right.about}")
        self.unit = self._left.unit

    def measure(self, distinct: Library) -> Reading:
        left, right = self._left.ask(distinct), self._right.ask(distinct)
        i, j = self._left.column, self._right.column
        spread = np.hypot(left.spread[:, i], right.spread[:, j])
        inside = left.in_domain[:, i] & right.in_domain[:, j]
        return Reading(left.mean[:, i] - right.mean[:, j], spread, {"in_domain": inside.tolist()})


class _Source:
    """A model and the task asked of it; its predictions for a library are made once for all terms."""

    def __init__(self, model: str | Path | Predictor, task: str) -> None:
        self._predictor = model if isinstance(model, Predictor) else load(Path(model))
        names = [known.name for known in self._predictor.tasks]
        if not task and len(names) > 1:
            raise MolgenError(f"the model has {len(names)} tasks", where=str(model), fix=f"say which: {', '.join(names)}")
        if task and task not in names:
            raise MolgenError(f"the model has no task {task!r}", where=str(model), fix=f"it has: {', '.join(names)}")
        self.task = task or names[0]
        self.column = names.index(self.task)
        self.unit = self._predictor.tasks[self.column].unit
        self.about = f"{self.task} by model {self._predictor.key}"

    def ask(self, distinct: Library) -> Predictions:
        # Two goals on one model share its answer: it is kept with the library, under the model's own key.
        return distinct.once(("predictions", self._predictor.key), self._predictor.predict)
