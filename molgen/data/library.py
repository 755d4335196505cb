"""What we have: molecules in the order they came, the bad ones among them with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molgen.base.errors import MolgenError, meant
from molgen.base.files import digest
from molgen.base.parallel import Executor, Serial
from molgen.base.wanted import checked
from molgen.chem.parse import Limits
from molgen.chem.standardize import Stage, Structure, standardize_all
from molgen.chem.structure import read_again
from molgen.data.columns import free_name
from molgen.data.partners import Pairing, Partner, PartnerKind, Partners
from molgen.data.rows import Rows

__all__ = ["Library", "Reject", "Rows", "with_columns"]

T = TypeVar("T")

_POOL_CHUNK = 250  # molecules a task
_MOST_MOLS = 5_000  # molecules a library keeps as RDKit read them, some 30 kB each, before anybody asks for them


@dataclass(frozen=True)
class Reject:
    """A row that can't be scored, and why."""

    row: int  # in the library, from 0
    id: str
    line: int  # in the file: text line, or record number of an SDF
    stage: Stage
    reason: str
    raw: str


@dataclass(frozen=True, eq=False, repr=False)
class Library:
    """Molecules by row. Rejected rows stay in their place; every array about it has one entry a row.

    With `partners` a row is a pair, of its molecule and a protein or cell line.
    """

    rows: Rows
    structures: tuple[Structure, ...]
    source: str = ""
    partners: Partners | None = None
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        smiles: Iterable[str | None],
        *,
        ids: Sequence[str] | None = None,
        columns: Mapping[str, Sequence[Any]] | None = None,
        executor: Executor | None = None,
    ) -> Library:
        """A library of these SMILES, with any further `columns`; bad ones become rejects.

        >>> Library.of(["CCO", "C1CC"]).rejects[0].reason
        'ring 1 is opened and never closed'
        """
        if isinstance(smiles, (str, Path)):
            smiles = str(smiles)  # of either, the same advice
            raise MolgenError(f"one text {smiles!r} where a sequence of SMILES belongs", fix=f"[{smiles!r}]; a file is opened by read(...)")
        if isinstance(smiles, pd.DataFrame):
            raise MolgenError("a table where a sequence of SMILES belongs", fix="Library.from_frame(table)")
        if isinstance(smiles, np.ndarray) and smiles.ndim != 1:
            raise MolgenError(f"an array of {smiles.ndim} dimensions where SMILES belong", fix="give one column, the rest as columns=")
        raw = tuple(_text(cell) for cell in smiles)
        names = tuple(map(_text, ids)) if ids is not None else tuple(f"row_{i}" for i in range(1, len(raw) + 1))
        if len(names) != len(raw):
            raise MolgenError(f"{len(names)} ids for {len(raw)} structures")
        # In their order, whatever index a Series has.
        given = () if columns is None else columns.items()
        further = {name: own.reset_index(drop=True) if isinstance(own, pd.Series) else own for name, own in given}
        for name, own in further.items():
            if isinstance(own, Sized) and not isinstance(own, str) and len(own) != len(raw):
                raise MolgenError(f"{len(own)} values for {len(raw)} structures", where=f"column {name}")
        table = pd.DataFrame({"smiles": raw, **further}, dtype=object)
        return cls.from_rows(Rows(names, raw, table, tuple(range(1, len(raw) + 1))), executor=executor)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, smiles: str = "smiles", id: str | None = None) -> Library:
        """A library of a table's `smiles` column; every other column comes along."""
        for column in filter(None, (smiles, id)):
            if list(frame.columns).count(column) > 1:
                raise MolgenError(f"{list(frame.columns).count(column)} columns are called {column!r}", fix="give each its own name")
            if column not in frame.columns:
                raise MolgenError(f"no column {column!r}", fix=meant(column, map(str, frame.columns)))
        raw = tuple(_text(cell) for cell in frame[smiles])
        given = [_text(cell) for cell in frame[id]] if id else [""] * len(raw)
        names = tuple(name or f"row_{i}" for i, name in enumerate(given, start=1))
        return cls.from_rows(Rows(names, raw, frame.reset_index(drop=True), tuple(range(1, len(raw) + 1))))

    @classmethod
    def from_rows(cls, rows: Rows, *, limits: Limits = Limits(), source: str = "", executor: Executor | None = None) -> Library:
        """The rows standardised, each once; the same text is worked on once, and what is prepared within these limits not at all."""
        bad = {i: Structure(stage="watchdog", reason=reason) for i, reason in rows.given_up.items()}
        bad |= {i: Structure(stage="row", reason=reason) for i, reason in rows.faults.items()}
        if rows.prepared is not None and rows.prepared.limits == limits:
            return cls(rows, tuple(bad.get(i, structure) for i, structure in enumerate(rows.prepared.structures)), source)
        rows = replace(rows, prepared=None)
        texts = list(dict.fromkeys(text for i, text in enumerate(rows.raw) if i not in bad))
        chunks = [texts[start : start + _POOL_CHUNK] for start in range(0, len(texts), _POOL_CHUNK)]
        work = partial(_standardize_chunk, limits=limits, keep_mols=len(texts) <= _MOST_MOLS)
        done = (executor or Serial()).map(work, chunks)
        known = dict(zip(texts, (structure for chunk in done for structure in chunk)))
        structures = tuple(bad[i] if i in bad else known[text] for i, text in enumerate(rows.raw))
        return cls(rows, structures, source)

    @checked
    def paired(self, kind: PartnerKind, *, column: str | None = None, table: Path | str | None = None) -> Library:
        """The same, each row's molecule paired with the protein ("target") or cell line ("context") that a column of the row says.

        Without `column` it is found by its usual name. `table` is a FASTA file, or a CSV, that has them by name. A row whose partner
        can't be read is rejected with that reason.

        >>> kd = Library.of(["CCO", "CCN"], columns={"sequence": ["MKTAYIAKQR" * 4, "MK1"]}).paired("target")
        >>> [reject.id for reject in kd.rejects]
        ['row_2']
        """
        return Pairing.of(kind, column=column, table=table)(self)

    def paired_with(self, each: Partner, of_row: Sequence[int] | NDArray[np.int64]) -> Library:
        """The same, each row's molecule paired with one of `each`; a row whose partner is bad is rejected with that reason.

        >>> from molgen.data.proteins import Proteins
        >>> Library.of(["CCO", "CCN"]).paired_with(Proteins.of(["MKTAYIAKQR" * 4, "MK1"]), [0, 1]).rejects[0].stage
        'partner'
        """
        partners = Partners(each, np.asarray(of_row, dtype=np.int64))
        reasons = [each.reasons[i] for i in partners.of_row.tolist()]
        structures = tuple(
            Structure(stage="partner", reason=reason) if reason and not own.reason else own for own, reason in zip(self.structures, reasons)
        )
        return Library(self.rows, structures, self.source, partners)

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, column: str) -> list[str]:
        """Each row's text in a column of the input, "" where it has none.

        >>> Library.of(["CCO", "CCN"], columns={"pKi": [7.5, None]}).cells("pKi")
        ['7.5', '']
        """
        names = [str(name) for name in self.rows.columns.columns]
        if names.count(column) > 1:
            raise MolgenError(f"{names.count(column)} columns are called {column!r}", where=self.source)
        if column not in names:
            raise MolgenError(f"no column {column!r}", where=self.source, fix=meant(column, names))
        series = self.rows.columns.iloc[:, names.index(column)]
        return ["" if empty else str(cell) for cell, empty in zip(series.tolist(), series.isna())]

    @property
    def ids(self) -> tuple[str, ...]:
        return self.rows.ids

    @cached_property
    def smiles(self) -> list[str]:
        """Canonical SMILES of the parent structures, "" where rejected."""
        return [structure.smiles for structure in self.structures]

    @cached_property
    def inchikeys(self) -> list[str]:
        """InChIKeys of the parent structures, "" where rejected."""
        return [structure.inchikey for structure in self.structures]

    @cached_property
    def ok(self) -> NDArray[np.bool_]:
        """[rows], True where there is a structure to score."""
        return np.array([not structure.reason for structure in self.structures], dtype=bool)

    @cached_property
    def keys(self) -> list[str]:
        """What tells rows apart: the InChIKey, and with it the partner's key where there is one; "" where rejected."""
        if self.partners is None:
            return self.inchikeys
        return [f"{key} {partner}" if key else "" for key, partner in zip(self.inchikeys, self.partners.keys)]

    @cached_property
    def first_row(self) -> NDArray[np.int64]:
        """[rows], the first row with the same key (itself, when it is the first), -1 where rejected."""
        return _first(self.keys)

    @cached_property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(
            Reject(i, self.ids[i], self.rows.lines[i], structure.stage, structure.reason, self.rows.raw[i])
            for i, structure in enumerate(self.structures)
            if structure.reason
        )

    @property
    def mols(self) -> list[Chem.Mol]:
        """RDKit molecules of the parent structures, one without atoms where rejected; parsed once."""
        return self.once("mols", lambda library: read_again(library.structures))

    def once(self, key: Hashable, make: Callable[[Library], T]) -> T:
        """`make(self)`, worked out the first time and kept: how all terms and models share features."""
        if key not in self._memo:
            self._memo[key] = make(self)
        return self._memo[key]

    def kept(self, key: Hashable) -> Any:
        """What `once` made under this key, None when it has not."""
        return self._memo.get(key)

    def distinct(self) -> Library:
        """Each scorable structure once, in order of first appearance; `fill` takes results back to all rows.

        Tautomers are told apart here, though InChI may not: what is said of a row must not depend on which others there are.
        """
        return self._firsts("distinct", self._first_alike)

    def unique(self) -> Library:
        """Each molecule once, by InChIKey: what must not be on two sides of a split; `fill_unique` takes results back to all rows."""
        return self._firsts("unique", self.first_row)

    @property
    def molecules(self) -> Library:
        """Each scorable molecule once, in order of first appearance, and alone; `molecule_of_row` says where each row's is."""
        if self.partners is None:
            return self.distinct()
        return self.once("molecules", _alone)

    @cached_property
    def molecule_of_row(self) -> NDArray[np.int64]:
        """[rows], which of `molecules` each row's is; -1 where rejected."""
        return _places(_first(self.smiles))

    def with_one_structure_each(self) -> Library:
        """The same, each molecule as its first row has it: tautomers that InChI doesn't tell apart are learned as one."""
        first = _first(self.inchikeys)
        structures = tuple(self.structures[i] if i >= 0 else own for i, own in zip(first.tolist(), self.structures))
        if structures == self.structures:
            return self
        return Library(replace(self.rows, prepared=None), structures, self.source, self.partners)

    def fill(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Values by row of `distinct()` [distinct, ...] laid out over all rows [rows, ...], NaN where rejected."""
        return self._laid_out(values, self._first_alike)

    def fill_unique(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The same of values by row of `unique()`."""
        return self._laid_out(values, self.first_row)

    @cached_property
    def _first_alike(self) -> NDArray[np.int64]:
        """[rows], the first row with the same structure and partner, -1 where rejected."""
        if self.partners is None:
            return _first(self.smiles)
        return _first([f"{smiles} {partner}" if smiles else "" for smiles, partner in zip(self.smiles, self.partners.keys)])

    def _firsts(self, name: str, first: NDArray[np.int64]) -> Library:
        chosen = first == np.arange(len(self))
        if chosen.all():
            return self  # so that what is memoised on it is found by whoever asks these rows for theirs
        return self.once(name, lambda library: library.take(np.flatnonzero(chosen)))

    def _laid_out(self, values: NDArray[Any], first: NDArray[np.int64]) -> NDArray[np.float64]:
        values = np.asarray(values, dtype=np.float64)
        place = _places(first)
        if len(values) != place.max(initial=-1) + 1:
            raise ValueError(f"{len(values)} values for {place.max(initial=-1) + 1} distinct molecules")
        out = np.full((len(self), *values.shape[1:]), np.nan)
        out[self.ok] = values[place[self.ok]]
        return out

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Library:
        """The library of these rows, in this order; a boolean mask works too."""
        chosen = np.asarray(rows)
        if chosen.dtype == bool and len(chosen) != len(self):
            raise MolgenError(f"a mask of {len(chosen)} for {len(self)} rows")
        index = [int(i) for i in (np.flatnonzero(chosen) if chosen.dtype == bool else chosen)]
        partners = None if self.partners is None else self.partners.take(index)
        return Library(self.rows.take(index), tuple(self.structures[i] for i in index), self.source, partners)

    @property
    def digest(self) -> str:
        """Hex digest of what was read: ids, raw text, and the order of both."""
        return self.once("digest", lambda library: digest(library.ids, library.rows.raw, *_of_partners(library)))

    def columns(self) -> dict[str, list[str]]:
        """What became of each row, as table columns: id, where no column of the input tells it, status, error, structure, duplicates."""
        told = {"id": list(self.ids)} if self.rows.titled else {}
        return told | {
            "status": ["ok" if good else "invalid" for good in self.ok],
            "error": [structure.reason for structure in self.structures],
            "smiles": self.smiles,
            "inchikey": self.inchikeys,
            "changes": ["; ".join(structure.changes) for structure in self.structures],
            "duplicate_of": [self.ids[first] if 0 <= first < i else "" for i, first in enumerate(self.first_row.tolist())],
        }

    def to_frame(self) -> pd.DataFrame:
        """Every input column untouched and in order, then `columns`, each with ``molgen_`` before its name."""
        return with_columns(self.rows.columns, self.columns())

    def __repr__(self) -> str:
        paired = ", paired" if self.partners is not None else ""
        return f"Library({len(self):,} rows, {len(self.rejects):,} rejected{paired}{', ' * bool(self.source)}{self.source})"

    def _repr_html_(self) -> str:
        from molgen.chem.depict import table_html

        return table_html(self.smiles, self.ids, {"error": [structure.reason for structure in self.structures]})


def _text(cell: Any) -> str:
    """What a cell says, "" for one that is missing; a molecule itself is refused, since it may not be what a SMILES can say."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Chem.Mol):
        raise MolgenError("a molecule of RDKit where a SMILES belongs", fix="Chem.MolToSmiles(mol)")
    return "" if pd.isna(cell) else str(cell)


def _first(keys: Sequence[str]) -> NDArray[np.int64]:
    """[rows], the first row with the same key; -1 where there is none."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(key, i) if key else -1 for i, key in enumerate(keys)], dtype=np.int64)


def _places(first: NDArray[np.int64]) -> NDArray[np.int64]:
    """[rows], which of the first rows each row's is, counted from 0; -1 where there is none."""
    return np.where(first < 0, -1, (np.cumsum(first == np.arange(len(first))) - 1)[first])


def _alone(library: Library) -> Library:
    first = _first(library.smiles)
    return replace(library.take(np.unique(first[first >= 0])), partners=None, _memo={})


def _of_partners(library: Library) -> list[Any]:
    return [] if library.partners is None else [library.partners.each.digest, library.partners.of_row.tolist()]


def with_columns(frame: pd.DataFrame, new: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with `molgen_`-prefixed columns after its own; one that exists is never overwritten.

    >>> with_columns(pd.DataFrame({"molgen_status": ["mine"]}), {"status": ["ok"]}).columns.tolist()
    ['molgen_status', 'molgen_status_2']
    """
    taken = set(map(str, frame.columns))
    named = {}
    for name, values in new.items():
        column = free_name(f"molgen_{name}", taken)
        taken.add(column)
        named[column] = values
    return pd.concat([frame, pd.DataFrame(named, index=frame.index)], axis=1)


def _standardize_chunk(texts: list[str], limits: Limits, keep_mols: bool) -> list[Structure]:
    structures = standardize_all(texts, limits)
    return structures if keep_mols else [structure.without_mol() for structure in structures]
