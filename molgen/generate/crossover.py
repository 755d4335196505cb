"""Edits by pieces: halves, arms and ring cores exchanged between molecules, or with the vocabulary."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from molgen.generate.edits import Child, Tools, loosen, pick, piece_of, take_hydrogen
from molgen.generate.joining import atoms_of, join, renumbered
from molgen.generate.linkers import LINKERS
from molgen.generate.pieces import FreeSide, Parent, Piece

_TRIES = 6
_ARM = 12  # heavy atoms that a graft may take off


def crossover(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """One side of a cut in `parent` replaced by one side of a cut in a mate."""
    mate = tools.mate()
    if not parent.free_sides or not mate.free_sides or mate is parent:
        return None
    for _ in range(_TRIES):
        place, part = pick(parent.free_sides, rng), _part(mate, rng)
        foot, _ = _across(parent.mol, place)
        _, root = _across(mate.mol, part)
        if parent.size - place.size + part.size <= tools.largest and tools.vocabulary.fits(parent.ends[foot], mate.ends[root]):
            stays, comes = parent.halves(place.bond)[1 - place.side], mate.halves(part.bond)[part.side]
            return Child(join(stays.mol, comes.mol), f"crossover of {parent.smiles} and {mate.smiles}")
    return None


def _part(mate: Parent, rng: np.random.Generator) -> FreeSide:
    """Either side of a cut; of a mate with kept atoms a free one, for a second copy of these is nothing that anyone asked for."""
    if mate.kept:
        return pick(mate.free_sides, rng)
    cut = int(rng.integers(len(mate.cuts)))
    return mate.free_sides[2 * cut + int(rng.integers(2))]


def cross_ring(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A ring system replaced by one of a mate's that hangs on as many neighbours."""
    mate = tools.mate()
    if not parent.cores or not mate.cores or mate is parent:
        return None
    core, arms = pick(parent.cores, rng)
    matching = [other for other, _ in mate.cores if len(other.ends) == len(arms)]
    if not matching:
        return None
    return _new_core(core, arms, pick(matching, rng), tools, rng, f"ring crossover of {parent.smiles} and {mate.smiles}")


def swap_ring(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A ring system replaced by another from the vocabulary."""
    if not parent.cores:
        return None
    core, arms = pick(parent.cores, rng)
    new = tools.vocabulary.cores[len(arms)].pick(rng)
    if new is None:
        return None
    return _new_core(core, arms, new, tools, rng, f"ring {shown(new)} put into {parent.smiles}")


def _new_core(
    old: Piece, arms: tuple[Piece, ...], new: Piece, tools: Tools, rng: np.random.Generator, origin: str
) -> Child | None:
    """The arms on another core, at places drawn by chance."""
    size = new.size + sum(arm.size for arm in arms)
    numbers = (rng.permutation(len(arms)) + 1).tolist()
    fits = all(tools.vocabulary.fits(end, arms[number - 1].ends[0]) for end, number in zip(new.ends, numbers))
    if (new.smiles == old.smiles and len(arms) == 1) or size > tools.largest or not fits:
        return None
    return Child(join(renumbered(new.mol, numbers), *(arm.mol for arm in arms)), origin)


def graft(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An arm of `parent` replaced by another from the vocabulary."""
    sides = [side for side in parent.free_sides if side.size <= _ARM]
    if not sides:
        return None
    place = pick(sides, rng)
    stays = parent.halves(place.bond)[1 - place.side]
    arm = tools.vocabulary.arm_for(stays.ends[0], rng, largest=tools.largest - stays.size)
    if arm is None:
        return None
    return Child(join(stays.mol, arm.mol), f"{shown(arm)} grafted onto {parent.smiles}")


def grow(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A hydrogen of `parent` replaced by an arm from the vocabulary."""
    if not parent.hydrogens:
        return None
    place = pick(parent.hydrogens, rng)
    arm = tools.vocabulary.arm_for(parent.ends[place], rng, largest=tools.largest - parent.size)
    if arm is None:
        return None
    return Child(join(with_dummy(parent.mol, place), arm.mol), f"{shown(arm)} added to {parent.smiles}")


def prune(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An arm of `parent` taken off, a hydrogen in its place."""
    sides = [side for side in parent.free_sides if side.size <= _ARM]
    if not sides:
        return None
    return pruned(parent, pick(sides, rng))


def pruned(parent: Parent, place: FreeSide) -> Child:
    """The side of a cut replaced by a hydrogen."""
    halves = parent.halves(place.bond)
    arm, stays = halves[place.side], halves[1 - place.side]
    return Child(without_dummy(stays.mol), f"{shown(arm)} taken off {parent.smiles}")


def walk(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An arm moved to another carbon of the ring it hangs on."""
    sides = [side for side in parent.free_sides if side.size <= _ARM]
    if not sides:
        return None
    bond, side, _ = taken = pick(sides, rng)
    foot, root = _across(parent.mol, taken)
    rings = [ring for ring in parent.mol.GetRingInfo().AtomRings() if foot in ring]
    places = [i for ring in rings for i in ring if i not in {foot, *parent.closed} and _open_carbon(parent.mol.GetAtomWithIdx(i))]
    if not places or parent.mol.GetAtomWithIdx(foot).GetAtomicNum() != 6:
        return None
    place = pick(places, rng)
    bare = Chem.RWMol(with_dummy(parent.mol, place))
    bare.RemoveBond(foot, root)
    loosen(bare, [foot])
    bare.BeginBatchEdit()
    for i in np.flatnonzero(parent.side(bond, side)).tolist():
        bare.RemoveAtom(i)
    bare.CommitBatchEdit()
    arm = parent.halves(bond)[side]
    return Child(join(bare.GetMol(), arm.mol), f"{shown(arm)} moved in {parent.smiles}")


def exchange(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """Two arms change places, which is to turn round what lies between them."""
    for _ in range(_TRIES if len(parent.free_sides) > 1 else 0):
        one, other = pick(parent.free_sides, rng), pick(parent.free_sides, rng)
        if one.bond == other.bond or (parent.side(one.bond, one.side) & parent.side(other.bond, other.side)).any():
            continue
        (foot, root), (other_foot, other_root) = _across(parent.mol, one), _across(parent.mol, other)
        ends, fits = parent.ends, tools.vocabulary.fits
        if foot == other_foot or not (fits(ends[foot], ends[other_root]) and fits(ends[other_foot], ends[root])):
            continue
        whole = Chem.RWMol(parent.mol)
        for begin, end in ((foot, root), (other_foot, other_root)):
            whole.RemoveBond(begin, end)
        for begin, end in ((foot, other_root), (other_foot, root)):
            whole.AddBond(begin, end, Chem.BondType.SINGLE)
        loosen(whole, [foot, root, other_foot, other_root])
        return Child(whole.GetMol(), f"arms exchanged in {parent.smiles}")
    return None


def move(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """An arm taken off and put in place of a hydrogen anywhere else."""
    sides = [side for side in parent.free_sides if side.size <= _ARM]
    if not sides:
        return None
    arm = pick(sides, rng)
    foot, root = _across(parent.mol, arm)
    inside = parent.side(arm.bond, arm.side)
    places = [i for i in parent.hydrogens if i != foot and not inside[i] and tools.vocabulary.fits(parent.ends[i], parent.ends[root])]
    if not places:
        return None
    place = pick(places, rng)
    whole = Chem.RWMol(parent.mol)
    whole.RemoveBond(foot, root)
    take_hydrogen(whole.GetAtomWithIdx(place))
    whole.AddBond(place, root, Chem.BondType.SINGLE)
    loosen(whole, [foot, root, place])
    return Child(whole.GetMol(), f"arm moved in {parent.smiles}")


def _across(mol: Chem.Mol, place: FreeSide) -> tuple[int, int]:
    """The atoms of a cut bond: the one that stays, the one of this side."""
    cut = mol.GetBondWithIdx(place.bond)
    ends = cut.GetBeginAtomIdx(), cut.GetEndAtomIdx()
    return ends if place.side else ends[::-1]


def link(parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    """A linker put into a bond between two parts of `parent`."""
    if not parent.cuts or parent.size + 4 > tools.largest:
        return None
    first, second = parent.halves(pick(parent.cuts, rng))
    text, left, right = pick(LINKERS, rng)
    if rng.random() < 0.5:
        first, second = second, first
    if not (tools.vocabulary.fits(first.ends[0], left) and tools.vocabulary.fits(second.ends[0], right)):
        return None
    whole = join(piece_of(text), first.mol, renumbered(second.mol, (2,)))
    return Child(whole, f"linker {text} put into {parent.smiles}")


def with_dummy(mol: Chem.Mol, place: int, number: int = 1) -> Chem.Mol:
    """The molecule with a hydrogen of this atom opened for joining, the cut so numbered."""
    opened = Chem.RWMol(mol)
    take_hydrogen(opened.GetAtomWithIdx(place))
    loosen(opened, [place])
    dummy = Chem.Atom(0)
    dummy.SetIsotope(number)
    opened.AddBond(place, opened.AddAtom(dummy), Chem.BondType.SINGLE)
    return opened.GetMol()


def without_dummy(piece: Chem.Mol, number: int = 1) -> Chem.Mol:
    """The piece with a hydrogen where the cut of this number was."""
    closed = Chem.RWMol(piece)
    dummy = next(atom for atom in atoms_of(closed) if atom.GetAtomicNum() == 0 and atom.GetIsotope() == number)
    (foot,) = dummy.GetNeighbors()
    loosen(closed, [foot.GetIdx()])
    if foot.GetIsAromatic() and foot.GetAtomicNum() == 7:  # pyrrole's nitrogen says its hydrogen
        foot.SetNumExplicitHs(1)
    closed.RemoveAtom(dummy.GetIdx())
    return closed.GetMol()


def _open_carbon(atom: Chem.Atom) -> bool:
    return atom.GetAtomicNum() == 6 and atom.GetTotalNumHs() > 0


def shown(piece: Piece) -> str:
    """The piece as a chemist writes it: cuts as plain stars."""
    return piece.smiles.replace("[1*]", "*").replace("[2*]", "*").replace("[3*]", "*")
