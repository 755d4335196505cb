"""The tables of docs/admet.md: what was measured on the ADMET group, beside what others have published."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

from admet import METRICS

Records = list[dict]
PUBLISHED = Path(__file__).parent / "published" / "tdc_admet.json"
_OURS = ("molgen informed", "molgen best", "molgen fast", "molgen admet", "molgen admet-fast")
_RIVALS = {"maplight": "MapLight, run again here", "chemprop": "Chemprop 2.3.1, defaults, run here"}


def table(records: Records) -> str:
    """A row a task of variant `strict`, then on how many tasks ours is the better one."""
    if not records:
        return "Not measured yet: `python benchmarks/tdc_admet.py` does it."
    values = {(r["task"], r["system"]): r for r in records if r["variant"] == "strict" and r["metric"] == METRICS[r["task"]]}
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    audited, board = published["audited"], published["board"]
    head = ["task", "metric", *_OURS, *_RIVALS.values(), "MapLight, audited", "MapLight + GNN, audited", "first of the board"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for task in METRICS:
        ours = [_cell(values.get((task, system))) for system in (*_OURS, *_RIVALS)]
        theirs = [_plain(audited[system].get(task)) for system in ("MapLight", "MapLight + GNN")]
        lines.append(f"| {task} | {_metric(task)} | {' | '.join([*ours, *theirs])} | {_first(*board['first'][task])} |")
    return "\n".join([*lines, "", *_counts(values, audited)])


def siblings(records: Records) -> str:
    """A row a task of variant `siblings`, beside what leads the board."""
    values = {(r["task"], r["system"]): r for r in records if r["variant"] == "siblings" and r["metric"] == METRICS[r["task"]]}
    systems = sorted({system for _, system in values})
    if not systems:
        return "Not measured yet: `python benchmarks/admet_models.py` does it."
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    lines = [f"| task | metric | {' | '.join(systems)} | MapLight + GNN, audited | first of the board |", f"|{'---|' * (len(systems) + 4)}"]
    for task in METRICS:
        ours = [_cell(values.get((task, system))) for system in systems]
        theirs = _plain(published["audited"]["MapLight + GNN"].get(task))
        lines.append(f"| {task} | {_metric(task)} | {' | '.join(ours)} | {theirs} | {_first(*published['board']['first'][task])} |")
    lines.append("")
    for system in systems:
        mine = {task: values[task, system]["value"] for task in METRICS if (task, system) in values}
        board = published["board"]["first"]
        first = sum(_better(task, mine[task], board[task][1]) for task in mine)
        near = sum(_better(task, mine[task], board[task][1], by=-board[task][2]) for task in mine)
        held = {r["task"]: r["value"] for r in records if (r["variant"], r["system"], r["metric"]) == ("siblings", system, "coverage")}
        lowest = min(held, key=held.__getitem__)
        lines.append(
            f"- `{system.removeprefix('molgen ')}` is ahead of the first of the board on {first} of {len(mine)} tasks, ahead or within "
            f"that one's published standard deviation on {near}. Its 90 % intervals hold {mean(held.values()):.3f} of the test values, the "
            f"mean of {len(held)} tasks; least on {lowest}, {held[lowest]:.3f}."
        )
    return "\n".join(lines)


def _counts(values: dict[tuple[str, str], dict], audited: dict[str, dict[str, float]]) -> list[str]:
    """In how many tasks ours is the better one."""
    said = []
    for system in _OURS:
        mine = {task: values[task, system]["value"] for task in METRICS if (task, system) in values}
        if not mine:
            continue
        against = {called: {t: values[t, name]["value"] for t in mine if (t, name) in values} for name, called in _RIVALS.items()}
        against["MapLight, audited"] = {task: audited["MapLight"][task] for task in mine}
        best = {task: _best(task, [row[task] for name, row in audited.items() if name != "source" and task in row]) for task in mine}
        against["the best of MapLight, MapLight + GNN and CaliciBoost, audited"] = best
        for called, theirs in against.items():
            wins = sum(_better(task, mine[task], theirs[task]) for task in theirs)
            if theirs:
                said.append(f"- `{system.removeprefix('molgen ')}` is better than {called} on {wins} of {len(theirs)} tasks.")
    return said


def _metric(task: str) -> str:
    metric = METRICS[task]
    return f"{metric.upper() if metric != 'spearman' else 'Spearman'} {'↓' if metric == 'mae' else '↑'}"


def _better(task: str, ours: float, theirs: float, by: float = 0.0) -> bool:
    """By more than so much; with `by` below 0, better or no more worse than that."""
    return (theirs - ours if METRICS[task] == "mae" else ours - theirs) > by


def _first(name: str, value: float, sd: float) -> str:
    return f"{_plain(value)} ± {sd:.3f} {name}"


def _best(task: str, values: list[float]) -> float:
    return min(values) if METRICS[task] == "mae" else max(values)


def _cell(record: dict | None) -> str:
    if record is None:
        return "–"
    spread = f" ± {record['sd']:.3f}" if record["sd"] is not None else ""
    return f"{_plain(record['value'])}{spread} ({len(record['seeds'])})"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
