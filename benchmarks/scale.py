"""What a billion molecules cost, worked out from what was measured: the table of docs/scale.md."""

from __future__ import annotations

from targets import Values, number

BILLION = 1_000_000_000
PRICE = 0.04  # assumed, in dollars a core-hour; what a cloud asks for interruptible cores is less, for others more
CHUNK = 1_000  # rows a part, as `molgen screen` is set


def table(values: Values, price: float = PRICE) -> str:
    """Core-hours, price and time for each kind of library and objective, then what lies on the disk; as Markdown."""
    lines = ["| library, objective | molecules a core and second | core-hours | dollars | hours on 1,000 cores |", "|---|---|---|---|---|"]
    for objective, called in (("similarity", "similarity to known molecules"), ("prediction", "a network's prediction")):
        for kind in ("raw", "prepared"):
            rate = per_core(values, objective, kind)
            if rate:
                hours = BILLION / rate / 3600
                lines.append(f"| {kind}, {called} | {number(rate)} | {number(hours)} | {number(price * hours)} | {number(hours / 1000)} |")
    disk = [
        ("prepared library", most_rows(values, "library_bytes_per_row"), 0),
        ("scores", most_rows(values, "scores_bytes_per_row"), BILLION // CHUNK),
    ]
    kept = [(what, size, files) for what, size, files in disk if size]
    if kept:
        lines += ["", "| on disk | bytes a molecule | GB for a billion | files |", "|---|---|---|---|"]
        lines += [
            f"| {what} | {number(size)} | {number(size)} | {f'{files:,}' if files else 'as many as you cut it into'} |"
            for what, size, files in kept
        ]
    peak = most_rows(values, "peak_tree_mib")
    if peak:
        lines += ["", f"Memory of one machine, the command with two workers: {number(peak)} MiB, at any number of rows."]
    return "\n".join(lines) if len(lines) > 2 or kept else "Not measured yet: `python benchmarks/throughput.py` does it."


def per_core(values: Values, objective: str, kind: str) -> float | None:
    """Molecules a second of CPU time, the command's start taken off: of a billion it is nothing."""
    variant = f"moses, {objective}, 1 worker"
    start = values.get(("screen", f"one molecule, {objective}", "molgen", "cpu_s"))
    spent = values.get(("screen", variant, f"molgen-{kind}", "cpu_s"))
    rate = values.get(("screen", variant, f"molgen-{kind}", "molecules_per_cpu_second"))
    return None if start is None or spent is None or rate is None or spent <= start else rate * spent / (spent - start)


def most_rows(values: Values, metric: str) -> float | None:
    """The measurement at the largest library."""
    found = {int(variant.split()[0]): value for (task, variant, _, name), value in values.items() if (task, name) == ("memory", metric)}
    return found[max(found)] if found else None
