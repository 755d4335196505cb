"""A reason for every number: which atoms carry it, which measured molecules stand behind it, which small edit would change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.base.files import digest
from molgen.base.wanted import checked
from molgen.chem.subgraphs import Group, Whole
from molgen.data.library import Library
from molgen.data.writers import write
from molgen.explain.nearby import Counterfactual, KnownChemistry, counterfactuals, one_edit_away
from molgen.explain.shapley import shared
from molgen.explain.worth import Worth
from molgen.features.bits import ecfp4, top
from molgen.models.base import Task
from molgen.models.predictor import Predictor

Method = Literal["shapley", "myerson", "masking"]
Progress = Callable[[int, int, str], None]  # molecules done, in all, which

_EDITS = 400  # edits tried a molecule, most of which lead nowhere new
_SHOWN = 12  # pictures in a notebook
_SUMS = ("baseline", "adds_up_to", "scale")  # columns


@dataclass(frozen=True)
class Neighbour:
    """A molecule that was measured, and how like the explained one it is."""

    id: str
    smiles: str
    similarity: float  # Tanimoto, ECFP4
    values: tuple[float, ...]  # [tasks], NaN where not measured


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

    def _repr_html_(self) -> str:
        from molgen.chem.depict import shaded_svg, table_html

        shown = [(one, i) for one in self.there for i in range(len(self.tasks))]
        most = [max((float(np.abs(one.atoms[:, i]).max()) for one in self.there), default=0.0) for i in range(len(self.tasks))]
        columns = {
            "task": [self.tasks[i].name for _, i in shown],
            "predicted": [one.mean[i] for one, i in shown],
            "in domain": ["yes" if one.in_domain[i] else "no" for one, i in shown],
        }
        pictures = [shaded_svg(one.smiles, one.atoms[:, i].tolist(), most=most[i], width=300, height=200) for one, i in shown[:_SHOWN]]
        return table_html([one.smiles for one, _ in shown], [one.id for one, _ in shown], columns, _SHOWN, pictures)

    def atoms(self) -> pd.DataFrame:
        """One row an atom and task: its contribution, and what all of them add up to, as `_sums` has it."""
        rows = [
            {"id": one.id, "smiles": one.smiles, "task": task.name, "atom": atom, "contribution": float(value), **self._sums(one, i)}
            for one in self.there
            for i, task in enumerate(self.tasks)
            for atom, value in enumerate(one.atoms[:, i])
        ]
        return pd.DataFrame(rows, columns=["id", "smiles", "task", "atom", "contribution", *_SUMS])

    def fragments(self) -> pd.DataFrame:
        """One row a fragment and task, its atoms and its contribution, with the sums as in `atoms`."""
        rows = [
            {"id": one.id, "task": task.name, "fragment": text, "atoms": " ".join(map(str, group)), "contribution": float(value)}
            | self._sums(one, i)
            for one in self.there
            for i, task in enumerate(self.tasks)
            for text, group, value in zip(one.group_smiles(), one.groups, one.fragments[:, i])
        ]
        return pd.DataFrame(rows, columns=["id", "task", "fragment", "atoms", "contribution", *_SUMS])

    def _sums(self, one: Explanation, task: int) -> dict[str, Any]:
        """The baseline, what it and the contributions add up to (NaN by masking, by which they don't), and the scale of all three."""
        whole = np.nan if self.method == "masking" else float(one.learned[task])
        return dict(zip(_SUMS, (float(one.baseline[task]), whole, _scale_of(self.tasks[task])), strict=True))

    def edits(self) -> pd.DataFrame:
        """One row an edit that changes a task's answer."""
        columns = ["id", "task", "smiles", "edit", "predicted", "change", "similarity", "in_domain", "turns"]
        rows = [
            (one.id, task.name, edit.smiles, edit.edit, edit.mean, edit.change, edit.similarity, edit.in_domain, edit.turns)
            for one in self.there
            for task, edits in zip(self.tasks, one.counterfactuals)
            for edit in edits
        ]
        return pd.DataFrame(rows, columns=columns)

    def neighbours(self) -> pd.DataFrame:
        """One row a measured molecule that is like an explained one."""
        rows = [
            {"id": one.id, "nearest_id": near.id, "smiles": near.smiles, "similarity": near.similarity}
            | {task.name: value for task, value in zip(self.tasks, near.values)}
            for one in self.there
            for near in one.neighbours
        ]
        return pd.DataFrame(rows, columns=["id", "nearest_id", "smiles", "similarity", *(task.name for task in self.tasks)])

    def save(self, folder: Path | str) -> Path:
        """The tables as CSV files of a folder: atoms, fragments, neighbours, edits; and rejects, with their reasons."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        rejects = pd.DataFrame([(one.id, one.line, one.stage, one.reason, one.raw) for one in self.library.rejects],
                               columns=["id", "line", "stage", "reason", "raw"])  # fmt: skip
        tables = (self.atoms(), self.fragments(), self.neighbours(), self.edits(), rejects)
        for name, table in zip(FILES, tables, strict=True):
            write(table, folder / name, structures=[""] * len(table), ids=[""] * len(table))
        return folder


def _scale_of(task: Task) -> str:
    """In what contributions are: "log10 h", "h", "probability, before calibration"; "" of a value without a unit."""
    if task.kind == "classification":
        return "probability, before calibration"
    return f"log10 {task.unit}".strip() if task.scale == "log" else task.unit


FILES = ("atoms.csv", "fragments.csv", "neighbours.csv", "edits.csv", "rejects.csv")  # of `Explanations.save`


@checked
def explain(
    predictor: Predictor | Path | str,
    molecules: Library | Sequence[str],
    *,
    method: Method = "shapley",
    rounds: int = 32,
    neighbours: int = 3,
    edits: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
) -> Explanations:
    """Why the predictor, or the one of that folder or name, says what it says of each molecule.

    By `method`, an atom's contribution is its share of the prediction above the mean of the known values (`shapley`, and
    `myerson`, for which parts that don't hang together add up; both sum to the prediction), or what the prediction
    loses without the atom alone (`masking`, which does not). `rounds` pairs of orders are drawn for the shares.
    `neighbours` is how many measured molecules are shown, `edits` how many that raise and that lower a prediction.
    """
    if rounds < 1:
        raise MolgenError(f"rounds is {rounds}, want at least 1")
    if min(neighbours, edits, seed) < 0:
        raise MolgenError(f"neighbours is {neighbours}, edits {edits} and seed {seed}, want at least 0 each")
    predictor = predictor if isinstance(predictor, Predictor) else Predictor.load(predictor)
    library = molecules if isinstance(molecules, Library) else Library.of(molecules)
    if predictor.pairs is not None:
        raise MolgenError("the model is of pairs, these are molecules alone", fix="say against what: --target, or against(...)")
    said, chemistry = predictor.predict(library), KnownChemistry.of(predictor) if edits else None
    near = _nearest(predictor, library, neighbours)
    explained: list[Explanation | None] = []
    for row, smiles in enumerate(library.smiles):
        if not smiles:
            explained.append(None)
            continue
        rng = np.random.default_rng((seed, int(digest(smiles)[:16], 16)))  # the same molecule has the same reasons wherever it stands
        whole = Whole(smiles)
        worth = Worth(predictor, whole, connected=method == "myerson", inchikey=library.inchikeys[row])
        atoms, fragments = _contributions(whole, worth, method, rounds, rng)
        found: tuple[tuple[Counterfactual, ...], ...] = tuple(() for _ in predictor.tasks)
        if chemistry is not None:
            away = one_edit_away(smiles, chemistry, tries=_EDITS, rng=rng)
            found = counterfactuals(predictor, smiles, said.mean[row], said.spread[row], away, most=edits)
        explained.append(
            Explanation(
                library.ids[row], smiles, said.mean[row], said.spread[row], said.in_domain[row], worth([range(len(whole))])[0],
                worth.nothing, atoms, whole.groups, fragments, near[row], found,
            )
        )  # fmt: skip
        if progress:
            progress(row + 1, len(library), library.ids[row])
    return Explanations(library, predictor.tasks, method, tuple(explained))


def _contributions(
    whole: Whole, worth: Worth, method: Method, rounds: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[atoms, tasks] and [groups, tasks]."""
    if method == "masking":
        every = frozenset(range(len(whole)))
        without = [every - {atom} for atom in range(len(whole))] + [every - set(group) for group in whole.groups]
        kept, *lost = worth([every, *without])
        differences = kept - np.stack(lost)
        return differences[: len(whole)], differences[len(whole) :]
    atoms = shared(whole.groups, worth, rounds=rounds, rng=rng)
    return atoms, np.stack([atoms[list(group)].sum(axis=0) for group in whole.groups])


def _nearest(predictor: Predictor, library: Library, most: int) -> list[tuple[Neighbour, ...]]:
    """[rows], the measured molecules most like each."""
    distinct, known = library.distinct(), predictor.domain.known
    found = top(ecfp4(distinct), known.bits, min(most, len(known))) if len(distinct) and most and known.told else []
    by_molecule = [
        tuple(
            Neighbour(known.ids[row], known.smiles[row], float(alike), tuple(known.values[row].tolist()))
            for row, alike in zip(one.row.tolist(), one.tanimoto)
        )
        for one in found
    ]
    place = library.fill(np.arange(len(distinct)))
    return [() if not by_molecule or np.isnan(i) else by_molecule[int(i)] for i in place]
