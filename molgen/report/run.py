"""A run folder's run.json: what was asked, what was counted, what the models and the search are worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from molgen.base.config import Config
from molgen.base.errors import MolgenError

_FORMAT = 1


class Part(Config):
    """Any part of run.json: a later writer may say more, which an older reader leaves aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Counts(Part):
    """Where every molecule that was read went."""

    read: int
    ranked: int
    cut: int = 0
    rejected: int = 0
    duplicates: int = 0

    @property
    def accounted(self) -> int:
        """Molecules whose fate is known; equal to `read` in a sound run."""
        return self.ranked + self.cut + self.rejected + self.duplicates


class CurvePoints(Part):
    """A goal's curve, sampled: desirability at each raw value."""

    raw: tuple[float | None, ...] = ()
    desirability: tuple[float | None, ...] = ()

    def points(self) -> list[tuple[float, float]]:
        """The pairs that are both known, from the smallest raw value up."""
        return sorted((x, y) for x, y in zip(self.raw, self.desirability) if x is not None and y is not None)


class GoalSpec(Part):
    """One thing wanted."""

    name: str
    unit: str = ""
    weight: float = 1.0
    caution: float = 0.0
    wish: str = ""
    curve: CurvePoints = CurvePoints()


class Coverage(Part):
    """How often the interval held the measured value, beside how often it was meant to."""

    asked: float | None = None
    seen: float | None = None


class SystemRow(Part):
    """One system's test metrics; any further number in the row is a metric too."""

    model_config = ConfigDict(frozen=True, extra="allow")

    system: str
    n: int | None = None

    def metrics(self) -> dict[str, float | None]:
        """Metric by name, in the order written."""
        return {name: value for name, value in (self.model_extra or {}).items() if value is None or isinstance(value, (int, float))}


class ModelTest(Part):
    """One property's systems, tested on molecules none of them had seen."""

    name: str
    rows: tuple[SystemRow, ...] = ()
    coverage: Coverage | None = None
    note: str = ""


class Roc(Part):
    """Points of a receiver operating characteristic."""

    fpr: tuple[float, ...] = ()
    tpr: tuple[float, ...] = ()


class Enrichment(Part):
    """How well the ranking finds molecules known to be active."""

    actives: int
    library: int
    ef_1: float | None = None
    auroc: float | None = None
    bedroc: float | None = None
    roc: Roc = Roc()
    note: str = ""


class Trace(Part):
    """Best scores seen as the calls went on."""

    calls: tuple[float, ...] = ()
    best: tuple[float | None, ...] = ()
    top10: tuple[float | None, ...] = ()


class Generation(Part):
    """What a search made; shares are fractions in [0, 1]."""

    proposals: int  # made, of which the best are kept
    calls: int | None = None  # of them scored
    valid: float | None = None
    novel: float | None = None
    alert_free: float | None = None
    in_domain: float | None = None
    trace: Trace = Trace()


class Run(Part):
    """run.json, whole."""

    format: int = Field(default=_FORMAT)
    title: str = ""
    verb: str = "screen"
    counts: Counts | None = None
    goals: tuple[GoalSpec, ...] = ()
    models: tuple[ModelTest, ...] = ()
    enrichment: Enrichment | None = None
    generation: Generation | None = None


def read_run(folder: Path) -> Run:
    """The folder's run.json; a folder without one is no run folder."""
    path = Path(folder) / "run.json"
    if not path.is_file():
        raise MolgenError("not a run folder: it has no run.json", where=str(folder), fix="give the folder that screen or generate wrote")
    found = read_object(path)
    if found.get("format", _FORMAT) != _FORMAT:
        raise MolgenError(f"format {found['format']!r}, want {_FORMAT}", where=str(path), fix="update molgen, or run it again")
    return Run.of(found, where=str(path))


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; anything else is a request error that names the file."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise MolgenError(f"not JSON: {error}", where=str(path)) from None
    if not isinstance(found, dict):
        raise MolgenError(f"a {type(found).__name__}, want an object", where=str(path))
    return found
