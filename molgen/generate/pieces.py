"""Molecules taken apart at bonds and put together again, stereo and all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.subgraphs import with_every_ring
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.joining import atoms_of, bonds_of

End = str  # what kind of atom sits at a cut: "c" aromatic carbon, "C3" tetrahedral carbon, "N2" planar nitrogen


@dataclass(frozen=True, eq=False)
class Piece:
    """Part of a molecule with one or more cut bonds, each closed by a dummy atom whose isotope is its number."""

    mol: Chem.Mol
    ends: tuple[End, ...]  # [cuts], by number from 1

    @property
    def size(self) -> int:
        """Heavy atoms, dummies not counted."""
        return int(self.mol.GetNumAtoms()) - len(self.ends)

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """The numbers of its cuts, in order."""
        return tuple(sorted(atom.GetIsotope() for atom in atoms_of(self.mol) if atom.GetAtomicNum() == 0))

    @cached_property
    def smiles(self) -> str:
        """Canonical, cuts as numbered stars."""
        return str(Chem.MolToSmiles(self.mol))


class FreeSide(NamedTuple):
    """One side of a cut bond."""

    bond: int
    side: int  # 0: of the bond's first atom, 1: of its second
    size: int  # heavy atoms


class Parent:
    """A molecule that edits start from, with what they ask about it worked out once."""

    def __init__(self, smiles: str, constraints: Constraints = NONE) -> None:
        self.smiles = smiles
        self.mol: Chem.Mol = with_every_ring(Chem.MolFromSmiles(smiles))
        self.kept, self.closed = constraints.held(self.mol)
        self._halves: dict[int, tuple[Piece, Piece]] = {}

    @cached_property
    def size(self) -> int:
        return int(self.mol.GetNumHeavyAtoms())

    @cached_property
    def ends(self) -> tuple[End, ...]:
        """The kind of each atom, by index."""
        return tuple(end_of(atom) for atom in atoms_of(self.mol))

    @cached_property
    def hydrogens(self) -> tuple[int, ...]:
        """Atoms that carry a hydrogen which something may replace."""
        return tuple(atom.GetIdx() for atom in atoms_of(self.mol) if atom.GetTotalNumHs() > 0 and atom.GetIdx() not in self.closed)

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """[atoms, atoms], bonds between each two."""
        return np.asarray(Chem.GetDistanceMatrix(self.mol))

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """Single bonds outside rings that may be cut: not one of the kept substructure's own."""
        return tuple(
            bond.GetIdx()
            for bond in bonds_of(self.mol)
            if _cuttable(bond) and not (bond.GetBeginAtomIdx() in self.kept and bond.GetEndAtomIdx() in self.kept)
        )

    def halves(self, bond: int) -> tuple[Piece, Piece]:
        """What a cut through this bond leaves: the piece of its first atom, the piece of its second."""
        if bond not in self._halves:
            cut = self.mol.GetBondWithIdx(bond)
            pieces = break_bonds(self.mol, [bond], [(cut.GetBeginAtom(), cut.GetEndAtom())])
            first, second = sorted(pieces, key=lambda found: cut.GetBeginAtomIdx() not in found[1])
            self._halves[bond] = first[0], second[0]
        return self._halves[bond]

    def side(self, bond: int, side: int) -> NDArray[np.bool_]:
        """[atoms], True on the first (0) or second (1) atom's side of a cut."""
        return self._sides[self.cuts.index(bond), side]

    @cached_property
    def _sides(self) -> NDArray[np.bool_]:
        """[cuts, 2, atoms], True on either atom's side; of all cuts at once, for numpy's price is by the call."""
        bonds = [self.mol.GetBondWithIdx(cut) for cut in self.cuts]
        begins, ends = ([end(bond) for bond in bonds] for end in (Chem.Bond.GetBeginAtomIdx, Chem.Bond.GetEndAtomIdx))
        first = self.distances[begins] < self.distances[ends]
        return np.stack([first, ~first], axis=1)

    @cached_property
    def free_sides(self) -> tuple[FreeSide, ...]:
        """Each side of a cut that holds none of the kept atoms, and so may be replaced; the first atom's side first."""
        if not self.cuts:
            return ()
        held = np.asarray(self._sides[:, :, sorted(self.kept)].any(axis=2))
        sizes = self._sides.sum(axis=2).tolist()
        return tuple(FreeSide(cut, side, sizes[i][side]) for i, cut in enumerate(self.cuts) for side in (0, 1) if not held[i, side])

    @cached_property
    def cores(self) -> tuple[tuple[Piece, tuple[Piece, ...]], ...]:
        """Each ring system free of kept atoms, cut out of its one to three neighbours: (core, what hung on it)."""
        return tuple(taken for system in ring_systems(self.mol) if not self.kept & system and (taken := take_core(self.mol, system)))


def end_of(atom: Chem.Atom) -> End:
    """What kind of atom this is to the bond that joins it to another piece."""
    if atom.GetIsAromatic():
        return str(atom.GetSymbol().lower())
    flat = atom.GetHybridization() in (Chem.HybridizationType.SP2, Chem.HybridizationType.SP)
    return f"{atom.GetSymbol()}{2 if flat else 3}"


def break_bonds(mol: Chem.Mol, bonds: Sequence[int], partners: Sequence[tuple[Chem.Atom, Chem.Atom]]) -> list[tuple[Piece, frozenset[int]]]:
    """The pieces left when these bonds are cut, numbered from 1, each with its atoms' places in `mol`."""
    labels = [(n, n) for n in range(1, len(bonds) + 1)]
    apart = Chem.FragmentOnBonds(mol, list(bonds), addDummies=True, dummyLabels=labels)
    places: list[tuple[int, ...]] = []
    fragments = Chem.GetMolFrags(apart, asMols=True, sanitizeFrags=False, fragsMolAtomMapping=places)
    pieces = []
    for fragment, atoms in zip(fragments, places):
        own = frozenset(atoms)
        ends = tuple(end_of(atom) for pair in partners for atom in pair if atom.GetIdx() in own)
        pieces.append((Piece(fragment, ends), frozenset(i for i in atoms if i < mol.GetNumAtoms())))
    return pieces


def ring_systems(mol: Chem.Mol, *, largest: int | None = None) -> list[frozenset[int]]:
    """Atoms of each system of rings that share atoms; with `largest`, larger rings do not count."""
    systems: list[frozenset[int]] = []
    for ring in map(frozenset, mol.GetRingInfo().AtomRings()):
        if largest is not None and len(ring) > largest:
            continue
        touching = [system for system in systems if system & ring]
        systems = [*(system for system in systems if not system & ring), ring.union(*touching)]
    return systems


def take_core(mol: Chem.Mol, system: frozenset[int]) -> tuple[Piece, tuple[Piece, ...]] | None:
    """A ring system with its double-bonded neighbours, and the one to three pieces that hang on it; else None."""
    exits = [
        bond
        for i in sorted(system)
        for bond in mol.GetAtomWithIdx(i).GetBonds()
        if bond.GetOtherAtomIdx(i) not in system and bond.GetBondType() == Chem.BondType.SINGLE
    ]
    if not 1 <= len(exits) <= 3:
        return None
    inner_first = [_inner_first(bond, system) for bond in exits]
    pieces = break_bonds(mol, [bond.GetIdx() for bond in exits], inner_first)
    core = [piece for piece, atoms in pieces if atoms >= system]
    arms = [piece for piece, atoms in pieces if not atoms & system]
    if len(core) != 1 or len(arms) != len(exits):
        return None
    return core[0], tuple(sorted(arms, key=lambda arm: arm.cuts))


def _inner_first(bond: Chem.Bond, system: frozenset[int]) -> tuple[Chem.Atom, Chem.Atom]:
    begin, end = bond.GetBeginAtom(), bond.GetEndAtom()
    return (begin, end) if begin.GetIdx() in system else (end, begin)


def _cuttable(bond: Chem.Bond) -> bool:
    single = bond.GetBondType() == Chem.BondType.SINGLE and not bond.IsInRing()
    return single and not _of_fluoroalkyl(bond.GetBeginAtom(), bond.GetEndAtom())


def _of_fluoroalkyl(one: Chem.Atom, other: Chem.Atom) -> bool:
    """Whether this is one of several fluorines on a carbon: chemists handle CF3 and CHF2 as one group."""
    carbon = other if one.GetAtomicNum() == 9 else one
    fluorines = sum(neighbour.GetAtomicNum() == 9 for neighbour in carbon.GetNeighbors())
    return fluorines > 1 and 9 in (one.GetAtomicNum(), other.GetAtomicNum())
