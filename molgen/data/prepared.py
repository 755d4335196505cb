"""What an earlier `molgen prepare` worked out, kept in a Parquet file so that nobody works it out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from molgen.chem.fingerprints import BYTES, Packed
from molgen.chem.parse import Limits

if TYPE_CHECKING:
    from molgen.chem.standardize import Structure

KEY = b"molgen.prepared"  # of the Parquet file's own metadata

# Of the columns and of how the fingerprints in them are made.
FORMAT = 1

# Ours in a prepared library; each is called `molgen_` and this, with a number where the input has such a column itself.
COLUMNS = (
    "status", "error", "smiles", "inchikey", "changes", "duplicate_of", "stage", "id", "line", "raw", "ecfp4", "pattern",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Prepared:
    """Structures and fingerprints by row; rejected rows have a reason and no bits."""

    structures: tuple[Structure, ...]
    ecfp4: Packed  # [rows, 256]
    pattern: Packed  # [rows, 256]
    limits: Limits  # that decided what was too large

    def take(self, rows: Sequence[int]) -> Prepared:
        """These rows, in this order."""
        index = list(rows)
        return Prepared(tuple(self.structures[i] for i in index), self.ecfp4[index], self.pattern[index], self.limits)


def joined(parts: Sequence[Prepared | None]) -> Prepared | None:
    """All parts as one, if all are there and agree."""
    there = [part for part in parts if part is not None]
    if len(there) < len(parts) or not there or any(part.limits != there[0].limits for part in there):
        return None
    structures = tuple(structure for part in there for structure in part.structures)
    return Prepared(
        structures, np.concatenate([part.ecfp4 for part in there]), np.concatenate([part.pattern for part in there]), there[0].limits
    )


def made_with() -> dict[str, int | str]:
    """What has to be the same for a prepared library to be used."""
    return {"format": FORMAT, "rdkit": version("rdkit"), "chembl_structure_pipeline": version("chembl-structure-pipeline")}


class Label(BaseModel, frozen=True):
    """What is written on a prepared library: how it was made, and which of its columns are ours."""

    made_with: dict[str, int | str]
    limits: dict[str, int]
    columns: dict[str, str]  # what it is -> the column's name
    titled: bool = False  # as of `Rows`

    @classmethod
    def of(cls, schema: Any) -> Label | None:
        """The label in a Parquet file's metadata, None where there is none, one of a format we don't know, or of other columns."""
        try:
            label = cls.model_validate_json((schema.metadata or {}).get(KEY, b""))
        except ValidationError:
            return None
        there = set(COLUMNS) <= set(label.columns) and set(label.columns.values()) <= set(schema.names)
        return label if there and label.made_with.get("format") == FORMAT else None

    def outdated(self, limits: Limits) -> str:
        """Why what is in the file can't be used here, "" when it can."""
        for name, now in made_with().items():
            if self.made_with.get(name) != now:
                return f"it was made with {name} {self.made_with.get(name)}, here is {now}"
        return "" if self.limits == vars(limits) else f"it was made with {_said(self.limits)}, asked for is {_said(vars(limits))}"


def bytes_of(column: Any) -> NDArray[np.uint8]:
    """[rows, 256] of a fixed-size binary Arrow array; zeros where it is null."""
    import pyarrow.compute

    filled = pyarrow.compute.fill_null(column, bytes(BYTES)) if column.null_count else column
    start = filled.offset * BYTES
    return np.frombuffer(filled.buffers()[1], dtype=np.uint8)[start : start + len(filled) * BYTES].reshape(-1, BYTES)


def _said(limits: dict[str, int]) -> str:
    return " and ".join(f"at most {value} {name.replace('_', ' ')}" for name, value in limits.items())
