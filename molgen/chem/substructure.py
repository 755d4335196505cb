"""SMARTS patterns looked for in many molecules that RDKit wrote itself: read with no more than a match needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.fingerprints import Packed, packed_patterns


@dataclass(frozen=True)
class Patterns:
    """Patterns that must all be found. Stereo in them is not compared, as in RDKit's own default.

    >>> Patterns(("c1ccccc1", "[OX2H]")).found_in(["Oc1ccccc1", "CCO"]).tolist()
    [True, False]
    """

    smarts: tuple[str, ...]
    _queries: tuple[Chem.Mol, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.smarts:
            raise MolgenError("no SMARTS pattern given")
        object.__setattr__(self, "_queries", tuple(map(_query, self.smarts)))

    @cached_property
    def bits(self) -> Packed:
        """[1, 256], what the pattern fingerprint of a molecule must have to be looked at."""
        return np.bitwise_or.reduce(packed_patterns([_sure(query) for query in self._queries]), axis=0, keepdims=True)

    def may_be_in(self, patterns: Packed) -> NDArray[np.bool_]:
        """[molecules], False where a molecule with this pattern fingerprint can't match; True says nothing."""
        wanted = self.bits.view(np.uint64)[0]
        asked = np.flatnonzero(wanted)
        return ((np.ascontiguousarray(patterns).view(np.uint64)[:, asked] & wanted[asked]) == wanted[asked]).all(axis=1)

    def found_in(self, smiles: Sequence[str]) -> NDArray[np.bool_]:
        """[molecules], True where all patterns match. The SMILES are canonical ones: others may be read wrongly."""
        return np.array([self._in(self._read(text)) for text in smiles], dtype=bool)

    def _in(self, mol: Chem.Mol) -> bool:
        return all(mol.HasSubstructMatch(query) for query in self._queries)

    def _read(self, smiles: str) -> Chem.Mol:
        """The molecule with what patterns ask of it, hydrogens and rings.

        Aromaticity and charges stand in SMILES that RDKit wrote, and are not found out anew. Where a pattern asks for hybridisation, or a
        hydrogen is an atom, all is: only a full reading knows which of them stay.
        """
        if self._ask_all or "[H" in smiles or "[2H" in smiles or "[3H" in smiles:
            return Chem.MolFromSmiles(smiles)
        mol = Chem.MolFromSmiles(smiles, sanitize=False)
        mol.UpdatePropertyCache(False)
        Chem.GetSymmSSSR(mol)
        return mol

    @cached_property
    def _ask_all(self) -> bool:
        return any("^" in text for text in self.smarts)


def _query(smarts: str) -> Chem.Mol:
    with BlockLogs():
        query = Chem.MolFromSmarts(smarts) if smarts.strip() else None
    if query is None:
        raise MolgenError(f"not a SMARTS pattern: {smarts!r}", where="--smarts", fix=_slip(smarts))
    if not query.GetNumAtoms():
        raise MolgenError(f"a SMARTS pattern without atoms: {smarts!r}", where="--smarts")
    query.UpdatePropertyCache(False)
    return query


def _sure(query: Chem.Mol) -> Chem.Mol:
    """The query as its fingerprint is to see it: an atom of which no element is known beforehand, as in ``[X3;N]``, may be any.

    RDKit would write down element 0 for it, which no molecule has.
    """
    sure = Chem.RWMol(query)
    for atom in query.GetAtoms():
        if atom.GetAtomicNum() == 0:
            sure.ReplaceAtom(atom.GetIdx(), Chem.AtomFromSmarts("*"))
    sure.UpdatePropertyCache(False)
    return sure.GetMol()


def _slip(smarts: str) -> str:
    """The likeliest slip of syntax, "" where none is plain to see."""
    for opening, closing, name in (("(", ")", "parentheses"), ("[", "]", "brackets")):
        if smarts.count(opening) != smarts.count(closing):
            return f"{smarts.count(opening)} opening and {smarts.count(closing)} closing {name}"
    return ""
