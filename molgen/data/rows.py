"""Structures as read, before anything chemical was done: what readers hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from molgen.data.prepared import Prepared


@dataclass(frozen=True)
class Rows:
    """One entry a record, in order; what is broken about a row is said beside it."""

    ids: tuple[str, ...]
    raw: tuple[str, ...]  # structure text, untouched
    columns: pd.DataFrame  # every input column in order, untouched; one row a structure
    lines: tuple[int, ...]  # 1-based: line of text, row of a sheet, or record number of an SDF
    faults: dict[int, str] = field(default_factory=dict)  # row -> why the row itself is broken
    given_up: dict[int, str] = field(default_factory=dict)  # row -> how it brought a worker down
    prepared: Prepared | None = None  # what an earlier `molgen prepare` made of them
    titled: bool = False  # ids are told by no column, as the titles of SDF records are not

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int]) -> Rows:
        """These rows, in this order."""
        return Rows(
            tuple(self.ids[i] for i in rows),
            tuple(self.raw[i] for i in rows),
            self.columns.iloc[list(rows)].reset_index(drop=True),
            tuple(self.lines[i] for i in rows),
            {new: self.faults[i] for new, i in enumerate(rows) if i in self.faults},
            {new: self.given_up[i] for new, i in enumerate(rows) if i in self.given_up},
            self.prepared.take(rows) if self.prepared is not None else None,
            self.titled,
        )
