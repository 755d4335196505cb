"""The figures of docs/pairs.md: Davis, KIBA and GDSC by what was new, DUD-E, and what pairs cost."""

from __future__ import annotations

import json
import zipfile

from records import cell

from molgen.models.shipped import shipped

Records = list[dict]
_TASKS = {"davis": "Davis", "kiba": "KIBA", "gdsc": "GDSC"}
_VARIANTS = {
    "warm": "warm",
    "dedup": "warm, without pairs of a molecule and sequence seen in training",
    "warm_no_id": "warm, no identities",
    "cold_drug": "new molecules",
    "cold_target": "new partners",
    "cold_both": "both new",
}
_SYSTEMS = {
    "molgen": "`pairs-fast`",
    "blend": "`pairs`",
    "best": "`pairs-best`",
    "known": "`pairs-known`",
    "trees": "boosted trees",
    "ridge": "ridge",
    "knn": "neighbours by both likenesses",
    "bias": "molecule's mean + partner's",
    "molecule_mean": "molecule's mean",
    "partner_mean": "partner's mean",
}
_DUDE = ("similarity", "model", "consensus")


def pairs(records: Records) -> str:
    """A row a variant and system: errors, order, fit."""
    if not records:
        return "Not measured yet: `python benchmarks/dti.py` does it."
    values = {(r["task"], r["variant"], r["system"], r["metric"]): r for r in records}
    lines = ["| set | asked about | system | MSE ↓ | CI ↑ | rm² ↑ | Pearson ↑ | AUPRC ↑ |", f"|{'---|' * 8}"]
    for task, called in _TASKS.items():
        for variant, about in _VARIANTS.items():
            for system, name in _SYSTEMS.items():
                if (task, variant, system, "mse") in values:
                    cells = [_cell(values.get((task, variant, system, metric))) for metric in ("mse", "ci", "rm2", "pearson", "auprc")]
                    lines.append(f"| {' | '.join([called, about, name, *cells])} |")
    return "\n".join(lines)


def paired(records: Records) -> str:
    """Where something is new: how much further off than `pairs-fast` each system is on the very same parts."""
    values = {(r["task"], r["variant"], r["system"], r["metric"]): r for r in records}
    lines = ["| set | asked about | system | MSE above that of `pairs-fast` | on parts |", f"|{'---|' * 5}"]
    for task, called in _TASKS.items():
        for variant in ("cold_drug", "cold_target", "cold_both"):
            for system, name in _SYSTEMS.items():
                if over := values.get((task, variant, system, "mse_over_fast")):
                    parts = len(over["seeds"])
                    above = round(values[task, variant, system, "share_over_fast"]["value"] * parts)
                    lines.append(f"| {called} | {_VARIANTS[variant]} | {name} | {_cell(over)} | {above} of {parts} |")
    return "\n".join(lines)


def dude(records: Records) -> str:
    """A row a target, then on how many the consensus is ahead of similarity."""
    values = {(r["task"], r["system"], r["metric"]): r["value"] for r in records}
    tasks = sorted({task for task, *_ in values})
    if not tasks:
        return "Not measured yet: `python benchmarks/dude.py` does it."
    metrics = {"ef1": "EF 1 %", "bedroc": "BEDROC", "auroc": "AUROC"}
    head = [f"{system}, {name}" for name in metrics.values() for system in _DUDE]
    lines = [f"| target | {' | '.join(head)} |", f"|{'---|' * (len(head) + 1)}"]
    for task in tasks:
        cells = [f"{values[task, system, metric]:.{1 if metric == 'ef1' else 3}f}" for metric in metrics for system in _DUDE]
        lines.append(f"| {task} | {' | '.join(cells)} |")
    lines.append("")
    for metric, name in metrics.items():
        ahead = [sum(values[task, system, metric] > values[task, "similarity", metric] for task in tasks) for system in _DUDE[1:]]
        lines.append(f"- {name}: ahead of similarity is the model on {ahead[0]} of {len(tasks)} targets, the consensus on {ahead[1]}.")
    return "\n".join(lines)


def consensus(records: Records) -> str:
    """BEDROC of each target by what the model's word is worth beside likeness, and the mean."""
    values = {(r["task"], r["system"]): r["value"] for r in records}
    tasks = list(dict.fromkeys(task for task, _ in values))
    if not tasks:
        return "Not measured yet: `python benchmarks/consensus.py` does it."
    worths = [system for task, system in values if task == tasks[0] and system not in ("nearness", "model")]
    columns = {"nearness": "nearest protein known", "model": "model alone"} | {worth: worth for worth in worths}
    lines = [f"| target | {' | '.join(columns.values())} |", f"|{'---|' * (len(columns) + 1)}"]
    lines += [f"| {task} | {' | '.join(f'{values[task, name]:.3f}' for name in columns)} |" for task in tasks]
    means = [f"{sum(values[task, name] for task in tasks) / len(tasks):.3f}" for name in list(columns)[1:]]
    return "\n".join([*lines, f"| mean | | {' | '.join(means)} |"])


def kinases() -> str:
    """What the card of the kinase model that comes along says of it."""
    path = shipped().get("kinases")
    if path is None:
        return "No kinase model is shipped yet."
    with zipfile.ZipFile(path) as packed:
        card = json.loads(packed.read("card.json"))
    held, chosen = card["metrics"]["pKd"]["held out"], card["chosen"]
    about = {
        "pairs learned from": f"{card['rows']['train']:,}, of which {card['rows']['bounds']:,} are bounds",
        "molecules, proteins": f"{chosen['molecules']:,}, {chosen['proteins']:,}",
        "held out by scaffold, measured pairs": f"{held['n']:,}",
        "RMSE, Pearson, Spearman of those": f"{held['rmse']:.3f}, {held['pearson']:.3f}, {held['spearman']:.3f}",
        "their 90 % intervals that hold": f"{card['calibration']['seen']['pKd']['held out']:.3f}, by construction",
        "size": f"{path.stat().st_size / 1e6:.1f} MB",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in about.items())])


def speed(records: Records, learned: Records) -> str:
    """What pairs cost, in sentences; `learned` are the records that tell how long it took to learn."""
    values = {(r["system"], r["metric"]): r["value"] for r in records}
    if not values:
        return "Not measured yet: `python benchmarks/pair_speed.py` does it."
    network, kernel = (values[name, "pairs_per_core_second"] / 1e6 for name in ("network", "kernel"))
    over = values["pairs, one protein", "over_molecules_alone"]
    return "\n".join(
        [
            f"One core scores {network:.1f} million pairs a second from encoded tables by the plain network, {kernel:.1f} million",
            "by a process over 3,000 molecules. A screen against one protein takes",
            f"{over:.2f} times what a prediction of molecules alone takes.",
            *(_minutes(learned, task, name, "molgen", "one core") for task, name in (("davis", "Davis"), ("kiba", "KIBA"))),
            _minutes(learned, "kiba", "KIBA", "known", "two cores"),
        ]
    )


def _minutes(learned: Records, task: str, name: str, system: str, cores: str) -> str:
    minutes = [r["value"] / 60 for r in learned if (r["task"], r["system"], r["metric"]) == (task, system, "seconds")]
    if not minutes:
        return ""
    span = " to ".join(dict.fromkeys(f"{edge(minutes):.1f}" for edge in (min, max)))
    return f"{_SYSTEMS[system]} learns {name}'s pairs in {span} minutes by the clock, on {cores} with other work beside it."


def _cell(record: dict | None) -> str:
    if record is None:
        return "–"
    return f"{cell(record)} ({len(record['seeds'])})"
