"""A run folder as one self-contained HTML page: the answer first, then why, then what to distrust."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from molgen.base.errors import MolgenError
from molgen.base.files import write_text
from molgen.base.wanted import checked
from molgen.report import figures, headline
from molgen.report.rows import MoleculeTable, Pictures, RejectTable, read_molecules, read_rejects
from molgen.report.run import GoalSpec, ModelTest, Run, read_object, read_run
from molgen.report.space import MAPPED
from molgen.report.text import brief, metric, percent, significant
from molgen.report.workbook import save_workbook


@dataclass(frozen=True)
class GoalView:
    """A goal as the page shows it."""

    spec: GoalSpec
    wish: str
    chart: Markup | None


@dataclass(frozen=True)
class ModelView:
    """A model as the page shows it."""

    test: ModelTest
    metrics: tuple[tuple[str, str], ...]  # key, heading
    best: dict[str, float]  # metric -> its best value among the systems


@dataclass(frozen=True, kw_only=True)
class Page:
    """All that the template shows."""

    title: str
    run: Run
    answer: tuple[str, ...]
    warnings: tuple[str, ...]
    cards: tuple[headline.Card, ...]
    goals: tuple[GoalView, ...]
    models: tuple[ModelView, ...]
    roc: Markup | None
    enrichment: Markup | None
    trace: Markup | None
    tables: tuple[MoleculeTable, ...]
    maps: tuple[Markup | None, ...]  # of the tables
    rejects: RejectTable | None
    provenance: tuple[tuple[str, str], ...]
    pictures: Pictures


@checked
def report(folder: Path, *, out: Path | None = None, rows: int = 500) -> Path:
    """The path of the page written for a run folder: ``report.html`` in it, or `out`, an .html or .xlsx file or a folder.

    The page shows the first `rows` molecules of each table, needs no network and asks for none. A workbook (.xlsx) has all
    rows of the run's ranking and proposals, with pictures of the first.
    """
    if rows < 0:
        raise MolgenError(f"rows is {rows}, want at least 0")
    folder = Path(folder)
    path = _page_path(Path(out)) if out is not None else folder / "report.html"
    if path.suffix.casefold() == ".xlsx":
        read_run(folder)  # what is no run folder is said to be none
        save_workbook(folder, _tables(folder), path)
    else:
        write_text(path, render(read_page(folder, rows=rows)))
    return path


def _page_path(out: Path) -> Path:
    """Where the page goes; a name with another ending is perhaps that of a table, which the page would take the place of."""
    if out.is_dir():
        return out / "report.html"
    if out.suffix.casefold() not in (".html", ".htm", ".xlsx"):
        fix = "want a name that ends in .html or .xlsx, or a folder that is there"
        raise MolgenError("a page is an .html file, a workbook an .xlsx file", where=str(out), fix=fix)
    return out


def _tables(folder: Path) -> list[str]:
    return [name for name in ("ranking.csv", "proposals.csv") if (folder / name).is_file()]


def read_page(folder: Path, *, rows: int = 500) -> Page:
    """What the folder's files say; run.json must be there, the rest is shown where it is."""
    run, pictures = read_run(folder), Pictures()
    tables = tuple(read_molecules(folder / name, run.goals, pictures, rows) for name in _tables(folder))
    found, traced = run.enrichment, run.generation
    return Page(
        title=run.title or f"{run.verb.capitalize()} {folder.resolve().name}",
        run=run,
        answer=tuple(headline.answer(run, tables)),
        warnings=tuple(headline.warnings(run.counts, tables)),
        cards=tuple(headline.cards(run, tables)),
        goals=tuple(_goal_view(goal, tables) for goal in run.goals),
        models=tuple(map(_model_view, run.models)),
        roc=figures.roc_chart(found) if found else None,
        enrichment=figures.enrichment_chart(found) if found else None,
        trace=figures.trace_chart(traced.trace) if traced else None,
        tables=tables,
        maps=tuple(map(figures.map_chart, tables)),
        rejects=read_rejects(folder / "rejects.csv", rows) if (folder / "rejects.csv").is_file() else None,
        provenance=tuple(flat(read_object(folder / "provenance.json"))) if (folder / "provenance.json").is_file() else (),
        pictures=pictures,
    )


def render(page: Page) -> str:
    """The page as HTML; every text in it is escaped, and only our own script may run."""
    script = _asset("table.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(sig=significant, percent=percent, brief=brief, metric=metric)
    return environment.from_string(_asset("page.html.jinja")).render(
        page=page,
        mapped=MAPPED,
        style=Markup(_asset("style.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        pictures=Markup(embedded(page.pictures.drawn)),
    )


def embedded(value: Any) -> str:
    """JSON that can't end the script element it stands in.

    >>> embedded("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    found = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return found.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def flat(found: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as (dotted name, text), in order.

    >>> flat({"config": {"seed": 1, "goals": ["a"]}})
    [('config.seed', '1'), ('config.goals', '["a"]')]
    """
    pairs = []
    for name, value in found.items():
        if isinstance(value, dict) and value:
            pairs += flat(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return pairs


def _asset(name: str) -> str:
    return files("molgen.report").joinpath(name).read_text(encoding="utf-8")


def _goal_view(goal: GoalSpec, tables: Sequence[MoleculeTable]) -> GoalView:
    raw = [value for table in tables for value in table.raw.get(goal.name, [])]
    top = [cell.raw for row in (tables[0].rows[:10] if tables else ()) for cell in row.goals if cell.name == goal.name]
    return GoalView(goal, headline.wish(goal), figures.curve_chart(goal, raw, [value for value in top if value is not None]))


def _model_view(test: ModelTest) -> ModelView:
    keys = list(dict.fromkeys(name for row in test.rows for name in row.metrics()))
    best = {}
    for key in keys:
        values = [value for row in test.rows if (value := row.metrics().get(key)) is not None]
        if len(values) > 1:
            best[key] = min(values) if key in headline.SMALLER_IS_BETTER else max(values)
    return ModelView(test, tuple((key, headline.METRIC_NAMES.get(key, key)) for key in keys), best)
