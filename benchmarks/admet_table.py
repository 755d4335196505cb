"""The tables of docs/admet.md: what was measured on the ADMET group, beside what others have published."""

from __future__ import annotations

import json
from pathlib import Path

from admet import METRICS

Records = list[dict]
Values = dict[tuple[str, str], dict]  # (task, system) to the record in the task's own metric
PUBLISHED = Path(__file__).parent / "published" / "tdc_admet.json"
_OURS = ("molgen informed", "molgen best", "molgen fast", "molgen admet", "molgen admet-fast")
_RIVALS = {"maplight": "MapLight, run again here", "chemprop": "Chemprop 2.3.1, defaults, run here"}


def table(records: Records) -> str:
    """A row a task of variant `strict`, then on how many tasks ours is the better one."""
    if not records:
        return "Not measured yet: `python benchmarks/tdc_admet.py` does it."
    values = _of(records, "strict")
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    audited, board = published["audited"], published["board"]
    head = ["task", "metric", *_OURS, *_RIVALS.values(), "MapLight, audited", "MapLight + GNN, audited", "first of the board"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for task in METRICS:
        ours = [_cell(values.get((task, system))) for system in (*_OURS, *_RIVALS)]
        theirs = [_plain(audited[system].get(task)) for system in ("MapLight", "MapLight + GNN")]
        lines.append(f"| {task} | {_metric(task)} | {' | '.join([*ours, *theirs])} | {_first(*board['first'][task])} |")
    counts = [line for system in _OURS for line in _counts(values, system, published)]
    return "\n".join([*lines, "", *counts])


def summary(records: Records, system: str = "molgen informed") -> str:
    """What the README says of one system, variant `strict`."""
    values = _of(records, "strict")
    return "\n".join(_counts(values, system, json.loads(PUBLISHED.read_text(encoding="utf-8")))) or "Not measured yet."


def siblings(records: Records) -> str:
    """A row a task of variant `siblings`, beside what leads the board."""
    values = _of(records, "siblings")
    systems = sorted({system for _, system in values})
    if not systems:
        return "Not measured yet: `python benchmarks/admet_models.py` does it."
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    lines = [f"| task | metric | {' | '.join(systems)} | MapLight + GNN, audited | first of the board |", f"|{'---|' * (len(systems) + 4)}"]
    for task in METRICS:
        ours = [_cell(values.get((task, system))) for system in systems]
        theirs = _plain(published["audited"]["MapLight + GNN"].get(task))
        lines.append(f"| {task} | {_metric(task)} | {' | '.join(ours)} | {theirs} | {_first(*published['board']['first'][task])} |")
    return "\n".join([*lines, "", *(_leads(values, system, published["board"]["first"]) for system in systems)])


def minute(records: Records) -> str:
    """A row a task: how long training takes, Chemprop's and that of `fast`, by the clock."""
    if not records:
        return "Not measured yet: `python benchmarks/minute.py CHEMPROP` does it."
    seconds = {(r["task"], r["system"]): r["value"] for r in records}
    lines = ["| task | Chemprop, s | `fast`, s | ratio |", "|---|---|---|---|"]
    tasks = [task for task in METRICS if (task, "chemprop") in seconds]
    ratios = [seconds[task, "molgen fast"] / seconds[task, "chemprop"] for task in tasks]
    rows = [
        f"| {task} | {seconds[task, 'chemprop']:.1f} | {seconds[task, 'molgen fast']:.1f} | {ratio:.2f} |"
        for task, ratio in zip(tasks, ratios)
    ]
    under = sum(ratio <= 0.2 for ratio in ratios)
    return "\n".join([*lines, *rows, "", f"A fifth of Chemprop's time or less on {under} of {len(tasks)} tasks."])


def _of(records: Records, variant: str) -> Values:
    """The records of a variant that are in their task's own metric."""
    return {(r["task"], r["system"]): r for r in records if r["variant"] == variant and r["metric"] == METRICS[r["task"]]}


def _counts(values: Values, system: str, published: dict) -> list[str]:
    """In how many tasks ours is the better one."""
    mine = {task: values[task, system]["value"] for task in METRICS if (task, system) in values}
    if not mine:
        return []
    audited = published["audited"]
    against = {called: {t: values[t, name]["value"] for t in mine if (t, name) in values} for name, called in _RIVALS.items()}
    against["MapLight, audited"] = {task: audited["MapLight"][task] for task in mine}
    best = {task: _best(task, [row[task] for name, row in audited.items() if name != "source" and task in row]) for task in mine}
    against["the best of MapLight, MapLight + GNN and CaliciBoost, audited"] = best
    said = []
    for called, theirs in against.items():
        wins = sum(_lead(task, mine[task], theirs[task]) > 0 for task in theirs)
        if theirs:
            said.append(f"- `{system.removeprefix('molgen ')}` is better than {called} on {wins} of {len(theirs)} tasks.")
    return [*said, _leads(values, system, published["board"]["first"])]


def _leads(values: Values, system: str, first: dict[str, list]) -> str:
    """How often ours is ahead of the board."""
    mine = {task: values[task, system]["value"] for task in METRICS if (task, system) in values}
    ahead = sum(_lead(task, value, first[task][1]) > 0 for task, value in mine.items())
    near = sum(_lead(task, value, first[task][1]) >= -first[task][2] for task, value in mine.items())
    named = system.removeprefix("molgen ")
    return (
        f"- `{named}` is ahead of the first of the board on {ahead} of {len(mine)} tasks, "
        f"ahead or within that one's published standard deviation on {near}."
    )


def _metric(task: str) -> str:
    metric = METRICS[task]
    return f"{metric.upper() if metric != 'spearman' else 'Spearman'} {'↓' if metric == 'mae' else '↑'}"


def _lead(task: str, ours: float, theirs: float) -> float:
    """By how much ours is better, to three digits, which is all that others publish."""
    more = round(ours, 3) - round(theirs, 3)
    return round(-more if METRICS[task] == "mae" else more, 3)


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
