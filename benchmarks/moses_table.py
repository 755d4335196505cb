"""The figures of docs/language.md: what the language model writes, beside what others have published."""

from __future__ import annotations

import json
from pathlib import Path

from records import cell

Records = list[dict]
_PUBLISHED = Path(__file__).parent / "published" / "moses.json"
# How a metric is called, and its digits.
_METRICS = {
    "valid": ("valid", 3),
    "unique": ("unique@10k", 4),
    "novelty": ("novelty", 3),
    "filters": ("filters", 3),
    "fcd": ("FCD ↓", 3),
    "fcd_scaffolds": ("FCD, new scaffolds ↓", 3),
    "snn": ("SNN", 3),
    "frag": ("Frag", 4),
    "scaf": ("Scaf", 3),
    "scaf_scaffolds": ("Scaf, new scaffolds", 3),
    "int_div": ("IntDiv", 3),
}
_VARIANTS = {"written": "as written", "read": "what RDKit can't read written anew"}
_CHECKED = {"FCD/Test": 4, "SNN/Test": 4, "Frag/Test": 4, "Scaf/Test": 4, "IntDiv": 4, "IntDiv2": 4, "Filters": 4, "Novelty": 4}


def table(records: Records) -> str:
    """A row a model, ours first."""
    values = {(r["variant"], r["metric"]): r for r in records if r["task"] == "moses"}
    if not values:
        return "Not measured yet: `python benchmarks/moses.py` does it."
    lines = [f"| | {' | '.join(name for name, _ in _METRICS.values())} |", f"|{'---|' * (len(_METRICS) + 1)}"]
    for variant, about in _VARIANTS.items():
        own = [cell(values.get((variant, metric)), digits=digits) for metric, (_, digits) in _METRICS.items()]
        lines.append(f"| **molgen**, {about} | {' | '.join(own)} |")
    for name, row in json.loads(_PUBLISHED.read_text(encoding="utf-8"))["rows"].items():
        told = [cell(None) if row[metric] is None else f"{row[metric]:.{digits}f}" for metric, (_, digits) in _METRICS.items()]
        lines.append(f"| {name} | {' | '.join(told)} |")
    seeds = sorted({len(r["seeds"]) for r in values.values()})
    ours = f"Ours: mean ± standard deviation over {' or '.join(map(str, seeds))} seeds."
    if anew := values.get(("written", "begun_anew")):
        ours += f" As written, {anew['value']:.1%} were begun anew."
    return "\n".join([*lines, "", ours])


def checked(records: Records) -> str:
    """The same texts by our code and by molsets."""
    said = {(r["system"], r["metric"]): r["value"] for r in records if r["task"] == "check"}
    about = next((r["variant"] for r in records if r["task"] == "check"), "")
    lines = [f"| {about} | {' | '.join(_CHECKED)} |", f"|{'---|' * (len(_CHECKED) + 1)}"]
    for system in ("ours", "molsets"):
        lines.append(f"| {system} | {' | '.join(f'{said[system, metric]:.{digits}f}' for metric, digits in _CHECKED.items())} |")
    return "\n".join(lines)


def speed(records: Records) -> str:
    """What writing costs."""
    said = {r["metric"]: r["value"] for r in records if r["task"] == "speed"}
    if not said:
        return "Not measured yet."
    return (
        f"{said['texts_a_cpu_second']:,.0f} lead-like molecules a CPU-second on one core. The matrix products alone, done for each text by "
        f"itself, would take {said['share_of_products']:.2f} times as long as all of it does: texts that begin alike share theirs."
    )


def taught(records: Records) -> str:
    """How long it was taught, and what it makes of molecules it has not read."""
    said = {r["metric"]: r["value"] for r in records if r["task"] == "taught"}
    if not said:
        return "Not taught yet: `python benchmarks/prior.py` does it."
    falling = said["falling_steps"] / said["steps"]
    return (
        f"{said['width']:.0f} units, {said['texts'] / 1e6:.1f} million texts read, the last {falling:.0%} of them with falling steps. "
        f"Of molecules held back, a lead-like one costs {said['lead_nats']:.2f} nats, a drug {said['drug_nats']:.2f}."
    )
