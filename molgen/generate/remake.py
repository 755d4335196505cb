"""The edit that frames live by: what hangs between and on the kept atoms exchanged as a whole, at several places at once."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from molgen.generate.edits import Child, Tools
from molgen.generate.joining import atoms_of, bonds_of, join, renumbered
from molgen.generate.pieces import Parent, Piece, break_bonds


def remake(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """About half of the free parts, at least one, replaced by others with as many ends from the vocabulary."""
    exits = [bond for bond in bonds_of(parent.mol) if _leaves(bond, parent.kept)]
    if not exits:
        return None
    partners = [(bond.GetBeginAtom(), bond.GetEndAtom()) for bond in exits]
    # What the end of a free part is joined to, by the number of the cut.
    across = [parent.ends[first.GetIdx() if first.GetIdx() in parent.kept else other.GetIdx()] for first, other in partners]
    pieces = break_bonds(parent.mol, [bond.GetIdx() for bond in exits], partners)
    stay = [piece for piece, atoms in pieces if atoms & parent.kept]
    free = [piece for piece, atoms in pieces if not atoms & parent.kept]
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
    numbers = sorted(atom.GetIsotope() for atom in atoms_of(old.mol) if atom.GetAtomicNum() == 0)
    neighbours = [across[number - 1] for number in numbers]
    if len(numbers) == 1:
        new = tools.vocabulary.arm_for(neighbours[0], rng, largest=tools.largest)
        return renumbered(new.mol, numbers) if new is not None else None
    found = tools.vocabulary.linker_for(neighbours, rng)
    if found is None:
        return None
    linker, order = found
    return renumbered(linker.mol, [numbers[place] for place in order])
