"""What a model says of parts of a molecule, each distinct part asked once, as it stands: nothing is standardised away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.structure import Structure
from molgen.chem.subgraphs import Whole
from molgen.data.library import Library, Rows
from molgen.models.predictor import Predictor
from molgen.models.scale import to_learn

_AT_ONCE = 2_000


class Worth:
    """[sets, tasks] for sets of atoms of one molecule.

    A part is worth what the model predicts for it with hydrogen at the cut bonds; no atom at all, and what makes no
    molecule, the mean of the known values, or of a model without its data the median of its reference, of pairs the
    median of all that was measured. With `connected`,
    what doesn't hang together is worth that and what each of its pieces adds to it, as in Myerson's value of games on
    graphs (Math. Oper. Res. 2 (1977) 225). A model that knows molecules by who they are is told the whole one's InChIKey, of parts none.
    """

    def __init__(self, predictor: Predictor, whole: Whole, *, connected: bool, inchikey: str = "") -> None:
        self._model, self._whole, self._connected = predictor.model, whole, connected
        self.nothing = _typical(predictor)  # [tasks]
        self._keys = {whole.part(range(len(whole))): inchikey} if inchikey else {}
        self._known: dict[str, NDArray[np.float64]] = {"": self.nothing}

    def __call__(self, sets: Sequence[Collection[int]]) -> NDArray[np.float64]:
        pieces = [self._pieces(atoms) for atoms in sets]
        parts = [[self._whole.part(piece) for piece in some] for some in pieces]
        self._ask([part for some in parts for part in some])
        return np.stack([self.nothing + sum((self._known[part] - self.nothing for part in some), 0.0 * self.nothing) for some in parts])

    def _pieces(self, atoms: Collection[int]) -> list[Collection[int]]:
        if not atoms:
            return []
        together = len(atoms) == len(self._whole) or not self._connected
        return [atoms] if together else list(self._whole.pieces(atoms))

    def _ask(self, parts: list[str]) -> None:
        new = [part for part in dict.fromkeys(parts) if part not in self._known]
        for start in range(0, len(new), _AT_ONCE):
            some = new[start : start + _AT_ONCE]
            self._known.update(zip(some, self._model.predict(_as_written(some, self._keys)).mean))


def _typical(predictor: Predictor) -> NDArray[np.float64]:
    values, reference = predictor.domain.known.values, predictor.reference
    if predictor.bound is not None:  # what was measured is told of no partner apart
        (balance,) = predictor.card["audit"]["balance"].values()
        values = np.full((1, len(predictor.tasks)), balance.get("median", balance.get("share_of_1")))
    elif not predictor.domain.known.told and reference is not None:
        values = reference.quantiles[:, reference.quantiles.shape[1] // 2][None]
    known = to_learn(predictor.tasks, values)
    return np.nan_to_num([column[np.isfinite(column)].mean() if np.isfinite(column).any() else 0.0 for column in known.T])


def _as_written(smiles: list[str], keys: Mapping[str, str]) -> Library:
    """The molecules as they are written, in several pieces or not, each taken for distinct."""
    ids = tuple(map(str, range(len(smiles))))
    rows = Rows(ids, tuple(smiles), pd.DataFrame({"smiles": smiles}, dtype=object), tuple(range(1, len(smiles) + 1)))
    return Library(rows, tuple(Structure(smiles=text, inchikey=keys.get(text, text)) for text in smiles))
