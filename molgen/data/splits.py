"""Which molecules a model may learn from, and which it is judged on.

A molecule is never on two sides: duplicates by InChIKey always go together, whatever the method, and where
chance decides so do its stereoisomers. Parts follow the molecules, not the order the file has them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import BulkTanimotoSimilarity
from rdkit.ML.Cluster import Butina

from molgen.base.errors import MolgenError
from molgen.base.registry import Registry
from molgen.chem.scaffold import scaffold
from molgen.data.library import Library
from molgen.data.partners import alike_groups

METHODS = ("scaffold", "random", "cluster", "partner", "time", "column")

# A guest's own methods go by "<guest>:<method>": `deepchem:ButinaSplitter`.
SPLITTERS = Registry("splitter", {"deepchem": "molgen.interop.deepchem:split"})

Parts = NDArray[np.str_]  # [rows], "train", "valid", "test", or "" where the row was rejected

PARTS = ("train", "valid", "test")
_MEANT = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "validation", "val"), "valid"),
    **dict.fromkeys(("test", "tst"), "test"),
}

# Members of a cluster are at most this far (1 - Tanimoto, ECFP4) from its centre.
_CLUSTER_DISTANCE = 0.6
_CLUSTER_MOST = 20_000  # Butina's matrix is quadratic: 400 MB here


def split(
    library: Library,
    method: str = "scaffold",
    *,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    column: str | None = None,
) -> Parts:
    """A part for every row.

    `scaffold` and `cluster` keep each group whole (largest to train, the rest shuffled by `seed`), which asks a
    model for chemistry it has not seen; `partner`, of pairs, does so with proteins (those of 60 % the same residues stay together)
    or cell lines; `time` cuts at `column` sorted ascending, so the newest are the test;
    `column` reads the parts from the file; `random` flatters every model and is the easiest to pass.

    >>> parts = split(Library.of(["CCO", "OCC", "CCN", "CCC"]), "random", fractions=(0.5, 0.0, 0.5))
    >>> bool(parts[0] == parts[1])
    True
    """
    guest, colon, theirs = method.partition(":")
    if colon:
        parts: Parts = SPLITTERS.load(guest)(library, theirs, fractions=fractions, seed=seed, column=column)
        return parts
    if method not in METHODS:
        raise MolgenError(f"no split is called {method!r}", fix=f"there are: {', '.join(METHODS)}, deepchem:ButinaSplitter ...")
    if method == "column":
        return _written(library, column or "split")
    if len(fractions) != 3 or not min(fractions) >= 0 or not abs(sum(fractions) - 1) <= 1e-6:
        said = ", ".join(f"{fraction:g}" for fraction in fractions)
        raise MolgenError(f"fractions {said}; want three of 0 or more that sum to 1", where=f"split {method}")
    if method == "time":
        return _spread(library, _cut(_by_time(library, column), fractions))
    groups = _groups(library.unique(), method)
    rng = np.random.default_rng(seed)
    return _spread(library, _cut(_order(groups, rng, largest_first=method != "random"), fractions))


def folds(
    library: Library, n: int, *, method: Literal["random", "scaffold", "cluster", "partner"] = "random", seed: int = 0
) -> NDArray[np.int64]:
    """A fold 0..n-1 for every row, -1 where rejected; groups whole, sizes as even as the groups allow."""
    distinct = library.unique()
    if n < 2 or n > len(distinct):
        raise MolgenError(f"{n} folds of {len(distinct)} molecules", fix="want at least 2 folds and a molecule for each")
    sizes, fold_of = np.zeros(n, dtype=int), np.full(len(distinct), -1)
    for members in _order(_groups(distinct, method), np.random.default_rng(seed), largest_first=method != "random"):
        smallest = int(sizes.argmin())
        fold_of[members] = smallest
        sizes[smallest] += len(members)
    filled = library.fill_unique(fold_of)
    return np.where(np.isnan(filled), -1, filled).astype(np.int64)


Groups = list[list[int]]  # rows of the library of unique molecules that must stay together


def _groups(distinct: Library, method: str) -> Groups:
    names = _names(distinct, method)
    groups: dict[object, list[int]] = {}
    for row in _by_key(distinct):
        groups.setdefault(names[row], []).append(row)
    return list(groups.values())


def _by_key(distinct: Library) -> list[int]:
    """Rows in an order that does not depend on the file's."""
    return sorted(range(len(distinct)), key=lambda row: distinct.keys[row])


def _names(distinct: Library, method: str) -> Sequence[object]:
    """[rows], what rows that must stay together have in common."""
    if method == "partner":
        if distinct.partners is None:
            raise MolgenError("molecules alone have no partners to split by", fix="choose another split")
        group = alike_groups(distinct.partners)
        return [group[i] for i in distinct.partners.of_row.tolist()]
    of_molecule = _NAMES[method](distinct.molecules)
    names = [of_molecule[i] for i in distinct.molecule_of_row.tolist()]
    if method == "random" and distinct.partners is not None:  # chance decides about each pair
        return list(zip(names, distinct.partners.keys))
    return names


def _skeletons(molecules: Library) -> list[str]:
    """The first block of the InChIKey: what stereoisomers have in common."""
    return [key if key.startswith("SMILES=") else key[:14] for key in molecules.inchikeys]


def _scaffolds(molecules: Library) -> list[str]:
    return [scaffold(mol) for mol in molecules.mols]


def _clusters(molecules: Library) -> list[int]:
    if len(molecules) > _CLUSTER_MOST:
        raise MolgenError(f"{len(molecules)} molecules to cluster, more than {_CLUSTER_MOST}", fix="use the scaffold split")
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    order = _by_key(molecules)
    prints = [generator.GetFingerprint(molecules.mols[row]) for row in order]
    far = np.zeros((len(prints), len(prints)), dtype=np.uint8)  # whether past the distance: all that clustering asks
    for i in range(1, len(prints)):
        far[i, :i] = far[:i, i] = 1 - np.array(BulkTanimotoSimilarity(prints[i], prints[:i])) > _CLUSTER_DISTANCE
    name = [0] * len(prints)
    for cluster, members in enumerate(Butina.ClusterData(far, len(prints), 0, isDistData=True)):
        for member in members:
            name[order[member]] = cluster
    return name


_NAMES: dict[str, Callable[[Library], Sequence[object]]] = {"random": _skeletons, "scaffold": _scaffolds, "cluster": _clusters}


def _order(groups: Groups, rng: np.random.Generator, *, largest_first: bool) -> Groups:
    """Groups too large for a test set first, so that they train; the others as chance has them."""
    shuffled = [groups[i] for i in rng.permutation(len(groups))]
    if not largest_first:
        return shuffled
    total = sum(map(len, groups))
    return sorted(shuffled, key=lambda members: -len(members) if len(members) > total / 20 else 0)


def _by_time(library: Library, column: str | None) -> Groups:
    """Molecules by the first day they were known; those of one day in the order of their InChIKeys."""
    if column is None:
        raise MolgenError("a time split needs the column of dates", fix="--split-column year")
    cells = library.cells(column)
    known: dict[str, tuple[int, ...]] = {}
    for row in np.flatnonzero(library.ok).tolist():
        moment = _moment(cells[row], column, library.rows.lines[row])
        key = library.keys[row]
        known[key] = min(moment, known.get(key, moment))
    keys = library.unique().keys
    return [[i] for i in sorted(range(len(keys)), key=lambda i: (known[keys[i]], keys[i]))]


def _moment(cell: str, column: str, line: int) -> tuple[int, ...]:
    date = re.fullmatch(r"(\d{4})(?:\.0|[-/](\d{1,2})(?:[-/](\d{1,2})(?:[ T][\d:.Z+-]*)?)?)?", cell.strip(), re.ASCII)
    if date:
        return tuple(int(part) for part in date.groups(default="0"))
    if date := re.fullmatch(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.(\d{4})", cell.strip(), re.ASCII):  # with dots the day comes first
        return tuple(int(part) for part in reversed(date.groups()))
    fix = "write 2024-03-31, 31.03.2024 or 2024; leave out rows without a date"
    raise MolgenError(f"{cell!r} is not a year or an ISO date", where=f"column {column}, line {line}", fix=fix)


def _cut(groups: Groups, fractions: Sequence[float]) -> list[tuple[int, str]]:
    """(row of the distinct library, part): groups go to train until it is full, then valid, then test."""
    total = sum(map(len, groups))
    full = np.cumsum(fractions) * total + 1e-9
    placed, done = [], 0
    for members in groups:
        # A group belongs where its middle falls: no part is starved by one large neighbour.
        part = PARTS[min(int(np.searchsorted(full, done + len(members) / 2)), 2)]
        placed += [(row, part) for row in members]
        done += len(members)
    return placed


def _spread(library: Library, placed: list[tuple[int, str]]) -> Parts:
    code = np.zeros(len(library.unique()))
    for row, part in placed:
        code[row] = PARTS.index(part)
    filled = library.fill_unique(code)
    return np.array(["" if np.isnan(value) else PARTS[int(value)] for value in filled], dtype="<U5")


def _written(library: Library, column: str) -> Parts:
    cells = [cell.strip().casefold() for cell in library.cells(column)]
    for row, cell in enumerate(cells):
        if cell not in _MEANT and library.ok[row]:
            raise MolgenError(f"split {cell!r}, want train, valid or test", where=f"column {column}, line {library.rows.lines[row]}")
    parts = np.array([_MEANT[cell] if good else "" for cell, good in zip(cells, library.ok)], dtype="<U5")
    torn = [row for row, first in enumerate(library.first_row.tolist()) if first >= 0 and parts[row] != parts[first]]
    if torn:
        one, other = torn[0], int(library.first_row[torn[0]])
        pair = f"{library.ids[one]!r} ({parts[one]}) = {library.ids[other]!r} ({parts[other]})"
        raise MolgenError(
            f"{len(torn)} molecules are on two sides of the split, first {pair}",
            where=f"column {column}",
            fix="give duplicates the same part, or remove them",
        )
    return parts
