"""Edits by atoms: the small steps of a structure-activity table, one atom, bond, ring or substituent at a time."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from rdkit import Chem

from molgen.generate.crossover import with_dummy
from molgen.generate.edits import Child, Tools, loosen, pick, piece_of
from molgen.generate.joining import atoms_of, bonds_of, join
from molgen.generate.pieces import FreeSide, Parent, Piece

_VALENCE = MappingProxyType({6: 4, 7: 3, 8: 2, 9: 1, 16: 2, 17: 1, 35: 1})
_INSTEAD = MappingProxyType(
    {6: (7, 8, 16, 9, 17), 7: (6, 6, 8), 8: (6, 7, 7, 16), 9: (17, 6, 8), 16: (6, 8), 17: (9, 35, 6), 35: (17, 9, 6)}
)
_INSERTED = (6, 6, 6, 7, 8)
SMALL = 4  # heavy atoms of a group that another small one may stand for

# What a chemist tries first at any open position, and the kind of atom it is joined by.
GROUPS = (
    ("C", "C3"), ("F", "F3"), ("Cl", "Cl3"), ("OC", "O3"), ("O", "O3"), ("C#N", "C2"), ("C(F)(F)F", "C3"), ("N", "N3"),
    ("CC", "C3"), ("C(C)C", "C3"), ("C1CC1", "C3"), ("OC(F)F", "O3"), ("S(C)(=O)=O", "S3"), ("C(N)=O", "C2"), ("CO", "C3"),
    ("N(C)C", "N3"), ("OCC", "O3"), ("C(F)F", "C3"), ("NC(C)=O", "N2"), ("C(C)(C)C", "C3"), ("Br", "Br3"), ("OC(F)(F)F", "O3"),
)  # fmt: skip


def decorate(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A small group put in place of a hydrogen, or of another small group."""
    text, end = pick(GROUPS, rng)
    small = [side for side in parent.free_sides if side.size <= SMALL]
    if small and rng.random() < 0.5:
        place = pick(small, rng)
        fits = tools.vocabulary.fits(parent.halves(place.bond)[1 - place.side].ends[0], end)
        return exchanged_group(parent, place, text) if fits else None
    places = [i for i in parent.hydrogens if tools.vocabulary.fits(parent.ends[i], end)]
    return added(parent, pick(places, rng), text) if places else None


def exchanged_group(parent: Parent, place: FreeSide, text: str) -> Child:
    """The side of a cut replaced by a group."""
    halves = parent.halves(place.bond)
    stays, goes = halves[1 - place.side], halves[place.side]
    return Child(join(stays.mol, piece_of("[1*]" + text)), f"{_as_group(goes)} exchanged for {text} in {parent.smiles}")


def _as_group(piece: Piece) -> str:
    """SMILES as those of `GROUPS` are written: the atom it is joined by comes first."""
    star = next(atom.GetIdx() for atom in atoms_of(piece.mol) if atom.GetAtomicNum() == 0)
    return str(Chem.MolToSmiles(piece.mol, rootedAtAtom=star)).removeprefix("[1*]")


def added(parent: Parent, place: int, text: str) -> Child:
    """A group in place of an atom's hydrogen."""
    return Child(join(with_dummy(parent.mol, place), piece_of("[1*]" + text)), f"{text} added to {parent.smiles}")


def change_atom(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """One atom replaced by one of another element that can have the same bonds."""
    options = exchangeable(parent)
    if not options:
        return None
    # The atom first, then its element: else carbons, with most options, would take most of the edits.
    place = pick(sorted({i for i, _ in options}), rng)
    return exchanged_atom(parent, place, pick([element for i, element in options if i == place], rng))


def exchangeable(parent: Parent) -> list[tuple[int, int]]:
    """(atom, element that could stand there)."""
    atoms = [atom for atom in atoms_of(parent.mol) if atom.GetIdx() not in parent.kept and atom.GetFormalCharge() == 0]
    return [(atom.GetIdx(), element) for atom in atoms for element in _elements_for(atom)]


def exchanged_atom(parent: Parent, place: int, element: int) -> Child:
    """One atom with another element."""
    edited = Chem.RWMol(parent.mol)
    atom = edited.GetAtomWithIdx(place)
    old = atom.GetSymbol()
    atom.SetAtomicNum(element)
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(1 if atom.GetIsAromatic() and element == 7 and old in ("O", "S") else 0)
    atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
    return Child(edited.GetMol(), f"{old} changed to {atom.GetSymbol()} in {parent.smiles}")


def _elements_for(atom: Chem.Atom) -> tuple[int, ...]:
    own = atom.GetAtomicNum()
    if atom.GetIsAromatic():
        return _aromatic_elements_for(atom)
    if atom.GetTotalValence() > _VALENCE.get(own, 0):
        return ()  # sulfones and their like stay whole
    bonds = atom.GetTotalValence() - atom.GetTotalNumHs()
    return tuple(element for element in _INSTEAD.get(own, ()) if _VALENCE[element] >= bonds)


def _aromatic_elements_for(atom: Chem.Atom) -> tuple[int, ...]:
    own, hydrogens, degree = atom.GetAtomicNum(), atom.GetTotalNumHs(), atom.GetDegree()
    if own == 6:
        return (7,) if hydrogens else ()
    if own == 7 and degree == 2:
        return (8, 16) if hydrogens else (6,)
    return tuple({8: (16, 7), 16: (8, 7)}.get(own, ()))


def insert_atom(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An atom put into a single bond; in a ring, this makes it one larger."""
    bonds = free_bonds(parent, Chem.BondType.SINGLE)
    return inserted(parent, *pick(bonds, rng), pick(_INSERTED, rng)) if bonds else None


def inserted(parent: Parent, first: int, second: int, element: int) -> Child:
    """An atom put between two."""
    edited = Chem.RWMol(parent.mol)
    new = edited.AddAtom(Chem.Atom(element))
    edited.RemoveBond(first, second)
    edited.AddBond(first, new, Chem.BondType.SINGLE)
    edited.AddBond(new, second, Chem.BondType.SINGLE)
    loosen(edited, [first, second])
    return Child(edited.GetMol(), f"{edited.GetAtomWithIdx(new).GetSymbol()} inserted into {parent.smiles}")


def delete_atom(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An atom taken out, its two neighbours joined; in a ring, this makes it one smaller."""
    places = removable(parent)
    return deleted(parent, pick(places, rng)) if places else None


def removable(parent: Parent) -> list[int]:
    """Atoms that can be taken out with one or two neighbours left to join."""
    if parent.size < 2:
        return []
    return [atom.GetIdx() for atom in atoms_of(parent.mol) if atom.GetIdx() not in parent.kept and _removable(atom)]


def deleted(parent: Parent, place: int) -> Child | None:
    """One atom taken out; None when its neighbours are joined already."""
    edited = Chem.RWMol(parent.mol)
    neighbours = [atom.GetIdx() for atom in edited.GetAtomWithIdx(place).GetNeighbors()]
    if len(neighbours) == 2:
        if edited.GetBondBetweenAtoms(*neighbours) is not None:
            return None
        edited.AddBond(neighbours[0], neighbours[1], Chem.BondType.SINGLE)
    loosen(edited, neighbours)
    symbol = edited.GetAtomWithIdx(place).GetSymbol()
    edited.RemoveAtom(place)
    return Child(edited.GetMol(), f"{symbol} taken out of {parent.smiles}")


def _removable(atom: Chem.Atom) -> bool:
    single = all(bond.GetBondType() == Chem.BondType.SINGLE for bond in atom.GetBonds())
    return not atom.GetIsAromatic() and single and atom.GetDegree() in (1, 2)


def change_bond(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A single bond made double, or a double bond made single."""
    order = Chem.BondType.DOUBLE if rng.random() < 0.5 else Chem.BondType.SINGLE
    bonds = free_bonds(parent, Chem.BondType.DOUBLE if order == Chem.BondType.SINGLE else Chem.BondType.SINGLE)
    if order == Chem.BondType.DOUBLE:
        bonds = [pair for pair in bonds if all(_can_give(parent.mol.GetAtomWithIdx(i)) for i in pair)]
    if not bonds:
        return None
    first, second = pick(bonds, rng)
    edited = Chem.RWMol(parent.mol)
    loosen(edited, [first, second])
    edited.GetBondBetweenAtoms(first, second).SetBondType(order)
    return Child(edited.GetMol(), f"bond made {str(order).lower()} in {parent.smiles}")


def _can_give(atom: Chem.Atom) -> bool:
    return atom.GetTotalNumHs() > 0 and not atom.GetIsAromatic()


def close_ring(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A bond between two atoms that makes a new ring of five or six."""
    places = parent.hydrogens
    apart = parent.distances
    pairs = [(i, j) for n, i in enumerate(places) for j in places[n + 1 :] if apart[i, j] in (4, 5) and not {i, j} <= parent.kept]
    if not pairs:
        return None
    first, second = pick(pairs, rng)
    edited = Chem.RWMol(with_dummy(with_dummy(parent.mol, first), second))
    edited.AddBond(first, second, Chem.BondType.SINGLE)
    edited.RemoveAtom(edited.GetNumAtoms() - 1)
    edited.RemoveAtom(edited.GetNumAtoms() - 1)
    return Child(edited.GetMol(), f"ring closed in {parent.smiles}")


def open_ring(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A single bond of a ring taken out."""
    bonds = [pair for pair in free_bonds(parent, Chem.BondType.SINGLE) if parent.mol.GetBondBetweenAtoms(*pair).IsInRing()]
    if not bonds:
        return None
    first, second = pick(bonds, rng)
    edited = Chem.RWMol(parent.mol)
    edited.RemoveBond(first, second)
    loosen(edited, [first, second])
    return Child(edited.GetMol(), f"ring opened in {parent.smiles}")


def free_bonds(parent: Parent, order: Chem.BondType) -> list[tuple[int, int]]:
    """Bonds of this order, as pairs of atoms, that are not the kept substructure's own."""
    pairs = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds_of(parent.mol) if bond.GetBondType() == order]
    return [pair for pair in pairs if not (pair[0] in parent.kept and pair[1] in parent.kept)]
