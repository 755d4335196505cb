"""What a score hides: repeats that disagree, test molecules that are nearly training ones, groups on which a model fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.scaffold import scaffold
from molgen.data.columns import free_name
from molgen.data.library import Library
from molgen.features.bits import Bits, above, ecfp4, nearest
from molgen.models.base import Task, Values
from molgen.models.calibration import Calibrated
from molgen.models.measured import Measured
from molgen.models.scale import to_learn

_ALIKE = (0.3, 0.5, 0.7)  # edges of groups by similarity to the nearest training molecule
_SIZES = (20, 30, 40)  # heavy atoms
_LEADING = 5  # scaffolds that are groups of their own
_NEARLY = 0.9  # Tanimoto (ECFP4) of molecules that are all but the same
_CLIFF = 1.0  # log units (or decades) between such two
_FEWEST = 5  # molecules of a group whose error is worth telling


def audit(
    data: Measured,
    parts: NDArray[np.str_],
    tasks: Sequence[Task],
    judged: Mapping[str, tuple[Values, Calibrated]],
    *,
    group: str | None = None,
) -> dict[str, Any]:
    """What to know of the data and the errors beside the metrics, as plain values.

    Per task the balance of its values, how many labels repeat, disagree and are bounds, and, on the test part (or the held-out
    folds, where there is none), the error by size, charge, scaffold, similarity to the training molecules and, with `group`, by a
    column's values: in decades, as the names say, where a task was learned as logarithms. For all tasks together: how test
    molecules relate to training ones.
    """
    part, (truth, told) = list(judged.items())[-1]
    test = np.flatnonzero(parts == "test") if part == "test" else np.flatnonzero(parts != "test")
    library, learned = data.library.take(test), data.library.take(np.flatnonzero(parts != "test"))
    found: dict[str, Any] = {"part": part, "balance": {task.name: _balance(task, column) for task, column in zip(tasks, data.exact.T)}}
    found["labels"] = {task.name: _labels(data, i) for i, task in enumerate(tasks)}
    similarity = nearest(ecfp4(library), Bits(ecfp4(learned))).tanimoto[library.molecule_of_row] if part == "test" else None
    if similarity is not None:
        found["leakage"] = _leakage(library, learned, similarity)
    groups = _groups(library, similarity, group)
    cliffs = _cliffs(data, tasks, test) if library.partners is None else [[""] * len(library)]  # they are a matter of one target
    found["errors"] = {
        task.name: _errors(task, truth[:, i], told.mean[:, i], groups | {"cliff": cliffs[i]}) for i, task in enumerate(tasks)
    }
    return found


def rows_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The errors of an audit as rows of one table."""
    return [
        {"task": task, "by": by, "group": name, **values}
        for task, groups in found["errors"].items()
        for by, members in groups.items()
        for name, values in members.items()
    ]


def _balance(task: Task, column: Values) -> dict[str, float]:
    known = column[np.isfinite(column)]
    if task.kind == "classification":
        return {"n": len(known), "share_of_1": float(known.mean())}
    if not len(known):  # all are bounds
        known = np.array([np.nan])
    low, middle, high = np.quantile(known, [0.05, 0.5, 0.95]).tolist()
    return {"n": int(np.isfinite(known).sum()), "quantile_05": low, "median": middle, "quantile_95": high}


def _labels(data: Measured, task: int) -> dict[str, int]:
    """rows = molecules + repeats; which molecules are in conflict, the card has apart."""
    name, known = data.tasks[task].name, np.isfinite(data.targets[:, task])
    rows, molecules = data.labelled[name], int(known.sum())
    bounds = int((data.relations[known, task] != "=").sum())
    return {"rows": rows, "molecules": molecules, "repeats": rows - molecules, "conflicts": len(data.conflicts[name]), "bounds": bounds}


def _leakage(library: Library, learned: Library, similarity: NDArray[np.float32]) -> dict[str, float]:
    """Of the test molecules, the share that the training ones give away, from the plainest way to the mildest."""
    skeletons = {key[:14] for key in learned.inchikeys}
    theirs = {scaffold(mol) for mol in learned.molecules.mols} - {""}  # what has no ring shares none
    own = _by_row(library, [scaffold(mol) for mol in library.molecules.mols])
    return {
        "test_molecules": len(library),
        "same_skeleton": float(np.mean([key[:14] in skeletons for key in library.inchikeys])),  # stereoisomers: the same molecule never is
        "nearly_the_same": float(np.mean(similarity >= _NEARLY)),
        "similar": float(np.mean(similarity >= _ALIKE[-1])),
        "same_scaffold": float(np.mean([name in theirs for name in own])),
        "train_scaffolds": len(theirs),
        "test_scaffolds": len(set(own) - {""}),
        "median_similarity": float(np.median(similarity)),
    }


Groups = dict[str, list[str]]  # kind of group -> [molecules], which group each is in


def _groups(library: Library, similarity: NDArray[np.float32] | None, column: str | None) -> Groups:
    mols = library.molecules.mols
    groups: Groups = {
        "size": _by_row(library, [_binned(mol.GetNumHeavyAtoms(), _SIZES, "heavy atoms") for mol in mols]),
        "charge": _by_row(library, [_charge(mol) for mol in mols]),
        "scaffold": _leading(_by_row(library, [scaffold(mol) for mol in mols])),
    }
    if similarity is not None:
        groups["similarity"] = [_binned(float(one), _ALIKE, "") for one in similarity]
    if column is not None:
        groups[free_name(column, (*groups, "cliff"))] = library.cells(column)
    return groups


def _by_row(library: Library, names: list[str]) -> list[str]:
    """What is told of each molecule, told of each row."""
    return [names[i] for i in library.molecule_of_row.tolist()]


def _binned(value: float, edges: Sequence[float], unit: str) -> str:
    """Which of the ranges between edges a value is in, an edge in the range below it if whole, else above; names sort as the ranges do."""
    whole = isinstance(edges[0], int)
    place = int(np.searchsorted(edges, value, side="left" if whole else "right"))
    below = 0 if place == 0 else edges[place - 1] + whole
    return " ".join(filter(None, (f"{below:g} to {edges[place]:g}" if place < len(edges) else f"{below:g} or more", unit)))


def _charge(mol: Chem.Mol) -> str:
    charges = [atom.GetFormalCharge() for atom in mol.GetAtoms() if not _beside_opposite(atom)]
    plus, minus = any(charge > 0 for charge in charges), any(charge < 0 for charge in charges)
    return "zwitterion" if plus and minus else "cation" if plus else "anion" if minus else "neutral"


def _beside_opposite(atom: Chem.Atom) -> bool:
    """Half of a pair that is only a way of writing, as in a nitro group."""
    own = atom.GetFormalCharge()
    return own != 0 and any(other.GetFormalCharge() * own < 0 for other in atom.GetNeighbors())


def _leading(names: list[str]) -> list[str]:
    most = {name for name, _ in Counter(name for name in names if name).most_common(_LEADING)}
    return ["no ring" if not name else name if name in most else "others" for name in names]


def _cliffs(data: Measured, tasks: Sequence[Task], rows: NDArray[np.int64]) -> list[list[str]]:
    """[tasks][molecules], whether some molecule all but the same differs by more than a log unit; "" for a task of classes.

    As in MoleculeACE (van Tilborg et al., J. Chem. Inf. Model. 62 (2022) 5938), by ECFP4 alone.
    """
    packed = ecfp4(data.library)
    alike = above(packed[rows], Bits(packed), _NEARLY)
    found = []
    for task, column in zip(tasks, to_learn(tasks, data.exact).T):
        steep = [bool(np.nanmax(np.abs(column[one.row] - column[row]), initial=0.0) > _CLIFF) for row, one in zip(rows.tolist(), alike)]
        found.append(["" if task.kind == "classification" else "on a cliff" if one else "elsewhere" for one in steep])
    return found


def _errors(task: Task, truth: Values, said: Values, groups: Groups) -> dict[str, dict[str, dict[str, float]]]:
    wrong = np.subtract(*(to_learn([task], column[:, None])[:, 0] for column in (said, truth)))
    known, ending = np.isfinite(wrong), "_log10" if task.scale == "log" else ""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for by, names in groups.items():
        members = np.array(names)
        tables = {}
        for name in sorted({name for name in names if name}):
            rows = known & (members == name)
            if rows.sum() >= _FEWEST:
                off, square = wrong[rows], float(np.mean(wrong[rows] ** 2))
                size = {"brier": square} if task.kind == "classification" else {f"rmse{ending}": float(np.sqrt(square))}
                tables[name] = {"n": int(rows.sum()), **size, f"bias{ending}": float(off.mean())}
        if tables:
            found[by] = tables
    return found
