"""What the throughput benchmark works with: interpreters, sizes, and files that are made once and kept in a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import molecules

HERE = Path(__file__).parent
SIMILARITY = """
[[goal]]
term = "similarity"
references = ["COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1", "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1"]
"""
MEASURED = """
[[goal]]
term = "similarity"
references = ["COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1", "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1"]

[[goal]]
term = "property"
property = "mw"
curve = { kind = "ramp", worst = 700.0, best = 200.0 }
"""
PREDICTION = """
[[goal]]
term = "prediction"
model = "{model}"
curve = {{ kind = "sigmoid", poor = 6.0, good = 8.0 }}
"""


@dataclass(frozen=True)
class Bench:
    """Who runs what on how much. The sizes are those that are reported; small ones are for a look."""

    cache: Path
    rivals: Path | None = None
    deepchem: Path | None = None
    moses_file: Path | None = None
    molecules: int = 20_000
    fingerprints: int = 1_000_000
    rows: tuple[int, ...] = (1_000_000, 10_000_000)
    kill_rows: int = 100_000
    kills: int = 50
    workers: int = 2
    own: Path = field(default_factory=lambda: Path(sys.executable))

    @cached_property
    def moses(self) -> Path:
        return molecules.moses(self.cache, self.molecules, self.moses_file)

    @cached_property
    def drugs(self) -> tuple[str, Path]:
        return molecules.drugs(self.cache, self.molecules, self.rivals)

    @property
    def one(self) -> Path:
        """A file of one molecule."""
        file = self.cache / "one.smi"
        file.write_text("CC(=O)Nc1ccc(O)cc1\n", encoding="utf-8")
        return file

    @property
    def sets(self) -> dict[str, Path]:
        name, file = self.drugs
        return {"moses": self.moses, name: file}

    @cached_property
    def ours(self) -> Path:
        """The folder of what molgen makes: another version of its code has another."""
        import molgen

        code = sorted(Path(molgen.__file__).parent.rglob("*.py"))
        key = hashlib.sha256("".join(file.read_text(encoding="utf-8") for file in code).encode()).hexdigest()
        folder = self.cache / f"molgen-{key[:8]}"
        folder.mkdir(exist_ok=True)
        return folder

    @cached_property
    def model(self) -> Path:
        """A saved model of the default network."""
        folder = self.ours / "model"
        return self.made(folder, self.own, HERE / "own" / "predict.py", "--train", folder)

    @cached_property
    def chemprop_model(self) -> Path:
        file = self.cache / "chemprop.pt"
        return self.made(file, str(self.rivals), HERE / "rivals" / "predict.py", "--save", file)

    @cached_property
    def prepared(self) -> dict[str, Path]:
        """Each set as `molgen prepare` writes it, its SMILES beside it."""
        found = {}
        for name, file in self.sets.items():
            beside = Path(shutil.copy(file, self.ours / file.name))
            table = beside.with_suffix(".parquet")
            found[name] = self.made(table, *self.molgen("prepare", beside, "--out", table, "--quiet"))
        return found

    @cached_property
    def bits(self) -> Path:
        """Packed fingerprints of MOSES molecules."""
        file = self.cache / f"bits-{self.fingerprints}.npy"
        smiles = molecules.moses(self.cache, self.fingerprints, self.moses_file)
        return self.made(file, str(self.own), HERE / "own" / "similarity.py", "--make", file, smiles)

    def objective(self, name: str) -> Path:
        file = self.ours / f"{name}.toml"
        text = {"similarity": SIMILARITY, "measured": MEASURED}.get(name) or PREDICTION.format(model=self.model)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
        return file

    def table(self, file: Path, rows: int) -> Path:
        """The first SMILES of a set as the table Chemprop's command line reads."""
        made = file.with_name(f"{file.stem}-first-{rows}.csv")
        made.write_text("smiles\n" + "\n".join(file.read_text(encoding="utf-8").split()[:rows]) + "\n", encoding="utf-8")
        return made

    def molgen(self, *words: object) -> tuple[str, ...]:
        return (str(self.own), "-m", "molgen", *map(str, words))

    def chemprop(self, *words: object) -> tuple[str, ...]:
        return (str(self.rivals.with_name("chemprop")), *map(str, words))  # type: ignore[union-attr]

    def script(self, python: Path, name: str, *words: object) -> tuple[str, ...]:
        return (str(python), str(HERE / name), *map(str, words), "--out", "{out}")

    def made(self, file: Path, *command: object) -> Path:
        if not file.exists():
            print(f"making {file.name}", flush=True)
            subprocess.run([str(word) for word in command], check=True, env=environment(), cwd=self.cache, stdout=subprocess.DEVNULL)
        return file


def environment() -> dict[str, str]:
    """One numeric thread, and this folder on the path of the scripts."""
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    before = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    return {**os.environ, **dict.fromkeys(threads, "1"), "PYTHONPATH": os.pathsep.join([str(HERE), *before])}
