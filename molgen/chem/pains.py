"""The PAINS alerts of a molecule, found sooner than RDKit's catalogue finds them.

PAINS are 480 patterns. What they ask for and the molecule lacks says of most, for certain, that they cannot match; the rest are tried
one by one.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs, RDConfig

_BITS = 2048
# Of hydrogens a pattern fingerprint knows nothing. An atom or bond that many patterns ask for in so many words and few molecules have.
_HYDROGENS = ("[#8&!H0]", "[#7&!H0]-c", "[#7&!H0&!H1]-c")


def pains(mol: Chem.Mol) -> list[str] | None:
    """Names of those it has, as RDKit's catalogue writes them; None where the patterns are not shipped and the catalogue must be asked.

    >>> pains(Chem.MolFromSmiles("CCO")), pains(Chem.MolFromSmiles("Oc1ccccc1O"))
    ([], ['catechol_A(92)'])
    """
    names, patterns, asked = _pains()
    if not names:
        return None
    lacking = np.bitwise_and(asked, ~_traits(mol, [mol.HasSubstructMatch(part) for part in _parts()])).any(axis=1)
    return [names[i] for i in np.flatnonzero(~lacking).tolist() if mol.HasSubstructMatch(patterns[i])]


@cache
def _pains() -> tuple[list[str], list[Chem.Mol], NDArray[np.uint64]]:
    """Names and patterns that RDKit's own catalogue is made from, and the traits that each asks for."""
    source = Path(RDConfig.RDDataDir) / "Pains" / "wehi_pains.csv"
    if not source.exists():
        return [], [], np.zeros((0, 0), dtype=np.uint64)
    with source.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    patterns = [Chem.MolFromSmarts(smarts, mergeHs=True) for smarts, _ in rows]
    names = [name.removeprefix("<regId=").removesuffix(">") for _, name in rows]
    said = map(_said, patterns)
    return names, patterns, np.stack([_traits(one, [part in all_of for part in _HYDROGENS]) for one, all_of in zip(patterns, said)])


@cache
def _parts() -> list[Chem.Mol]:
    return [Chem.MolFromSmarts(part) for part in _HYDROGENS]


def _said(pattern: Chem.Mol) -> set[str]:
    """Its atoms and bonds as SMARTS, bonds in both directions."""
    said = {atom.GetSmarts() for atom in pattern.GetAtoms()}
    for bond in pattern.GetBonds():
        begin, between, end = bond.GetBeginAtom().GetSmarts(), bond.GetSmarts(), bond.GetEndAtom().GetSmarts()  # type: ignore[call-arg]
        said |= {begin + between + end, end + between + begin}
    return said


def _traits(mol: Chem.Mol, parts: Sequence[bool]) -> NDArray[np.uint64]:
    """Packed: the fingerprint, then which of the parts it has."""
    bits = DataStructs.BitVectToBinaryText(Chem.PatternFingerprint(mol, _BITS))
    return np.frombuffer(bits + np.packbits(parts).tobytes().ljust(8, b"\0"), dtype=np.uint64)
