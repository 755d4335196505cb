"""What every directed bond hears from its neighbours, summed in one step forth and one back."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.utils import scatter


def swap_halves(edges: Tensor) -> Tensor:
    """Values by edge, each where its reverse edge was; edges come in two halves, there and back."""
    bonds = len(edges) // 2
    return torch.cat([edges[bonds:], edges[:bonds]])


def incoming(edges: Tensor, bond_index: Tensor, atoms: int) -> Tensor:  # [directed bonds, width]
    """For each edge, the sum over the edges that enter its source atom, without its own reverse.

    The same as `incoming_plainly`, in half the time: the sum is linear and its own mirror image, so the
    gradient is one more such sum with source and target exchanged, and nothing is kept for it.
    """
    return _Incoming.apply(edges, bond_index[0], bond_index[1], atoms)


def incoming_plainly(edges: Tensor, bond_index: Tensor, atoms: int) -> Tensor:
    """The sum as the paper writes it (Yang et al. 2019, eq. 1), with torch's own gradient: the oracle of `incoming`."""
    source, target = bond_index
    return scatter(edges, target, dim_size=atoms)[source] - swap_halves(edges)


class _Incoming(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, edges: Tensor, source: Tensor, target: Tensor, atoms: int) -> Tensor:
        ctx.save_for_backward(source, target)
        ctx.atoms = atoms
        return _sum_and_spread(edges, target, source, atoms)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        source, target = ctx.saved_tensors
        return _sum_and_spread(gradient, source, target, ctx.atoms), None, None, None


def _sum_and_spread(edges: Tensor, at: Tensor, back: Tensor, atoms: int) -> Tensor:
    """Edges summed at one end, handed out at the other, less each edge's own reverse."""
    bonds = len(edges) // 2
    out = scatter(edges, at, dim_size=atoms).index_select(0, back)
    out[:bonds] -= edges[bonds:]
    out[bonds:] -= edges[:bonds]
    return out
