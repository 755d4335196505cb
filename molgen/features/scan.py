"""Atoms and bonds out of RDKit's own binary form of a molecule, as integers. Opened by `binary`: it brings numba.

The form is what `mol.ToBinary()` gives: versioned, little endian, documented by its source alone (RDKit's MolPickler.cpp).
A record that is not understood to its last flag is passed over and reported, never guessed.
"""

from __future__ import annotations

from typing import Any

from numpy import int64

from molgen.features.compiled import compiled

VERSION = (16, 4)  # major, minor: the form these loops were written for
PADDING = 64  # bytes wanted behind the last record, so that a wrong length is noticed before memory ends
MOST_ATOMS = 254  # one byte an atom number; RDKit takes four from 256 atoms on

_ATOMS, _BONDS, _RINGS = 1, 11, 0x42  # tags that begin a section; the last is that of the symmetrised smallest rings
_HEADER = 30  # bytes: mark, version, counts of atoms and bonds, flags, tag


@compiled()
def sizes(buffer: Any, starts: Any, atoms: Any, bonds: Any) -> None:
    """Fills `atoms` and `bonds` with the counts of each record, -1 where the record is of another form or too large.

    `buffer` is uint8 with `PADDING` bytes behind the last record; record `i` is `buffer[starts[i] : starts[i + 1]]`, none is empty.
    """
    for i in range(len(atoms)):
        p = starts[i]
        known = starts[i + 1] - p >= _HEADER and buffer[p] == 0xEF and buffer[p + 1] == 0xBE and buffer[p + 2] == 0xAD
        known = known and buffer[p + 3] == 0xDE and buffer[p + 8] == VERSION[0] and buffer[p + 12] == VERSION[1]
        known = known and buffer[p + 9] == 0 and buffer[p + 13] == 0 and buffer[p + 29] == _ATOMS
        for byte in (21, 22, 23, 25, 26, 27):  # the higher bytes of the counts
            known = known and buffer[p + byte] == 0
        known = known and buffer[p + 20] <= MOST_ATOMS
        atoms[i] = buffer[p + 20] if known else -1
        bonds[i] = buffer[p + 24] if known else -1


@compiled()
def records(buffer: Any, starts: Any, atom_offset: Any, bond_offset: Any, atoms: Any, bonds: Any, ends: Any, understood: Any) -> None:
    """Fills `atoms`, `bonds` (packed as in `molgen.features.alphabet`) and `ends` of every record marked `understood`.

    The mark is taken from a record that turns out to be unusual; what was filled in for it has no meaning. An atom with a
    chiral tag gets `alphabet.ASK` for its CIP label, which the binary form leaves out.
    """
    for i in range(len(understood)):
        if understood[i]:
            a, b = atom_offset[i], bond_offset[i]
            n, m = atom_offset[i + 1] - a, bond_offset[i + 1] - b
            stop = starts[i + 1]
            p = _read_atoms(buffer, starts[i] + _HEADER, stop, atoms[a : a + n])
            if p > 0:
                p = _read_bonds(buffer, p, stop, atoms[a : a + n], bonds[b : b + m], ends[:, b : b + m])
            if p > 0:
                p = _read_rings(buffer, p, stop, atoms[a : a + n], bonds[b : b + m], ends[:, b : b + m])
            understood[i] = p > 0


@compiled()
def _read_atoms(buffer: Any, p: Any, stop: Any, atoms: Any) -> Any:
    """Where the atoms end; 0 if one is unusual. Degree and rings are left at zero."""
    for j in range(len(atoms)):
        if p + 6 > stop or buffer[p + 4] or buffer[p + 5]:
            return 0
        element, flags, present = int64(buffer[p]), int64(buffer[p + 1]), int64(buffer[p + 2]) | int64(buffer[p + 3]) << 8
        # The other flags stand for queries, residues and the like, the other bits of `present` for rare properties. An atom
        # that may have implicit hydrogens, and has neither these nor bonds, has not been looked at by RDKit yet.
        if flags & ~0x60 or present & ~0x1FE or not (flags & 0x20 or present & 0x60):
            return 0
        p += 6
        charge, chiral, hydrogens, hybrid = int64(0), int64(0), int64(0), int64(4)  # SP3 is left unsaid
        if present & 2:
            charge = int64(buffer[p])
            p += 1
        if present & 4:
            chiral = int64(3) if buffer[p] else int64(0)
            p += 1
        if present & 8:
            hybrid = int64(buffer[p])
            p += 1
        if present & 16:  # written in brackets
            hydrogens = int64(buffer[p])
            p += 1
        if present & 32:  # valence of what is written
            p += 1
        if present & 64:  # the rest, filled up with hydrogens
            if not flags & 0x20:
                hydrogens += int64(buffer[p])
            p += 1
        if present & 128:  # unpaired electrons
            p += 1
        if present & 256:  # isotope
            p += 4
        if hydrogens > 255 or hybrid > 15:
            return 0
        atoms[j] = element << 48 | charge << 24 | hydrogens << 16 | hybrid << 12 | chiral << 10 | (flags >> 6 & 1) << 9
    return p


@compiled()
def _read_bonds(buffer: Any, p: Any, stop: Any, atoms: Any, bonds: Any, ends: Any) -> Any:
    """Where the bonds end; 0 if one is unusual. Counts the degrees of the atoms."""
    if p >= stop or buffer[p] != _BONDS:
        return 0
    p += 1
    for j in range(len(bonds)):
        if p + 3 > stop:  # asked first: what an atom or a label spans may have led far past the end
            return 0
        first, second, flags = int64(buffer[p]), int64(buffer[p + 1]), int64(buffer[p + 2])
        if flags & ~0x6E or first >= len(atoms) or second >= len(atoms):
            return 0
        p += 3
        kind, stereo = int64(1), int64(0)  # a single bond is left unsaid
        if flags & 8:
            kind = int64(buffer[p])
            p += 1
        if flags & 4:  # direction, as drawn
            p += 1
        if flags & 2:
            stereo = int64(buffer[p])
            p += 2 + int64(buffer[p + 1])  # atoms that the label speaks of
        if stereo > 15:
            return 0
        ends[0, j], ends[1, j] = first, second
        atoms[first] += int64(1) << 32
        atoms[second] += int64(1) << 32
        bonds[j] = kind << 8 | stereo << 4 | (flags >> 5 & 1) << 1
    return p


@compiled()
def _read_rings(buffer: Any, p: Any, stop: Any, atoms: Any, bonds: Any, ends: Any) -> Any:
    """Where the rings end; 0 if there is no such section. Marks ring bonds, and the ring sizes of atoms."""
    if p + 5 > stop or buffer[p] != _RINGS or buffer[p + 2] or buffer[p + 3] or buffer[p + 4]:
        return 0
    count = int64(buffer[p + 1])
    p += 5
    for _ in range(count):
        size = int64(buffer[p]) if p < stop else int64(0)
        if size < 3 or p + size > stop:
            return 0
        bit = int64(1) << min(size - 3, int64(5))
        before = int64(buffer[p + size])
        for j in range(1, size + 1):
            atom = int64(buffer[p + j])
            if atom >= len(atoms):
                return 0
            atoms[atom] |= bit
            for k in range(len(bonds)):
                if (ends[0, k] == atom and ends[1, k] == before) or (ends[1, k] == atom and ends[0, k] == before):
                    bonds[k] |= 1
                    break
            before = atom
        p += size + 1
    return p


@compiled()
def number(packed: Any, numbers: Any, distinct: Any, slots: Any) -> int:
    """Fills `numbers`: for each packed code, how many others had come before it first came. How many there are; 0 if too many.

    `slots` is a hash table of a power of two entries, all -1; `distinct` has half as many, and gets the codes in order.
    """
    found, mask = 0, len(slots) - 1
    for i in range(len(packed)):
        code = packed[i]
        slot = (code ^ code >> 13 ^ code >> 29 ^ code >> 43) & mask
        while slots[slot] >= 0 and distinct[slots[slot]] != code:
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            if found == len(distinct):
                return 0
            distinct[found] = code
            slots[slot] = found
            found += 1
        numbers[i] = slots[slot]
    return found
