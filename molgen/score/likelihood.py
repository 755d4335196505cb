"""How usual a molecule is, in the eyes of a language model that has read many."""

from __future__ import annotations

import numpy as np

from molgen.data.library import Library
from molgen.score.base import Reading, Term


class Likelihood(Term):
    """Log-likelihood of the SMILES by a language model, nats a heavy atom: higher, nearer to 0, is more usual.

    `style` says among what: `drug`, or `lead` for lead-like molecules. `model` is the one that ships, or a file.
    """

    unit, desirable, exact = "nats/atom", False, True

    def __init__(self, *, style: str = "drug", model: str = "molecules", name: str = "likelihood") -> None:
        from molgen.nn.language import language

        self._language, self._style = language(model), style
        self._language.tokens.encode("", style)  # an unknown style is refused here
        super().__init__(name=name, about=f"likelihood as a {style} by {self._language.digest}")

    def measure(self, distinct: Library) -> Reading:
        atoms = np.array([mol.GetNumHeavyAtoms() for mol in distinct.mols])
        return Reading.exact(-self._language.nll(distinct.smiles, style=self._style) / np.maximum(atoms, 1))
