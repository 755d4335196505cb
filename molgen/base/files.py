"""Files that are whole or absent: atomic writes, digests, cells that no spreadsheet runs as a formula."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from molgen.base.errors import MolgenError

DRAFT = ".partial-"  # how the names begin of what is not whole yet
_ENDING = 200  # bytes


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; renamed to `path` once the block ends well, removed if it does not.

    A reader sees the old file or the new one, never half of either, also after a power cut. A link stays one, to the new file.
    """
    check_file_place(Path(path))
    path = _behind(Path(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffixes stay last: writers choose their format and compression by them.
    ending = os.fsdecode(os.fsencode(path.name)[-_ENDING:])  # a name may be as long as names can be
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=DRAFT, suffix=ending)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        # mkstemp keeps files private, a result is for the team; unless the one before it was not.
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def check_file_place(path: Path) -> None:
    """Nothing when a file can be written there; what is in the way is a MolgenError, for whoever asks before the work is done."""
    place = _behind(path)
    check_folder_place(place.parent)
    if place.is_dir():
        raise MolgenError("is a folder, want a file", where=str(path), fix="name a file in it")
    if path.exists() and not path.is_file():
        raise MolgenError("is a pipe or a device, want a file", where=str(path), fix="for standard output, where a command has it: -")


def _behind(path: Path) -> Path:
    """Where a link to a file leads, any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def check_folder_place(folder: Path) -> None:
    """The same of a folder to write in, which may yet have to be made."""
    if str(folder) == "-":
        raise MolgenError("is standard output, want a folder", where="-", fix="name a folder")
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise MolgenError("is a file, want a folder" if there.exists() else "leads nowhere", where=str(there), fix="choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise MolgenError("may not be written in", where=str(there), fix="choose another place")


def move(moves: Sequence[tuple[Path, Path]]) -> None:
    """Files moved one after another from the first path to the second; where one fails, those before it are moved back."""
    with ExitStack() as undo:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
            undo.callback(target.rename, source)
        undo.pop_all()


def sweep(folder: Path, *names: str) -> None:
    """Removes what processes that were killed while they wrote files of these names have left in a folder, or any files when none is
    named; for whoever has these to itself."""
    for draft in Path(folder).glob(f"{DRAFT}*"):
        if draft.is_file() and draft.name.endswith(names or ("",)):
            draft.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """The text as UTF-8 in one piece; what is none, as in a file's name it may be, as an escape."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """The value as readable JSON; NaN becomes null, numpy numbers become numbers."""
    write_text(path, json.dumps(plain(value), indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def plain(value: Any) -> Any:
    """The value in JSON's own types: NaN and infinity are null, paths are text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    return value


def listed(cell: object) -> object:
    """An array as the text of its list: its own leaves out the middle of a long one."""
    return str(plain(cell)) if isinstance(cell, np.ndarray) else cell


_FORMULA_STARTS = frozenset("=+-@\t\r\n")
_VALUE = re.compile(r"[+-](\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?\s?%?|[+-](inf|infinity|nan)|[+-]", re.IGNORECASE)


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def content(path: Path | str) -> str | None:
    """Hex digest of the file of this name, None where there is none: for words that may name one."""
    return sha256(Path(path)) if os.path.isfile(path) else None  # which a word too long for a name is not either


def digest(*parts: Any) -> str:
    """Hex digest of plain values, equal wherever and whenever they are equal."""
    return hashlib.sha256(json.dumps(plain(list(parts)), sort_keys=True, allow_nan=False).encode()).hexdigest()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows instead of running (CWE-1236): a quote before = + - @ TAB CR LF.

    Numbers and signs pass: ``-1.5``, ``-5,43``, ``-12%`` and ``+`` are values, ``-1+cmd|...`` is a formula. Text that already looks quoted
    so gets one quote more: what `plain_cell` takes off is always ours.

    >>> safe_cell("=1+1"), safe_cell("-1.5"), safe_cell("CCO")
    ("'=1+1", '-1.5', 'CCO')
    """
    bare = text.lstrip("'")
    return "'" + text if _runs(bare) and not _VALUE.fullmatch(bare) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given, so that a table written and read again is the same.

    >>> plain_cell("'=1+1")
    '=1+1'
    """
    return text[1:] if text[:1] == "'" and safe_cell(text[1:]) == text else text


def _runs(text: str) -> bool:
    return text[:1] in _FORMULA_STARTS


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
