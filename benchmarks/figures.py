"""Puts the figures of benchmarks/results/*.json into the README, so that none is typed by hand.

python benchmarks/figures.py          # rewrites README.md
python benchmarks/figures.py --check  # exits 1 when README.md says something else
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
START, END = "<!-- figures: written by benchmarks/figures.py from benchmarks/results/*.json -->", "<!-- end of figures -->"

# In the order of the table; systems that are not in the results are left out.
SYSTEMS = {
    "molgen": "**molgen** (blend, the default)",
    "network": "molgen, networks alone (graph, fragments beside it)",
    "kernel": "molgen, Gaussian process alone",
    "boosting": "molgen, boosted trees alone",
    "svr": "support-vector regression, ECFP4",
    "forest": "random forest, ECFP4 counts",
    "chemprop": "Chemprop 2.3.1, defaults",
    "mean": "mean of the training values",
}
TASKS = ("JAK2", "JAK1")


def figures(records: list[dict]) -> str:
    """The table of the potency benchmark as Markdown."""
    values = {(r["task"], r["system"], r["metric"]): r for r in records}
    seeds = max(len(r["seeds"]) for r in records)
    lines = [
        "## How well it predicts",
        "",
        f"RMSE in log units on the official test splits of two ChEMBL Ki sets (MoleculeACE), mean ± standard deviation over {seeds} seeds;",
        "settings were chosen by cross-validation on training molecules, the test parts scored more than once on the way.",
        "`python benchmarks/potency.py` makes these figures.",
        "",
        f"| | {' | '.join(f'{name} RMSE | Spearman' for name in TASKS)} |",
        f"|---|{'---|---|' * len(TASKS)}",
    ]
    for system, called in SYSTEMS.items():
        if all((task, system, "rmse") in values for task in TASKS):
            cells = [_cell(values.get((task, system, metric))) for task in TASKS for metric in ("rmse", "spearman")]
            lines.append(f"| {called} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(record: dict | None) -> str:
    if record is None or record["value"] is None:
        return "–"
    spread = f" ± {record['sd']:.3f}" if record["sd"] and record["sd"] > 5e-4 else ""
    return f"{record['value']:.3f}{spread}"


def main(check: bool) -> int:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    records = json.loads((ROOT / "benchmarks" / "results" / "potency.json").read_text(encoding="utf-8"))
    before, rest = text.split(START)
    after = rest.split(END)[1]
    new = f"{before}{START}\n\n{figures(records)}\n\n{END}{after}"
    if check:
        return int(new != text)
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
