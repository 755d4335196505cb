"""What we recommend: ordered rows with every raw number, and an account of every molecule that was read."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.base.files import write_json
from molgen.base.provenance import Provenance
from molgen.data.writers import Written, write, write_tables

REJECT_COLUMNS = ("row", "id", "line", "stage", "reason", "raw")

# What a ranking says of a molecule beside its goals: no goal may be called like one of these.
OWN_COLUMNS = (
    "rank", "id", "smiles", "inchikey", "changes", "score",
    "alert_names", "origin", "novel", "nearest_known_id", "nearest_known_smiles", "nearest_known_similarity",
    "nearest_library_id", "nearest_library_smiles", "nearest_library_similarity",
)  # fmt: skip


def files_of(name: str) -> tuple[str, ...]:
    """The files that `Ranking.save` writes under this name.

    >>> files_of("ranking")
    ('ranking.csv', 'ranking.sdf', 'rejects.csv', 'provenance.json', 'run.json')
    """
    return f"{name}.csv", f"{name}.sdf", "rejects.csv", "provenance.json", "run.json"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Where every molecule went; they close, or something was lost."""

    read: int
    ranked: int
    cut: int  # scored, and left out by the top or diversity asked for; of a search also seeds, known ones and those with alerts
    rejected: int
    duplicates: int  # of a row that came earlier, which holds the score

    def __post_init__(self) -> None:
        if self.read != self.ranked + self.cut + self.rejected + self.duplicates:
            raise AssertionError(f"the counts do not close: {self}")

    def __str__(self) -> str:
        return (
            f"read {self.read:,} = ranked {self.ranked:,} + cut {self.cut:,} + rejected {self.rejected:,} + duplicates {self.duplicates:,}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking:
    """Best first. `frame` holds the input's own columns, then ours, each prefixed ``molgen_``."""

    frame: pd.DataFrame
    counts: Counts
    goals: list[dict[str, Any]]  # as `Objective.describe` gives them
    rejects: pd.DataFrame  # the first ones, when there are more than one holds in memory
    provenance: Provenance
    title: str = ""
    extras: dict[str, Any] = field(default_factory=dict)  # further sections of run.json: models, enrichment, generation
    all_rejects: Path | None = None  # file of all of them, where `rejects` are only the first

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def smiles(self) -> list[str]:
        return [str(smiles) for smiles in self.frame["molgen_smiles"]]

    @property
    def ids(self) -> list[str]:
        return [str(name) for name in self.frame["molgen_id"]]

    def to_frame(self) -> pd.DataFrame:
        """The ranked rows."""
        return self.frame

    def save(self, folder: Path, *, name: str = "ranking") -> Path:
        """`name`.csv and .sdf, rejects.csv, provenance.json, and run.json, which the report is made from."""
        folder = Path(folder)
        write_json(folder / "provenance.json", self.provenance.to_dict())  # first: whose the files are that follow
        for form in ("csv", "sdf"):
            write(self.frame, folder / f"{name}.{form}", structures=self.smiles, ids=self.ids)
        if self.all_rejects is None:
            write_tables([Written(self.rejects, (), ())], folder / "rejects.csv")
        elif self.all_rejects.resolve() != (folder / "rejects.csv").resolve():
            shutil.copyfile(self.all_rejects, folder / "rejects.csv")
        write_json(folder / "run.json", self.summary())
        return folder

    def summary(self) -> dict[str, Any]:
        """What run.json says: title, verb, counts, goals, and the extras."""
        about = {"format": 1, "title": self.title, "verb": self.provenance.verb, "counts": asdict(self.counts), "goals": self.goals}
        return {**about, **self.extras}

    def _repr_html_(self) -> str:
        from molgen.chem.depict import table_html

        shown = ["molgen_score", *(f"molgen_{goal['name']}" for goal in self.goals)]
        columns = {name.removeprefix("molgen_"): self.frame[name].tolist() for name in shown if name in self.frame}
        return table_html(self.smiles, self.ids, columns)
