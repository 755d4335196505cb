"""Atoms and bonds as a network sees them: a short code of integers, and the row of numbers a code stands for.

A million atoms share a few hundred codes, so a row is worked out once a code, and an atom is one integer.
Nothing here depends on how a molecule was written: chirality is the CIP label (R, S), not the
clockwise tag, which follows the order of neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

AtomCode = tuple[int, int, int, int, int, int, int, int]  # element, degree, charge, hydrogens, hybrid, CIP, aromatic, rings
BondCode = tuple[int, int, int, int]  # type, stereo, conjugated, in a ring

_HYBRID = Chem.HybridizationType
_TYPE = Chem.BondType
_STEREO = Chem.BondStereo

# Each block has one more column, for every value that is not named.
_ELEMENTS = (1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 53)
_DEGREES = (0, 1, 2, 3, 4, 5)
_CHARGES = (-2, -1, 0, 1, 2)
_HYDROGENS = (0, 1, 2, 3, 4)
_HYBRIDS = tuple(int(kind) for kind in (_HYBRID.S, _HYBRID.SP, _HYBRID.SP2, _HYBRID.SP3, _HYBRID.SP3D, _HYBRID.SP3D2))
_RING_SIZES = (3, 4, 5, 6, 7)
_TYPES = tuple(int(kind) for kind in (_TYPE.SINGLE, _TYPE.DOUBLE, _TYPE.TRIPLE, _TYPE.AROMATIC))
_STEREOS = tuple(int(kind) for kind in (_STEREO.STEREONONE, _STEREO.STEREOZ, _STEREO.STEREOE))

_ATOM_BLOCKS = (_ELEMENTS, _DEGREES, _CHARGES, _HYDROGENS, _HYBRIDS)
_NO_TAG = Chem.ChiralType.CHI_UNSPECIFIED
_CIP = {"R": 1, "S": 2}
ASK = 3  # in place of a label, in a packed code: the atom has a chiral tag, and has to be asked for its label

ATOM_WIDTH = sum(len(block) + 1 for block in _ATOM_BLOCKS) + 2 + 2 + len(_RING_SIZES) + 1 + 1
BOND_WIDTH = len(_TYPES) + 1 + len(_STEREOS) + 1 + 2


def atom_codes(mol: Chem.Mol) -> Iterator[AtomCode]:
    """The code of each atom, in order."""
    rings = _ring_bits(mol)
    for atom, ring in zip(mol.GetAtoms(), rings):
        yield (
            atom.GetAtomicNum(),
            atom.GetDegree(),
            atom.GetFormalCharge(),
            atom.GetTotalNumHs(),
            int(atom.GetHybridization()),
            0 if atom.GetChiralTag() == _NO_TAG else cip(atom),
            int(atom.GetIsAromatic()),
            ring,
        )


def bond_code(bond: Chem.Bond) -> BondCode:
    """The code of a bond, the same from either end."""
    return int(bond.GetBondType()), int(bond.GetStereo()), int(bond.GetIsConjugated()), int(bond.IsInRing())


def pack_atom(code: AtomCode) -> int:
    """The code as one integer, below 2 ** 56; what `molgen.features.scan` writes.

    >>> unpack_atom(pack_atom((8, 1, -1, 0, 4, 0, 0, 5)))
    (8, 1, -1, 0, 4, 0, 0, 5)
    """
    element, degree, charge, hydrogens, hybrid, cip, aromatic, rings = code
    if degree >> 16 or hydrogens >> 8 or hybrid >> 4:
        raise OverflowError(f"no room for atom code {code}")
    return element << 48 | degree << 32 | (charge & 255) << 24 | hydrogens << 16 | hybrid << 12 | cip << 10 | aromatic << 9 | rings


def unpack_atom(packed: int) -> AtomCode:
    """The code that was packed."""
    charge = (packed >> 24 & 255 ^ 128) - 128  # eight bits with a sign, as RDKit keeps it
    hydrogens, hybrid = packed >> 16 & 255, packed >> 12 & 15
    return packed >> 48, packed >> 32 & 0xFFFF, charge, hydrogens, hybrid, packed >> 10 & 3, packed >> 9 & 1, packed & 255


def pack_bond(code: BondCode) -> int:
    """The code as one integer, below 2 ** 16.

    >>> unpack_bond(pack_bond((2, 3, 1, 0)))
    (2, 3, 1, 0)
    """
    kind, stereo, conjugated, ring = code
    return kind << 8 | stereo << 4 | conjugated << 1 | ring


def unpack_bond(packed: int) -> BondCode:
    """The code that was packed."""
    return packed >> 8, packed >> 4 & 15, packed >> 1 & 1, packed & 1


def atom_row(code: AtomCode) -> NDArray[np.float32]:  # [ATOM_WIDTH]
    """The numbers an atom of this code is to a network: blocks of one 1 each, flags, and mass / 100."""
    element, *_, label, aromatic, rings = code
    row = [place for value, block in zip(code, _ATOM_BLOCKS) for place in _one_hot(value, block)]
    sizes = [rings >> bit & 1 for bit in range(len(_RING_SIZES) + 1)]
    mass = Chem.GetPeriodicTable().GetAtomicWeight(element) / 100
    return np.array([*row, label == 1, label == 2, aromatic, rings > 0, *sizes, mass], dtype=np.float32)


def bond_row(code: BondCode) -> NDArray[np.float32]:  # [BOND_WIDTH]
    """The numbers a bond of this code is to a network."""
    kind, stereo, conjugated, ring = code
    return np.array([*_one_hot(kind, _TYPES), *_one_hot(stereo, _STEREOS), conjugated, ring], dtype=np.float32)


def _one_hot(value: int, choices: tuple[int, ...]) -> list[int]:
    place = choices.index(value) if value in choices else len(choices)
    return [int(column == place) for column in range(len(choices) + 1)]


def cip(atom: Chem.Atom) -> int:
    """1 for R, 2 for S, 0 for neither."""
    return _CIP.get(atom.GetProp("_CIPCode"), 0) if atom.HasProp("_CIPCode") else 0


def _ring_bits(mol: Chem.Mol) -> list[int]:
    """[atoms], one bit a ring size from 3 to 7, and one for all larger."""
    bits = [0] * mol.GetNumAtoms()
    for ring in mol.GetRingInfo().AtomRings():
        bit = 1 << min(len(ring) - _RING_SIZES[0], len(_RING_SIZES))
        for atom in ring:
            bits[atom] |= bit
    return bits
