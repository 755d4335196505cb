"""The tables of docs/trust.md: how often intervals held, what the least trusted hold of the error, whether reasons are right."""

from __future__ import annotations

from statistics import mean

Records = list[dict]

_SHOWN = (
    ("coverage_80", "80 %"), ("coverage_90", "90 %"), ("coverage_95", "95 %"), ("coverage_90_inside", "90 %, inside the domain"),
    ("coverage_90_outside", "outside"), ("coverage_90_worst_fifth", "90 %, worst fifth"), ("calibration_error", "calibration error"),
    ("error_held_by_least_trusted", "error held by the least trusted tenth"), ("error_inside", "error inside"),
    ("error_outside", "outside"),
)  # fmt: skip
_UNDER_SCALES = {"error_inside", "error_outside"}  # in each task's own unit: not to be averaged over tasks


def reliability(records: Records) -> str:
    """A row a task, with a mean over the tasks of a kind."""
    if not records:
        return "Not measured yet: `python benchmarks/reliability.py` does it."
    values = {(r["variant"], r["task"], r["system"], r["metric"]): r["value"] for r in records}
    lines = [f"| | {' | '.join(name for _, name in _SHOWN)} |", f"|---|{'---|' * len(_SHOWN)}"]
    for split, system, classes in sorted({(split, system, _classes(values, split, task, system)) for split, task, system, _ in values}):
        tasks = sorted({t for s, t, m, _ in values if (s, m) == (split, system) and _classes(values, s, t, m) == classes})
        kind = "classes" if classes else "values"
        lines.append(f"| **{split}, {kind}, {system}: mean of {len(tasks)}** | {_cells(values, split, tasks, system)} |")
        lines += [f"| {task} | {_cells(values, split, [task], system)} |" for task in tasks]
    return "\n".join(lines)


def held(records: Records) -> str:
    """A line a system: how often its 90 % intervals held the truth on scaffold splits."""
    said = []
    for system in sorted({r["system"] for r in records}):
        own = {(r["task"], r["metric"]): r["value"] for r in records if (r["system"], r["variant"]) == (system, "scaffold split")}
        found = {task: own[task, "coverage_90"] for task, metric in own if metric == "rmse"}
        if found:
            lowest = min(found, key=found.__getitem__)
            said.append(
                f"- The 90 % intervals of `{system.removeprefix('molgen ')}` hold {mean(found.values()):.3f} of the test values, "
                f"the mean of {len(found)} scaffold splits; least on {lowest}, {found[lowest]:.3f}."
            )
    return "\n".join(said)


def _classes(values: dict, split: str, task: str, system: str) -> bool:
    return (split, task, system, "set_size_90") in values


def _cells(values: dict, split: str, tasks: list[str], system: str) -> str:
    found = []
    for metric, _ in _SHOWN:
        # A chance's fifths hold one class and next to none of the other: how often that was covered says nothing.
        told = metric != "coverage_90_worst_fifth" or not _classes(values, split, tasks[0], system)
        numbers = [values[key] for task in tasks if told and (key := (split, task, system, metric)) in values]
        found.append("–" if not numbers or (len(tasks) > 1 and metric in _UNDER_SCALES) else f"{mean(numbers):.3g}")
    return " | ".join(found)


def reasons(records: Records) -> str:
    """A row a task and preset, a column a method."""
    if not records:
        return "Not measured yet: `python benchmarks/explain.py` does it."
    values = {(r["task"], r["variant"], r["system"], r["metric"]): r for r in records}
    methods = ("shapley", "myerson", "masking")
    lines = [f"| truth, preset | R² | {' | '.join(methods)} | CPU-s a molecule ({methods[0]}) |", f"|---|---|{'---|' * len(methods)}---|"]
    for task, preset in sorted({(task, preset) for task, preset, *_ in values}):
        metric = "auroc" if task == "motif" else "spearman"
        cells = [_spread(values[task, preset, f"molgen {method}", metric]) for method in methods]
        seconds = values[task, preset, f"molgen {methods[0]}", "cpu_s_per_molecule"]["value"]
        r2 = _spread(values[task, preset, "molgen", "r2"])
        lines.append(f"| {task} ({metric.replace('auroc', 'AUROC')}), {preset} | {r2} | {' | '.join(cells)} | {seconds:.2g} |")
    return "\n".join(lines)


def _spread(record: dict) -> str:
    return f"{record['value']:.3f}" + (f" ± {record['sd']:.3f}" if record["sd"] is not None else "")
