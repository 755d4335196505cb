"""Why a model says what it says of the molecules of a library, as tables and as files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.subgraphs import Group, Whole
from molgen.data.library import Library
from molgen.data.writers import write
from molgen.explain.nearby import Counterfactual
from molgen.models.base import Task

Method = Literal["shapley", "myerson", "masking"]

_LOOKED = "residues.csv"
FILES = ("atoms.csv", "fragments.csv", "neighbours.csv", "edits.csv", "rejects.csv", _LOOKED)  # of `Explanations.save`
_SHOWN = 12  # pictures in a notebook
_SUMS = ("baseline", "adds_up_to", "scale")  # columns


@dataclass(frozen=True)
class Neighbour:
    """A molecule that was measured, and how like the explained one it is; of pairs also what it was measured with."""

    id: str
    smiles: str
    similarity: float  # Tanimoto, ECFP4
    values: tuple[float, ...]  # [tasks], NaN where not measured; of pairs, for a task that it is not shown for
    partner: str | None = None  # None where it is no pair
    partner_similarity: float = 1.0  # of the partner to the one asked about, as the model's domain has it


@dataclass(frozen=True)
class Residues:
    """A few residues in a row that a model with attention attended to: a hint at what it goes by."""

    first: int  # from 1
    last: int
    letters: str
    share: float  # of all that it attended to of the protein


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the model says what it says of one molecule. Atoms are those of `smiles`, in its order."""

    id: str
    smiles: str
    mean: NDArray[np.float64]  # [tasks]
    spread: NDArray[np.float64]  # [tasks]
    in_domain: NDArray[np.bool_]  # [tasks]
    learned: NDArray[np.float64]  # [tasks], as the model itself says it: a logarithm where the scale is log, a chance not calibrated
    baseline: NDArray[np.float64]  # [tasks], the mean of the known values, as learned: what is said of nothing
    atoms: NDArray[np.float64]  # [atoms, tasks]; but by masking, they sum to learned - baseline
    groups: tuple[Group, ...]
    fragments: NDArray[np.float64]  # [groups, tasks]
    neighbours: tuple[Neighbour, ...]
    counterfactuals: tuple[tuple[Counterfactual, ...], ...]  # [tasks], the smallest that turn the answer first
    partner: str = ""  # of a row that is a pair: the protein, or cell line, it is with
    residues: tuple[tuple[Residues, ...], ...] = ()  # [tasks], the most attended to first; of a model without attention none at all

    def neighbours_of(self, task: int) -> tuple[Neighbour, ...]:
        """Those to be shown for a task: of pairs each has its own, of molecules all have the same."""
        return tuple(near for near in self.neighbours if near.partner is None or np.isfinite(near.values[task]))

    def group_smiles(self) -> list[str]:
        """What each group is, with hydrogen at its cut bonds."""
        whole = Whole(self.smiles)
        return [whole.part(set(group)) for group in self.groups]


@dataclass(frozen=True, eq=False)
class Explanations:
    """One entry a row of `library`, None where the row was rejected."""

    library: Library
    tasks: tuple[Task, ...]
    method: Method
    rows: tuple[Explanation | None, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def there(self) -> tuple[Explanation, ...]:
        return tuple(row for row in self.rows if row is not None)

    @property
    def pairs(self) -> bool:
        """Whether each row is with a partner of its own; then the tables have a column `partner`."""
        return self.library.partners is not None

    def _repr_html_(self) -> str:
        from molgen.chem.depict import shaded_svg, table_html

        shown = [(one, i) for one in self.there for i in range(len(self.tasks))]
        most = [max((float(np.abs(one.atoms[:, i]).max()) for one in self.there), default=0.0) for i in range(len(self.tasks))]
        columns = {
            **({"partner": [one.partner for one, _ in shown]} if self.pairs else {}),
            "task": [self.tasks[i].name for _, i in shown],
            "predicted": [one.mean[i] for one, i in shown],
            "in domain": ["yes" if one.in_domain[i] else "no" for one, i in shown],
        }
        pictures = [shaded_svg(one.smiles, one.atoms[:, i].tolist(), most=most[i], width=300, height=200) for one, i in shown[:_SHOWN]]
        return table_html([one.smiles for one, _ in shown], [one.id for one, _ in shown], columns, _SHOWN, pictures)

    def atoms(self) -> pd.DataFrame:
        """One row an atom and task: its contribution, and what all of them add up to, as `_sums` has it."""
        rows = [
            self._who(one)
            | {"smiles": one.smiles, "task": task.name, "atom": atom, "contribution": float(value)}
            | self._sums(one, i)
            for one in self.there
            for i, task in enumerate(self.tasks)
            for atom, value in enumerate(one.atoms[:, i])
        ]
        return pd.DataFrame(rows, columns=[*self._named, "smiles", "task", "atom", "contribution", *_SUMS])

    def fragments(self) -> pd.DataFrame:
        """One row a fragment and task, its atoms and its contribution, with the sums as in `atoms`."""
        rows = [
            self._who(one)
            | {"task": task.name, "fragment": text, "atoms": " ".join(map(str, group)), "contribution": float(value)}
            | self._sums(one, i)
            for one in self.there
            for i, task in enumerate(self.tasks)
            for text, group, value in zip(one.group_smiles(), one.groups, one.fragments[:, i])
        ]
        return pd.DataFrame(rows, columns=[*self._named, "task", "fragment", "atoms", "contribution", *_SUMS])

    @property
    def _named(self) -> list[str]:
        """The columns by which every table says what a row of it is about."""
        return ["id", "partner"] if self.pairs else ["id"]

    def _who(self, one: Explanation) -> dict[str, Any]:
        return dict(zip(self._named, (one.id, one.partner)))

    def _sums(self, one: Explanation, task: int) -> dict[str, Any]:
        """The baseline, what it and the contributions add up to (NaN by masking, by which they don't), and the scale of all three."""
        whole = np.nan if self.method == "masking" else float(one.learned[task])
        return dict(zip(_SUMS, (float(one.baseline[task]), whole, _scale_of(self.tasks[task])), strict=True))

    def edits(self) -> pd.DataFrame:
        """One row an edit that changes a task's answer."""
        columns = [*self._named, "task", "smiles", "edit", "predicted", "change", "similarity", "in_domain", "turns"]
        rows = [
            (*who, task.name, edit.smiles, edit.edit, edit.mean, edit.change, edit.similarity, edit.in_domain, edit.turns)
            for one in self.there
            for who in [self._who(one).values()]
            for task, edits in zip(self.tasks, one.counterfactuals)
            for edit in edits
        ]
        return pd.DataFrame(rows, columns=columns)

    def neighbours(self) -> pd.DataFrame:
        """One row a measured molecule that is like an explained one; of a model of pairs a pair, with its partner."""
        shown = [near for one in self.there for near in one.neighbours]
        partners = ["nearest_partner", "partner_similarity"] if any(near.partner is not None for near in shown) else []
        rows = [
            self._who(one)
            | {"nearest_id": near.id, "smiles": near.smiles, "similarity": near.similarity}
            | {name: value for name, value in zip(partners, (near.partner, near.partner_similarity))}
            | {task.name: value for task, value in zip(self.tasks, near.values)}
            for one in self.there
            for near in one.neighbours
        ]
        names = [task.name for task in self.tasks]
        return pd.DataFrame(rows, columns=[*self._named, "nearest_id", "smiles", "similarity", *partners, *names])

    def residues(self) -> pd.DataFrame:
        """One row a few residues that the model attended to, the most first; none of a model without attention."""
        rows = [
            self._who(one) | {"task": task.name, "first": some.first, "last": some.last, "residues": some.letters, "share": some.share}
            for one in self.there
            for task, looked in zip(self.tasks, one.residues)
            for some in looked
        ]
        return pd.DataFrame(rows, columns=[*self._named, "task", "first", "last", "residues", "share"])

    def save(self, folder: Path | str) -> Path:
        """The tables as CSV files of a folder: atoms, fragments, neighbours, edits; rejects, with their reasons; and of a model with
        attention residues."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        rejects = pd.DataFrame([(one.id, one.line, one.stage, one.reason, one.raw) for one in self.library.rejects],
                               columns=["id", "line", "stage", "reason", "raw"])  # fmt: skip
        tables = (self.atoms(), self.fragments(), self.neighbours(), self.edits(), rejects, self.residues())
        for name, table in zip(FILES, tables, strict=True):
            if name == _LOOKED and not any(one.residues for one in self.there):
                (folder / name).unlink(missing_ok=True)  # of what was explained here before, by a model with attention
                continue
            write(table, folder / name, structures=[""] * len(table), ids=[""] * len(table))
        return folder


def _scale_of(task: Task) -> str:
    """In what contributions are: "log10 h", "h", "probability, before calibration"; "" of a value without a unit."""
    if task.kind == "classification":
        return "probability, before calibration"
    return f"log10 {task.unit}".strip() if task.scale == "log" else task.unit
