"""What an objective says of molecules: every raw number kept beside what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.score.curves import Values


@dataclass(frozen=True)
class Scores:
    """One row a molecule, in the library's order."""

    names: tuple[str, ...]  # [goals]
    raw: NDArray[np.float64]  # [molecules, goals]
    spread: NDArray[np.float64]  # [molecules, goals], standard deviation of raw
    desirability: NDArray[np.float64]  # [molecules, goals], in [0, 1]
    total: Values  # [molecules], in [0, 1]
    details: dict[str, list[Any]]  # further columns of the terms, one entry a molecule, named "<goal>_<what>"

    @classmethod
    def joined(cls, batches: Sequence[Scores]) -> Scores:
        """Scores of several libraries by one objective, one after the other; details that were not told of one are None there."""
        told = dict.fromkeys(what for scores in batches for what in scores.details)
        details = {what: [value for scores in batches for value in scores.details.get(what, [None] * len(scores.total))] for what in told}
        numbers = {name: np.concatenate([getattr(scores, name) for scores in batches]) for name in _NUMBERS}
        return cls(batches[0].names, **numbers, details=details)

    @classmethod
    def of_json(cls, names: tuple[str, ...], told: Mapping[str, Any]) -> Scores:
        """What `to_json` told, of goals of these names."""
        return cls(names, **{name: np.array(told[name], dtype=np.float64) for name in _NUMBERS}, details=dict(told["details"]))

    def to_json(self) -> dict[str, Any]:
        """All of it but the names, in lists: numbers come back as they were, NaN too; of details, what JSON has no word for is text."""
        details = {what: list(map(_plain, said)) for what, said in self.details.items()}
        return {**{name: getattr(self, name).tolist() for name in _NUMBERS}, "details": details}

    def take(self, rows: Sequence[int]) -> Scores:
        """The scores of these rows, in this order."""
        details = {what: [values[row] for row in rows] for what, values in self.details.items()}
        return Scores(self.names, **{name: getattr(self, name)[list(rows)] for name in _NUMBERS}, details=details)

    def columns(self) -> dict[str, Any]:
        """The scores as table columns: the total, then each goal's value, spread, desirability and details."""
        out: dict[str, Any] = {"score": self.total}
        for i, name in enumerate(self.names):
            out[name] = self.raw[:, i]
            if np.any(self.spread[:, i] > 0):
                out[f"{name}_spread"] = self.spread[:, i]
            out[f"{name}_desirability"] = self.desirability[:, i]
        return {**out, **self.details}

    def unsaid(self) -> list[str]:
        """Why each molecule has no score, "" where it has one."""
        why = [""] * len(self.total)
        for row in np.flatnonzero(np.isnan(self.total)).tolist():
            without = [name for name, value in zip(self.names, self.desirability[row]) if np.isnan(value)]
            why[row] = f"no value for {', '.join(without)}"
        return why


_NUMBERS = ("raw", "spread", "desirability", "total")


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
