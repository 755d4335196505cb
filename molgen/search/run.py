"""A library searched for molecules like a query, or for those that hold a substructure: exact, in flat memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.base.parallel import Executor
from molgen.base.wanted import checked
from molgen.chem.fingerprints import packed_ecfp4
from molgen.chem.parse import Limits
from molgen.chem.substructure import Patterns
from molgen.data.columns import Choice
from molgen.data.library import Library, Reject, with_columns
from molgen.data.readers import ENDINGS, Format, read
from molgen.data.shelf import Shelf, shelved
from molgen.data.streams import inner_suffix
from molgen.data.writers import write
from molgen.search.similarity import alike
from molgen.search.substructure import holding

_TOP = 10  # when neither a number nor a threshold is asked for

Progress = Callable[[int, int | None, str], None]  # rows done, of about how many, what is being done


@dataclass(frozen=True, eq=False)
class Hits:
    """What was found, a row a hit, and where all other rows went."""

    frame: pd.DataFrame  # the input's own columns, then ours
    smiles: tuple[str, ...]  # [hits], of the molecules found
    ids: tuple[str, ...]
    counts: dict[str, int]
    bad_queries: tuple[Reject, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def save(self, path: Path | str) -> None:
        """The table as the file's name says: .csv, .tsv, .smi, .sdf or .parquet."""
        write(self.frame, path, structures=self.smiles, ids=self.ids)

    def _repr_html_(self) -> str:
        return self.frame.to_html()


@checked
def search(
    source: Library | Path | str,
    *,
    queries: Library | Path | str | Sequence[str] | None = None,
    top: int | None = None,
    threshold: float | None = None,
    smarts: str | Sequence[str] = (),
    limit: int | None = None,
    format: Format | None = None,
    smiles_col: str | None = None,
    id_col: str | None = None,
    limits: Limits = Limits(),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Hits:
    """The molecules of `source` most similar to each of `queries`, or those that hold all `smarts` patterns.

    Similarity is Tanimoto's on ECFP4 (2,048 bits) of the standardised structures, the best `top` of each query, those
    at least `threshold` alike, or both; 10 when neither is said. Equals keep the library's order, and a molecule that
    is there twice is found twice. Queries are SMILES or a file of them; those that can't be read are in `bad_queries`, and
    an error when none can. Of patterns, the first `limit` matches are given.

    A library that `molgen prepare` wrote as .parquet is searched as it lies, in memory that does not grow with it; any
    other is prepared first, into a temporary file.
    """
    _check(queries, smarts, top, threshold, limit)
    choice = Choice(smiles_col, id_col)
    patterns = Patterns((smarts,) if isinstance(smarts, str) else tuple(smarts)) if smarts else None
    asked = _queries(queries, choice, format, limits) if queries is not None else None
    with shelved(source, format=format, choice=choice, limits=limits, executor=executor, progress=progress) as shelf:
        rows = len(shelf)

        def tell(done: int) -> None:
            if progress:
                progress(done, rows, "searched")

        if patterns is not None:
            return _substructures(shelf, patterns, limit, tell)
        assert asked is not None
        return _similar(shelf, asked, top if top or threshold is not None else _TOP, threshold or 0.0, tell)


def _check(queries: Any, smarts: Any, top: int | None, threshold: float | None, limit: int | None) -> None:
    if (queries is None) == (not smarts):
        raise MolgenError("want queries to be similar to or SMARTS patterns to hold, one of the two", fix="--query or --smarts")
    if smarts and (top is not None or threshold is not None):
        raise MolgenError("a SMARTS pattern is held or not; there is no top or threshold of it", fix="--limit ends after so many")
    if queries is not None and limit is not None:
        raise MolgenError("limit is for SMARTS patterns", fix="--top K gives the K most similar")
    if (top is not None and top < 1) or (limit is not None and limit < 1):
        raise MolgenError(f"{'top' if limit is None else 'limit'} is {top if limit is None else limit}, want at least 1")
    if threshold is not None and not 0 <= threshold <= 1:
        raise MolgenError(f"threshold is {threshold}, want a similarity in [0, 1]")


def _queries(given: Library | Path | str | Sequence[str], choice: Choice, format: Format | None, limits: Limits) -> Library:
    """The queries; a text that is no file is a SMILES."""
    if isinstance(given, Library):
        library, where = given, "queries"
    elif isinstance(given, (str, Path)) and os.path.isfile(given):
        library, where = _query_file(given, choice, format, limits), str(given)
    else:
        texts = [str(given)] if isinstance(given, (str, Path)) else list(given)
        for text in texts:
            if os.path.isfile(text):
                raise MolgenError("a file of queries beside others", where=text, fix="put all of them in one file")
            if inner_suffix(text) in ENDINGS:
                raise MolgenError("no such file", where=text)
        library, where = Library.of(texts, ids=texts), "queries"
    if not library.ok.any():
        reason = library.rejects[0].reason if library.rejects else "there are none"
        first = f"{library.rejects[0].id!r}: " if library.rejects else ""
        raise MolgenError(f"no query can be read; {first}{reason}", where=where)
    return library


def _query_file(path: Path | str, choice: Choice, format: Format | None, limits: Limits) -> Library:
    """The queries of a file: its columns are those chosen for the library, where it has such, else found by name; its form, where its
    own name says none, is what is said of the library."""
    own_form = None if inner_suffix(path) in ENDINGS else format
    for own in dict.fromkeys((choice, Choice(choice.smiles_col), Choice(None, choice.id_col))):
        with suppress(MolgenError):
            return read(path, format=own_form, smiles_col=own.smiles_col, id_col=own.id_col, limits=limits)
    return read(path, format=own_form, limits=limits)


def _similar(shelf: Shelf, queries: Library, top: int | None, threshold: float, tell: Callable[[int], None]) -> Hits:
    good = np.flatnonzero(queries.ok)
    bits = packed_ecfp4([queries.mols[row] for row in good.tolist()])
    found = alike(shelf, bits, top_k=top, threshold=threshold, tell=tell)
    said = {"query": [queries.ids[row] for row in good[found.query]], "rank": found.rank, "tanimoto": found.tanimoto}
    counts = {"read": found.read, "rejected": found.rejected, "queries": len(good), "hits": len(found.row)}
    return _hits(shelf, found.row, said, counts, queries.rejects)


def _substructures(shelf: Shelf, patterns: Patterns, limit: int | None, tell: Callable[[int], None]) -> Hits:
    found = holding(shelf, patterns, limit=limit, tell=tell)
    counts = {"read": found.read, "rejected": found.rejected, "screened_out": found.screened_out, "hits": len(found.row)}
    return _hits(shelf, found.row, {}, counts, ())


def _hits(shelf: Shelf, rows: NDArray[np.int64], said: dict[str, Any], counts: dict[str, int], bad: tuple[Reject, ...]) -> Hits:
    distinct = np.unique(rows)
    whole, structures = shelf.take(distinct)
    places = np.searchsorted(distinct, rows).tolist()
    found, smiles = whole.take(places), tuple(structures[place] for place in places)
    ours = {**said, "id": found.ids, "smiles": smiles, "row": rows, "line": found.lines}
    return Hits(with_columns(found.columns, ours), smiles, found.ids, counts, bad)
