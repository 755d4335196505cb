"""The edit that frames live by: what hangs between and on the kept atoms exchanged as a whole, at several places at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molgen.generate.edits import Child, Tools
from molgen.generate.joining import bonds_of, join, renumbered
from molgen.generate.pieces import Parent, Piece, break_bonds


class Apart(NamedTuple):
    """A parent cut wherever a single bond leaves what is kept, the cuts numbered."""

    stay: list[Piece]
    free: list[Piece]
    across: list[str]  # [cuts], the kind of kept atom that a free part is joined to there


def taken_apart(parent: Parent) -> Apart:
    """Without kept atoms, no pieces at all."""
    exits = [bond for bond in bonds_of(parent.mol) if _leaves(bond, parent.kept)]
    if not exits:
        return Apart([], [], [])
    partners = [(bond.GetBeginAtom(), bond.GetEndAtom()) for bond in exits]
    across = [parent.ends[first.GetIdx() if first.GetIdx() in parent.kept else other.GetIdx()] for first, other in partners]
    pieces = break_bonds(parent.mol, [bond.GetIdx() for bond in exits], partners)
    stay = [piece for piece, atoms in pieces if atoms & parent.kept]
    return Apart(stay, [piece for piece, atoms in pieces if not atoms & parent.kept], across)


def remake(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """About half of the free parts, at least one, replaced by others with as many ends from the vocabulary."""
    stay, free, across = taken_apart(parent)
    if not free:
        return None
    chosen = set(np.flatnonzero(rng.random(len(free)) < 0.5).tolist()) or {int(rng.integers(len(free)))}
    parts = [_another(piece, across, tools, rng) if place in chosen else piece.mol for place, piece in enumerate(free)]
    made = [part for part in parts if part is not None]
    if len(made) < len(parts):
        return None
    return Child(join(*(piece.mol for piece in stay), *made), f"{len(chosen)} of {len(free)} free parts of {parent.smiles} made anew")


def _leaves(bond: Chem.Bond, kept: frozenset[int]) -> bool:
    single = bond.GetBondType() == Chem.BondType.SINGLE
    return single and (bond.GetBeginAtomIdx() in kept) != (bond.GetEndAtomIdx() in kept)


def _another(old: Piece, across: list[str], tools: Tools, rng: np.random.Generator) -> Chem.Mol | None:
    """A part that may stand where the old one stood, its ends numbered as those were."""
    neighbours = [across[number - 1] for number in old.cuts]
    if len(old.cuts) == 1:
        new = tools.vocabulary.arm_for(neighbours[0], rng, largest=tools.largest)
        return renumbered(new.mol, old.cuts) if new is not None else None
    found = tools.vocabulary.linker_for(neighbours, rng)
    if found is None:
        return None
    linker, order = found
    return renumbered(linker.mol, [old.cuts[place] for place in order])
