"""Two ligands made one: what each has laid over what they share, or the best halves of both joined."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations, product

from rdkit import Chem
from rdkit.Chem import rdFMCS

from molgen.generate.edits import Child, loosen, take_hydrogen
from molgen.generate.joining import join
from molgen.generate.listed import Idea, Ideas, Listed
from molgen.generate.pieces import FreeSide, Parent, Piece

_SHARED = 4  # atoms that two ligands must share to be laid over each other
_LAYS = 12  # ways to lay what is shared onto each ligand that are tried
_SECONDS = 5
_STEREO = Chem.BondStereo
_HANDS = {_STEREO.STEREOE: _STEREO.STEREOTRANS, _STEREO.STEREOZ: _STEREO.STEREOCIS} | {
    same: same for same in (_STEREO.STEREOTRANS, _STEREO.STEREOCIS)
}
_SHARE = 0.3  # of a ligand, that a half must be


class Merge(Listed):
    """Each two seeds made one: parts of one laid on what it shares with the other, or a half of each joined.

    What they share is their largest common substructure; a half is at least three tenths of its ligand. Options are
    those of `genetic`.
    """

    def _sources(self) -> Iterable[tuple[str, ...]]:
        if len(self.every_seed) < 2:
            logging.getLogger(__name__).warning("seeds are merged two at a time, and there is only one")
        having = set(self.starts)  # what is to stay may come from either
        return (both for both in combinations(self.every_seed, 2) if having & {*both})

    def _ideas(self, source: tuple[str, ...]) -> Ideas:
        one, other = (Parent(smiles, self.constraints) for smiles in source)
        return {"laid over": [list(laid_over(one, other))], "spliced": [list(spliced(one, other))]}


def laid_over(one: Parent, other: Parent) -> Iterator[Idea]:
    """Each with parts of the other that hang on what they share: all that fit, and each alone."""
    shared = rdFMCS.FindMCS([one.mol, other.mol], ringMatchesRingOnly=True, completeRingsOnly=True, timeout=_SECONDS)
    if shared.numAtoms < _SHARED:
        return
    pattern = Chem.MolFromSmarts(shared.smartsString)
    for base, guest in ((one, other), (other, one)):
        yield from _laid_over(base, guest, pattern)


def _laid_over(base: Parent, guest: Parent, pattern: Chem.Mol) -> Iterator[Idea]:
    lays = [mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=_LAYS) for mol in (base.mol, guest.mol)]
    for onto, of in product(*lays):
        twin = dict(zip(of, onto))
        arms = [arm for arm in _hanging(guest.mol, frozenset(of)) if _fits(base.mol, guest.mol, arm, twin)]
        for chosen in [arms] if len(arms) == 1 else [arms, *([arm] for arm in arms)] if arms else []:
            yield partial(_with_arms, base, guest, chosen, twin)


def spliced(one: Parent, other: Parent) -> Iterator[Idea]:
    """Halves of both, joined."""
    halves = [[place for place in parent.free_sides if place.size >= _SHARE * parent.size] for parent in (one, other)]
    for first, second in product(*halves):
        yield partial(_spliced, one, first, other, second)


def _spliced(one: Parent, first: FreeSide, other: Parent, second: FreeSide) -> Child:
    halves = one.halves(first.bond)[first.side], other.halves(second.bond)[second.side]
    return Child(join(halves[0].mol, halves[1].mol), _as_said((one, halves[0]), (other, halves[1])))


def _as_said(*parts: tuple[Parent, Piece]) -> str:
    said = (f"{parent.smiles} ({half.smiles.replace('[1*]', '*')})" for parent, half in parts)
    return f"halves of {' and '.join(said)} joined"


def _hanging(mol: Chem.Mol, core: frozenset[int]) -> list[frozenset[int]]:
    """Atoms of each connected part outside the core."""
    apart = Chem.RWMol(mol)
    for bond in mol.GetBonds():
        if (bond.GetBeginAtomIdx() in core) or (bond.GetEndAtomIdx() in core):
            apart.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    return [frozenset(part) for part in Chem.GetMolFrags(apart) if not core & set(part)]


def _roots(mol: Chem.Mol, arm: frozenset[int]) -> list[tuple[int, int, Chem.BondType]]:
    """(atom of the core, atom of the arm, bond) where the arm hangs on."""
    return [
        (neighbour.GetIdx(), i, mol.GetBondBetweenAtoms(i, neighbour.GetIdx()).GetBondType())
        for i in sorted(arm)
        for neighbour in mol.GetAtomWithIdx(i).GetNeighbors()
        if neighbour.GetIdx() not in arm
    ]


def _fits(base: Chem.Mol, guest: Chem.Mol, arm: frozenset[int], twin: dict[int, int]) -> bool:
    """Whether the base has a hydrogen to give at each place where the arm hangs on."""
    return all(base.GetAtomWithIdx(twin[core]).GetTotalNumHs() for core, _, _ in _roots(guest, arm))


def _same_hands(merged: Chem.RWMol, guest: Chem.Mol, place: dict[int, int]) -> None:
    """Gives double bonds the stereo they have in the guest, `place` being where its atoms are now."""
    for bond in guest.GetBonds():
        ends = (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), *bond.GetStereoAtoms())
        if bond.GetStereo() in _HANDS and len(ends) == 4 and place.keys() >= set(ends):
            begin, end, *beside = (place[i] for i in ends)
            own = merged.GetBondBetweenAtoms(begin, end)
            own.SetStereoAtoms(*beside)
            own.SetStereo(_HANDS[bond.GetStereo()])
    Chem.SetDoubleBondNeighborDirections(merged)  # which, unlike stereo itself, outlive a reading of the molecule anew


def _with_arms(base: Parent, guest: Parent, arms: Sequence[frozenset[int]], twin: dict[int, int]) -> Child:
    """The base with the guest's arms on the twins of the atoms they hang on."""
    merged = Chem.RWMol(base.mol)
    for arm in arms:
        place: dict[int, int] = {}
        for i in sorted(arm):
            place[i] = merged.AddAtom(guest.mol.GetAtomWithIdx(i))
        for bond in guest.mol.GetBonds():
            if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= arm:
                merged.AddBond(place[bond.GetBeginAtomIdx()], place[bond.GetEndAtomIdx()], bond.GetBondType())
        for core, root, order in _roots(guest.mol, arm):
            take_hydrogen(merged.GetAtomWithIdx(twin[core]))
            loosen(merged, [twin[core], place[root]])
            merged.AddBond(twin[core], place[root], order)
        _same_hands(merged, guest.mol, {**{core: twin[core] for core, _, _ in _roots(guest.mol, arm)}, **place})
    return Child(merged.GetMol(), f"{guest.smiles} laid over {base.smiles}")
