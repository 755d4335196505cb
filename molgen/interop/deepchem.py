"""The door to DeepChem 2.8: its datasets, splitters and metrics, every row accounted for.

DeepChem drops a row it can't read without a word and seeds numpy for the whole process; here the row is a
reject with its reason and the process is left as it was. It is imported when one of these functions is called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.labels import labels
from molgen.data.library import Library
from molgen.data.splits import PARTS, Parts
from molgen.features.base import Featurizer
from molgen.features.fingerprint import Fingerprint
from molgen.interop.guest import deepchem as guest
from molgen.interop.moleculenet import moleculenet

__all__ = ["from_deepchem", "metric", "moleculenet", "rows_in", "split", "to_deepchem"]

Column = NDArray[np.float64]  # [molecules]

# How DeepChem's functions want what they compare: the values, classes cut at 0.5, or (1 - p, p) for each molecule.
_VALUES = (
    "concordance_index", "mae_score", "mean_absolute_error", "mean_squared_error", "pearson_r2_score", "pearsonr", "r2_score", "rms_score",
)  # fmt: skip
_CLASSES = (
    "accuracy_score", "balanced_accuracy_score", "cohen_kappa_score", "f1_score", "jaccard_score", "kappa_score", "matthews_corrcoef",
    "precision_score", "recall_score",
)  # fmt: skip
_PAIRS_OF_ONE_TRUTH = ("bedroc_score",)  # chances of both classes against one column of truth
_PAIRS = ("bedroc_score", "prc_auc_score", "roc_auc_score")

# Splitters that place each molecule. SingletaskStratifiedSplitter rounds in tenths and loses some; the others want the answer.
_SPLITTERS = (
    "ButinaSplitter", "FingerprintSplitter", "IndexSplitter", "MaxMinSplitter", "MolecularWeightSplitter", "RandomSplitter",
    "RandomStratifiedSplitter", "ScaffoldSplitter",
)  # fmt: skip


def to_deepchem(
    library: Library, targets: Sequence[str] = (), *, featurizer: Featurizer | str | None = None, unit: str | None = None
) -> Any:
    """The scorable rows as a `deepchem.data.NumpyDataset`, in order; `rows_in` says which rows those are.

    X is the `featurizer`'s (ECFP4 bits when not given; a text names one of DeepChem's own), y the `targets`, w is 0
    where a value is missing, refused or only a bound, which DeepChem has no word for. The ids are canonical SMILES.

    >>> data = to_deepchem(Library.of(["CCO", "C1CC", "CCN"], columns={"logS": ["1.1", "2", ""]}), ["logS"])
    >>> data.ids.tolist(), data.y.tolist(), data.w.tolist()
    (['CCO', 'CCN'], [[1.1], [0.0]], [[1.0], [0.0]])
    """
    features, rows = _features(library, featurizer)
    if not len(rows):
        raise MolgenError("no molecule to hand to DeepChem", where=library.source)
    columns = [labels(library, target, unit=unit) for target in targets]
    ids = np.array([library.smiles[row] for row in rows], dtype=object)
    with guest() as dc:
        if not columns:
            return dc.data.NumpyDataset(features, ids=ids)
        known = np.stack([column.known & (column.relations == "=") for column in columns], axis=1)[rows]
        values = np.stack([column.values for column in columns], axis=1)[rows]
        return dc.data.NumpyDataset(features, np.where(known, values, 0.0), known.astype(np.float64), ids)


def rows_in(library: Library, dataset: Any) -> NDArray[np.bool_]:
    """[rows of the library], True where the row went into the dataset that `to_deepchem` made of it.

    Left out are the library's rejects and what DeepChem's featurizer could not describe.
    """
    there = set(dataset.ids)
    return np.array([smiles in there for smiles in library.smiles], dtype=bool) & library.ok


def from_deepchem(dataset: Any, smiles: Sequence[str] | None = None, *, targets: Sequence[str] | None = None) -> Library:
    """A dataset as a Library, one row each, its ys as columns called `targets`, NaN where the weight is 0.

    The structures are the dataset's ids, or `smiles` when given; the ids then become the library's.
    """
    if not len(dataset):
        raise MolgenError("a dataset without molecules")
    raw = [str(text) for text in (dataset.ids if smiles is None else smiles)]
    if len(raw) != len(dataset):
        raise MolgenError(f"{len(raw)} SMILES for a dataset of {len(dataset)}")
    y = np.asarray(dataset.y, dtype=np.float64).reshape(len(dataset), -1)
    weights = np.broadcast_to(np.asarray(dataset.w, dtype=np.float64).reshape(len(dataset), -1), y.shape)
    names = list(targets) if targets is not None else [f"y_{i}" for i in range(1, y.shape[1] + 1)]
    if len(names) != y.shape[1]:
        raise MolgenError(f"{len(names)} names for {y.shape[1]} columns of y")
    values = np.where(weights == 0, np.nan, y)
    return Library.of(
        raw,
        ids=None if smiles is None else [str(name) for name in dataset.ids],
        columns={name: values[:, i].tolist() for i, name in enumerate(names)},
    )


def split(
    library: Library,
    method: str = "ScaffoldSplitter",
    *,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    column: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Parts:
    """A part for every row by one of DeepChem's splitters, as `molgen.data.splits.split` gives it.

    DeepChem sees each distinct molecule once, so duplicates stay together. `RandomStratifiedSplitter` balances
    the classes in `column`; `options` go to the splitter itself (``{"cutoff": 0.7}`` for `ButinaSplitter`).
    """
    if method not in _SPLITTERS:
        raise MolgenError(f"no splitter is called {method!r}", fix=f"there are: {', '.join(_SPLITTERS)}")
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise MolgenError(f"fractions sum to {sum(fractions):g}, want three that sum to 1", where=f"split {method}")
    if "Stratified" in method and column is None:
        raise MolgenError(f"{method} needs a column to balance", where="split")
    train, valid, test = fractions
    molecules = library.unique()
    dataset = to_deepchem(molecules, [column] if column else [], featurizer=Fingerprint(size=1))
    with guest() as dc:
        splitter = _made(getattr(dc.splits, method), options or {})
        try:
            placed = splitter.split(dataset, frac_train=train, frac_valid=valid, frac_test=test, seed=seed)
        except (IndexError, TypeError, ValueError) as error:  # too few molecules for it, most often
            raise MolgenError(f"{method} can't split {len(molecules)} molecules {train:g}/{valid:g}/{test:g}: {error}") from None
    return _parts(library, method, placed)


def _parts(library: Library, method: str, placed: Sequence[Sequence[int]]) -> Parts:
    code = np.full(len(library.unique()), np.nan)
    for part, rows in enumerate(placed):
        code[np.asarray(rows, dtype=int)] = part
    if np.isnan(code).any() or sum(map(len, placed)) != len(code):
        raise MolgenError(f"{method} placed {sum(map(len, placed))} of {len(code)} molecules")
    return np.array(["" if np.isnan(part) else PARTS[int(part)] for part in library.fill_unique(code)], dtype="<U5")


def metric(name: str) -> Callable[[Column, Column], float]:
    """One of DeepChem's metrics as a function of what is true and what was said; molecules without a truth are left out.

    Metrics of classes take probabilities: those that want a decision cut them at 0.5.
    """
    if name not in _VALUES + _CLASSES + _PAIRS:
        raise MolgenError(f"no DeepChem metric is called {name!r}", fix=f"there are: {', '.join(sorted(_VALUES + _CLASSES + _PAIRS))}")
    with guest() as dc:
        function = getattr(dc.metrics, name)

    def measure(y_true: Column, y_pred: Column) -> float:
        truth, said = np.asarray(y_true, dtype=np.float64), np.asarray(y_pred, dtype=np.float64)
        if truth.ndim != 1 or truth.shape != said.shape:
            raise MolgenError(f"{name}: {truth.shape} true values and {said.shape} said, want one column of each")
        known = np.isfinite(truth)
        if unsaid := int((known & ~np.isfinite(said)).sum()):
            raise MolgenError(f"{name}: {unsaid} molecules have a truth and no prediction", fix="leave them out of both")
        if not known.any():
            raise MolgenError(f"{name}: no molecule has a truth")
        with guest():
            return float(function(_as_wanted(name, truth[known], said=False), _as_wanted(name, said[known], said=True)))

    return measure


def _as_wanted(name: str, values: Column, *, said: bool) -> NDArray[Any]:
    if name in _PAIRS and (said or name not in _PAIRS_OF_ONE_TRUTH):
        return np.stack([1 - values, values], axis=1)
    return (values > 0.5).astype(np.int64) if name in _CLASSES else values


def _features(library: Library, featurizer: Featurizer | str | None) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """X, and the row of the library that each of its rows is."""
    rows = np.flatnonzero(library.ok)
    if not isinstance(featurizer, str):
        matrix = library.fill((featurizer or Fingerprint()).of(library))
        return matrix[rows].astype(np.float32), rows
    place = library.fill(np.arange(len(library.distinct())))[rows].astype(np.int64)
    described = _described(library.distinct().smiles, featurizer)
    kept = np.array([np.asarray(described[i]).size > 0 for i in place], dtype=bool)
    if len(rows) and not kept.any():
        raise MolgenError(f"DeepChem's {featurizer} described none of {len(rows)} molecules", fix="it may need a package that is missing")
    return _stacked([described[i] for i in place[kept]]), rows[kept]


def _described(smiles: Sequence[str], name: str) -> Sequence[Any]:
    with guest() as dc:
        known = {
            key: kind
            for key, kind in vars(dc.feat).items()
            if inspect.isclass(kind) and issubclass(kind, dc.feat.MolecularFeaturizer) and kind is not dc.feat.MolecularFeaturizer
        }
        if name not in known:
            raise MolgenError(f"DeepChem has no featurizer of molecules called {name!r}", fix=f"there are: {', '.join(sorted(known))}")
        try:
            return list(_made(known[name], {}).featurize(list(smiles)))
        except ImportError as error:
            raise MolgenError(f"DeepChem's {name} asks for a package that is not installed: {error}") from None


def _stacked(rows: list[Any]) -> NDArray[Any]:
    """One array of equal rows, else an array of objects: DeepChem's graphs, matrices of unlike sizes."""
    if rows and all(isinstance(row, np.ndarray) and row.dtype != object and row.shape == rows[0].shape for row in rows):
        return np.stack(rows)
    out = np.empty(len(rows), dtype=object)
    out[:] = rows
    return out


def _made(kind: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    try:
        return kind(**options)
    except TypeError as error:
        raise MolgenError(f"{kind.__name__}: {error}") from None
