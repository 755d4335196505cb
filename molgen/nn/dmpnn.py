"""Directed message passing network (Yang et al., J. Chem. Inf. Model. 59 (2019) 3370): messages live on bonds."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from molgen.features.graph import ATOM_WIDTH, BOND_WIDTH
from molgen.nn.base import Encoder
from molgen.nn.batch import GraphBatch
from molgen.nn.messages import entering, incoming, pooled

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
        edges = self._edges(graph)
        itself = self.atom_itself(graph.atom_rows).index_select(0, graph.atom_code)
        hidden = torch.addmm(itself, entering(edges, graph.neighbours), self.atom_hears.weight.t()).relu_()
        return pooled(self.dropout(hidden), graph.molecule_of_atom, len(graph), mean=self.readout == "mean")  # eq. 4 to 6

    def _edges(self, graph: GraphBatch) -> Tensor:  # [directed bonds, width]
        """Every edge after its last message.

        An edge begins as what its atom and bond are, and few of them differ: what depends on that alone is
        worked out for the kinds and looked up. Before the first message that is a matrix product, too: the weights
        times a sum are the sum of the weights times each.
        """
        kinds = graph.edge_kinds
        atom = self.edge_from_atom(graph.atom_rows).index_select(0, kinds.atom_code)
        begin = atom + self.edge_from_bond(graph.bond_rows).index_select(0, kinds.bond_code)  # [kinds, width], eq. 3 before its ReLU
        start = begin.index_select(0, kinds.of_edge)
        if self.depth < 2:
            return start.relu()
        heard = incoming(self.message(begin.relu()).index_select(0, kinds.of_edge), graph.neighbours)  # eq. 1
        edges = (start + heard).relu_()  # eq. 2
        for _ in range(self.depth - 2):
            edges = torch.addmm(start, incoming(edges, graph.neighbours), self.message.weight.t()).relu_()
        return edges
