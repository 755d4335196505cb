"""What the page says first: the answer, what to distrust, the key figures, what was asked in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from molgen.report.rows import MoleculeTable
from molgen.report.run import Counts, GoalSpec, ModelTest, Run, SystemRow
from molgen.report.text import brief, metric, percent

METRIC_NAMES = {
    "rmse": "RMSE", "mae": "MAE", "r2": "R²", "spearman": "Spearman ρ", "pearson": "Pearson r", "kendall": "Kendall τ",
    "auroc": "AUROC", "auprc": "AUPRC", "mcc": "MCC", "brier": "Brier", "rmse_cliff": "RMSE on cliffs",
}  # fmt: skip
SMALLER_IS_BETTER = frozenset({"rmse", "mae", "brier", "rmse_cliff"})


@dataclass(frozen=True)
class Card:
    """One key figure."""

    label: str
    value: str
    note: str = ""


def answer(run: Run, tables: Sequence[MoleculeTable]) -> list[str]:
    """What came of it, a sentence each."""
    said = []
    if run.counts is not None and run.verb != "generate":
        said.append(f"{run.counts.ranked:,} of {run.counts.read:,} molecules ranked.")
    if run.generation is not None:
        said.append(f"{_kept(run, tables):,} molecules kept of {run.generation.proposals:,} proposed.")
    for table in tables:
        opening = "The best proposal is" if table.kind == "proposals" else "First in the ranking is"
        if table.rows:
            said.append(f"{opening} {table.rows[0].id}, with a score of {metric(table.rows[0].score)}.")
        elif not table.total:
            said.append(f"There are no {table.kind}." if table.kind == "proposals" else "No molecule passed.")
    return said


def warnings(counts: Counts | None, tables: Sequence[MoleculeTable]) -> list[str]:
    """What to distrust, a sentence each."""
    said = []
    for table in tables:
        top = table.rows[:10]
        among = f"of the {len(top)} first in the {table.kind}"
        if outside := sum(row.in_domain is False for row in top):
            said.append(f"Outside the model’s domain: {outside} {among}. Do not trust what is predicted for them.")
        if alerting := sum(bool(row.alerts) for row in top):
            said.append(f"With structural alerts: {alerting} {among}.")
    ranking = next((table for table in tables if table.kind == "ranking"), None)
    if counts is not None and ranking is not None and ranking.total != counts.ranked:
        said.append(f"ranking.csv holds {ranking.total:,} rows, run.json counts {counts.ranked:,} ranked.")
    return said


def cards(run: Run, tables: Sequence[MoleculeTable]) -> list[Card]:
    """The key figures: models, then enrichment, then generation."""
    shown = [card for model in run.models for card in _model_cards(model)]
    if found := run.enrichment:
        base = f"{found.actives:,} actives among {found.library:,}"
        shown += [Card("EF 1 %", brief(found.ef_1), base), Card("AUROC", metric(found.auroc), "0.5 is a coin’s toss")]
        shown += [Card("BEDROC", metric(found.bedroc), "early recognition, 1 is best")]
    if made := run.generation:
        scored = f", {made.calls:,} scored" if made.calls is not None else ""
        shown.append(Card("Proposals kept", f"{_kept(run, tables):,}", f"of {made.proposals:,} made{scored}"))
        shares = [("Valid", made.valid, "of those made"), ("Novel", made.novel, "of new ones scored")]
        shares += [("Free of alerts", made.alert_free, "of new ones scored"), ("Inside the domain", made.in_domain, "of new ones scored")]
        shown += [Card(label, percent(share), note) for label, share, note in shares if share is not None]
    return shown


def wish(goal: GoalSpec) -> str:
    """What the goal's curve asks for, in words: its own, else where it reaches its best, and where it gives nothing."""
    if goal.wish:
        return goal.wish
    points = _without_dust(goal.curve.points())
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


def _kept(run: Run, tables: Sequence[MoleculeTable]) -> int:
    """Proposals handed over; where their table is missing, all that were made."""
    made = run.generation.proposals if run.generation is not None else 0
    return next((table.total for table in tables if table.kind == "proposals"), made)


def _model_cards(model: ModelTest) -> list[Card]:
    """The shipped system's first metric: the blend where there is one, else the best that is not the baseline."""
    ours = [row for row in model.rows if not row.system.lower().startswith("mean")]
    chosen = next((row for row in ours if "blend" in row.system.lower()), None) or min(ours, key=_first_metric, default=None)
    if chosen is None or not chosen.metrics():
        return []
    (key, value), *rest = chosen.metrics().items()
    label = f"{model.name}: test {METRIC_NAMES.get(key, key)}"
    note = [f"{METRIC_NAMES.get(name, name)} {metric(other)}".replace(" ", "\u00a0") for name, other in rest]
    return [Card(label, metric(value), " · ".join([chosen.system, *note]))]


def _first_metric(row: SystemRow) -> float:
    key, value = next(iter(row.metrics().items()), ("", None))
    return float("inf") if value is None else value if key in SMALLER_IS_BETTER else -value


def _without_dust(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points with a zero that arithmetic left as 1e-17 put right."""
    size = max((abs(x) for x, _ in points), default=0.0)
    return [(x if abs(x) > 1e-9 * size else 0.0, y) for x, y in points]
