"""Where the throughput benchmark's molecules come from: MOSES out of its wheel, drugs that are messier, both as plain text.

    pip download --no-deps molsets --dest build/throughput      # the MOSES wheel, once

MOSES (Polykovskiy et al., Front. Pharmacol. 11 (2020) 565931) is clean, lead-like and neutral. The approved drugs that
ADMET-AI carries are not: salts, metals, peptides; where that package is not at hand, the drugs shipped with molgen stand in.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

_MEMBER = "moses/dataset/data/train.csv.gz"
_DRUGBANK = "admet_ai/resources/data/drugbank_approved.csv"
SEED = 20_260_101


def moses(cache: Path, molecules: int, source: Path | None) -> Path:
    """A file of so many MOSES molecules, a SMILES a line, drawn by a fixed seed; made once."""
    made = cache / f"moses-{molecules}.smi"
    if not made.exists():
        every = list(_column(_moses_table(cache, source), "SMILES"))
        if molecules > len(every):
            raise SystemExit(f"{molecules} molecules wanted, MOSES' training part has {len(every)}")
        _write(made, random.Random(SEED).sample(every, molecules))
    return made


def drugs(cache: Path, molecules: int, rivals: Path | None) -> tuple[str, Path]:
    """The messier set's name and file: DrugBank's approved drugs out of the rivals' environment, else ChEMBL's drugs."""
    table = None if rivals is None else _inside(rivals, _DRUGBANK)
    name = "chembl-drugs" if table is None else "drugbank"
    made = cache / f"{name}-{molecules}.smi"
    if not made.exists():
        if table is not None:
            every = list(_column(table.read_text(encoding="utf-8"), "smiles"))
        else:
            from molgen.data.catalogue import load_rows

            every = list(load_rows("chembl_drugs").raw)
        _write(made, random.Random(SEED).sample(every, min(molecules, len(every))))
    return name, made


def _moses_table(cache: Path, source: Path | None) -> str:
    if source is None:
        wheels = sorted(cache.glob("molsets-*.whl"))
        if not wheels:
            subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--dest", cache, "molsets"], check=True)
            wheels = sorted(cache.glob("molsets-*.whl"))
        source = wheels[-1]
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            return gzip.decompress(wheel.read(_MEMBER)).decode()
    packed = source.read_bytes()
    return (gzip.decompress(packed) if source.suffix == ".gz" else packed).decode()


def _column(table: str, name: str) -> Iterator[str]:
    return (row[name] for row in csv.DictReader(io.StringIO(table)))


def _inside(python: Path, member: str) -> Path | None:
    """A file of a package in the environment of that interpreter, None when it has none."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
    return file if (file := Path(folder) / member).is_file() else None


def _write(file: Path, smiles: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".partial")
    draft.write_text("\n".join(smiles) + "\n", encoding="utf-8")
    draft.replace(file)
