"""Where molecules lie beside each other: a map of them by their structure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.chem.fingerprints import packed_ecfp4
from molgen.chem.parse import parse

MAPPED = 1_000  # molecules placed, the first of a table: more take their time, and are a cloud
FEWEST = 5  # structures whose places would say anything
_NEIGHBOURS = 30  # about as many as one molecule is kept near to
_STEPS = 500


def places(smiles: Sequence[str]) -> NDArray[np.float64] | None:
    """[molecules, 2], each near those of like structure, across and down in [0, 1]; NaN for what can't be read, None for too few.

    t-SNE (van der Maaten, JMLR 2014) of one minus the Tanimoto similarity of ECFP4. It starts at the principal coordinates, so that
    the same molecules always give the same map. Near is alike; far apart says little, and axes mean nothing.

    >>> places(["CCO", "CCN"]) is None
    True
    """
    mols = [parse(text).mol for text in smiles]
    drawn = [row for row, mol in enumerate(mols) if mol is not None]
    packed, same = np.unique(packed_ecfp4([mol for mol in mols if mol is not None]), axis=0, return_inverse=True)
    if len(packed) < FEWEST:
        return None
    found = np.full((len(smiles), 2), np.nan)
    found[drawn] = _within(_arranged(_distances(packed)))[same.ravel()]
    return found


def _distances(packed: NDArray[np.uint8]) -> NDArray[np.float32]:
    bits = np.unpackbits(packed, axis=1).astype(np.float32)
    common, sizes = bits @ bits.T, bits.sum(1)
    either = sizes[:, None] + sizes - common
    return np.where(either > 0, 1 - common / np.maximum(either, 1), 0).astype(np.float32)


def _arranged(distances: NDArray[np.float32]) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums over threads come out in another order each time
        start = _principal(distances)
        spread = max(float(start.std()), 1e-12)
        model = TSNE(
            metric="precomputed",
            init=(1e-4 * start / spread).astype(np.float32),
            perplexity=min(_NEIGHBOURS, (len(distances) - 1) / 3),
            max_iter=_STEPS,
            random_state=0,
        )
        return np.asarray(model.fit_transform(distances), dtype=np.float64)


def _principal(distances: NDArray[np.float32]) -> NDArray[np.float64]:
    """The two widest of the principal coordinates (Gower 1966), each with its heaviest entry above zero."""
    inner = -0.5 * distances.astype(np.float64) ** 2
    inner -= inner.mean(0)
    inner -= inner.mean(1, keepdims=True)
    axes = np.linalg.eigh(inner)[1][:, [-1, -2]]
    heaviest = np.take_along_axis(axes, np.abs(axes).argmax(0)[None], axis=0)
    return np.asarray(axes * np.sign(heaviest), dtype=np.float64)


def _within(points: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = points.min(0), points.max(0)
    return (points - low) / np.where(high > low, high - low, 1)
