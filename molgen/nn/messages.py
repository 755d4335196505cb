"""Sums of rows over segments: what a bond hears from its neighbours, an atom from its bonds, a molecule from its atoms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag


@dataclass(frozen=True, eq=False)
class Segments:
    """Which rows are summed: those of segment `i` are `rows[offsets[i]:offsets[i + 1]]`."""

    rows: Tensor  # [entries]
    offsets: Tensor  # [segments + 1]

    def sum(self, values: Tensor) -> Tensor:  # [segments, width]
        """The sum of each segment's rows, 0 for none; torch's bag kernel, several times as fast as a scatter on a CPU."""
        return embedding_bag(self.rows, values, self.offsets, mode="sum", include_last_offset=True)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Who hears whom in a batch whose edges come in two halves, there and back."""

    source: Tensor  # [edges]
    target: Tensor  # [edges]
    entering: Segments  # of each atom: the edges that end there
    passing: Segments  # of each edge: the edges that enter its source, without its own reverse

    @classmethod
    def of(cls, bond_index: Tensor, atoms: int) -> Neighbours:
        """Worked out once a batch, for all rounds and all networks of an ensemble."""
        source, target = bond_index
        edges = torch.arange(len(target), device=target.device)
        by_target, degree = target.argsort(stable=True), torch.bincount(target, minlength=atoms)
        entering = Segments(by_target, _offsets(degree))
        # Of each edge all that enter its source, its reverse among them, which then is left out.
        count = degree[source]
        begin = entering.offsets[:-1][source] - _offsets(count)[:-1]
        hearing = edges.repeat_interleave(count)
        heard = by_target[torch.arange(len(hearing), device=target.device) + begin.repeat_interleave(count)]
        others = heard != swap_halves(edges)[hearing]
        return cls(source, target, entering, Segments(heard[others], _offsets(count - 1)))


def swap_halves(edges: Tensor) -> Tensor:
    """Values by edge, each where its reverse edge was; edges come in two halves, there and back."""
    bonds = len(edges) // 2
    return torch.cat([edges[bonds:], edges[:bonds]])


def incoming(edges: Tensor, neighbours: Neighbours) -> Tensor:  # [edges, width]
    """For each edge, the sum over the edges that enter its source atom, without its own reverse.

    The sum is linear, and read backwards along every edge it is its own mirror image: the gradient is one
    more such sum, and nothing is kept for it.
    """
    return _Incoming.apply(edges, neighbours)


def incoming_plainly(edges: Tensor, bond_index: Tensor, atoms: int) -> Tensor:
    """The sum as the paper writes it (Yang et al. 2019, eq. 1), with torch's own gradient: the oracle of `incoming`."""
    source, target = bond_index
    return edges.new_zeros(atoms, edges.shape[1]).index_add(0, target, edges)[source] - swap_halves(edges)


def entering(edges: Tensor, neighbours: Neighbours) -> Tensor:  # [atoms, width]
    """For each atom, the sum over the edges that end there."""
    return _Sum.apply(edges, neighbours.entering, neighbours.target)


def pooled(atoms: Tensor, molecule_of_atom: Tensor, molecules: int, *, mean: bool) -> Tensor:  # [molecules, width]
    """For each molecule, the sum or the mean over its atoms, which stand together; 0 for one without atoms."""
    counts = torch.bincount(molecule_of_atom, minlength=molecules)
    segments = Segments(torch.arange(len(atoms), device=atoms.device), _offsets(counts))
    total: Tensor = _Sum.apply(atoms, segments, molecule_of_atom)
    return total / counts.clamp(min=1).to(total.dtype).unsqueeze(1) if mean else total


class _Incoming(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, edges: Tensor, neighbours: Neighbours) -> Tensor:
        ctx.neighbours = neighbours
        return neighbours.passing.sum(edges)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return swap_halves(ctx.neighbours.passing.sum(swap_halves(gradient))), None


class _Sum(torch.autograd.Function):
    """Sums in which each row stands in one segment, whose gradient it gets."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, segments: Segments, segment_of_row: Tensor) -> Tensor:
        ctx.save_for_backward(segment_of_row)
        return segments.sum(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (segment_of_row,) = ctx.saved_tensors
        return gradient.index_select(0, segment_of_row), None, None


def _offsets(counts: Tensor) -> Tensor:
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])
