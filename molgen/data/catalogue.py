"""Named datasets: where each comes from, on what terms, and whether the bytes here are the right ones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from molgen.base.config import read_toml
from molgen.base.errors import MolgenError, meant
from molgen.base.files import sha256
from molgen.data.library import Library, Rows
from molgen.data.readers import join, read, read_rows


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One entry of `manifest.toml`."""

    name: str
    file: str
    about: str
    package: str  # on PyPI, with its version
    version: str
    member: str  # path inside the package
    licence: str
    citation: str
    rows: int
    sha256: str
    molecules: bool = True  # its rows are molecules

    @property
    def path(self) -> Path:
        return folder() / self.file


def entries() -> dict[str, Dataset]:
    """Everything of the manifest, by name: datasets, and tables that molgen made of them for its own use."""
    return {name: Dataset(name=name, **entry) for name, entry in read_toml(folder() / "manifest.toml").items()}


def datasets() -> dict[str, Dataset]:
    """Every dataset of molecules that ships with molgen, by name.

    >>> datasets()["jak2_ki"].rows
    976
    """
    return {name: entry for name, entry in entries().items() if entry.molecules}


def load(name: str) -> Library:
    """A dataset as a Library; a file whose digest is not the manifest's is refused."""
    return read(file_of(name))


def load_rows(name: str) -> Rows:
    """A dataset as it was filed, nothing standardised yet."""
    return join(list(read_rows(file_of(name))))


def file_of(name: str) -> Path:
    """Where a dataset lies; a file whose digest is not the manifest's is refused."""
    known = entries()
    if name not in known:
        raise MolgenError(f"no dataset is called {name!r}", fix=meant(name, datasets()))
    entry = known[name]
    if sha256(entry.path) != entry.sha256:
        raise MolgenError("the file's bytes are not those of the manifest", where=str(entry.path), fix="install molgen again")
    return entry.path


@cache
def folder() -> Path:
    """Where the shipped data lie: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "datasets", package.parent / "data"):
        if (place / "manifest.toml").is_file():
            return place
    raise MolgenError("the shipped data are missing", where=str(package), fix="install molgen again")


def benchmark_folder() -> Path | None:
    """The folder of public benchmark files named by MOLGEN_DATA, else ``../shared/data`` when it is there, else None."""
    named = os.environ.get("MOLGEN_DATA")
    if named:
        if not Path(named).is_dir():
            raise MolgenError(f"MOLGEN_DATA is {named!r}, want a folder")
        return Path(named)
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return beside if beside.is_dir() else None
