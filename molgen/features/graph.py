"""Many molecules as graphs in a handful of flat arrays: two integers a bond, one an atom, no object a molecule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.features.alphabet import (
    ATOM_WIDTH,
    BOND_WIDTH,
    AtomCode,
    BondCode,
    atom_codes,
    atom_row,
    bond_code,
    bond_row,
    unpack_atom,
    unpack_bond,
)
from molgen.features.binary import number, pack, trusted

if TYPE_CHECKING:
    from molgen.data.library import Library

__all__ = ["ATOM_WIDTH", "BOND_WIDTH", "Graphs", "graphs", "graphs_plainly"]

_FEW = 200  # molecules that are done before compiled code is loaded and tried
_BLOCK = 128  # molecules whose records are read together; those with stereo are in memory that long

Code = TypeVar("Code", AtomCode, BondCode)


@dataclass(frozen=True, eq=False)
class Graphs:
    """Molecules in order; their atoms and bonds one after another, each an integer into a table of distinct rows.

    A bond is stored once. `bond_index` has both directions: first every bond as stored, then every bond
    reversed, in the same order, so that the reverse of edge `i` is `i + bonds` or `i - bonds`.
    """

    atom_code: NDArray[np.int64]  # [atoms], row of atom_rows
    atom_rows: NDArray[np.float32]  # [distinct atoms, ATOM_WIDTH]
    bond_code: NDArray[np.int64]  # [bonds], row of bond_rows
    bond_rows: NDArray[np.float32]  # [distinct bonds, BOND_WIDTH]
    bond_ends: NDArray[np.int64]  # [2, bonds], atom numbers inside the molecule
    atom_offset: NDArray[np.int64]  # [molecules + 1], where each molecule's atoms begin
    bond_offset: NDArray[np.int64]  # [molecules + 1]

    @classmethod
    def of(cls, library: Library) -> Graphs:
        """The graphs of `library.molecules`, made at the first call and kept there."""
        return library.molecules.once(("feature", "graphs"), lambda molecules: graphs(molecules.mols))

    def __len__(self) -> int:
        return len(self.atom_offset) - 1

    @property
    def n_molecules(self) -> int:
        return len(self)

    @property
    def atoms(self) -> NDArray[np.float32]:  # [atoms, ATOM_WIDTH]
        return self.atom_rows[self.atom_code]

    @property
    def bonds(self) -> NDArray[np.float32]:  # [directed bonds, BOND_WIDTH]
        return self.bond_rows[np.concatenate([self.bond_code, self.bond_code])]

    @property
    def molecule_of_atom(self) -> NDArray[np.int64]:  # [atoms]
        return np.repeat(np.arange(len(self)), np.diff(self.atom_offset))

    @property
    def bond_index(self) -> NDArray[np.int64]:  # [2, directed bonds], source and target among all atoms
        ends = self.bond_ends + np.repeat(self.atom_offset[:-1], np.diff(self.bond_offset))
        return np.concatenate([ends, ends[::-1]], axis=1)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> Graphs:
        """The graphs of these molecules, in this order; a molecule may come twice. The tables are shared."""
        chosen = np.asarray(rows, dtype=np.int64)
        atoms, atom_offset = _ragged(self.atom_offset, chosen)
        bonds, bond_offset = _ragged(self.bond_offset, chosen)
        return Graphs(
            self.atom_code[atoms],
            self.atom_rows,
            self.bond_code[bonds],
            self.bond_rows,
            self.bond_ends[:, bonds],
            atom_offset,
            bond_offset,
        )


def graphs(mols: Iterable[Chem.Mol | None], *, fresh: bool = False) -> Graphs:
    """The graphs of these molecules; one that is missing is a graph without atoms.

    Molecules are drawn as they are needed and let go of, so a generator of millions is fine; sooner still where they are
    `fresh`: as `chem.bulk.graph_mols` gives them, with nothing done to them since.

    >>> graphs([Chem.MolFromSmiles("CCO"), None, Chem.MolFromSmiles("C")]).atom_offset.tolist()
    [0, 3, 3, 4]
    """
    drawn = iter(mols)
    few = list(islice(drawn, _FEW))
    scan = trusted() if len(few) == _FEW else None
    return graphs_plainly(chain(few, drawn)) if scan is None else _graphs_scanned(chain(few, drawn), scan, fresh)


def _graphs_scanned(mols: Iterator[Chem.Mol | None], scan: ModuleType, fresh: bool = False) -> Graphs:
    blocks = [pack((), scan)]
    while len(block := pack(islice(mols, _BLOCK), scan, fresh=fresh)):
        blocks.append(block)
    atom_code, atoms = number(np.concatenate([block.atoms for block in blocks]), scan)
    bond_code, bonds = number(np.concatenate([block.bonds for block in blocks]), scan)
    return Graphs(
        atom_code,
        np.array([_atom_row(packed) for packed in atoms], dtype=np.float32).reshape(-1, ATOM_WIDTH),
        bond_code,
        np.array([_bond_row(packed) for packed in bonds], dtype=np.float32).reshape(-1, BOND_WIDTH),
        np.concatenate([block.ends for block in blocks], axis=1),
        _offsets(np.concatenate([block.atom_count for block in blocks])),
        _offsets(np.concatenate([block.bond_count for block in blocks])),
    )


@lru_cache(maxsize=10_000)
def _atom_row(packed: int) -> NDArray[np.float32]:
    return atom_row(unpack_atom(packed))


@lru_cache(maxsize=10_000)
def _bond_row(packed: int) -> NDArray[np.float32]:
    return bond_row(unpack_bond(packed))


def graphs_plainly(mols: Iterable[Chem.Mol | None]) -> Graphs:
    """The graphs as RDKit answers for each atom and bond: the oracle of `graphs`, equal in every array."""
    atoms, bonds = _Codes[AtomCode](), _Codes[BondCode]()
    ends: list[int] = []
    for mol in mols:
        if mol is not None:
            for code in atom_codes(mol):
                atoms.add(code)
            for bond in mol.GetBonds():
                bonds.add(bond_code(bond))
                ends += (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        atoms.end_molecule()
        bonds.end_molecule()
    return Graphs(
        np.array(atoms.seen, dtype=np.int64),
        atoms.table(atom_row, ATOM_WIDTH),
        np.array(bonds.seen, dtype=np.int64),
        bonds.table(bond_row, BOND_WIDTH),
        np.ascontiguousarray(np.array(ends, dtype=np.int64).reshape(-1, 2).T),
        np.array(atoms.offset, dtype=np.int64),
        np.array(bonds.offset, dtype=np.int64),
    )


class _Codes(Generic[Code]):
    """Codes as they come, each replaced by its number in order of first appearance."""

    def __init__(self) -> None:
        self.numbers: dict[Code, int] = {}
        self.seen: list[int] = []
        self.offset = [0]

    def add(self, code: Code) -> None:
        self.seen.append(self.numbers.setdefault(code, len(self.numbers)))

    def end_molecule(self) -> None:
        self.offset.append(len(self.seen))

    def table(self, row: Callable[[Code], NDArray[np.float32]], width: int) -> NDArray[np.float32]:
        """[distinct codes, width]"""
        return np.array([row(code) for code in self.numbers], dtype=np.float32).reshape(-1, width)


def _ragged(offset: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the entries of these molecules lie, molecule after molecule, and the offsets they get there."""
    counts = offset[rows + 1] - offset[rows]
    new = _offsets(counts)
    return np.arange(new[-1]) + np.repeat(offset[rows] - new[:-1], counts), new


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:  # [counts + 1]
    return np.concatenate([[0], np.cumsum(counts)])
