"""The figures of docs/rediscovery.md: what of the held-out part of a series comes back, and how near to what they know the best stay."""

from __future__ import annotations

from collections.abc import Callable

from records import cell

Records = list[dict]
_ROWS = {
    ("training", "-"): "the training compounds themselves",
    ("library", "trusting"): "`library`: ZINC250k at random",
    ("blind", "trusting"): "`blind`: bred without an objective",
    ("genetic", "trusting"): "`genetic`",
    ("genetic", "cautious"): "`genetic`, cautious",
    ("genetic", "inside"): "`genetic`, inside",
    ("guided", "trusting"): "`guided`",
    ("guided", "cautious"): "`guided`, cautious",
    ("guided", "inside"): "`guided`, inside",
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
    return _rows(records, which, "", _COUNTS, lambda record: cell(record, digits=1 if record and record["sd"] is not None else 0))


def domain(records: Records) -> str:
    """How the best hundred of each look to the models that they were made for."""
    return _rows(records, "best100", "best 100 of", _LOOKS, lambda record: cell(record, digits=2))


def _rows(records: Records, which: str, head: str, columns: dict[str, str], shown: Callable[[dict | None], str]) -> str:
    """A row for each system that has the first column."""
    values = _values(records, which)
    first = next(iter(columns))
    rows = [row for row in _ROWS if (*row, first) in values]
    if not rows:
        return _NOT_YET
    lines = [f"| {head} | {' | '.join(columns.values())} | seeds |".replace("|  |", "| |"), f"|---|{'---|' * (len(columns) + 1)}"]
    for row in rows:
        cells = [shown(values.get((*row, metric))) for metric in columns]
        lines.append(f"| {_ROWS[row]} | {' | '.join(cells)} | {_seeds(values[*row, first])} |")
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
    return f"CPU-minutes of a search, the models' answers included, their training not: {', '.join(told)}." if told else _NOT_YET


_NOT_YET = "Not measured yet: `python benchmarks/rediscovery.py` does it."


def _values(records: Records, which: str) -> dict[tuple[str, str, str], dict]:
    return {(r["system"], r["variant"], r["metric"]): r for r in records if r["task"] == which}


def _seeds(record: dict) -> str:
    return "–" if record["system"] == "training" else str(len(record["seeds"]))
