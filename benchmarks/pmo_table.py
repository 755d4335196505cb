"""The figures of docs/optimise.md: how soon a search is there, on PMO's tasks, beside what others have published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from math import sqrt
from pathlib import Path

from records import cell

Records = list[dict]
Column = tuple[str, str]  # variant, system
Published = dict[str, dict[str, float]]  # task -> method -> figure
Values = dict[tuple[str, str, str], dict]  # task, variant, system -> record
League = tuple[str, list[Column], Published, Values]
_PUBLISHED = Path(__file__).parent / "published" / "pmo.json"
_LEAGUES = {"strict": "strict", "strict_guarded": "plausible only", "prescreen": "prescreen"}
_COLUMNS: dict[str, dict[Column, str]] = {
    "strict": {
        ("strict", "guided"): "`guided`",
        ("strict_guarded", "guided"): "`guided`, plausible only",
        ("strict", "genetic"): "`genetic`",
        ("strict_guarded", "genetic"): "`genetic`, plausible only",
    },
    "prescreen": {("prescreen", "guided"): "`guided`", ("prescreen", "genetic"): "`genetic`"},
}


def table(records: Records) -> str:
    """The leagues in which something has been measured, one after another: a row a task, then sums."""
    parts = [f"{_rows(*league)}\n\n{_sums(*league)}" for league in _leagues(records)]
    return "\n\n".join(parts) or "Not measured yet: `python benchmarks/pmo.py` does it."


def summary(records: Records) -> str:
    """What a reader in a hurry wants to know of each league that is played to the end."""
    return "\n".join(_sums(*league) for league in _leagues(records, enough=all)) or "Not measured yet."


def _leagues(records: Records, enough: Callable[[Iterable[bool]], bool] = any) -> list[League]:
    """(name, columns, what others have published, our records); columns that have any task, or all."""
    leagues = json.loads(_PUBLISHED.read_text(encoding="utf-8"))["leagues"]
    values = {(r["task"], r["variant"], r["system"]): r for r in records if r["metric"] == "top10_auc"}
    found = []
    for name, published in leagues.items():
        columns = [column for column in _COLUMNS[name] if enough((task, *column) in values for task in published)]
        if columns:
            found.append((name, columns, published, values))
    return found


def _rows(name: str, columns: list[Column], published: Published, values: Values) -> str:
    """A row a task; those not run yet are left open."""
    called = _COLUMNS[name]
    lines = [f"| task | {' | '.join(called[column] for column in columns)} | best published, {name} |", f"|{'---|' * (len(columns) + 2)}"]
    for task, others in published.items():
        best = max(others, key=lambda method: others[method])
        cells = [cell(values.get((task, *column)), absent="") for column in columns]
        lines.append(f"| {task} | {' | '.join(cells)} | {others[best]:.3f} ({best}) |")
    return "\n".join(lines)


def _sums(name: str, columns: list[Column], published: Published, values: Values) -> str:
    """Over the tasks that a column has, beside the others' over the same."""
    lines = []
    for column in columns:
        done = [task for task in published if (task, *column) in values]
        own = {task: values[task, *column]["value"] for task in done}
        sums = {method: sum(published[task][method] for task in done) for method in next(iter(published.values()))}
        best = max(sums, key=lambda method: sums[method])
        tops = {task: max(published[task].values()) for task in done}
        seeds = sorted({len(values[task, *column]["seeds"]) for task in done})
        first = sum(round(own[task], 3) > tops[task] for task in done)
        spreads = [values[task, *column]["sd"] for task in done]  # of tasks that know nothing of each other
        total = f"{sum(own.values()):.3f}" + ("" if None in spreads else f" ± {sqrt(sum(one**2 for one in spreads)):.3f}")
        lines.append(
            f"- {_COLUMNS[name][column]}, {name}: {total} over {len(done)} of {len(published)} tasks, first of its league on {first}, "
            f"seeds a task: {' or '.join(map(str, seeds))}; over the same tasks the best method has {sums[best]:.3f} ({best}), "
            f"the best of each task {sum(tops.values()):.3f}."
        )
    return "\n".join(lines)


def proposals(records: Records) -> str:
    """What a proposal costs."""
    rates = {r["system"]: f"{r['value']:,.0f}" for r in records}
    if not rates:
        return "Not measured yet."
    return (
        f"On one core edits lead to {rates['children']} molecules a CPU-second. Of new proposals, `genetic` makes {rates['genetic']}, "
        f"{rates['guarded']} without structural alerts and {rates['bare']} without the guard too; `language` {rates['language']} without "
        "learning."
    )


def minutes(records: Records) -> str:
    """What a task costs, by league."""
    times: dict[str, list[float]] = {}
    for r in records:
        if r["metric"] == "minutes" and r["system"] == "guided":
            times.setdefault(_LEAGUES[r["variant"]], []).append(r["value"])
    told = [f"{name} {min(times[name]):.0f} to {max(times[name]):.0f}" for name in _LEAGUES.values() if name in times]
    return f"{', '.join(told)} CPU-minutes a task of 10,000 molecules." if told else "Not measured yet."
