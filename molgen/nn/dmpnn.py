"""Directed message passing network (Yang et al., J. Chem. Inf. Model. 59 (2019) 3370): messages live on bonds."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch_geometric.utils import scatter

from molgen.features.graph import ATOM_WIDTH, BOND_WIDTH
from molgen.nn.base import Encoder
from molgen.nn.batch import GraphBatch
from molgen.nn.messages import incoming

Readout = Literal["mean", "sum"]


class DMPNN(Encoder):
    """One vector a molecule: its atoms pooled after `depth - 1` rounds of messages from bond to bond.

    A message never turns straight back: what an edge hears is everything that enters its source atom
    but its own reverse. Mean pooling by default: potency does not grow with size. Dropout is on atoms, not on
    messages: there are twice as many edges, and drawing their masks would take a fifth of the training time.
    """

    def __init__(self, *, width: int = 300, depth: int = 3, dropout: float = 0.0, readout: Readout = "mean") -> None:
        super().__init__(width=width)
        self.depth, self.readout = depth, readout
        self.edge_from_atom = nn.Linear(ATOM_WIDTH, width, bias=False)
        self.edge_from_bond = nn.Linear(BOND_WIDTH, width, bias=False)
        self.message = nn.Linear(width, width, bias=False)
        self.atom_itself = nn.Linear(ATOM_WIDTH, width)
        self.atom_hears = nn.Linear(width, width, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, graph: GraphBatch) -> Tensor:  # [molecules, width]
        atoms = len(graph.atom_code)
        start = self._edges(graph)  # [directed bonds, width], eq. 3 before its ReLU
        edges = start.relu()
        for _ in range(self.depth - 1):
            message = incoming(edges, graph.bond_index, atoms)  # eq. 1
            edges = torch.addmm(start, message, self.message.weight.t()).relu_()  # eq. 2
        heard = self.atom_hears(scatter(edges, graph.bond_index[1], dim_size=atoms))
        itself = self.atom_itself(graph.atom_rows).index_select(0, graph.atom_code)
        hidden = self.dropout((itself + heard).relu_())  # [atoms, width], eq. 4 and 5
        return scatter(hidden, graph.molecule_of_atom, dim_size=len(graph), reduce=self.readout)

    def _edges(self, graph: GraphBatch) -> Tensor:
        # A linear layer of distinct rows, looked up: the same numbers as for every edge, some fifty times fewer sums.
        atom = self.edge_from_atom(graph.atom_rows).index_select(0, graph.atom_code[graph.bond_index[0]])
        return atom + self.edge_from_bond(graph.bond_rows).index_select(0, graph.bond_code)
