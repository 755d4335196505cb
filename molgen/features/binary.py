"""Molecules as packed codes, read out of RDKit's binary form by compiled loops; and the same asked of RDKit atom by atom."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molgen.features.alphabet import ASK, atom_codes, bond_code, cip, pack_atom, pack_bond
from molgen.features.probe import ORDINARY, PROBE

_FORM = int(Chem.PropertyPickleOptions.NoConformers)  # and no properties: the least there is to write
_ASKED = ASK << 10
_STEREO_SEEN = "_StereochemDone"  # RDKit's mark on a molecule whose atoms it has given their CIP labels
_SLOTS = 4_096  # of the hash table of distinct codes; a million drug-like molecules have some hundreds


@dataclass(frozen=True, eq=False)
class Packed:
    """Molecules in order, every atom and bond one integer; a molecule that is missing has none."""

    atoms: NDArray[np.int64]  # [atoms], as alphabet.pack_atom
    bonds: NDArray[np.int64]  # [bonds], as alphabet.pack_bond
    ends: NDArray[np.int64]  # [2, bonds], atom numbers inside the molecule
    atom_count: NDArray[np.int64]  # [molecules]
    bond_count: NDArray[np.int64]  # [molecules]

    def __len__(self) -> int:
        return len(self.atom_count)


@dataclass(frozen=True)
class _Record:
    """A molecule as RDKit writes it, and itself as long as it may be asked for what is not written: CIP labels."""

    written: bytes
    mol: Chem.Mol | None

    @classmethod
    def of(cls, mol: Chem.Mol, fresh: bool = False) -> _Record:
        """Without the molecule, where its atoms can't have labels: it is let go of while it is the last thing touched."""
        return cls(mol.ToBinary(_FORM), None if fresh and not mol.HasProp(_STEREO_SEEN) else mol)

    def again(self) -> Chem.Mol:
        mol: Chem.Mol = Chem.Mol(self.written) if self.mol is None else self.mol  # type: ignore[call-overload]  # the stubs say str
        return mol


def pack(mols: Iterable[Chem.Mol | None], scan: ModuleType, *, fresh: bool = False) -> Packed:
    """The molecules as the compiled loops read them; one whose record is unusual is asked atom by atom.

    The same as `pack_plainly`; `scan` is the module of loops, `molgen.features.scan` or a stand-in. Molecules are drawn one
    by one. Of `fresh` ones, straight from a SMILES, those are not kept in which RDKit has not looked for stereo.
    """
    records = [None if mol is None else _Record.of(mol, fresh) for mol in mols]
    there = [record for record in records if record is not None]
    packed, understood = _read(there, scan)
    if not understood.all():
        _ask(packed, np.flatnonzero(~understood).tolist(), there)
    _label(packed, there)
    if len(there) == len(records):
        return packed
    present = np.array([record is not None for record in records], dtype=bool)
    return replace(packed, atom_count=_spread(packed.atom_count, present), bond_count=_spread(packed.bond_count, present))


def _read(records: Sequence[_Record], scan: ModuleType) -> tuple[Packed, NDArray[np.bool_]]:
    """What the loops read, and which records they understood; there is room left for the others."""
    written = [record.written for record in records]
    buffer = np.frombuffer(b"".join([*written, bytes(scan.PADDING)]), dtype=np.uint8)
    starts = _offsets(np.fromiter(map(len, written), dtype=np.int64, count=len(written)))
    atom_count, bond_count = np.zeros((2, len(records)), dtype=np.int64)
    scan.sizes(buffer, starts, atom_count, bond_count)
    understood = atom_count >= 0
    for i in np.flatnonzero(~understood).tolist():
        mol = records[i].again()
        atom_count[i], bond_count[i] = mol.GetNumAtoms(), mol.GetNumBonds()
    bonds = int(bond_count.sum())
    packed = Packed(
        np.zeros(atom_count.sum(), dtype=np.int64),
        np.zeros(bonds, dtype=np.int64),
        np.zeros((2, bonds), dtype=np.int64),
        atom_count,
        bond_count,
    )
    scan.records(buffer, starts, _offsets(atom_count), _offsets(bond_count), packed.atoms, packed.bonds, packed.ends, understood)
    return packed, understood


def _ask(packed: Packed, unusual: list[int], records: Sequence[_Record]) -> None:
    """Fills in these molecules as RDKit answers for them."""
    atom_offset, bond_offset = _offsets(packed.atom_count), _offsets(packed.bond_count)
    for i in unusual:
        asked = pack_plainly([records[i].again()])
        packed.atoms[atom_offset[i] : atom_offset[i + 1]] = asked.atoms
        packed.bonds[bond_offset[i] : bond_offset[i + 1]] = asked.bonds
        packed.ends[:, bond_offset[i] : bond_offset[i + 1]] = asked.ends


def _label(packed: Packed, records: Sequence[_Record]) -> None:
    """Fills in the CIP labels of atoms with a chiral tag."""
    tagged = np.flatnonzero(packed.atoms & _ASKED == _ASKED)
    if len(tagged):
        offset = _offsets(packed.atom_count)
        molecule = np.searchsorted(offset, tagged, side="right") - 1
        places = zip(molecule.tolist(), (tagged - offset[molecule]).tolist())
        mols = [record.mol for record in records]
        labels = np.array([0 if (mol := mols[i]) is None else cip(mol.GetAtomWithIdx(atom)) for i, atom in places], dtype=np.int64)
        packed.atoms[tagged] += (labels - ASK) << 10


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:  # [counts + 1]
    return np.concatenate([[0], np.cumsum(counts)])


def _spread(counts: NDArray[np.int64], present: NDArray[np.bool_]) -> NDArray[np.int64]:
    spread = np.zeros(len(present), dtype=np.int64)
    spread[present] = counts
    return spread


def pack_plainly(mols: Sequence[Chem.Mol | None]) -> Packed:
    """The molecules as RDKit answers for each atom and bond: the oracle of `pack`."""
    there = [mol for mol in mols if mol is not None]
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for mol in there for bond in mol.GetBonds()]
    return Packed(
        np.array([pack_atom(code) for mol in there for code in atom_codes(mol)], dtype=np.int64),
        np.array([pack_bond(bond_code(bond)) for mol in there for bond in mol.GetBonds()], dtype=np.int64),
        np.array(ends, dtype=np.int64).reshape(-1, 2).T,
        np.array([0 if mol is None else mol.GetNumAtoms() for mol in mols], dtype=np.int64),
        np.array([0 if mol is None else mol.GetNumBonds() for mol in mols], dtype=np.int64),
    )


def number(packed: NDArray[np.int64], scan: ModuleType) -> tuple[NDArray[np.int64], list[int]]:
    """Each code's place among the distinct ones, and these, in order of first appearance."""
    numbers, slots = np.empty(len(packed), dtype=np.int64), _SLOTS
    while True:
        distinct = np.empty(slots // 2, dtype=np.int64)
        found = scan.number(packed, numbers, distinct, np.full(slots, -1, dtype=np.int64))
        if found or not len(packed):
            return numbers, distinct[:found].tolist()
        slots *= 4


@cache
def trusted() -> ModuleType | None:
    """The compiled loops, once they have shown on the probe that they read this RDKit's molecules right; else None.

    None is said once, in the log: nothing is lost by it but time.
    """
    try:
        scan = import_module("molgen.features.scan")
    except ImportError:
        _log("numba is not installed")
        return None
    fault = doubt(scan)
    if fault:
        _log(fault)
        return None
    return scan


def doubt(scan: ModuleType) -> str:
    """What the loops read wrong in the molecules of the probe, "" if nothing."""
    from numba.core.errors import NumbaError

    with rdBase.BlockLogs():
        mols = [None, *map(Chem.MolFromSmiles, PROBE)]
    try:
        read, asked = pack(mols, scan), pack_plainly(mols)
        _, understood = _read([_Record.of(Chem.MolFromSmiles(smiles)) for smiles in ORDINARY], scan)
        numbers, distinct = number(read.atoms, scan)
    except (NumbaError, OSError, ValueError, IndexError) as error:
        return f"the compiled reader does not run here ({type(error).__name__}: {str(error)[:100]})"
    for name, seen in vars(read).items():
        if not np.array_equal(seen, getattr(asked, name)):
            return f"RDKit {rdBase.rdkitVersion} writes molecules in a form not foreseen ({name} differ)"
    if not understood.all():
        return f"RDKit {rdBase.rdkitVersion} writes molecules in a form not known here"
    first = dict.fromkeys(read.atoms.tolist())
    if distinct != list(first) or not np.array_equal(np.array(distinct)[numbers], read.atoms):
        return "the compiled reader numbers atoms wrongly"
    return ""


def _log(why: str) -> None:
    logging.getLogger(__name__).warning("%s: molecules are read atom by atom, with equal results in more time", why)
