"""What every term of an objective is: one raw number a molecule, and how sure it is of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.registry import Registry
from molgen.data.library import Library
from molgen.score.curves import Values

TERMS = Registry(
    "term",
    {
        "prediction": "molgen.score.predictions:Prediction",
        "difference": "molgen.score.predictions:Difference",
        "selectivity": "molgen.score.predictions:Selectivity",
        "domain": "molgen.score.predictions:InDomain",
        "property": "molgen.score.terms:Property",
        "qed": "molgen.score.terms:QED",
        "sa": "molgen.score.terms:SyntheticAccessibility",
        "similarity": "molgen.score.terms:Similarity",
        "substructure": "molgen.score.terms:Substructure",
        "alerts": "molgen.score.terms:Alerts",
        "novelty": "molgen.score.terms:Novelty",
        "likelihood": "molgen.score.likelihood:Likelihood",
        "function": "molgen.score.function:Function",
        "program": "molgen.score.program:Program",
    },
)


@dataclass(frozen=True)
class Reading:
    """What a term says, one entry a row."""

    mean: Values
    spread: Values  # standard deviation; 0 for what is calculated, not estimated
    details: dict[str, list[Any]] = field(default_factory=dict)  # further columns for the report

    @classmethod
    def exact(cls, values: NDArray[Any], **details: list[Any]) -> Reading:
        """A reading without doubt."""
        values = np.asarray(values, dtype=np.float64)
        return cls(values, np.zeros_like(values), details)


class Term(ABC):
    """A subclass fills `measure` for distinct valid molecules; rejected rows and duplicates are seen to here."""

    unit: str = ""
    largest: float = inf  # value there can be
    desirable: bool | None = None  # its raw values are desirabilities in [0, 1] as they are; None where only its author knows
    logarithmic: bool = False  # its errors are those of a logarithm: a spread says how steep they are where the mean is
    exact: bool | None = None  # its readings are calculated, so that they have no spread; None where only its author knows

    def __init__(self, *, name: str, about: str) -> None:
        self.name = name
        self.about = about  # all that decides its numbers, in words: two terms alike in it say the same

    def read(self, library: Library) -> Reading:
        """One entry a row of `library`: NaN (and None) where rejected, the same for duplicates."""
        distinct = library.distinct()
        if not len(distinct):
            return Reading(np.full(len(library), np.nan), np.full(len(library), np.nan))
        reading = self.measure(distinct)
        place = library.fill(np.arange(len(distinct)))
        rows = [None if np.isnan(row) else int(row) for row in place]
        details = {what: [None if row is None else values[row] for row in rows] for what, values in reading.details.items()}
        return Reading(library.fill(reading.mean), library.fill(reading.spread), details)

    @abstractmethod
    def measure(self, distinct: Library) -> Reading:
        """One entry a molecule of `distinct`, all of them valid."""
