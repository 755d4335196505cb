"""Cell lines by row, each as a profile of numbers: expression of genes, or whatever else a table tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError, meant
from molgen.base.files import digest
from molgen.data.columns import MISSING
from molgen.data.streams import csv_table


@dataclass(frozen=True, eq=False)
class Profiles:
    """Profiles by row; a rejected one stays in its place, all NaN."""

    names: tuple[str, ...]
    values: NDArray[np.float64]  # [rows, columns]; NaN where not known
    columns: tuple[str, ...]
    reasons: tuple[str, ...]  # "" where not rejected

    @classmethod
    def of(cls, names: Sequence[str], values: NDArray[np.float64], columns: Sequence[str]) -> Profiles:
        """One profile a row of `values`; one without any number is rejected.

        >>> lines = Profiles.of(["A549", "HeLa"], np.array([[1.0, 2.0], [np.nan, np.nan]]), ["EGFR", "KRAS"])
        >>> lines.reasons
        ('', 'no number in its profile')
        """
        numbers = np.where(np.isfinite(values), values, np.nan)
        reasons = ("" if np.isfinite(row).any() else "no number in its profile" for row in numbers)
        return cls(tuple(names), numbers, tuple(columns), tuple(reasons))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def ok(self) -> NDArray[np.bool_]:
        """[rows], True where there is a profile."""
        return np.array([not reason for reason in self.reasons], dtype=bool)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What tells profiles apart: their numbers; "" where rejected."""
        return tuple(digest(row.tolist()) if good else "" for row, good in zip(self.values, self.ok))

    def named(self, names: Sequence[str]) -> Profiles:
        """The profiles of these names, in this order; a name that none has is a row with that reason."""
        # As it is written before any other: names may differ in nothing but their case.
        listed = [(name, row) for row, name in reversed(list(enumerate(self.names))) if name]
        as_written, in_any_case = dict(listed), {name.casefold(): row for name, row in listed}
        rows = [as_written.get(name.strip(), in_any_case.get(name.strip().casefold(), -1)) for name in names]
        values = np.array([self.values[row] if row >= 0 else np.full(len(self.columns), np.nan) for row in rows])
        reasons = (self.reasons[row] if row >= 0 else self._unknown(name) for name, row in zip(names, rows))
        return Profiles(tuple(names), values.reshape(len(rows), len(self.columns)), self.columns, tuple(reasons))

    def _unknown(self, name: str) -> str:
        if name.strip().casefold() in MISSING:
            return "no cell line given"
        return f"no profile is called {name!r} among the {len(self)}"

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Profiles:
        """The profiles of these rows, in this order."""
        index = [int(row) for row in rows]
        names, reasons = (tuple(column[i] for i in index) for column in (self.names, self.reasons))
        return Profiles(names, self.values[index], self.columns, reasons)

    def and_those(self, others: Profiles) -> Profiles:
        """These, then the others; columns that these lack are left out."""
        place = {column: i for i, column in enumerate(others.columns)}
        missing = [column for column in self.columns if column not in place]
        if missing:
            raise MolgenError(f"profiles without {missing[0]!r} beside profiles with it")
        values = np.concatenate([self.values, others.values[:, [place[column] for column in self.columns]]])
        return Profiles(self.names + others.names, values, self.columns, self.reasons + others.reasons)

    @property
    def digest(self) -> str:
        """Hex digest of names and numbers, and of their order."""
        return digest(self.names, self.keys, self.columns)


def read_profiles(path: Path | str, *, name: str | None = None) -> Profiles:
    """The profiles of a CSV: a row a cell line, its name in the column `name`; the first if none is named, but for a bare count of rows.

    Columns of numbers are the profile, a blank or NA, n.d. and the like in them is not known; others, say the tissue, are left out. A
    column of numbers with another word in it is a MolgenError.
    """
    table = _table(path, 0 if name is None else name)
    if name is not None and name not in table.columns:
        raise MolgenError(f"no column {name!r}", where=str(path), fix=meant(name, map(str, table.columns)))
    if name is None and _is_count(table):
        table = _table(path, table.columns[1]).iloc[:, 1:]
    names = table[name] if name is not None else table.iloc[:, 0]
    columns = {column: _numbers(cells, str(path)) for column, cells in table.drop(columns=names.name).items()}
    numbers = pd.DataFrame({column: cells for column, cells in columns.items() if cells is not None}, index=table.index)
    if not len(table) or not numbers.shape[1]:
        raise MolgenError("no profile in it", where=str(path), fix="want a row a cell line: its name, then numbers")
    called = names.fillna("").astype(str).str.strip().tolist()  # a line without a name is there, and nobody's
    return Profiles.of(called, numbers.to_numpy(dtype=np.float64), [str(column) for column in numbers.columns])


def _table(path: Path | str, name: Any) -> pd.DataFrame:
    """The table of a file; the column of names is text, that of figures too."""
    missing = [written for word in MISSING for written in (word, word.upper(), word.capitalize())]
    return csv_table(path, low_memory=False, converters={name: str}, na_values=missing)


def _is_count(table: pd.DataFrame) -> bool:
    """Whether the first column, without a name, counts the rows, as pandas writes them unasked, and words follow in the second."""
    counted = table.columns[0] == "Unnamed: 0" and table.iloc[:, 0].tolist() == [str(n) for n in range(len(table))]
    return counted and table.shape[1] > 1 and bool(pd.to_numeric(table.iloc[:, 1].dropna(), errors="coerce").isna().any())


def _numbers(cells: pd.Series[Any], where: str) -> pd.Series[Any] | None:
    """A column's numbers, NaN where it says that there is none; None for one that is not of numbers."""
    if cells.dtype.kind in "biuf":
        return None if cells.dtype.kind == "b" else cells
    said = cells.fillna("").astype(str).str.strip()
    told = said[~said.str.casefold().isin(MISSING)]
    numbers, nearly = (pd.to_numeric(text, errors="coerce") for text in (told, told.str.replace(",", ".", regex=False)))
    if nearly.notna().sum() <= len(told) / 2:
        return None
    if numbers.isna().any():
        odd = nearly.isna() if nearly.isna().any() else numbers.isna()
        row = odd.index[odd][0]
        raise MolgenError(f"{told[row][:30]!r} is not a number", where=f"{where}, column {cells.name}, row {row + 1}")
    return numbers.reindex(cells.index)
