"""Tables of what choices were made by: members of the presets on training rows, and encoders that were taught beforehand."""

from __future__ import annotations

from statistics import geometric_mean

from admet import METRICS

Records = list[dict]
_GRAPH = "graph network"


def members(records: Records, preset: str) -> str:
    """A row a task, a column a member, the blend, and the blend without each; by cross-validation on training rows."""
    values = _of(records, preset)
    if not values:
        return f"Not measured yet: `python benchmarks/members.py --presets {preset}` does it."
    systems = list(dict.fromkeys(system for _, system in values if not system.endswith("taught")))
    lines = [f"| task | metric | {' | '.join(systems)} |", f"|{'---|' * (len(systems) + 2)}"]
    for task in _tasks(values):
        cells = [f"{values[task, system]:.3f}" if (task, system) in values else "–" for system in systems]
        lines.append(f"| {task} | {METRICS[task].upper()} {'↓' if METRICS[task] == 'mae' else '↑'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def taught(encoders: Records, records: Records) -> str:
    """What the encoders foretell, and what the graph network of `best` is worth from such a beginning."""
    found = {(r["system"], r["metric"]): r["value"] for r in encoders}
    lines = [
        f"- `{name}` foretells {found[name, 'r2_median']:.3f} of the variance of a descriptor, the median of "
        f"{found[name, 'descriptors']:.0f}, on molecules held back from the {found[name, 'molecules']:,.0f} it was taught with."
        for name in sorted({name for name, _ in found})
    ]
    values = _of(records, "best")
    tasks = [task for task in _tasks(values) if {(task, _GRAPH), (task, f"{_GRAPH}, taught")} <= values.keys()]
    if not tasks:
        return "\n".join(lines)
    lines += ["", "| task | metric | from chance | from `dmpnn-200` |", "|---|---|---|---|"]
    better, errors = 0, []
    for task in tasks:
        chance, begun, lower = values[task, _GRAPH], values[task, f"{_GRAPH}, taught"], METRICS[task] == "mae"
        better += (begun < chance) if lower else (begun > chance)
        errors.append(begun / chance if lower else (1 - begun) / (1 - chance))
        lines.append(f"| {task} | {METRICS[task].upper()} {'↓' if lower else '↑'} | {chance:.3f} | {begun:.3f} |")
    lines += ["", f"Better on {better} of {len(tasks)}; what was wrong or missing became {geometric_mean(errors):.3f} of what it was."]
    return "\n".join(lines)


def _of(records: Records, preset: str) -> dict[tuple[str, str], float]:
    return {(r["task"], r["system"]): r["value"] for r in records if r["variant"] == preset}


def _tasks(values: dict[tuple[str, str], float]) -> list[str]:
    there = {task for task, _ in values}
    return [task for task in METRICS if task in there]
