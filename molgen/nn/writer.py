"""A recurrent network that reads SMILES a token at a time, and how likely it finds a text.

Segler et al., ACS Cent. Sci. 4 (2018) 120; Olivecrona et al., J. Cheminform. 9 (2017) 48.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.nn.forks import outlive_forks
from molgen.nn.place import CODES, DEPTH_CODES, ELECTRON_CODES, RING_CODES, RINGS
from molgen.nn.tokens import END


class Rows(NamedTuple):
    """Texts as the network reads them, each with its end."""

    tokens: Tensor  # [rows, longest + 1] int64, the style first, END last and in what is left of a row
    places: Tensor  # [rows, longest, codes] int64, where one is after each token

    def to(self, device: torch.device) -> Rows:
        return Rows(self.tokens.to(device), self.places.to(device))


class Writer(nn.Module):
    """Gated recurrent units (Cho et al., arXiv 1406.1078) over embedded tokens and the places they lead to."""

    def __init__(self, tokens: int, *, width: int = 512, letter_width: int = 192, layers: int = 1) -> None:
        super().__init__()
        outlive_forks()
        self.letter = nn.Embedding(tokens, letter_width)
        self.rings = nn.Embedding(RINGS * RING_CODES, letter_width)
        self.depth = nn.Embedding(DEPTH_CODES, letter_width)
        self.electrons = nn.Embedding(ELECTRON_CODES, letter_width)
        self.units = nn.GRU(letter_width, width, layers, batch_first=True)
        self.out = nn.Linear(width, tokens)
        self.register_buffer("first_code", torch.arange(RINGS) * RING_CODES, persistent=False)

    def forward(self, rows: Rows) -> Tensor:  # [rows], nats
        """How unlikely each row is."""
        inputs, targets = rows.tokens[:, :-1], rows.tokens[:, 1:]
        real = torch.cat([torch.ones_like(targets[:, :1], dtype=torch.bool), targets[:, :-1] != END], dim=1)
        states, _ = self.units(self.letter(inputs) + self.placed(rows.places))
        losses = nn.functional.cross_entropy(self.out(states[real]), targets[real], reduction="none")
        row = real.nonzero()[:, 0]
        return torch.zeros(len(inputs), dtype=losses.dtype, device=losses.device).index_add(0, row, losses)

    def placed(self, codes: Tensor) -> Tensor:  # [..., letter_width]
        """The codes of places, embedded."""
        rings = self.rings(codes[..., :RINGS] + self.get_buffer("first_code")).sum(dim=-2)
        depth, electrons = codes[..., RINGS:].unbind(dim=-1)
        return rings + self.depth(depth) + self.electrons(electrons)


def padded(rows: Sequence[Sequence[int] | NDArray[np.int16]], places: Sequence[Sequence[Sequence[int]] | NDArray[np.uint8]]) -> Rows:
    """Rows of tokens, and of each the places they lead to, filled up to the longest."""
    longest = max(map(len, rows))
    tokens, codes = torch.full((len(rows), longest + 1), END), torch.zeros(len(rows), longest, CODES, dtype=torch.int64)
    for i, (row, place) in enumerate(zip(rows, places)):
        tokens[i, : len(row)] = torch.as_tensor(row)
        codes[i, : len(row)] = torch.as_tensor(place)
    return Rows(tokens, codes)
