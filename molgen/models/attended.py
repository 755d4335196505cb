"""Where a model with attention looked, of a molecule and a protein."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Attended:
    """A hint at what the networks go by, not what the value is made of: for that there is `molgen explain`."""

    atoms: NDArray[np.float32]  # [atoms], shares that sum to 1
    windows: NDArray[np.float32]  # [windows], the same, of so many residues each
    window: int = 4

    def residues(self, most: int) -> list[tuple[int, int, float]]:
        """The windows attended to most: first residue, last residue, counted from 1, and share; a chain may end within its last window."""
        first = np.argsort(-self.windows, kind="stable")[:most].tolist()
        return [(i * self.window + 1, (i + 1) * self.window, float(self.windows[i])) for i in first]
