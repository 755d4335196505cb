"""A screen that is killed at random moments and begun again by the same command, until it ends; then compared with one left alone.

    PYTHONPATH=benchmarks python benchmarks/own/kill.py --smiles FILE --objective o.toml --work FOLDER --kills 50 --out FILE.json

Every other SIGKILL goes to the command and all its workers, the others to the command alone, whose workers are then
orphans. The library has bad rows and repeats among its rows. Lost and doubled are ids in the score parts; unlike is
every file of the run that is not the undisturbed run's byte for byte, the clock in provenance.json aside. What is found of a
run is kept in FOLDER, so that this script, too, goes on where it was stopped.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import measure
import psutil

from molgen.screen.run import scores

PACKAGES = ("molgen", "rdkit", "pyarrow", "numpy")
SEED = 20_260_102
_ATTEMPTS = 200  # of one run, past which it makes no headway
_BAD = ("C1CC", "CCX", "\u0421CO", "C(C)(C)(C)(C)C", "*CC")


def library(smiles: Path, rows: int, folder: Path) -> Path:
    """The rows to screen: of a hundred one is no molecule and one was there before."""
    made = folder / "library.smi"
    if not made.exists():
        texts = smiles.read_text(encoding="utf-8").split()
        rng, lines = random.Random(SEED), []
        for row in range(rows):
            kind = rng.random()
            text = rng.choice(_BAD) if kind < 0.01 else rng.choice(texts[:row] or texts) if kind < 0.02 else texts[row % len(texts)]
            lines.append(f"{text} m{row}")
        draft = made.with_suffix(".partial")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.replace(made)
    return made


def prepared(rows: Path) -> Path:
    """The library as `molgen prepare` writes it: its screen is quick to begin and quick to end, so that many kills hit the middle."""
    made = rows.with_suffix(".parquet")
    if not made.exists():
        command = [sys.executable, "-m", "molgen", "prepare", str(rows), "--out", str(made), "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return made


def begun(command: list[str], run: Path) -> subprocess.Popen[bytes]:
    """The command at work on that folder, leader of a process group of its own."""
    return subprocess.Popen([*command, "--out", str(run)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def undisturbed(command: list[str], run: Path) -> float:
    """Seconds that the run took which nothing disturbed."""
    note = run.with_suffix(".json")
    if not note.exists():
        shutil.rmtree(run, ignore_errors=True)
        start = time.monotonic()
        process = begun(command, run)
        _, said = process.communicate()
        if process.returncode:
            raise SystemExit(said.decode(errors="replace"))
        note.write_text(json.dumps(time.monotonic() - start), encoding="utf-8")
    return json.loads(note.read_text(encoding="utf-8"))


def disturbed(command: list[str], run: Path, whole: float, rng: random.Random) -> dict[str, int]:
    """How often the run had to be killed until it ended by itself, and what that was like."""
    shutil.rmtree(run, ignore_errors=True)
    found: Counter[str] = Counter(kills=0, kills_of_all=0, refused=0, orphans=0)
    for _ in range(_ATTEMPTS):
        process = begun(command, run)
        try:
            # Any moment of what is left of the run; half of them early, so that most runs are killed more than once.
            _, said = process.communicate(timeout=rng.uniform(0, whole * rng.choice((0.5, 1.0))))
        except subprocess.TimeoutExpired:
            everybody = found["kills"] % 2 == 0
            end(process, everybody)
            found.update(kills=1, kills_of_all=int(everybody))
            continue
        except KeyboardInterrupt:
            end(process, everybody=True)
            raise
        if process.returncode == 0:
            time.sleep(1.0)
            found["orphans"] = alive(command)
            return dict(found)
        if b"at work" not in said:
            raise SystemExit(said.decode(errors="replace"))
        found["refused"] += 1
        time.sleep(1.0)
    raise SystemExit(f"{run}: not done after {_ATTEMPTS} attempts")


def end(process: subprocess.Popen[bytes], everybody: bool) -> None:
    """SIGKILL to the command, or to its workers as well; its own end is waited for, theirs is not."""
    os.killpg(process.pid, signal.SIGKILL) if everybody else process.kill()
    process.stderr.close()  # type: ignore[union-attr]  # orphans may still hold the other end
    process.wait()


def alive(command: list[str]) -> int:
    """Processes that a killed command left behind and that still run: children of nobody, in a group whose leader is gone."""
    left = 0
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        said = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and said[:1] == command[:1] and "spawn_main" in " ".join(said):
            try:
                left += not psutil.pid_exists(os.getpgid(process.info["pid"]))
            except ProcessLookupError:
                continue
    return left


def compared(run: Path, calm: Path, ids: list[str]) -> dict[str, int]:
    """What is not as it would have been."""
    seen = Counter(name for frame in scores(run) for name in frame["id"])
    ours, theirs = contents(run), contents(calm)
    return {
        "lost": sum(name not in seen for name in ids),
        "doubled": sum(count - 1 for count in seen.values()) + len(seen.keys() - set(ids)),
        "unlike": sum(ours.get(name) != theirs.get(name) for name in ours.keys() | theirs.keys()),
    }


def contents(run: Path) -> dict[str, Any]:
    """Every file of a run; of what says when it was made, all else."""
    found: dict[str, Any] = {}
    for file in sorted(path for path in run.rglob("*") if path.is_file()):
        name = str(file.relative_to(run))
        found[name] = file.read_bytes()
        if name == "provenance.json":
            found[name] = {key: value for key, value in json.loads(found[name]).items() if key != "created"}
    return found


def main() -> None:
    options = measure.command_line(__doc__)
    options.add_argument("--smiles", type=Path, required=True)
    options.add_argument("--objective", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True, help="folder for the library, the runs and what was found")
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--workers", type=int, default=2)
    asked = options.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    rows = library(asked.smiles, asked.rows, asked.work)
    command = [
        sys.executable, "-m", "molgen", "screen", str(prepared(rows)), "--objective", str(asked.objective), "--quiet",
        "--executor", "pool", "--workers", str(asked.workers),
    ]  # fmt: skip
    calm = asked.work / "undisturbed"
    whole = undisturbed(command, calm)
    ids = [line.split()[1] for line in rows.read_text(encoding="utf-8").splitlines()]
    totals: Counter[str] = Counter()
    number = 0
    while totals["kills"] < asked.kills:
        note = asked.work / f"disturbed-{number}.json"
        if not note.exists():
            run = note.with_suffix("")
            found = disturbed(command, run, whole, random.Random(SEED + number))
            found |= compared(run, calm, ids) | {"runs": 1}
            note.write_text(json.dumps(found), encoding="utf-8")
            shutil.rmtree(run)
        totals.update(json.loads(note.read_text(encoding="utf-8")))
        number += 1
    measure.write(asked.out, molecules=asked.rows, packages=PACKAGES, metrics={**totals, "undisturbed_wall_s": whole})


if __name__ == "__main__":
    main()
