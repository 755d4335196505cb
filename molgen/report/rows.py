"""A run folder's tables, ranking.csv, proposals.csv and rejects.csv, as rows that a page can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import plain_cell
from molgen.chem.depict import svg
from molgen.report.run import GoalSpec
from molgen.report.text import measured, number, significant

_LOPSIDED = 0.03  # of an interval's width, by which its middle is off
_OWN_COLUMNS = 6  # the input's own columns shown a row; all of them are in the file
_GOAL_PARTS = ("", "_spread", "_low", "_high", "_desirability", "_in_domain")
_KNOWN_PARTS = ("nearest_id", "nearest_smiles", "nearest_value", "similarity")


class Pictures:
    """Pictures by number, each molecule drawn once however often it is shown."""

    def __init__(self, *, width: int = 190, height: int = 126) -> None:
        self.width, self.height = width, height
        self.drawn: list[str] = []
        self._number: dict[str, int] = {}

    def add(self, smiles: str) -> int:
        """The number of this molecule's picture."""
        if smiles not in self._number:
            self._number[smiles] = len(self.drawn)
            self.drawn.append(svg(smiles, width=self.width, height=self.height))
        return self._number[smiles]


@dataclass(frozen=True, kw_only=True)
class GoalCell:
    """One goal's reading of one molecule."""

    name: str
    raw: float | None
    value: str
    spread: str
    interval: str
    desirability: float | None
    in_domain: bool | None  # None: not a model, so it has no domain


@dataclass(frozen=True, kw_only=True)
class Known:
    """The nearest molecule a model was trained on, with what was measured of it."""

    id: str
    smiles: str
    picture: int
    similarity: float | None
    values: tuple[tuple[str, str], ...]  # goal, measured value


@dataclass(frozen=True, kw_only=True)
class MoleculeRow:
    """One molecule of the table, every number already as it is shown."""

    rank: int
    id: str
    smiles: str
    changes: str  # what standardisation did
    picture: int
    score: float | None
    goals: tuple[GoalCell, ...]
    nearest: tuple[Known, ...]
    alerts: tuple[str, ...]
    origin: str
    novel: bool | None
    own: tuple[tuple[str, str], ...]

    @property
    def in_domain(self) -> bool | None:
        """False when any model is outside its domain; None when no model was asked."""
        known = [goal.in_domain for goal in self.goals if goal.in_domain is not None]
        return all(known) if known else None


@dataclass(frozen=True, kw_only=True)
class MoleculeTable:
    """The molecules the page shows, and how many it leaves out."""

    kind: Literal["ranking", "proposals"]
    rows: tuple[MoleculeRow, ...]
    total: int  # rows in the file, of which `rows` are shown
    raw: dict[str, list[float]]  # goal -> every known value in the file
    has: frozenset[str]  # which optional columns hold anything


@dataclass(frozen=True, kw_only=True)
class RejectTable:
    """The rows turned away, by reason."""

    rows: tuple[dict[str, str], ...]
    total: int
    reasons: tuple[tuple[str, int], ...] = field(default=())  # stage, how many


def read_molecules(path: Path, goals: Sequence[GoalSpec], pictures: Pictures, rows: int) -> MoleculeTable:
    """The first `rows` molecules of a ranking or of proposals, and every goal's values over the whole file."""
    head = read_cells(path, nrows=rows)
    columns = list(map(str, head.columns))
    if "molgen_smiles" not in columns:
        raise MolgenError("no column 'molgen_smiles'", where=str(path), fix="give the folder that screen or generate wrote")
    own = [name for name in columns if not name.startswith("molgen_")]
    found = tuple(_row(i, record, own, goals, pictures) for i, record in enumerate(_records(head)))
    wanted = {goal.name: f"molgen_{goal.name}" for goal in goals if f"molgen_{goal.name}" in columns}
    whole = read_cells(path, usecols=sorted({"molgen_smiles", *wanted.values()}))
    values = {name: pd.to_numeric(whole[column], errors="coerce").to_numpy(dtype=float) for name, column in wanted.items()}
    raw = {name: column[np.isfinite(column)].tolist() for name, column in values.items()}  # infinity has no place in a chart
    kind: Literal["ranking", "proposals"] = "proposals" if path.stem == "proposals" else "ranking"
    return MoleculeTable(kind=kind, rows=found, total=len(whole), raw=raw, has=frozenset(_present(found, columns)))


def read_rejects(path: Path, rows: int) -> RejectTable:
    """The first `rows` rejects, and how many there are by stage."""
    table = read_cells(path)
    stages = Counter(table["stage"] if "stage" in table.columns else [])
    shown = [{name: record.get(name, "") for name in ("id", "line", "stage", "reason", "raw")} for record in _records(table.head(rows))]
    return RejectTable(rows=tuple(shown), total=len(table), reasons=tuple(stages.most_common()))


def _row(i: int, record: dict[str, str], own: Sequence[str], goals: Sequence[GoalSpec], pictures: Pictures) -> MoleculeRow:
    def text(name: str) -> str:
        return record.get(f"molgen_{name}", "")

    smiles, rank = text("smiles"), number(text("rank"))
    name = text("id") or f"row_{i + 1}"
    return MoleculeRow(
        rank=i + 1 if rank is None else int(rank),
        id=name,
        smiles=smiles,
        changes=text("changes"),
        picture=pictures.add(smiles),
        score=number(text("score")),
        goals=tuple(_goal_cell(goal.name, {part: text(f"{goal.name}{part}") for part in _GOAL_PARTS}) for goal in goals),
        nearest=tuple(_nearest([(goal.name, {part: text(f"{goal.name}_{part}") for part in _KNOWN_PARTS}) for goal in goals], pictures)),
        alerts=tuple(_alerts([text("alert_names"), *(text(f"{goal.name}_names") for goal in goals)])),
        origin=text("origin"),
        novel=_truth(text("novel")),
        own=tuple((column, record[column]) for column in own if record[column] not in ("", smiles, name))[:_OWN_COLUMNS],
    )


def _goal_cell(name: str, texts: dict[str, str]) -> GoalCell:
    raw, low, high = (number(texts[part]) for part in ("", "_low", "_high"))
    uncertain = number(texts["_spread"])
    value, spread = measured(raw, uncertain)
    interval = ""
    if low is not None and high is not None:
        if raw is not None and abs((low + high) / 2 - raw) > _LOPSIDED * (high - low):  # a logarithm's, or one cut off: ± would mislead
            value, spread, ends = significant(raw), "", (significant(low), significant(high))
        else:
            ends = (measured(low, uncertain)[0], measured(high, uncertain)[0])
        interval = " to ".join(ends)
    return GoalCell(
        name=name,
        raw=raw,
        value=value,
        spread=spread,
        interval=interval,
        desirability=number(texts["_desirability"]),
        in_domain=_truth(texts["_in_domain"]),
    )


def _nearest(said: Sequence[tuple[str, dict[str, str]]], pictures: Pictures) -> Iterator[Known]:
    """One entry a distinct known molecule, with the values of every model that names it."""
    together: dict[tuple[str, str], list[tuple[str, dict[str, str]]]] = {}
    for goal, known in said:
        if known["nearest_smiles"] or known["nearest_id"]:
            together.setdefault((known["nearest_id"], known["nearest_smiles"]), []).append((goal, known))
    for (name, smiles), found in together.items():
        values = [(goal, number(known["nearest_value"])) for goal, known in found]
        yield Known(
            id=name,
            smiles=smiles,
            picture=pictures.add(smiles),
            similarity=number(found[0][1]["similarity"]),
            values=tuple((goal, significant(value)) for goal, value in values if value is not None),
        )


def _alerts(texts: Sequence[str]) -> Iterator[str]:
    """Distinct names of alerts; a goal that counts alerts puts a number where others put names."""
    names = (name.strip() for text in texts if number(text) is None for name in text.split(";"))
    yield from dict.fromkeys(name for name in names if name)


def _present(rows: Sequence[MoleculeRow], columns: Sequence[str]) -> Iterator[str]:
    """Names of the optional columns to show: those in the file, or with something in a row."""
    for name in ("origin", "novel"):
        if f"molgen_{name}" in columns:
            yield name
    if "molgen_alert_names" in columns or any(row.alerts for row in rows):
        yield "alerts"
    if any(row.in_domain is not None for row in rows):
        yield "domain"
    if any(row.nearest for row in rows):
        yield "nearest"
    if any(row.own for row in rows):
        yield "own"


def _truth(text: str) -> bool | None:
    return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(text.strip().lower())


def _records(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): plain_cell(str(value)) for name, value in record.items()} for record in table.to_dict("records")]


def read_cells(path: Path, *, nrows: int | None = None, usecols: list[str] | None = None) -> pd.DataFrame:
    """The CSV as text: no guess turns a compound called NA or 1e5 into something else."""
    try:
        return pd.read_csv(
            path, dtype=str, keep_default_na=False, nrows=nrows, usecols=usecols, encoding="utf-8-sig", encoding_errors="replace"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise MolgenError(f"not a CSV table: {error}", where=str(path)) from None
