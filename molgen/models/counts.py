"""Fragment counts, worked out once a library at one length and folded to the length a model wants."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from molgen.data.library import Library
from molgen.features.fingerprint import Fingerprint, Fragments
from molgen.features.fingerprint import Kind as FingerprintKind

# Counts above are taken for this: what a 64th equal pair of atoms says is said by then, and a byte holds it.
MOST = 63

Size = Literal[512, 1024, 2048, 4096]  # each a fold of the last
_WHOLE = 4096


def counts(library: Library, kind: FingerprintKind, size: Size) -> NDArray[np.uint8]:
    """[library.molecules, size]; a fragment's column is its hash modulo `size`, so that folding is exact but for Avalon's."""
    whole = library.molecules.once(("counts", kind), lambda molecules: Fingerprint(kind=kind, size=_WHOLE).fragments(molecules.mols))
    return folded(whole, molecules=len(library.molecules), size=size)


def folded(found: Fragments, *, molecules: int, size: int) -> NDArray[np.uint8]:
    """[molecules, size], fragments folded to `size` columns; counts above MOST are taken for MOST."""
    rows = np.zeros(molecules * size, dtype=np.uint16)
    np.add.at(rows, found.molecule * size + found.column % size, np.minimum(found.times, MOST).astype(np.uint16))
    return np.minimum(rows, MOST).astype(np.uint8).reshape(molecules, size)


def as_counts(values: Any) -> NDArray[np.uint8]:
    """Counts as bytes, those above MOST taken for MOST."""
    return np.clip(np.asarray(values), 0, MOST).astype(np.uint8)
