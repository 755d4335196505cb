"""A batch of molecules as flat tensors, with the way to torch-geometric's `Batch` there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from molgen.base.errors import MolgenError
from molgen.base.wanted import checked
from molgen.chem.bulk import graph_mols
from molgen.features.graph import ATOM_WIDTH, BOND_WIDTH, Graphs, graphs
from molgen.nn.messages import Neighbours, swap_halves

if TYPE_CHECKING:
    from torch_geometric.data import Batch  # five seconds of imports that only its users need


class EdgeKinds(NamedTuple):
    """Edges that leave like atoms by like bonds are of one kind: a batch has some two hundred."""

    atom_code: Tensor  # [kinds], row of atom_rows
    bond_code: Tensor  # [kinds], row of bond_rows
    of_edge: Tensor  # [directed bonds], row of the two above


@dataclass(frozen=True, eq=False)
class GraphBatch:
    """Atoms and bonds of all molecules, each a number into a table of distinct rows.

    A layer that sees one atom or bond alone need only see the distinct rows: `linear(atom_rows)[atom_code]`.
    Edges come in two halves: every bond one way, then every bond the other way in the same order.
    """

    atom_code: Tensor  # [atoms] int64, row of atom_rows
    atom_rows: Tensor  # [distinct atoms, ATOM_WIDTH]
    bond_code: Tensor  # [directed bonds] int64, row of bond_rows
    bond_rows: Tensor  # [distinct bonds, BOND_WIDTH]
    bond_index: Tensor  # [2, directed bonds] int64, source and target atom
    molecule_of_atom: Tensor  # [atoms] int64, ascending
    valid: Tensor  # [molecules] bool; False is a row that was no molecule, and has no atoms

    @classmethod
    def of(cls, many: Graphs) -> GraphBatch:
        """All molecules of flat arrays as one batch on the CPU; memory is shared where it can be."""
        code = torch.from_numpy(many.bond_code)
        return cls(
            torch.from_numpy(many.atom_code),
            torch.from_numpy(many.atom_rows),
            torch.cat([code, code]),
            torch.from_numpy(many.bond_rows),
            torch.from_numpy(many.bond_index),
            torch.from_numpy(many.molecule_of_atom),
            torch.from_numpy(many.atom_offset[1:] > many.atom_offset[:-1]),
        )

    def __len__(self) -> int:
        return len(self.valid)

    @property
    def atoms(self) -> Tensor:  # [atoms, ATOM_WIDTH]
        return self.atom_rows.index_select(0, self.atom_code)

    @property
    def bonds(self) -> Tensor:  # [directed bonds, BOND_WIDTH]
        return self.bond_rows.index_select(0, self.bond_code)

    @property
    def reverse(self) -> Tensor:  # [directed bonds]
        """For each edge, the number of the edge that goes back."""
        edges = torch.arange(self.bond_index.shape[1], device=self.bond_index.device)
        return swap_halves(edges)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Which edges enter which atom, and which each edge hears."""
        return Neighbours.of(self.bond_index, len(self.atom_code))

    @cached_property
    def edge_kinds(self) -> EdgeKinds:
        """The kinds of edges there are, and that of each."""
        bonds = max(len(self.bond_rows), 1)
        kinds, of_edge = (self.atom_code[self.bond_index[0]] * bonds + self.bond_code).unique(return_inverse=True)
        return EdgeKinds(kinds // bonds, kinds % bonds, of_edge)

    def to(self, device: torch.device | str) -> GraphBatch:
        """The same batch on a device."""
        if torch.device(device) == self.valid.device:
            return self
        return GraphBatch(**{field.name: getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)})

    def to_pyg(self) -> Batch:
        """The batch as torch-geometric has it: x, edge_index, edge_attr, batch, ptr; splits into `Data` objects."""
        from torch_geometric.data import Batch

        molecule_of_edge = self.molecule_of_atom[self.bond_index[0]]
        order = molecule_of_edge.argsort(stable=True)  # they keep a molecule's edges together
        atom_ptr, edge_ptr = _pointers(self.molecule_of_atom, len(self)), _pointers(molecule_of_edge, len(self))
        batch = Batch(
            x=self.atoms,
            edge_index=self.bond_index[:, order],
            edge_attr=self.bonds[order],
            batch=self.molecule_of_atom,
            ptr=atom_ptr,
        )
        none = torch.zeros(len(self), dtype=torch.long)
        batch._num_graphs = len(self)
        batch._slice_dict = {"x": atom_ptr.cpu(), "edge_index": edge_ptr.cpu(), "edge_attr": edge_ptr.cpu()}
        batch._inc_dict = {"x": none, "edge_index": atom_ptr[:-1].cpu(), "edge_attr": none}
        return batch

    @classmethod
    def from_pyg(cls, batch: Batch) -> GraphBatch:
        """A torch-geometric batch with our atom and bond features, its edges in any order but each with its reverse."""
        _check_widths(batch)
        forward, backward = _paired_edges(batch.edge_index, batch.num_nodes)
        atom_rows, atom_code = torch.unique(batch.x, dim=0, return_inverse=True)
        bond_rows, bond_code = torch.unique(batch.edge_attr, dim=0, return_inverse=True)
        if not torch.equal(bond_code[forward], bond_code[backward]):
            raise MolgenError("an edge and its reverse carry different bond features", where="from_pyg")
        edges = torch.cat([forward, backward])
        valid = torch.bincount(batch.batch, minlength=batch.num_graphs) > 0
        return cls(atom_code, atom_rows, bond_code[edges], bond_rows, batch.edge_index[:, edges], batch.batch, valid)


@checked
def featurize(smiles: Sequence[str]) -> GraphBatch:
    """The batch of these SMILES, one molecule a row; a bad one keeps its row, without atoms and not `valid`.

    >>> featurize(["CCO", "C1CC", "C"]).valid.tolist()
    [True, False, True]
    """
    if isinstance(smiles, str):
        raise MolgenError(f"one text {smiles!r} where a sequence of SMILES belongs", fix=f"[{smiles!r}]")
    return GraphBatch.of(graphs(graph_mols(smiles), fresh=True))


def _pointers(molecule: Tensor, molecules: int) -> Tensor:
    counts = torch.bincount(molecule, minlength=molecules)
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])


def _check_widths(batch: Batch) -> None:
    for name, wanted in (("x", ATOM_WIDTH), ("edge_attr", BOND_WIDTH)):
        seen = batch[name].shape[-1]
        if seen != wanted:
            raise MolgenError(f"{name} is {seen} wide, want {wanted}", where="from_pyg", fix="make it with GraphBatch.to_pyg")


def _paired_edges(edge_index: Tensor, atoms: int) -> tuple[Tensor, Tensor]:
    """For each bond, the edge that comes first in the list and the one that goes back."""
    source, target = edge_index
    bond = torch.minimum(source, target) * atoms + torch.maximum(source, target)
    order = bond.argsort(stable=True)
    first, second = order[0::2], order[1::2]
    paired = len(first) == len(second) and torch.equal(edge_index[:, first], edge_index[:, second].flip(0))
    if not paired:
        raise MolgenError("there is an edge without its reverse, or one given twice", where="from_pyg")
    along = first.argsort()
    return first[along], second[along]
