"""A prepared library on disk, read by column: what a search looks at, and the rows it found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.base.parallel import Executor
from molgen.chem.fingerprints import Packed
from molgen.chem.parse import Limits
from molgen.data.columns import Choice
from molgen.data.library import Library
from molgen.data.parquet import no_rows, open_prepared, rows_of
from molgen.data.prepare import Progress, prepare, prepare_rows
from molgen.data.prepared import Label, bytes_of
from molgen.data.readers import CHUNK, Format, format_of, join
from molgen.data.rows import Rows

_PAGE = 20_000  # rows at once: ten megabytes of fingerprints


class Page(NamedTuple):
    """Rows that follow each other, rejected ones left out."""

    rows: NDArray[np.int64]  # [molecules], where in the library each stands
    bits: Packed  # [molecules, 256]
    smiles: Any  # [molecules], an Arrow array of text; None where it was not asked for
    read: int  # rows, with the rejected


class Shelf:
    """A prepared library, open. No more than a page of it is in memory."""

    def __init__(self, path: Path, label: Label) -> None:
        self._path, self._label = path, label

    def __len__(self) -> int:
        return open_prepared(self._path).metadata.num_rows

    def pages(self, fingerprint: str, *, smiles: bool = False) -> Iterator[Page]:
        """Every molecule with one of its fingerprints, "ecfp4" or "pattern", and if asked for its SMILES."""
        import pyarrow.compute

        names = [self._label.columns[what] for what in ("stage", fingerprint, *(["smiles"] if smiles else []))]
        start = 0
        for batch in open_prepared(self._path).iter_batches(batch_size=_PAGE, columns=names):
            stage, bits, *texts = (batch.column(name) for name in names)
            ok = np.flatnonzero(pyarrow.compute.equal(stage, "").to_numpy(zero_copy_only=False))
            packed, text = bytes_of(bits), texts[0] if texts else None
            if len(ok) < len(batch):
                packed, text = packed[ok], text.take(ok) if text is not None else None
            yield Page(start + ok, packed, text, len(batch))
            start += len(batch)

    def take(self, rows: NDArray[np.int64]) -> tuple[Rows, list[str]]:
        """These rows, in ascending order, and their structures' SMILES; only the parts of the file they lie in are read."""
        file, found, smiles, start = open_prepared(self._path), [], [], 0
        bits = {self._label.columns[what] for what in ("ecfp4", "pattern")}
        wanted = [name for name in dict.fromkeys(file.schema_arrow.names) if name not in bits]
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            inside = rows[slice(*np.searchsorted(rows, (start, end)))]
            if len(inside):
                for batch in file.read_row_group(group, columns=wanted).take(inside - start).to_batches():
                    found.append(rows_of(batch, self._label, None))
                    smiles += batch.column(self._label.columns["smiles"]).to_pylist()
            start = end
        return join(found or [rows_of(no_rows(file.schema_arrow), self._label, None)]), smiles


@contextmanager
def shelved(
    source: Library | Path | str,
    *,
    format: Format | None,
    choice: Choice,
    limits: Limits,
    executor: Executor | None,
    progress: Progress | None,
) -> Iterator[Shelf]:
    """The library as a shelf: itself, if it was prepared as it would be here, else prepared for as long as this lasts."""
    if not isinstance(source, Library) and str(source) != "-" and (format or format_of(source)) == "parquet" and choice == Choice():
        label = Label.of(open_prepared(Path(source)).schema_arrow)
        if label is not None and not label.outdated(limits):
            yield Shelf(Path(source), label)
            return
    with TemporaryDirectory(prefix="molgen-") as folder:
        path = Path(folder) / "prepared.parquet"
        if isinstance(source, Library):
            pieces = (source.take(range(first, min(first + CHUNK, len(source)))).rows for first in range(0, len(source), CHUNK))
            prepare_rows(pieces, path, limits=limits, executor=executor, progress=progress, expected=len(source))
        else:
            prepare(
                source,
                path,
                format=format,
                smiles_col=choice.smiles_col,
                id_col=choice.id_col,
                limits=limits,
                executor=executor,
                progress=progress,
            )
        label = Label.of(open_prepared(path).schema_arrow)
        assert label is not None
        yield Shelf(path, label)
