"""How long a chain must be to close a ring: benzene bent further than [7]paracyclophane is nobody's medicine.

Nor is a long piece closed to a ring of ten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import NamedTuple

from rdkit import Chem

from molgen.generate.keep import stars_of

_LEAST = {2: 6, 3: 7}  # bonds between two atoms of the ring -> atoms of the chain: meta, para
_LARGEST = 7  # atoms of an everyday ring
_MACROCYCLE = 12  # atoms of the smallest one without much strain, as of [3.3]metacyclophane; a para ring in it asks for one more


class Bridge(NamedTuple):
    """Two open atoms of a piece, and how many atoms the linker must have between them."""

    first: int
    last: int
    least: int


def bridges_of(piece: Chem.Mol) -> tuple[Bridge, ...]:
    """Pairs of a piece's open atoms between which a short linker would bend an aromatic ring, or close one of medium size."""
    holders = sorted({piece.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx() for star in stars_of(piece)})
    rings = [ring for ring in piece.GetRingInfo().AtomRings() if all(piece.GetAtomWithIdx(i).GetIsAromatic() for i in ring)]
    found = []
    for first, last in combinations(holders, 2):
        least = max((_least(piece, ring, first, last) for ring in rings), default=0)
        least = max(least, _to_close(piece, rings, first, last))
        if least > 1:
            found.append(Bridge(first, last, least))
    return tuple(found)


def _to_close(piece: Chem.Mol, rings: Sequence[tuple[int, ...]], first: int, last: int) -> int:
    """Atoms of the chain that make a macrocycle of what is too long to be in an everyday ring; 0 of the rest."""
    way = Chem.GetShortestPath(piece, first, last)
    if len(way) < _LARGEST:  # with the chain it may be one
        return 0
    para = sum(len(set(ring) & set(way)) == 4 for ring in rings if len(ring) == 6)
    return _MACROCYCLE + para - len(way)


def bonds_from(mol: Chem.Mol, start: int, barred: Collection[int]) -> dict[int, int]:
    """Bonds from an atom to each that is reached without going through barred ones, which may end a way."""
    bonds, edge = {start: 0}, [start]
    while edge:
        reached = [(one, other.GetIdx()) for one in edge for other in mol.GetAtomWithIdx(one).GetNeighbors()]
        edge = []
        for one, other in reached:
            if other not in bonds:
                bonds[other] = bonds[one] + 1
                edge += [] if other in barred else [other]
    return bonds


def _least(piece: Chem.Mol, ring: tuple[int, ...], first: int, last: int) -> int:
    """At most 0 where the ring is not bent: both hang on one of its atoms, or on two side by side."""
    places, arms = [], 0
    for atom in (first, last):
        bonds = {atom: 0} if atom in ring else bonds_from(piece, atom, ring)
        nearest = min((i for i in ring if i in bonds), key=bonds.__getitem__, default=None)
        if nearest is None:
            return 0
        places.append(ring.index(nearest))
        arms += bonds[nearest]
    apart = abs(places[0] - places[1])
    return _LEAST.get(min(apart, len(ring) - apart), 0) - arms
