"""Measurements over seeds: the parts that an interruptible benchmark has written, and each as one flat record of its results file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any


def grouped(parts: Path, *keys: str) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The parts in a folder by what they say under these keys, seeds together, in the order of their names."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for path in sorted(parts.glob("*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        groups.setdefault(tuple(one[key] for key in keys), []).append(one)
    return groups


def record(
    benchmark: str, metric: str, values: Sequence[float], runs: Sequence[dict[str, Any]], *, task: str, variant: str, system: str
) -> dict[str, Any]:
    """Mean and standard deviation of the values; `runs` are the parts they come from, each with its seed.

    >>> record("b", "rmse", [1.0, 2.0], [{"seed": 0}, {"seed": 1}], task="t", variant="v", system="s")["value"]
    1.5
    """
    return {
        "benchmark": benchmark,
        "task": task,
        "variant": variant,
        "system": system,
        "metric": metric,
        "value": float(mean(values)),
        "sd": float(stdev(values)) if len(values) > 1 else None,
        "seeds": sorted(int(one["seed"]) for one in runs),
        "command": next((one["command"] for one in runs if "command" in one), f"python {Path('benchmarks') / benchmark}.py"),
    }


def cell(record: dict[str, Any] | None, *, digits: int = 3, times: float = 1.0, absent: str = "–") -> str:
    """A record as a table shows it, its spread behind it where it has one.

    >>> cell({"value": 0.5, "sd": 0.01}, digits=1, times=100), cell(None)
    ('50.0 ± 1.0', '–')
    """
    if record is None:
        return absent
    spread = f" ± {record['sd'] * times:.{digits}f}" if record["sd"] is not None else ""
    return f"{record['value'] * times:.{digits}f}{spread}"
