"""A run folder's tables, ranking.csv, proposals.csv and rejects.csv, as rows that a page can show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.chem.depict import svg
from molgen.report.run import GoalSpec
from molgen.report.text import measured, number, significant

_OWN_COLUMNS = 6  # the input's own columns shown a row; all of them are in the file


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
    rank: float | None
    id: str
    smiles: str
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
    kind: Literal["ranking", "proposals"]
    rows: tuple[MoleculeRow, ...]
    total: int  # rows in the file, of which `rows` are shown
    raw: dict[str, list[float]]  # goal -> every known value in the file
    has: frozenset[str]  # which optional columns hold anything


@dataclass(frozen=True, kw_only=True)
class RejectTable:
    rows: tuple[dict[str, str], ...]
    total: int
    reasons: tuple[tuple[str, int], ...] = field(default=())  # stage, how many


def read_molecules(path: Path, goals: Sequence[GoalSpec], pictures: Pictures, rows: int) -> MoleculeTable:
    """The first `rows` molecules of a ranking or of proposals, and every goal's values over the whole file."""
    head = _read(path, nrows=rows)
    columns = _Columns(list(map(str, head.columns)), [goal.name for goal in goals])
    if columns.find("smiles") is None:
        raise MolgenError("no column 'molgen_smiles'", where=str(path), fix="give the folder that screen or generate wrote")
    found = tuple(_row(i, record, columns, goals, pictures) for i, record in enumerate(head.to_dict("records")))
    wanted = {goal.name: column for goal in goals if (column := columns.find(goal.name)) is not None}
    whole = _read(path, usecols=sorted({*wanted.values(), str(columns.find("smiles"))}))
    raw = {name: pd.to_numeric(whole[column], errors="coerce").dropna().astype(float).tolist() for name, column in wanted.items()}
    kind: Literal["ranking", "proposals"] = "proposals" if path.stem == "proposals" else "ranking"
    return MoleculeTable(kind=kind, rows=found, total=len(whole), raw=raw, has=frozenset(_present(found, columns)))


def read_rejects(path: Path, rows: int) -> RejectTable:
    """The first `rows` rejects, and how many there are by stage."""
    table = _read(path)
    stages = Counter(table["stage"] if "stage" in table.columns else [])
    shown = [{name: str(record.get(name, "")) for name in ("id", "line", "stage", "reason", "raw")} for record in _records(table.head(rows))]
    return RejectTable(rows=tuple(shown), total=len(table), reasons=tuple(stages.most_common()))


class _Columns:
    """Finds molgen's columns among a file's: `molgen_x`, or `molgen_x_2` where the input brought a `molgen_x` of its own."""

    def __init__(self, names: list[str], goals: Sequence[str]) -> None:
        self.names = names
        self._goals = {f"molgen_{goal}" for goal in goals}
        self._used: set[str] = set()

    def find(self, name: str) -> str | None:
        """The column last written under this name, or None."""
        exact, best, found = f"molgen_{name}", 0, None
        for column in self.names:
            tail = re.fullmatch(rf"{re.escape(exact)}(?:_(\d+))?", column)
            n = int(tail[1] or 1) if tail else 0
            if n > best and (column == exact or column not in self._goals):
                best, found = n, column
        if found is not None:
            self._used.add(found)
        return found

    def own(self) -> list[str]:
        """The input's own columns."""
        return [name for name in self.names if not name.startswith("molgen_")]


def _row(i: int, record: dict[str, str], columns: _Columns, goals: Sequence[GoalSpec], pictures: Pictures) -> MoleculeRow:
    def text(name: str) -> str:
        column = columns.find(name)
        return str(record[column]) if column is not None else ""

    smiles, rank = text("smiles"), number(text("rank"))
    name = text("id") or f"row_{i + 1}"
    own = [(column, str(record[column])) for column in columns.own() if str(record[column]) not in ("", smiles, name)]
    return MoleculeRow(
        rank=rank if rank is not None else float(i + 1),
        id=name,
        smiles=smiles,
        picture=pictures.add(smiles),
        score=number(text("score")),
        goals=tuple(_goal_cell(goal.name, {part: text(f"{goal.name}{part}") for part in _GOAL_PARTS}) for goal in goals),
        nearest=tuple(_nearest([(goal, {p: text(f"{goal.name}_nearest_{p}") for p in ("id", "smiles", "value")}, text(f"{goal.name}_similarity"))
                                for goal in goals], pictures)),
        alerts=tuple(part.strip() for part in text("alerts").split(";") if part.strip()),
        origin=text("origin"),
        novel=_truth(text("novel")),
        own=tuple(own[:_OWN_COLUMNS]),
    )


_GOAL_PARTS = ("", "_spread", "_low", "_high", "_desirability", "_in_domain")


def _goal_cell(name: str, texts: dict[str, str]) -> GoalCell:
    raw, low, high = (number(texts[part]) for part in ("", "_low", "_high"))
    value, spread = measured(raw, number(texts["_spread"]))
    interval = f"{significant(low)} to {significant(high)}" if low is not None and high is not None else ""
    return GoalCell(
        name=name,
        raw=raw,
        value=value,
        spread=spread,
        interval=interval,
        desirability=number(texts["_desirability"]),
        in_domain=_truth(texts["_in_domain"]),
    )


def _nearest(found: Sequence[tuple[GoalSpec, dict[str, str], str]], pictures: Pictures) -> Iterator[Known]:
    """One entry a distinct known molecule, with the values of every model that names it."""
    together: dict[tuple[str, str], list[tuple[GoalSpec, str, str]]] = {}
    for goal, nearest, similarity in found:
        if nearest["smiles"] or nearest["id"]:
            together.setdefault((nearest["id"], nearest["smiles"]), []).append((goal, nearest["value"], similarity))
    for (name, smiles), says in together.items():
        values = tuple((goal.name, f"{significant(number(value))} {goal.unit}".strip()) for goal, value, _ in says if number(value) is not None)
        yield Known(id=name, smiles=smiles, picture=pictures.add(smiles), similarity=number(says[0][2]), values=values)


def _present(rows: Sequence[MoleculeRow], columns: _Columns) -> Iterator[str]:
    """Names of the optional columns to show: those in the file, or with something in a row."""
    for name in ("alerts", "origin", "novel"):
        if columns.find(name) is not None:
            yield name
    if any(row.in_domain is not None for row in rows):
        yield "domain"
    if any(row.nearest for row in rows):
        yield "nearest"
    if any(row.own for row in rows):
        yield "own"


def _truth(text: str) -> bool | None:
    return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(text.strip().lower())


def _records(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): value for name, value in record.items()} for record in table.to_dict("records")]


def _read(path: Path, *, nrows: int | None = None, usecols: list[str] | None = None) -> pd.DataFrame:
    """The CSV as text: no guess turns a compound called NA or 1e5 into something else."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, nrows=nrows, usecols=usecols, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise MolgenError(f"not a CSV table: {error}", where=str(path)) from None
