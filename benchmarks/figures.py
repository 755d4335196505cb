"""Puts the figures of benchmarks/results/*.json into the README and the docs, so that none is typed by hand.

python benchmarks/figures.py          # rewrites README.md and pages of docs
python benchmarks/figures.py --check  # exits 1 when one of them says something else
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import admet_table
import choices_table
import cliffs_table
import constrained_table
import models_table
import moses_table
import pairs_table
import pmo_table
import rediscovery_table
import scale
import targets
import trust

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
END = "<!-- end of figures -->"
_MARK = "<!-- {}: written by benchmarks/figures.py from benchmarks/results/*.json -->"

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


def potency() -> str:
    return figures(json.loads((RESULTS / "potency.json").read_text(encoding="utf-8")))


def speed() -> str:
    """The targets of the throughput benchmarks and what was measured, as Markdown."""
    lines = [
        "## How fast it is",
        "",
        "CPU time on one core with one numeric thread, rivals in alternation, medians; GPU lines only where one was there.",
        "`python benchmarks/throughput.py`, `standardize.py`, `generator_speed.py`, `moses.py` and `gpu_throughput.py` make these figures.",
        "",
        "| | measured | wanted | |",
        "|---|---|---|---|",
    ]
    rows = targets.rows(targets.values_of(targets.read(RESULTS)))
    said = [f"| {about} | {measured} | {asked} | {verdict} |" for about, measured, asked, verdict in rows if verdict]
    return "\n".join([*lines, *said, "", *accuracy()]) if said else "\n".join(lines[:4])


def accuracy() -> list[str]:
    """What the network whose speed is told is worth, beside the one it is compared with."""
    records = json.loads((RESULTS / "network_accuracy.json").read_text(encoding="utf-8"))
    values = {(r["task"], r["system"]): r for r in records if r["metric"] == "rmse"}
    tasks = [task for task in ("JAK2", "JAK1", "caco2", "lipophilicity") if {(task, "network"), (task, "chemprop")} <= values.keys()]
    return [
        "That default network is a single one, as Chemprop's is; faster is not better everywhere. RMSE on official test splits",
        "(`benchmarks/network_accuracy.py`; the settings were chosen by cross-validation on training rows of JAK2 and Caco-2 alone):",
        "",
        f"| | {' | '.join(tasks)} |",
        f"|---|{'---|' * len(tasks)}",
        f"| molgen, preset `network` | {' | '.join(_cell(values[task, 'network']) for task in tasks)} |",
        f"| Chemprop 2.3.1, defaults | {' | '.join(_cell(values[task, 'chemprop']) for task in tasks)} |",
    ]


def billion() -> str:
    return scale.table(targets.values_of(targets.read(RESULTS)))


def admet() -> str:
    """What the README says of ADMET tasks."""
    return f"{admet_table.summary(records('tdc_admet'))}\n{trust.held(records('reliability'))}"


def records(name: str) -> list[dict]:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


# File, the mark before its figures, what they are.
PLACES: tuple[tuple[Path, str, Callable[[], str]], ...] = (
    (ROOT / "README.md", _MARK.format("figures"), potency),
    (ROOT / "README.md", _MARK.format("admet"), admet),
    (ROOT / "README.md", _MARK.format("pmo"), lambda: pmo_table.summary(records("pmo"))),
    (ROOT / "README.md", _MARK.format("speed"), speed),
    (ROOT / "docs" / "scale.md", _MARK.format("billion"), billion),
    (ROOT / "docs" / "admet.md", _MARK.format("admet"), lambda: admet_table.table(records("tdc_admet"))),
    (ROOT / "docs" / "admet.md", _MARK.format("siblings"), lambda: admet_table.siblings(records("tdc_admet"))),
    (ROOT / "docs" / "admet.md", _MARK.format("minute"), lambda: admet_table.minute(records("minute"))),
    (ROOT / "docs" / "admet.md", _MARK.format("members"), lambda: choices_table.members(records("members"), "best")),
    (ROOT / "docs" / "admet.md", _MARK.format("taught"), lambda: choices_table.taught(records("encoder"), records("members"))),
    (ROOT / "docs" / "potency.md", _MARK.format("cliffs"), lambda: cliffs_table.table(records("moleculeace"))),
    (ROOT / "docs" / "models.md", _MARK.format("models"), models_table.table),
    (ROOT / "docs" / "models.md", _MARK.format("failures"), lambda: models_table.failures("admet")),
    (ROOT / "docs" / "models.md", _MARK.format("cost"), lambda: models_table.cost(records("shipped_models"))),
    (ROOT / "docs" / "pairs.md", _MARK.format("pairs"), lambda: pairs_table.pairs(records("dti"))),
    (ROOT / "docs" / "pairs.md", _MARK.format("paired"), lambda: pairs_table.paired(records("dti"))),
    (ROOT / "docs" / "pairs.md", _MARK.format("kinases"), pairs_table.kinases),
    (ROOT / "docs" / "pairs.md", _MARK.format("failures"), lambda: models_table.failures("kinases")),
    (ROOT / "docs" / "pairs.md", _MARK.format("consensus"), lambda: pairs_table.consensus(records("consensus"))),
    (ROOT / "docs" / "pairs.md", _MARK.format("dude"), lambda: pairs_table.dude(records("dude"))),
    (ROOT / "docs" / "pairs.md", _MARK.format("cost"), lambda: pairs_table.speed(records("pair_speed"), records("dti"))),
    (ROOT / "docs" / "optimise.md", _MARK.format("pmo"), lambda: pmo_table.table(records("pmo"))),
    (ROOT / "docs" / "optimise.md", _MARK.format("minutes"), lambda: pmo_table.minutes(records("pmo"))),
    (ROOT / "docs" / "language.md", _MARK.format("moses"), lambda: moses_table.table(records("moses"))),
    (ROOT / "docs" / "language.md", _MARK.format("checked"), lambda: moses_table.checked(records("moses"))),
    (ROOT / "docs" / "language.md", _MARK.format("speed"), lambda: moses_table.speed(records("moses"))),
    (ROOT / "docs" / "language.md", _MARK.format("taught"), lambda: moses_table.taught(records("moses"))),
    (ROOT / "docs" / "verbs" / "generate.md", _MARK.format("constrained"), lambda: constrained_table.table(records("constrained"))),
    (ROOT / "docs" / "verbs" / "generate.md", _MARK.format("proposals"), lambda: pmo_table.proposals(records("generator_speed"))),
    (ROOT / "docs" / "rediscovery.md", _MARK.format("split"), lambda: rediscovery_table.split(records("rediscovery"))),
    (ROOT / "docs" / "rediscovery.md", _MARK.format("all"), lambda: rediscovery_table.table(records("rediscovery"), "all")),
    (ROOT / "docs" / "rediscovery.md", _MARK.format("best100"), lambda: rediscovery_table.table(records("rediscovery"), "best100")),
    (ROOT / "docs" / "rediscovery.md", _MARK.format("domain"), lambda: rediscovery_table.domain(records("rediscovery"))),
    (ROOT / "docs" / "rediscovery.md", _MARK.format("cost"), lambda: rediscovery_table.cost(records("rediscovery"))),
    (ROOT / "docs" / "trust.md", _MARK.format("reliability"), lambda: trust.reliability(records("reliability"))),
    (ROOT / "docs" / "trust.md", _MARK.format("reasons"), lambda: trust.reasons(records("explain"))),
)


def filled(text: str, mark: str, block: str) -> str:
    """The text with the block between the mark and the end that follows it."""
    before, rest = text.split(mark)
    after = rest.split(END, maxsplit=1)[1]
    return f"{before}{mark}\n\n{block}\n\n{END}{after}"


def main(check: bool) -> int:
    stale = 0
    for file, mark, block in PLACES:
        text = file.read_text(encoding="utf-8")
        new = filled(text, mark, block())
        stale |= new != text
        if not check:
            file.write_text(new, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
