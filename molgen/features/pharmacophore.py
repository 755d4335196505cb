"""ErG: a molecule as pairs of pharmacophore points (donor, acceptor, ring ...) by their distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdReducedGraphs

from molgen.features.base import Featurizer, Matrix


@dataclass(frozen=True, kw_only=True)
class Pharmacophore(Featurizer):
    """RDKit's ErG fingerprint, 315 numbers: how much of each pair of points lies at each distance from 1 to 15 bonds.

    Stiefl et al., J. Chem. Inf. Model. 46 (2006) 208. Neighbouring distances share a pair, so that the values are no counts.

    >>> Pharmacophore()([Chem.MolFromSmiles("NCCCO")]).shape
    (1, 315)
    """

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(f"erg_{i}" for i in range(315))

    def __call__(self, mols: Sequence[Chem.Mol]) -> Matrix:
        rows = np.zeros((len(mols), len(self.names)), dtype=np.float32)
        for row, mol in zip(rows, mols):
            row[:] = rdReducedGraphs.GetErGFingerprint(mol)
        return rows
