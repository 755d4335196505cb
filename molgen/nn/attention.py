"""Atoms of a molecule and residues of a protein attend to each other, and it can be read which to which.

Bilinear attention: Kim et al., NeurIPS 31 (2018) 1571; between drugs and targets Bai et al., Nat. Mach. Intell. 5 (2023) 126. Atoms
come from a graph network, residues, a window of a few at a time, from convolutions along the chain.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from molgen.data.proteins import RESIDUES
from molgen.nn.batch import GraphBatch
from molgen.nn.gine import GINE

WINDOW = 4  # residues that are attended to together
_DEPTH, _REACH = 3, 5  # rounds along bonds; windows that a window hears in each of two rounds along the chain


class Places(NamedTuple):
    """Atoms of each molecule, or windows of each protein."""

    vectors: Tensor  # [entries, places, heads, width]
    there: Tensor  # [entries, places] bool; False where another entry has more


class Attention(nn.Module):
    """What pairs of places make of each other, each as far as it is attended to: a number a molecule and protein."""

    def __init__(self, *, heads: int, width: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.graph = GINE(width=width, depth=_DEPTH, dropout=dropout)
        self.letter = nn.Embedding(len(RESIDUES) + 2, width, padding_idx=0)
        self.window = nn.Conv1d(width, width, 2 * WINDOW, stride=WINDOW, padding=WINDOW // 2)
        self.rounds = nn.ModuleList(nn.Conv1d(width, width, _REACH, padding=_REACH // 2) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.atom, self.residue = nn.Linear(width, heads * width), nn.Linear(width, heads * width)
        self.out = nn.Sequential(nn.Dropout(dropout), nn.Linear(heads * width, 1))

    def atoms(self, graph: GraphBatch) -> Places:
        """A place an atom."""
        from torch_geometric.utils import to_dense_batch

        dense, there = to_dense_batch(self.atom(self.graph.atoms(graph)), graph.molecule_of_atom, batch_size=len(graph))
        return Places(dense.unflatten(2, (self.heads, self.width)), there)

    def residues(self, codes: Tensor) -> Places:
        """A place a window, of `coded` proteins."""
        windows = self.window(self.letter(codes).transpose(1, 2)).transpose(1, 2)  # [proteins, windows, width]
        there = codes[:, ::WINDOW] > 0
        for along, norm in zip(self.rounds, self.norms):
            windows = windows * there[:, :, None]
            windows = windows + norm(along(windows.transpose(1, 2)).transpose(1, 2)).relu()
        return Places(self.residue(windows).unflatten(2, (self.heads, self.width)), there)

    def forward(self, one: Places, other: Places, i: Tensor, j: Tensor) -> Tensor:  # [pairs]
        """What entry i of the molecules and j of the proteins make of each other."""
        seen = torch.einsum("phar,prhk->pahk", self.attended(one, other, i, j), other.vectors[j])
        return self.out((one.vectors[i] * seen).sum(dim=1).flatten(1))[:, 0]

    def attended(self, one: Places, other: Places, i: Tensor, j: Tensor) -> Tensor:  # [pairs, heads, atoms, windows]
        """How far each atom and window of a pair attend to each other, 1 in all a head."""
        scores = torch.einsum("pahk,prhk->phar", one.vectors[i], other.vectors[j]) * self.width**-0.5
        there = one.there[i][:, None, :, None] & other.there[j][:, None, None, :]
        return scores.masked_fill(~there, -torch.inf).flatten(2).softmax(dim=2).nan_to_num(0.0).view_as(scores)


def coded(sequences: tuple[str, ...]) -> Tensor:
    """[proteins, residues], a number a letter, the same for all unknown ones; 0 behind the end, up to whole windows.

    >>> coded(("AC", "XAAAA")).tolist()
    [[2, 3, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2, 2, 0, 0, 0]]
    """
    longest = max(map(len, sequences), default=0)
    codes = torch.zeros(len(sequences), -(-longest // WINDOW) * WINDOW, dtype=torch.long)
    for row, sequence in zip(codes, sequences):
        row[: len(sequence)] = torch.tensor([RESIDUES.find(letter) + 2 for letter in sequence])
    return codes
