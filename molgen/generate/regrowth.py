"""A part of a molecule taken away, and the molecule written on from there by a language model.

What stays is written so that the open atom comes last, as Thomas et al. (J. Cheminform. 16 (2024) 77) prompt a model that knows
nothing of fragments. Only the new part is taken from the text: what stays is joined to it as a graph, and so cannot change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molgen.generate.crossover import shown, with_dummy, without_dummy
from molgen.generate.edits import Child, pick
from molgen.generate.joining import atoms_of, bonds_of, join
from molgen.generate.pieces import Parent, Piece
from molgen.generate.remake import taken_apart

_TRIES = 40  # orders of atoms, for one that ends where the molecule is open


class Opening(NamedTuple):
    """What stays of a molecule, and where it goes on."""

    prompt: str  # the beginning of a SMILES, its last atom open
    atoms: int  # of the prompt
    stays: tuple[Chem.Mol, ...]  # pieces, their cuts as numbered dummies
    cuts: tuple[int, ...]  # numbers that the new part is to join; the first is where the text goes on
    parent: str


def opened(parent: Parent, rng: np.random.Generator) -> Opening | None:
    """A parent with an arm taken off, a hydrogen taken off, or a part between kept atoms taken out; None where nothing may go."""
    stays, cuts = _stays(parent, rng)
    if not stays:
        return None
    whole = join(*stays) if len(stays) > 1 else stays[0]
    for number in cuts[1:]:
        whole = without_dummy(whole, number)
    Chem.SanitizeMol(whole)
    first = next(part for part in Chem.GetMolFrags(whole, asMols=True) if cuts[0] in Piece(part, ()).cuts)
    end = f"[{cuts[0]}*]"
    written = Chem.MolToRandomSmilesVect(first, _TRIES, int(rng.integers(1, 2**31)))
    prompt = next((text.removesuffix(end) for text in written if text.endswith(end)), None)
    return None if not prompt else Opening(prompt, first.GetNumAtoms() - 1, tuple(stays), cuts, parent.smiles)


def regrown(opening: Opening, text: str, rng: np.random.Generator) -> Child | None:
    """The molecule with what the text adds to the prompt; None when that is no part which hangs on the open atom alone."""
    arm = _arm(opening, text)
    if arm is None:
        return None
    for number in opening.cuts[1:]:
        places = [atom.GetIdx() for atom in atoms_of(arm) if atom.GetAtomicNum() and atom.GetTotalNumHs()]
        if not places:
            return None
        arm = with_dummy(arm, pick(places, rng), number)
        Chem.SanitizeMol(arm)
    return Child(join(*opening.stays, arm), f"{shown(Piece(arm, ()))} written onto {opening.parent}")


def _stays(parent: Parent, rng: np.random.Generator) -> tuple[Sequence[Chem.Mol], tuple[int, ...]]:
    stay, free, _ = taken_apart(parent)
    between = [part for part in free if len(part.ends) > 1]
    ways = len(parent.free_sides), len(parent.hydrogens) // 2, 4 * len(between)
    if not sum(ways):
        return (), ()
    way = int(np.searchsorted(np.cumsum(ways), rng.random() * sum(ways), side="right"))
    if way == 0:
        place = pick(parent.free_sides, rng)
        return (parent.halves(place.bond)[1 - place.side].mol,), (1,)
    if way == 1:
        return (with_dummy(parent.mol, pick(parent.hydrogens, rng)),), (1,)
    part = pick(between, rng)
    others = [piece.mol for piece in (*stay, *free) if piece is not part]
    return others, tuple(part.cuts[i] for i in rng.permutation(len(part.ends)))


def _arm(opening: Opening, text: str) -> Chem.Mol | None:
    mol = Chem.MolFromSmiles(text)
    if mol is None or mol.GetNumAtoms() <= opening.atoms:
        return None
    across = [bond for bond in bonds_of(mol) if (bond.GetBeginAtomIdx() < opening.atoms) != (bond.GetEndAtomIdx() < opening.atoms)]
    if len(across) != 1 or across[0].GetBondType() != Chem.BondType.SINGLE:
        return None
    number = opening.cuts[0]
    apart = Chem.FragmentOnBonds(mol, [across[0].GetIdx()], addDummies=True, dummyLabels=[(number, number)])
    places: list[tuple[int, ...]] = []
    parts = Chem.GetMolFrags(apart, asMols=True, fragsMolAtomMapping=places)
    return next(part for part, atoms in zip(parts, places) if any(opening.atoms <= i < mol.GetNumAtoms() for i in atoms))
