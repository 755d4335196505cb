"""Which molecules a model may learn from, and which it is judged on.

A molecule is never on two sides: duplicates by InChIKey always go together, whatever the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rdkit.Chem import rdFingerprintGenerator
from rdkit.ML.Cluster import Butina
from rdkit.DataStructs import BulkTanimotoSimilarity

from molgen.base.errors import MolgenError
from molgen.chem.scaffold import scaffold
from molgen.data.library import Library

Method = Literal["scaffold", "random", "cluster", "time", "column"]
Parts = NDArray[np.str_]  # [rows], "train", "valid", "test", or "" where the row was rejected

PARTS = ("train", "valid", "test")
_MEANT = {"train": "train", "training": "train", "trn": "train", "valid": "valid", "validation": "valid", "val": "valid", "test": "test", "tst": "test"}

# Members of a cluster are at most this far (1 - Tanimoto, ECFP4) from its centre.
_CLUSTER_DISTANCE = 0.6
_CLUSTER_MOST = 20_000  # Butina's distance list is quadratic: 200 million entries here


def split(
    library: Library,
    method: Method = "scaffold",
    *,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    column: str | None = None,
) -> Parts:
    """A part for every row.

    `scaffold` and `cluster` keep each group whole (largest to train, the rest shuffled by `seed`), which asks a
    model for chemistry it has not seen; `time` cuts at `column` sorted ascending, so the newest are the test;
    `column` reads the parts from the file; `random` flatters every model and is the easiest to pass.

    >>> parts = split(Library.of(["CCO", "OCC", "CCN", "CCC"]), "random", fractions=(0.5, 0.0, 0.5))
    >>> bool(parts[0] == parts[1])
    True
    """
    if method not in get_args(Method):
        raise MolgenError(f"no split is called {method!r}", fix=f"there are: {', '.join(get_args(Method))}")
    if method == "column":
        return _written(library, column or "split")
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise MolgenError(f"fractions sum to {sum(fractions):g}, want three that sum to 1", where=f"split {method}")
    if method == "time":
        return _spread(library, _cut(_by_time(library, column), fractions))
    groups = _groups(library.distinct(), method)
    rng = np.random.default_rng(seed)
    return _spread(library, _cut(_order(groups, rng, largest_first=method != "random"), fractions))


def folds(library: Library, n: int, *, method: Literal["random", "scaffold", "cluster"] = "random", seed: int = 0) -> NDArray[np.int64]:
    """A fold 0..n-1 for every row, -1 where rejected; groups whole, sizes as even as the groups allow."""
    distinct = library.distinct()
    if n < 2 or n > len(distinct):
        raise MolgenError(f"{n} folds of {len(distinct)} molecules", fix="want at least 2 folds and a molecule for each")
    sizes, fold_of = np.zeros(n, dtype=int), np.full(len(distinct), -1)
    for members in _order(_groups(distinct, method), np.random.default_rng(seed), largest_first=method != "random"):
        smallest = int(sizes.argmin())
        fold_of[members] = smallest
        sizes[smallest] += len(members)
    filled = library.fill(fold_of)
    return np.where(np.isnan(filled), -1, filled).astype(np.int64)


Groups = list[list[int]]  # rows of the distinct library that must stay together


def _groups(distinct: Library, method: str) -> Groups:
    if method == "random":
        return [[row] for row in range(len(distinct))]
    names = _clusters(distinct) if method == "cluster" else [scaffold(mol) for mol in distinct.mols]
    groups: dict[object, list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(name, []).append(row)
    return list(groups.values())


def _clusters(distinct: Library) -> list[int]:
    if len(distinct) > _CLUSTER_MOST:
        raise MolgenError(f"{len(distinct)} molecules to cluster, more than {_CLUSTER_MOST}", fix="use the scaffold split")
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    prints = [generator.GetFingerprint(mol) for mol in distinct.mols]
    distances = [1 - similarity for i in range(1, len(prints)) for similarity in BulkTanimotoSimilarity(prints[i], prints[:i])]
    name = [0] * len(prints)
    for cluster, members in enumerate(Butina.ClusterData(distances, len(prints), _CLUSTER_DISTANCE, isDistData=True)):
        for row in members:
            name[row] = cluster
    return name


def _order(groups: Groups, rng: np.random.Generator, *, largest_first: bool) -> Groups:
    """Groups too large for a test set first, so that they train; the others as chance has them."""
    shuffled = [groups[i] for i in rng.permutation(len(groups))]
    if not largest_first:
        return shuffled
    total = sum(map(len, groups))
    return sorted(shuffled, key=lambda members: -len(members) if len(members) > total / 20 else 0)


def _by_time(library: Library, column: str | None) -> Groups:
    if column is None:
        raise MolgenError("a time split needs the column of dates", fix="--split-column year")
    if column not in library.rows.columns:
        raise MolgenError(f"no column {column!r}", where=library.source)
    cells = library.rows.columns[column].astype(str).tolist()
    rows = np.flatnonzero(library.first_row == np.arange(len(library)))
    moments = [_moment(cells[row], column, library.rows.lines[row]) for row in rows]
    return [[i] for i in sorted(range(len(rows)), key=lambda i: moments[i])]


def _moment(cell: str, column: str, line: int) -> tuple[int, ...]:
    digits = cell.strip().replace("/", "-").split("-")
    if not all(part.isdigit() for part in digits) or len(digits[0]) != 4:
        raise MolgenError(f"{cell!r} is not a year or an ISO date", where=f"column {column}, line {line}")
    return tuple(int(part) for part in digits)


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
    code = np.zeros(len(library.distinct()))
    for row, part in placed:
        code[row] = PARTS.index(part)
    filled = library.fill(code)
    return np.array(["" if np.isnan(value) else PARTS[int(value)] for value in filled], dtype="<U5")


def _written(library: Library, column: str) -> Parts:
    names = list(library.rows.columns.columns)
    if names.count(column) != 1:
        raise MolgenError(f"no column {column!r} to read the split from", where=library.source, fix=f"there are: {', '.join(names)}")
    cells = [str(cell).strip().casefold() for cell in library.rows.columns[column]]
    for row, cell in enumerate(cells):
        if cell not in _MEANT:
            raise MolgenError(f"split {cell!r}, want train, valid or test", where=f"column {column}, line {library.rows.lines[row]}")
    parts = np.array([_MEANT[cell] if good else "" for cell, good in zip(cells, library.ok)], dtype="<U5")
    torn = [row for row, first in enumerate(library.first_row.tolist()) if first >= 0 and parts[row] != parts[first]]
    if torn:
        first = int(library.first_row[torn[0]])
        raise MolgenError(
            f"{len(torn)} molecules are on two sides of the split, first {library.ids[torn[0]]!r} ({parts[torn[0]]}) = {library.ids[first]!r} ({parts[first]})",
            where=f"column {column}",
            fix="give duplicates the same part, or remove them",
        )
    return parts
