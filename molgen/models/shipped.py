"""Models that come with molgen, asked for by name; each is a predictor's folder packed into one file."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from molgen.base.config import read_toml
from molgen.base.errors import MolgenError
from molgen.base.files import whole_file
from molgen.models.files import MANIFEST, broken

FOLDER = Path(__file__).with_name("weights")
_MOST = 500_000_000  # bytes a packed model may unfold to
_DATE = (1980, 1, 1, 0, 0, 0)  # of every member: the same folder packs to the same bytes


def shipped() -> dict[str, Path]:
    """The packed models by name.

    >>> shipped().keys() <= {"admet", "admet-fast", "kinases"}
    True
    """
    return {path.stem: path for path in sorted(FOLDER.glob("*.zip"))}


def ours(name: Path | str, path: Path) -> Path | None:
    """The packed model of that name, unless a model or a file lies at `path`; None for other names."""
    return None if path.is_file() or (path / MANIFEST).is_file() else shipped().get(str(name))


def pack(folder: Path, out: Path) -> Path:
    """A saved predictor's folder as one file, as small as it gets."""
    with whole_file(out) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_LZMA) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE)
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_LZMA)
    return out


class Source(NamedTuple):
    """Data that a model of ours learned from."""

    citation: str
    licence: str


class Notes(NamedTuple):
    """What the card of a model of ours can't work out."""

    failures: tuple[str, ...] = ()  # known, a sentence each
    data: tuple[Source, ...] = ()  # where the card has no sources


def notes(name: str) -> Notes:
    """What is known of a model of ours beside its card; nothing of others.

    >>> notes("admet-fast") == notes("admet") != notes("somebody's")
    True
    """
    every = read_toml(Path(__file__).with_name("shipped.toml"))
    entry = every.get(name, {})
    entry = every[entry["same"]] if "same" in entry else entry
    return Notes(tuple(entry.get("failures", ())), tuple(Source(**one) for one in entry.get("data", ())))


@contextmanager
def opened(model: Path | str) -> Iterator[Path]:
    """The folder of a model: itself, or a packed one's unfolded for as long as it is read.

    A model or file that lies under that path comes first; else it is looked up among the models of molgen.
    """
    path = Path(model)
    packed = ours(model, path) or path
    if packed.is_dir():
        yield packed
        return
    if not packed.is_file():
        fix = f"molgen train makes one; of our own there are: {', '.join(shipped())}"
        raise MolgenError("no saved predictor here", where=str(model), fix=fix)
    with TemporaryDirectory(prefix="molgen-model-") as place:
        _unfold(packed, Path(place))
        yield Path(place)


def _unfold(packed: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(packed) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST:
                raise broken(packed, f"unfolds to more than {_MOST:,} bytes")
            file.extractall(place)  # which lets no member out of the folder
    except (zipfile.BadZipFile, lzma.LZMAError, zlib.error, RuntimeError, OSError, EOFError) as error:
        raise broken(packed, f"not a packed model: {error}") from None
