"""How fast: molgen beside Chemprop, ADMET-AI, DeepChem, PyG and FPSim2, in alternation, by CPU time, one numeric thread.

    python benchmarks/throughput.py --rivals PYTHON --deepchem PYTHON [--molecules 20000] [--repeats 3] [--only featurize predict ...]

PYTHON are interpreters of environments that hold chemprop 2.3.1, admet_ai 2.0.1 and torch-geometric, and deepchem 2.8.0;
without them molgen is measured alone. Every measurement is a process of its own and a small file in results/parts/throughput, so
that an interrupted run goes on where it stopped; results/throughput.json is put together from all of them. Two hours
or so on two cores: let nothing else run there. `--only standardize` is not known here: benchmarks/standardize.py does that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median, stdev
from typing import Any

import measure
from bench import Bench, environment
from plan import ONCE, TASKS, Candidate
from targets import shown

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    asked = options()
    cache = asked.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    places = (cache, asked.rivals, asked.deepchem, asked.moses)
    bench = Bench(*places, asked.molecules, asked.fingerprints, tuple(asked.rows), asked.kill_rows, asked.kills)
    begin = time.monotonic()
    if not asked.combine:
        for task in asked.only or TASKS:
            measure_all(list(TASKS[task](bench)), 1 if task in ONCE else asked.repeats, asked.results)
    combine(asked.results)
    print(shown(asked.results), f"\n{time.monotonic() - begin:,.0f} s", sep="\n")


def options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rivals", type=Path, help="python with chemprop, admet_ai and torch-geometric")
    options.add_argument("--deepchem", type=Path, help="python with deepchem")
    options.add_argument("--moses", type=Path, help="wheel of molsets, or MOSES' train.csv(.gz); fetched with pip when not given")
    options.add_argument("--molecules", type=int, default=20_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--fingerprints", type=int, default=1_000_000, help="references of the similarity search")
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="libraries of the memory test")
    options.add_argument("--kill-rows", type=int, default=100_000)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--only", nargs="+", choices=list(TASKS), metavar="NAME", help=", ".join(TASKS))
    options.add_argument("--combine", action="store_true", help="measure nothing, put together what there is")
    options.add_argument("--cache", type=Path, default=Path("build/throughput"), help="where sets, models and libraries are kept")
    options.add_argument("--results", type=Path, default=RESULTS)
    return options.parse_args()


def measure_all(candidates: list[Candidate], repeats: int, results: Path) -> None:
    """Every candidate once, then every candidate again: what is measured of one is never far in time from its rivals'."""
    jobs = [(candidate, repeat) for repeat in range(repeats) for candidate in candidates]
    for number, (candidate, repeat) in enumerate(jobs, start=1):
        file = part(results, candidate, repeat)
        if file.exists() and json.loads(file.read_text(encoding="utf-8"))["asked"] == candidate.molecules:
            continue
        begin = time.monotonic()
        print(f"[{number}/{len(jobs)}] {candidate.task}, {candidate.variant}: {candidate.system}", end="", flush=True)
        found = run(candidate)
        about = {"task": candidate.task, "variant": candidate.variant, "system": candidate.system, "repeat": repeat}
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".partial")
        draft.write_text(json.dumps({**about, "asked": candidate.molecules, **found, "machine": measure.machine()}, indent=1) + "\n")
        draft.replace(file)
        print(f", {time.monotonic() - begin:.0f} s", flush=True)


def part(results: Path, candidate: Candidate, repeat: int) -> Path:
    words = (candidate.task, candidate.variant.replace(", ", "-").replace(" ", "_"), candidate.system, str(repeat))
    return results / "parts" / "throughput" / f"{'-'.join(words)}.json"


def run(candidate: Candidate) -> dict[str, Any]:
    """What the candidate's process has found, or what it cost when it finds nothing itself."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        out, log = Path(scratch) / "measured.json", Path(scratch) / "log"
        command = [word.replace("{out}", str(out)).replace("{scratch}", scratch) for word in candidate.command]
        begin = time.perf_counter()
        with log.open("wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment(), cwd=scratch)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"\n{log.read_text(errors='replace')[-2000:]}\n{' '.join(command)}: ended with {process.returncode}")
        if not candidate.outside:
            return json.loads(out.read_text(encoding="utf-8"))
    cpu = usage.ru_utime + usage.ru_stime  # of the process and of all its children that have ended
    found = {"cpu_s": cpu, "wall_s": wall}
    if candidate.molecules > 1:
        rates = {"cpu_us_per_molecule": 1e6 * cpu / candidate.molecules, "molecules_per_second": candidate.molecules / wall}
        found |= rates | {"molecules_per_cpu_second": candidate.molecules / cpu}
    return {"molecules": candidate.molecules, "metrics": found, "versions": {}}


def combine(results: Path) -> None:
    """All parts as flat records, one a task, variant, system and metric: the median, and the spread of repeats."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for file in sorted((results / "parts" / "throughput").glob("*.json")):
        found = json.loads(file.read_text(encoding="utf-8"))
        groups.setdefault((found["task"], found["variant"], found["system"]), []).append(found)
    records = [record for key, runs in groups.items() for record in flat(key, runs)]
    draft = results / "throughput.partial"
    draft.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    draft.replace(results / "throughput.json")


def flat(key: tuple[str, str, str], runs: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    task, variant, system = key
    for metric in runs[0]["metrics"]:
        values = [one["metrics"][metric] for one in runs]
        yield {
            "benchmark": "throughput",
            "task": task,
            "variant": variant,
            "system": system,
            "metric": metric,
            "value": median(values),
            "sd": stdev(values) if len(values) > 1 else None,
            "repeats": len(values),
            "molecules": runs[0]["molecules"],
            "command": f"python benchmarks/throughput.py --only {task}",
            "versions": runs[0]["versions"],
            "machine": runs[0]["machine"],
        }


if __name__ == "__main__":
    sys.exit(main())
