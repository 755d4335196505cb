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

from molgen.base.files import write_text
from molgen.report import figures
from molgen.report.rows import MoleculeTable, Pictures, RejectTable, read_molecules, read_rejects
from molgen.report.run import Counts, GoalSpec, ModelTest, Run, SystemRow, read_object, read_run
from molgen.report.text import brief, metric, percent, significant

_METRIC_NAMES = {
    "rmse": "RMSE", "mae": "MAE", "r2": "R²", "spearman": "Spearman ρ", "pearson": "Pearson r", "kendall": "Kendall τ",
    "auroc": "AUROC", "auprc": "AUPRC", "mcc": "MCC", "brier": "Brier", "rmse_cliff": "RMSE on cliffs",
}  # fmt: skip
_SMALLER_IS_BETTER = frozenset({"rmse", "mae", "brier", "rmse_cliff"})


@dataclass(frozen=True)
class Card:
    """One key figure."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class GoalView:
    spec: GoalSpec
    wish: str
    chart: Markup | None


@dataclass(frozen=True)
class ModelView:
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
    cards: tuple[Card, ...]
    goals: tuple[GoalView, ...]
    models: tuple[ModelView, ...]
    roc: Markup | None
    enrichment: Markup | None
    trace: Markup | None
    tables: tuple[MoleculeTable, ...]
    rejects: RejectTable | None
    provenance: tuple[tuple[str, str], ...]
    pictures: Pictures


def report(folder: Path, *, out: Path | None = None, rows: int = 500) -> Path:
    """The path of the page written for a run folder: ``report.html`` in it, or `out`.

    The page shows the first `rows` molecules of each table, needs no network and asks for none.
    """
    folder = Path(folder)
    path = Path(out) if out is not None else folder / "report.html"
    write_text(path, render(read_page(folder, rows=rows)))
    return path


def read_page(folder: Path, *, rows: int = 500) -> Page:
    """What the folder's files say; run.json must be there, the rest is shown where it is."""
    run, pictures = read_run(folder), Pictures()
    names = [name for name in ("ranking.csv", "proposals.csv") if (folder / name).is_file()]
    tables = tuple(read_molecules(folder / name, run.goals, pictures, rows) for name in names)
    found, traced = run.enrichment, run.generation
    return Page(
        title=run.title or f"{run.verb.capitalize()} {folder.resolve().name}",
        run=run,
        answer=tuple(_answer(run, tables)),
        warnings=tuple(_warnings(run.counts, tables)),
        cards=tuple(_cards(run)),
        goals=tuple(_goal_view(goal, tables) for goal in run.goals),
        models=tuple(map(_model_view, run.models)),
        roc=figures.roc_chart(found) if found else None,
        enrichment=figures.enrichment_chart(found) if found else None,
        trace=figures.trace_chart(traced.trace) if traced else None,
        tables=tables,
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


def wish(goal: GoalSpec) -> str:
    """What the goal's curve asks for, in words: where it reaches its best, and where it gives nothing."""
    points = goal.curve.points()
    if len(points) < 2 or max(y for _, y in points) <= min(y for _, y in points):
        return ""
    top = max(y for _, y in points)
    best = [x for x, y in points if y >= top - 0.01]
    low, high = best[0], best[-1]
    none_below = max((x for x, y in points if y <= 0.01 and x < low), default=None)
    none_above = min((x for x, y in points if y <= 0.01 and x > high), default=None)
    if high >= points[-1][0]:
        ends = f"; nothing below {brief(none_below)}" if none_below is not None else ""
        return f"high: best from {brief(low)}{ends}"
    if low <= points[0][0]:
        ends = f"; nothing above {brief(none_above)}" if none_above is not None else ""
        return f"low: best up to {brief(high)}{ends}"
    return f"between {brief(low)} and {brief(high)}" if high > low else f"near {brief(low)}"


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


def _answer(run: Run, tables: Sequence[MoleculeTable]) -> list[str]:
    said = []
    if run.counts is not None and run.verb != "generate":
        said.append(f"{run.counts.ranked:,} of {run.counts.read:,} molecules ranked.")
    if run.generation is not None:
        said.append(f"{_kept(run):,} molecules kept of {run.generation.proposals:,} proposed.")
    for table in tables:
        opening = "The best proposal is" if table.kind == "proposals" else "First in the ranking is"
        if table.rows:
            said.append(f"{opening} {table.rows[0].id}, with a score of {metric(table.rows[0].score)}.")
        else:
            said.append(f"There are no {table.kind}." if table.kind == "proposals" else "No molecule passed.")
    return said


def _warnings(counts: Counts | None, tables: Sequence[MoleculeTable]) -> list[str]:
    said = []
    for table in tables:
        top = table.rows[:10]
        among = f"of the {len(top)} first in the {table.kind}"
        if outside := sum(row.in_domain is False for row in top):
            said.append(f"Outside the model’s domain: {outside} {among}. Do not trust what is predicted for them.")
        if alerting := sum(bool(row.alerts) for row in top):
            said.append(f"With structural alerts: {alerting} {among}.")
    ranking = next((table for table in tables if table.kind == "ranking"), None)
    if counts is not None and ranking is not None and ranking.total > counts.ranked:
        said.append(f"ranking.csv holds {ranking.total:,} rows, run.json counts {counts.ranked:,} ranked.")
    return said


def _cards(run: Run) -> list[Card]:
    cards = [card for model in run.models for card in _model_cards(model)]
    if found := run.enrichment:
        base = f"{found.actives:,} actives among {found.library:,}"
        cards += [Card("EF 1 %", brief(found.ef_1), base), Card("AUROC", metric(found.auroc), "0.5 is a coin’s toss")]
        cards += [Card("BEDROC", metric(found.bedroc), "early recognition, 1 is best")]
    if made := run.generation:
        scored = f", {made.calls:,} scored" if made.calls is not None else ""
        cards.append(Card("Proposals kept", f"{_kept(run):,}", f"of {made.proposals:,} made{scored}"))
        shares = {"Valid": made.valid, "Novel": made.novel, "Free of alerts": made.alert_free, "Inside the domain": made.in_domain}
        cards += [Card(label, percent(share)) for label, share in shares.items() if share is not None]
    return cards


def _kept(run: Run) -> int:
    """Proposals handed over; of a run that counts nothing, all that were made."""
    made = run.generation.proposals if run.generation is not None else 0
    return run.counts.ranked if run.counts is not None and run.verb == "generate" else made


def _model_cards(model: ModelTest) -> list[Card]:
    """The shipped system's first metric: the blend where there is one, else the best that is not the baseline."""
    ours = [row for row in model.rows if row.system.lower() != "mean"]
    chosen = next((row for row in ours if "blend" in row.system.lower()), None) or min(ours, key=_first_metric, default=None)
    if chosen is None or not chosen.metrics():
        return []
    (key, value), *rest = chosen.metrics().items()
    label = f"{model.name}: test {_METRIC_NAMES.get(key, key)}"
    note = [f"{_METRIC_NAMES.get(name, name)} {metric(other)}".replace(" ", "\u00a0") for name, other in rest]
    return [Card(label, metric(value), " · ".join([chosen.system, *note]))]


def _first_metric(row: SystemRow) -> float:
    key, value = next(iter(row.metrics().items()), ("", None))
    return float("inf") if value is None else value if key in _SMALLER_IS_BETTER else -value


def _goal_view(goal: GoalSpec, tables: Sequence[MoleculeTable]) -> GoalView:
    raw = [value for table in tables for value in table.raw.get(goal.name, [])]
    top = [cell.raw for row in (tables[0].rows[:10] if tables else ()) for cell in row.goals if cell.name == goal.name]
    return GoalView(goal, wish(goal), figures.curve_chart(goal, raw, [value for value in top if value is not None]))


def _model_view(test: ModelTest) -> ModelView:
    keys = list(dict.fromkeys(name for row in test.rows for name in row.metrics()))
    best = {}
    for key in keys:
        values = [value for row in test.rows if (value := row.metrics().get(key)) is not None]
        if len(values) > 1:
            best[key] = min(values) if key in _SMALLER_IS_BETTER else max(values)
    return ModelView(test, tuple((key, _METRIC_NAMES.get(key, key)) for key in keys), best)
