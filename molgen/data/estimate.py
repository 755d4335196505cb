"""About how many rows a file holds, told from its beginning: what a time left is worked out from."""

from __future__ import annotations

import os
from pathlib import Path

from molgen.data.readers import Format, format_of
from molgen.data.streams import BROKEN, arrow_file, unpacked

_SAMPLE = 4_000_000  # bytes of text looked at


def estimated_rows(path: Path | str, format: Format | None = None) -> int | None:
    """About how many rows; exact for Parquet and for files of less than 4 MB of text. None for a spreadsheet, which is read whole
    before its rows are known, and for what can be read once only, as a pipe.

    A line counts as a row, so that line breaks inside quoted cells make the estimate too large.
    """
    if str(path) == "-" or not os.path.isfile(path):  # of a pipe with a name, what is taken out is gone
        return None
    kind = format or format_of(path)
    if kind == "parquet":
        return _rows_of_parquet(Path(path))
    if kind == "xlsx":
        return None
    try:
        share, text = _beginning(Path(path))
    except BROKEN:  # whoever reads it says what is wrong with it
        return None
    rows = text.count(b"$$$$") if kind == "sdf" else text.count(b"\n") + (not text.endswith(b"\n")) - (kind != "smi")
    return max(round(rows / share), 0) if share else None


def _beginning(path: Path) -> tuple[float, bytes]:
    """(share of the file's bytes that it takes, the first text of the file)"""
    size = path.stat().st_size
    with path.open("rb") as raw:
        content = unpacked(raw)
        text = content.read(_SAMPLE)
        ended = not content.peek(1)
        return (float(bool(text)) if ended else raw.tell() / size), text


def _rows_of_parquet(path: Path) -> int | None:
    import pyarrow
    import pyarrow.parquet

    try:
        with arrow_file(path) as file:
            return pyarrow.parquet.read_metadata(file).num_rows
    except (pyarrow.ArrowException, OSError):
        return None
