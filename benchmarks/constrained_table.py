"""The figures of docs/verbs/generate.md: proposals around what must stay, beside what others have published."""

from __future__ import annotations

import json
from pathlib import Path

from records import cell

Records = list[dict]
_PUBLISHED = Path(__file__).parent / "published" / "constrained.json"


def table(records: Records) -> str:
    """A row a task: quality in percent, ours without and with scores, and the best of the others; below, how many obeyed."""
    if not records:
        return "Not measured yet: `python benchmarks/constrained.py` does it."
    published = json.loads(_PUBLISHED.read_text(encoding="utf-8"))["quality"]
    values = {(r["task"], r["variant"], r["metric"]): r for r in records}
    variants = [variant for variant in ("blind", "aimed") if any((task, variant, "quality") in values for task in published)]
    names = {"blind": "never told a score", "aimed": "best 100 of 500 by QED and SA"}
    heads = [f"quality in %, {names[variant]}" for variant in variants]
    lines = [f"| task | {' | '.join(heads)} | best of the others | diversity | distance to the drug |", f"|{'---|' * (len(variants) + 4)}"]
    for task, others in published.items():
        best = max(others, key=lambda method: others[method])
        cells = [cell(values.get((task, variant, "quality")), times=100, digits=1, absent="") for variant in variants]
        told = [cell(values.get((task, "blind", metric)), digits=2, absent="") for metric in ("diversity", "distance")]
        lines.append(f"| {task.replace('_', ' ')} | {' | '.join(cells)} | {others[best]:.1f} ({best}) | {' | '.join(told)} |")
    looked = {(r["task"], r["variant"]): r["value"] * len(r["seeds"]) for r in records if r["metric"] == "judged"}
    judged = sum(looked.values())
    obeyed = sum(r["value"] * looked[r["task"], r["variant"]] for r in records if r["metric"] == "obeyed")
    seeds = sorted({len(r["seeds"]) for r in records if r["metric"] == "quality"})
    lines += [
        "",
        f"Of {judged:,.0f} proposals looked at, {obeyed:,.0f} kept what was given, as RDKit's R-group decomposition sees it. "
        "Quality is the share of 100 proposals that are distinct, of QED at least 0.6 and SA score at most 4, mean of ten drugs; "
        "the others are asked without scores too, and are to be compared with the first column. Diversity is one less the mean Tanimoto "
        f"similarity (ECFP4) of two proposals, the last column one less that to the drug. Seeds: {' or '.join(map(str, seeds))}.",
    ]
    return "\n".join(lines)
