"""The table of docs/potency.md: fifteen MoleculeACE sets, all test molecules and those on activity cliffs."""

from __future__ import annotations

from statistics import mean

from records import cell

Records = list[dict]
_METRICS = ("rmse", "rmse_cliff")
_OURS = ("molgen best", "molgen fast", "molgen potency")
_RIVALS = {"svr": "support-vector regression, ECFP4", "forest": "random forest, ECFP4 counts"}


def table(records: Records) -> str:
    """A row a set, then how often ours are the better ones."""
    values = {(r["task"], r["system"], r["metric"]): r for r in records if r["metric"] in _METRICS}
    if not values:
        return "Not measured yet: `python benchmarks/moleculeace.py` does it."
    there = {system for _, system, _ in values}
    systems = [system for system in (*_OURS, *_RIVALS) if system in there]
    lines = [f"| set | {' | '.join(f'{_RIVALS.get(s, s)} | on cliffs' for s in systems)} |", f"|---|{'---|---|' * len(systems)}"]
    tasks = sorted({task for task, *_ in values})
    for task in tasks:
        cells = [cell(values.get((task, system, metric))) for system in systems for metric in _METRICS]
        lines.append(f"| {task} | {' | '.join(cells)} |")
    lines.append("")
    for system in systems[: len(set(_OURS) & there)]:
        lines += [_against(values, system, rival) for rival in _RIVALS if rival in there]
    return "\n".join(lines)


def _against(values: dict, ours: str, rival: str) -> str:
    both = sorted({task for task, system, _ in values if system == ours} & {task for task, system, _ in values if system == rival})
    mine, theirs = ([[values[task, system, metric]["value"] for task in both] for metric in _METRICS] for system in (ours, rival))
    wins = [sum(a < b for a, b in zip(*pair)) for pair in zip(mine, theirs)]
    means = [f"{mean(one):.3f} against {mean(other):.3f}" for one, other in zip(mine, theirs)]
    return (
        f"- `{ours.removeprefix('molgen ')}` errs less than {_RIVALS[rival]} on {wins[0]} of {len(both)} sets, mean {means[0]}; "
        f"on cliffs on {wins[1]}, mean {means[1]}."
    )
