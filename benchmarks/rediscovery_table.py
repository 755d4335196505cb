"""The figures of docs/rediscovery.md: what of the held-out part of a series comes back, and how near to what they know the best stay."""

from __future__ import annotations

Records = list[dict]
_ROWS = {
    ("training", "-"): "the training compounds themselves",
    ("library", "trusting"): "`library`: ZINC250k at random",
    ("blind", "trusting"): "`blind`: bred without an objective",
    ("genetic", "trusting"): "`genetic`",
    ("genetic", "cautious"): "`genetic`, cautious",
    ("guided", "trusting"): "`guided`",
    ("guided", "cautious"): "`guided`, cautious",
}
_COUNTS = {
    "found": "found", "found_flat": "but for stereo", "scaffolds": "scaffolds", "near60": "close analogue, 0.6", "new_near60": "new",
    "near70": "close analogue, 0.7", "new_near70": "new",
}  # fmt: skip
_LOOKS = {
    "in_domain": "in domain, JAK2", "in_domain_both": "JAK2 and JAK1", "pki": "predicted JAK2 pKi", "spread": "spread",
    "selectivity": "predicted JAK2 over JAK1", "training_similarity": "similarity to the nearest training compound",
}  # fmt: skip


def table(records: Records, which: str) -> str:
    """A row a system: how many held-out compounds and scaffolds came back among everything scored, or the best hundred."""
    values = _values(records, which)
    rows = [row for row in _ROWS if (*row, "found") in values]
    if not rows:
        return _NOT_YET
    lines = [f"| | {' | '.join(_COUNTS.values())} | seeds |", f"|---|{'---|' * (len(_COUNTS) + 1)}"]
    for row in rows:
        cells = [_count(values.get((*row, metric))) for metric in _COUNTS]
        lines.append(f"| {_ROWS[row]} | {' | '.join(cells)} | {_seeds(values[*row, 'found'])} |")
    return "\n".join(lines)


def domain(records: Records) -> str:
    """How the best hundred of each look to the models that they were made for."""
    values = _values(records, "best100")
    rows = [row for row in _ROWS if (*row, "in_domain") in values]
    if not rows:
        return _NOT_YET
    lines = [f"| best 100 of | {' | '.join(_LOOKS.values())} | seeds |", f"|---|{'---|' * (len(_LOOKS) + 1)}"]
    for row in rows:
        cells = [_cell(values.get((*row, metric))) for metric in _LOOKS]
        lines.append(f"| {_ROWS[row]} | {' | '.join(cells)} | {_seeds(values[*row, 'in_domain'])} |")
    return "\n".join(lines)


def split(records: Records) -> str:
    """The sizes of both sides."""
    sizes = {r["metric"]: r["value"] for r in records if r["task"] == "split"}
    if not sizes:
        return _NOT_YET
    n = {name: f"{value:.0f}" for name, value in sizes.items()}
    return (
        f"Learned from: {n['jak2']} compounds of {n['jak2_scaffolds']} scaffolds with a pKi on JAK2, {n['jak1']} with one on JAK1, none of "
        f"the JAK2 ones at {sizes['cut']:.2f} or above.\nTo be found: {n['potent']} compounds of {n['potent_scaffolds']} other scaffolds, "
        f"all at {sizes['cut']:.2f} or above; {n['weak']} weaker ones of these scaffolds are left out.\nThe guard of the generators lets "
        f"out {n['allowed']} of the {n['potent']}, of {n['allowed_scaffolds']} scaffolds: the others have an alert or something that no "
        "compound learned from has."
    )


def cost(records: Records) -> str:
    """What a search of five thousand takes."""
    values = _values(records, "all")
    told = [f"{_ROWS[row].split(':')[0]} {values[*row, 'minutes']['value']:.1f}" for row in _ROWS if (*row, "minutes") in values]
    return f"CPU-minutes of a search, models and their answers included: {', '.join(told)}." if told else _NOT_YET


_NOT_YET = "Not measured yet: `python benchmarks/rediscovery.py` does it."


def _values(records: Records, which: str) -> dict[tuple[str, str, str], dict]:
    return {(r["system"], r["variant"], r["metric"]): r for r in records if r["task"] == which}


def _seeds(record: dict) -> str:
    return "–" if record["system"] == "training" else str(len(record["seeds"]))


def _cell(record: dict | None, digits: int = 2) -> str:
    if record is None:
        return "–"
    if record["sd"] is not None:
        return f"{record['value']:.{digits}f} ± {record['sd']:.{digits}f}"
    return f"{record['value']:.{digits}f}"


def _count(record: dict | None) -> str:
    return _cell(record, 1 if record and record["sd"] is not None else 0)
