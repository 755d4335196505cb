"""A file of molecules predicted into another file, chunk by chunk: memory does not grow with either."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd

from molgen.base.errors import MolgenError
from molgen.base.files import whole_file
from molgen.base.parallel import Executor
from molgen.chem.parse import Limits
from molgen.data.columns import Choice, free_name
from molgen.data.drafts import Drafted, Whole, keep_draft
from molgen.data.duplicates import Seen
from molgen.data.estimate import estimated_rows
from molgen.data.library import Library
from molgen.data.partners import Pairing
from molgen.data.prepare import Account, Progress, Tally
from molgen.data.readers import CHUNK, Format, read_rows
from molgen.data.streams import arrow_file
from molgen.data.watch import Chunk, numbered, place, watched
from molgen.data.workbook import MOST_ROWS
from molgen.data.writers import Written, check_out, table_of, write_tables
from molgen.models.predictor import Predictor

_Table = tuple[Library, Any, int]
_OURS = b"molgen.ours"  # in a draft's metadata: what its last columns are


class Predicted(NamedTuple):
    """Where all rows went, and how many answers about those that are ok are none of the model's business."""

    account: Account
    outside_domain: int  # answers, a molecule and a task each


def predict_file(
    model: Predictor,
    source: Path | str,
    out: Path | str,
    *,
    format: Format | None = None,
    smiles_col: str | None = None,
    id_col: str | None = None,
    pairing: Pairing | None = None,
    brief: bool = False,
    limits: Limits = Limits(),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Predicted:
    """Every row of a file with its prediction or its reason, in order, in a file whose form its name tells; - is CSV to standard output.

    The file is there, whole, once this returns. A molecule that kills its worker process, or silences it for a minute, is
    a reject with that reason. With `pairing` each row is a pair, as it says. `brief` leaves values and the domain.
    A library that `molgen prepare` made has nothing standardised again.
    """
    form = check_out(out)  # a wrong name ends here, before anything is worked out
    if form == ".smi":
        raise MolgenError("has no place for predictions", where=str(out), fix="name a .csv, .tsv, .sdf, .xlsx or .parquet file")
    rows = read_rows(source, format=format, choice=Choice(smiles_col, id_col), chunk=CHUNK, limits=limits)
    executor, rows = place(rows, executor)
    expected = estimated_rows(source, format)
    beside = None if str(out) == "-" else Path(out).parent
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=".partial-predict-") as name:
        folder, seen, done, outside = Path(name), Seen(Path(name) / "keys"), Tally(), 0
        attempt = partial(_table, limits=limits, pairing=pairing, brief=brief)
        work = partial(_draft, attempt=attempt, folder=folder)
        for one, apart in watched(work, attempt, numbered(rows), executor, shared=model):
            seen.add(one.start, one.keys)
            done.add(one)
            if form == ".xlsx" and done.read > MOST_ROWS:
                raise MolgenError(f"more than the {MOST_ROWS:,} rows that a sheet has", where=str(out), fix="name a .csv or .parquet file")
            outside += apart
            if progress:
                progress(done.read, expected, "predicted")
        repeats = seen.repeats()
        whole = Whole.of(folder, _kinds(folder), repeats)
        hidden = [whole.columns["raw"], *([] if done.titled else [whole.columns["id"]])]
        if form == ".parquet":
            _write_parquet(whole, Path(out), hidden)
        else:
            write_tables((_written(whole, table, hidden) for table in whole.tables()), out)
    return Predicted(done.account(len(repeats.rows)), outside)


def _draft(model: Predictor, chunk: Chunk, *, attempt: Callable[[Predictor, Chunk], _Table], folder: Path) -> tuple[Drafted, int]:
    library, table, outside = attempt(model, chunk)
    return keep_draft(chunk, library, table, folder), outside


def _table(model: Predictor, chunk: Chunk, *, limits: Limits, pairing: Pairing | None, brief: bool) -> _Table:
    """The chunk's library, its table as a draft has it, and how many answers are outside the model's domain."""
    library = Library.from_rows(chunk.rows, limits=limits)
    library = library if pairing is None else pairing(library)
    said = model.predict(library)
    ours: dict[str, Any] = {}
    first = {"id": library.ids, "raw": library.rows.raw} | library.columns()
    for name, values in [*first.items(), *said.columns(brief=brief).items()]:
        ours[free_name(name, ours)] = values  # a task may be called "smiles"
    del ours["duplicate_of"]  # the chunk knows only its own
    frame = pd.concat([library.rows.columns, pd.DataFrame(ours)], axis=1)
    table = table_of(frame).replace_schema_metadata({_OURS: json.dumps(list(ours)).encode()})
    return library, table, int((library.ok[:, None] & ~said.in_domain).sum())


def _kinds(folder: Path) -> dict[str, Any]:
    """Our columns in order, and their types."""
    import pyarrow

    with pyarrow.memory_map(os.fsencode(min(folder.glob("*.arrow")))) as mapped:
        schema = pyarrow.ipc.open_file(mapped).schema
    names = json.loads(schema.metadata[_OURS])
    kinds: dict[str, Any] = {}
    for name, field in zip(names, list(schema)[-len(names) :]):
        number = pyarrow.types.is_floating(field.type) or pyarrow.types.is_boolean(field.type)
        kinds[name] = field.type if number else pyarrow.string()
        if name == "changes":
            kinds["duplicate_of"] = pyarrow.string()
    return kinds


def _write_parquet(whole: Whole, out: Path, hidden: Sequence[str]) -> None:
    import pyarrow.parquet

    shown = [i for i, name in enumerate(whole.schema.names) if name not in hidden]
    schema = pyarrow.schema([whole.schema.field(i) for i in shown])
    with whole_file(out) as draft, arrow_file(draft, "wb") as file, pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for table in whole.tables():
            writer.write_table(table.select(shown))


def _written(whole: Whole, table: Any, hidden: Sequence[str]) -> Written:
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    structures, ids = (frame[whole.columns[what]].tolist() for what in ("smiles", "id"))
    return Written(frame.loc[:, [name not in hidden for name in frame.columns]], structures, ids)  # two may have one name
