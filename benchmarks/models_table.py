"""The tables of docs/models.md: what the shipped models' own cards say, endpoint by endpoint, and what a molecule costs."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from molgen.data.endpoints import endpoints
from molgen.models.shipped import notes, shipped
from molgen.report.card import is_weak

_LEADING = {"classification": ("auroc", "AUROC"), "regression": ("mae", "MAE")}


def cards() -> dict[str, dict[str, Any]]:
    """Each shipped model's card."""
    found = {}
    for name, path in shipped().items():
        if not name.startswith("admet"):  # the models of these endpoints
            continue
        with zipfile.ZipFile(path) as packed:
            found[name] = json.loads(packed.read("card.json"))
    return found


def table() -> str:
    """A row an endpoint."""
    told = cards()
    if not told:
        return "No model is shipped yet."
    head = ["column", "says", "unit", "better", "n", *(f"{name}, held out" for name in told), "intervals or sets at 90 %", ""]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    first = next(iter(told.values()))
    for name, endpoint in endpoints().items():
        metric, called = _LEADING[endpoint.kind]
        held = [f"{called} {card['metrics'][name]['held out'][metric]:.3f}" for card in told.values()]
        seen = first["calibration"]["seen"][name]["held out"]
        about = [f"`{name}`", endpoint.about, endpoint.unit or "probability", endpoint.better or "–"]
        weak = "do not lean on it" if all(is_weak(card, name, endpoint.kind) for card in told.values()) else ""
        lines.append(f"| {' | '.join([*about, str(first['audit']['balance'][name]['n']), *held, f'{seen:.3f}', weak])} |")
    return "\n".join(lines)


def failures(name: str) -> str:
    """What is known to fail of a model that comes along, as its card says it."""
    return "\n".join(f"* {sentence}" for sentence in notes(name).failures)


def cost(records: list[dict[str, Any]]) -> str:
    """A row a model."""
    if not records:
        return "Not measured yet: `python benchmarks/shipped_models.py` does it."
    values = {(r["system"], r["task"], r["metric"]): r["value"] for r in records}
    lines = ["| model | MB | s to load | drugs a CPU-second | of MOSES | a drug, in RDKit parses |", f"|{'---|' * 6}"]
    for name in dict.fromkeys(r["system"] for r in records if r["system"].startswith("admet")):
        size, loading = values[name, "-", "megabytes"], values[name, "-", "load_s"]
        rates = [values[name, about, "molecules_per_cpu_second"] for about in ("drugs", "moses")]
        over = values[name, "drugs", "over_parse"]
        lines.append(f"| `{name}` | {size:.1f} | {loading:.1f} | {rates[0]:.0f} | {rates[1]:.0f} | {over:.0f} |")
    return "\n".join(lines)
