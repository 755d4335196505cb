"""A library prepared once for many runs: standardised, keyed and fingerprinted, streamed into one Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from molgen.base.errors import MolgenError
from molgen.base.files import check_file_place, whole_file
from molgen.base.parallel import Executor
from molgen.base.wanted import checked
from molgen.chem.parse import Limits
from molgen.data.columns import Choice
from molgen.data.drafts import Drafted, assemble, draft, drafted
from molgen.data.duplicates import Seen
from molgen.data.estimate import estimated_rows
from molgen.data.library import Library, Reject
from molgen.data.readers import CHUNK, Format, read_rows
from molgen.data.rows import Rows
from molgen.data.watch import numbered, place, watched

_SHOWN = 3  # rejects an account names

Progress = Callable[[int, int | None, str], None]  # rows done, of about how many, what is being done


@dataclass(frozen=True)
class Account:
    """Where all rows went: read = ok + rejected; duplicates are among those that are ok."""

    read: int
    ok: int
    rejected: int
    duplicates: int
    rejects: tuple[Reject, ...]  # the first of them

    @classmethod
    def of(cls, library: Library) -> Account:
        """The account of a library in memory."""
        good = int(library.ok.sum())
        return cls(len(library), good, len(library) - good, good - len(library.unique()), library.rejects[:_SHOWN])


@checked
def prepare(
    source: Path | str,
    out: Path | str,
    *,
    format: Format | None = None,
    smiles_col: str | None = None,
    id_col: str | None = None,
    limits: Limits = Limits(),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Account:
    """A file of molecules as a prepared library, a .parquet file that is there once this returns, or is not there.

    It holds the input's own columns, what became of each row, and fingerprints; whatever reads it afterwards has no
    standardising to do. Memory does not grow with the file, except by what is kept of duplicates; beside `out`, for as long
    as this runs, lie about as many bytes again. A molecule that kills its worker process, or silences it for a minute, is a
    reject with that reason.
    """
    out = Path(out)
    if out.suffix.casefold() != ".parquet":
        raise MolgenError(f"a prepared library is a .parquet file, not {out.suffix or 'one without an ending'}", where=str(out))
    check_file_place(out)
    rows = read_rows(source, format=format, choice=Choice(smiles_col, id_col), chunk=CHUNK, limits=limits)
    first = next(rows)  # a wrong request ends here, before anything is written
    expected = estimated_rows(source, format)
    return prepare_rows(chain([first], rows), out, limits=limits, executor=executor, progress=progress, expected=expected)


def prepare_rows(
    rows: Iterator[Rows],
    out: Path,
    *,
    limits: Limits,
    executor: Executor | None = None,
    progress: Progress | None = None,
    expected: int | None = None,
) -> Account:
    """The same of rows that were read."""
    executor, rows = place(rows, executor)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=".partial-prepare-") as name:
        folder, seen, done = Path(name), Seen(Path(name) / "keys"), Tally()
        for one in watched(partial(draft, limits=limits, folder=folder), partial(drafted, limits=limits), numbered(rows), executor):
            seen.add(one.start, one.keys)
            done.add(one)
            if progress:
                progress(done.read, expected, "prepared")
        repeats = seen.repeats()
        with whole_file(out) as whole:
            assemble(folder, repeats, limits, whole, titled=done.titled)
    return done.account(len(repeats.rows))


class Tally:
    """What chunks report, in whatever order they end."""

    def __init__(self) -> None:
        self.read = self.rejected = 0
        self.titled = False
        self.rejects: list[Reject] = []

    def add(self, one: Drafted) -> None:
        self.read += len(one.keys)
        self.rejected += one.keys.count("")
        self.titled |= one.titled
        self.rejects = sorted([*self.rejects, *one.rejects[:_SHOWN]], key=lambda reject: reject.row)[:_SHOWN]

    def account(self, duplicates: int) -> Account:
        return Account(self.read, self.read - self.rejected, self.rejected, duplicates, tuple(self.rejects))
