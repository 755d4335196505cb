"""Bytes of any file: text to characters, compressed or not, whatever its encoding and line ends; the rest for pyarrow."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import lzma
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, cast

from molgen.base.errors import MolgenError

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = ",;\t|"
PACKED = (".gz", ".zst", ".bz2", ".xz")  # endings of text that is packed
_MARKS = {  # of zstd the second is of a frame that is skipped, of bzip2 that of nothing packed
    "gzip": rb"\x1f\x8b",
    "zstd": rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18",
    "bzip2": rb"BZh[1-9](1AY&SY|\x17rE8P\x90)",
    "xz": rb"\xfd7zXZ\x00",
}
_ZIP = b"PK\x03\x04"
BROKEN = (EOFError, zlib.error, lzma.LZMAError, OSError)  # what unpackers raise
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_BLOCK = 1 << 15  # bytes unpacked at once
LINE_MAX = 1_000_000  # characters; no record of a small molecule is longer


@contextmanager
def open_text(path: Path | str) -> Iterator[TextIO]:
    """The file's text; ``-`` is standard input. Packed text (gzip, zstd, bzip2, xz) is told by how it begins; truncated or
    broken it is a request error, never a short file.

    UTF-8 and UTF-16 are told by their marks. Bytes that are not UTF-8 are read as Windows-1252, one
    letter each: an old spreadsheet's micro sign comes out right and nothing is dropped.
    """
    codecs.register_error("molgen_one_byte", _as_one_byte)
    with open_bytes(path) as raw, _unbroken(path):
        start = raw.peek(10)
        if start.startswith(_ZIP):
            raise MolgenError("packed by zip, which is not read", where=str(path), fix="unpack it first; of a workbook say --format xlsx")
        content = unpacked(raw)
        if content is raw and str(path).casefold().endswith(PACKED):
            raise MolgenError("not a packed file, though its name says so", where=str(path), fix="fetch it again, or rename it")
        start = content.peek(4)[:4]
        encoding = next((name for mark, name in _BOMS if start.startswith(mark)), "utf-8")
        errors = "replace" if encoding == "utf-16" else "molgen_one_byte"
        text = io.TextIOWrapper(cast(BinaryIO, content), encoding=encoding, errors=errors, newline="")
        try:
            yield text
        finally:
            text.detach()


def unpacked(raw: io.BufferedReader) -> Any:
    """What is packed in the file, to be read and peeked into; the file itself where nothing is."""
    start = raw.peek(10)
    match next((name for name, mark in _MARKS.items() if re.match(mark, start)), ""):
        case "gzip":
            return gzip.GzipFile(fileobj=raw)
        case "bzip2":
            return io.BufferedReader(_Members(raw, bz2.BZ2Decompressor))
        case "xz":
            return io.BufferedReader(_Members(raw, lzma.LZMADecompressor, padding=4))
        case "zstd":
            import pyarrow

            return io.BufferedReader(pyarrow.CompressedInputStream(raw, "zstd"))
    return raw


class _Members(io.RawIOBase):
    """What is packed in a file, one member after another. What follows the last and is none ends the reading as an error,
    where Python's own readers take it for the end."""

    def __init__(self, raw: io.BufferedReader, unpacker: Callable[[], Any], *, padding: int = 0) -> None:
        self._raw, self._unpacker, self._padding = raw, unpacker, padding
        self._member: Any = unpacker()  # None behind the last
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer).cast("B")
        while True:
            if self._member is None or (self._member.eof and not self._next()):
                return 0
            if self._member.needs_input:
                self._rest = self._rest or self._raw.read1(_BLOCK)
                if not self._rest:
                    raise EOFError("it ends within what is packed")
                block, self._rest = self._rest, b""
            else:
                block = b""
            if found := self._member.decompress(block, len(room)):
                room[: len(found)] = found
                return len(found)

    def _next(self) -> bool:
        """Begins with the next member; False at the end of the file."""
        self._rest = self._member.unused_data
        zeros = 0
        while True:
            left = self._rest.lstrip(b"\x00") if self._padding else self._rest
            zeros += len(self._rest) - len(left)
            self._rest = left or self._raw.read1(_BLOCK)
            if left or not self._rest:
                break
        if self._padding and zeros % self._padding:
            raise EOFError(f"{zeros} bytes of padding")
        self._member = self._unpacker() if self._rest else None
        return self._member is not None


def inner_suffix(path: Path | str) -> str:
    """The ending of a file's name in small letters, of packed text the one before: "" where it has none.

    >>> inner_suffix("Library.SMI.gz")
    '.smi'
    """
    suffixes = [suffix.casefold() for suffix in Path(path).suffixes]
    return ([""] + (suffixes[:-1] if suffixes[-1:] and suffixes[-1] in PACKED else suffixes))[-1]


def csv_table(path: Path | str, **options: Any) -> pd.DataFrame:
    """A table of text as pandas reads it with these options, whatever divides it; a MolgenError where it is none.

    Numbers of a table divided by semicolons have decimal commas, if any has one.
    """
    import pandas as pd  # most files are read without it

    with open_text(path) as text:
        whole = text.read()  # once, for it may be a pipe
        mark = _mark_of(whole)
        try:
            table = pd.read_csv(io.StringIO(whole), sep=mark, decimal="," if mark == ";" and "," in whole else ".", **options)
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise MolgenError(f"not a CSV: {str(error).strip()}", where=str(path)) from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas would take the first column for an index
        raise MolgenError("rows have more cells than the header has names", where=str(path), fix="give each column a name")
    return table


def _mark_of(table: str) -> str:
    """What parts its header and its first row into as many cells: the comma if that does."""
    top = io.StringIO(table)
    first = [top.readline(), top.readline()]
    for mark in DELIMITERS:
        cells = [len(record) for line in first for record in csv.reader([line.rstrip("\r\n")], delimiter=mark)]
        if len(cells) == 2 and cells[0] == cells[1] > 1:
            return mark
    return ","


def lines(stream: TextIO) -> Iterator[tuple[int, str, bool]]:
    """(number from 1, line without its end, whether it was cut at `LINE_MAX`); any of LF, CRLF, CR ends a line."""
    stream.reconfigure(newline=None)  # type: ignore[attr-defined]
    number = 0
    while text := stream.readline(LINE_MAX):
        number += 1
        cut = len(text) == LINE_MAX and not text.endswith("\n")
        while cut and (rest := stream.readline(LINE_MAX)) and not rest.endswith("\n"):
            pass
        yield number, text.rstrip("\n"), cut


def standard_input() -> BinaryIO:
    """Its bytes; a MolgenError where it is closed."""
    if sys.stdin is None:
        raise MolgenError("standard input is closed", where="-")
    return sys.stdin.buffer


@contextmanager
def open_bytes(path: Path | str) -> Iterator[io.BufferedReader]:
    """The file's bytes; ``-`` is standard input. What can't be opened is a MolgenError."""
    if str(path) == "-":
        given = standard_input()
        yield given if isinstance(given, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, given))
        return
    try:
        raw = Path(path).open("rb")  # noqa: SIM115 - what goes wrong while it is read is another error
    except FileNotFoundError:
        raise MolgenError("no such file", where=str(path)) from None
    except IsADirectoryError:
        raise MolgenError("a folder, want a file", where=str(path)) from None
    except PermissionError:
        raise MolgenError("no permission to read it", where=str(path)) from None
    except OSError as error:
        raise MolgenError(f"can't be read: {error.strerror}", where=str(path)) from None
    with raw:
        yield raw


@contextmanager
def _unbroken(path: Path | str) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:  # the system's own, and no unpacker's
            raise
        raise MolgenError(f"the compressed file is broken: {error}", where=str(path), fix="fetch it again") from None


def _as_one_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    try:
        return wrong.decode("cp1252"), error.end
    except UnicodeDecodeError:  # five bytes have no letter there
        return wrong.decode("latin-1"), error.end


def arrow_file(path: Path, mode: Literal["rb", "wb"] = "rb") -> Any:
    """The file, open for pyarrow, which takes a path with a colon for an address and knows no name beyond UTF-8."""
    import pyarrow

    return pyarrow.OSFile(os.fsencode(path), mode)
