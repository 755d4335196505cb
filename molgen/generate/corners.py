"""What may stand where a lead's numbered atoms stood: their neighbours keep hydrogens and stereo, what they joined stays joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from rdkit import Chem

_HANDS = (Chem.ChiralType.CHI_TETRAHEDRAL_CW, Chem.ChiralType.CHI_TETRAHEDRAL_CCW)
_CIS = (Chem.BondStereo.STEREOZ, Chem.BondStereo.STEREOCIS)
_TRANS = (Chem.BondStereo.STEREOE, Chem.BondStereo.STEREOTRANS)


class Centre(NamedTuple):
    """A stereocentre next to numbered atoms."""

    neighbours: tuple[int | None, ...]  # places in the lead's order, None for a numbered one
    hand: Chem.ChiralType


class Corner(NamedTuple):
    """A kept atom, and what it may be bound to beside its kept neighbours."""

    place: int
    around: frozenset[int]  # its kept neighbours
    hydrogens: int
    least: int  # new neighbours it must have: only a numbered arm may give way to hydrogen
    most: int  # new neighbours it may have
    valence: int  # that numbered atoms took up
    centre: Centre | None


class Flat(NamedTuple):
    """A double bond with stereo whose end is next to numbered atoms."""

    ends: tuple[int, int]
    beside: tuple[int | None, int | None]  # the neighbours that stereo speaks of, None for the new one
    cis: bool | None  # None where two numbered atoms are on one end: which is which is not told


class Corners(NamedTuple):
    """All of a lead's, as places in a match of what is kept.

    "In the old one's place" is meant in space: a stereocentre whose numbered neighbour is exchanged may get another CIP label.
    """

    corners: tuple[Corner, ...] = ()
    flats: tuple[Flat, ...] = ()
    links: tuple[tuple[int, ...], ...] = ()  # ends of each numbered part that joins kept atoms, one entry a bond

    @classmethod
    def of(cls, lead: Chem.Mol, marked: Collection[int]) -> Corners:
        """Of a lead whose marked atoms may change."""
        kept = [i for i in range(lead.GetNumAtoms()) if i not in marked]
        places = {i: place for place, i in enumerate(kept)}
        parts = [tuple(places[i] for i in ends) for ends in parts_outside(lead, frozenset(kept))]
        arms = Counter(part[0] for part in parts if len(part) == 1)
        told = [i for i in kept if _is_corner(lead.GetAtomWithIdx(i), marked)]
        corners = tuple(_corner(lead.GetAtomWithIdx(i), places, arms[places[i]]) for i in told)
        flats = [_flat(bond, places) for bond in lead.GetBonds() if bond.GetStereo() in (*_CIS, *_TRANS)]
        return cls(corners, tuple(flat for flat in flats if flat is not None), tuple(part for part in parts if len(part) > 1))

    def kept(self, mol: Chem.Mol, match: Sequence[int]) -> bool:
        """Whether a molecule that has the kept atoms in these places keeps all that is said of them."""
        direct: list[list[int]] = []
        for corner in self.corners:
            atom = mol.GetAtomWithIdx(match[corner.place])
            new = atom.GetDegree() - len(corner.around)
            hydrogens = atom.GetTotalNumHs() - corner.hydrogens
            if not corner.least <= new <= corner.most or not 0 <= hydrogens <= (corner.valence - new if new < corner.most else 0):
                return False
            if corner.centre is not None and not _same_hand(atom, corner.centre, match):
                return False
            if new:
                held = {match[place] for place in corner.around}
                direct += [[atom.GetIdx(), i] for i in _neighbours(atom) if i not in held and i in match]
        return all(_same_side(mol, flat, match) for flat in self.flats) and self._joined(mol, match, direct)

    def _joined(self, mol: Chem.Mol, match: Sequence[int], direct: list[list[int]]) -> bool:
        if not self.links:
            return not direct
        links = [Counter(match[place] for place in ends) for ends in self.links]
        if any(not any(set(pair) <= set(ends) for ends in links) for pair in direct):
            return False
        parts = [Counter(part) for part in (*direct, *parts_outside(mol, frozenset(match)))]
        return all(any(ends <= part for part in parts) for ends in links)


def parts_outside(mol: Chem.Mol, kept: frozenset[int]) -> Iterator[list[int]]:
    """For each connected part outside the kept atoms: the kept atoms it is bound to, one entry a bond."""
    left = set(range(mol.GetNumAtoms())) - kept
    while left:
        ends: list[int] = []
        reached = [left.pop()]
        while reached:
            for i in _neighbours(mol.GetAtomWithIdx(reached.pop())):
                if i in kept:
                    ends.append(i)
                elif i in left:
                    left.remove(i)
                    reached.append(i)
        yield ends


def _neighbours(atom: Chem.Atom) -> list[int]:
    return [neighbour.GetIdx() for neighbour in atom.GetNeighbors()]


def _is_corner(atom: Chem.Atom, marked: Collection[int]) -> bool:
    """Next to a marked atom, or where a match of bonds leaves open who has the hydrogen: [nH] or n."""
    return any(i in marked for i in _neighbours(atom)) or (atom.GetIsAromatic() and atom.GetAtomicNum() != 6)


def _corner(atom: Chem.Atom, places: dict[int, int], arms: int) -> Corner:
    by_bond = [(places.get(bond.GetOtherAtomIdx(atom.GetIdx())), bond) for bond in atom.GetBonds()]
    around = frozenset(place for place, _ in by_bond if place is not None)
    most = len(by_bond) - len(around)
    hand = atom.GetChiralTag()
    centre = Centre(tuple(place for place, _ in by_bond), hand) if most and hand in _HANDS else None
    valence = sum(int(bond.GetBondTypeAsDouble()) for place, bond in by_bond if place is None)
    least = most if centre is not None else most - arms
    return Corner(places[atom.GetIdx()], around, atom.GetTotalNumHs(), least, most, valence, centre)


def _flat(bond: Chem.Bond, places: dict[int, int]) -> Flat | None:
    """None when it is no double bond of kept atoms, or RDKit's match of the kept atoms tells its stereo."""
    ends = bond.GetBeginAtom(), bond.GetEndAtom()
    first, last = (places.get(end.GetIdx()) for end in ends)
    around = [[i for i in _neighbours(end) if i != other.GetIdx()] for end, other in zip(ends, reversed(ends))]
    if first is None or last is None or all(i in places for some in around for i in some):
        return None
    cis: bool | None = bond.GetStereo() in _CIS
    beside: list[int | None] = []
    for some, told in zip(around, bond.GetStereoAtoms()):
        known = next((i for i in some if i in places), told)
        beside.append(places.get(known))
        cis = None if cis is None or (len(some) > 1 and known not in places) else cis == (known == told)
    return Flat((first, last), (beside[0], beside[1]), cis)


def _same_hand(atom: Chem.Atom, centre: Centre, match: Sequence[int]) -> bool:
    hand = atom.GetChiralTag()
    if hand not in _HANDS:
        return False
    if centre.neighbours.count(None) > 1:
        return True  # new ones are not told apart
    lead = [None if place is None else match[place] for place in centre.neighbours]
    here = [i if i in lead else None for i in _neighbours_by_bond(atom)]
    order = [lead.index(i) for i in here]
    swaps = sum(order[i] > order[j] for j in range(len(order)) for i in range(j))
    return (hand == centre.hand) == (swaps % 2 == 0)


def _neighbours_by_bond(atom: Chem.Atom) -> list[int]:
    """In the order that the mark of a stereocentre speaks of."""
    return [bond.GetOtherAtomIdx(atom.GetIdx()) for bond in atom.GetBonds()]


def _same_side(mol: Chem.Mol, flat: Flat, match: Sequence[int]) -> bool:
    begin, end = (match[place] for place in flat.ends)
    bond = mol.GetBondBetweenAtoms(begin, end)
    if bond.GetStereo() not in (*_CIS, *_TRANS):
        return False
    if flat.cis is None:
        return True
    cis = bond.GetStereo() in _CIS
    told = list(bond.GetStereoAtoms()) if bond.GetBeginAtomIdx() == begin else list(bond.GetStereoAtoms())[::-1]
    for atom, other, place, spoken in zip((begin, end), (end, begin), flat.beside, told):
        beside = match[place] if place is not None else next(i for i in _neighbours(mol.GetAtomWithIdx(atom)) if i != other)
        cis = cis == (beside == spoken)
    return cis == flat.cis
