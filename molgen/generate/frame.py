"""The part of a molecule that stays exactly as it is, but at the places left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal, NamedTuple

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.standardize import standardize
from molgen.generate.keep import any_atom_for_stars, stars_of
from molgen.generate.linkers import joined

Kind = Literal["decorate", "link", "edit"]

_MATCHES = 2_000  # ways to lay a piece onto a molecule that are tried; a molecule that needs more counts as one that lost it
_ENDS = 4  # attachment points that one linker may join


class Held(NamedTuple):
    """Atoms of one molecule that edits leave alone."""

    kept: frozenset[int]
    closed: frozenset[int] = frozenset()  # of these, those that take no further neighbour either


class FramePiece(NamedTuple):
    """One connected part of a frame, as a query, or all of the frame of an edited lead."""

    pattern: Chem.Mol
    frozen: frozenset[int]  # its atoms that stay; the others are stars
    spare: tuple[int, ...]  # [atoms], neighbours each may have beyond the pattern's


@dataclass(frozen=True)
class Frame:
    """Atoms that keep their element, bonds, stereo and hydrogens; new atoms hang on its open places only.

    `decorate`: each star becomes a substituent of its own. `link`: one linker of at least one atom joins all stars, be
    they of several pieces or of one, which closes a ring. `edit`: whatever hung on the lead's numbered atoms may change
    together with them.
    """

    kind: Kind
    text: str
    pieces: tuple[FramePiece, ...]
    starts: tuple[str, ...]  # molecules that have it, to begin with

    @classmethod
    def decorate(cls, text: str) -> Frame:
        """From a scaffold in SMILES, a star at each place for a substituent.

        >>> benzoic = Frame.decorate("*c1ccc(C(=O)O)cc1")
        >>> [benzoic.held(Chem.MolFromSmiles(smiles)) is not None for smiles in ("CCc1ccc(C(=O)O)cc1", "CCc1ccc(C(=O)OC)cc1")]
        [True, False]
        """
        drawn = _drawn(text, "decorate")
        if len(Chem.GetMolFrags(drawn)) > 1:
            raise MolgenError(f"{text!r} is in several pieces", where="decorate", fix="to join pieces by a linker, use link")
        return cls("decorate", text, (_starred(drawn),), ())._begun(_capped(drawn))

    @classmethod
    def link(cls, text: str) -> Frame:
        """From pieces in SMILES, a star at each end that the linker joins: two to four stars in all.

        >>> Frame.link("*c1ccccc1.*C1CC1").held(Chem.MolFromSmiles("O=C(Nc1ccccc1)C1CC1")) is not None
        True
        """
        drawn = _drawn(text, "link")
        ends = len(stars_of(drawn))
        if not 2 <= ends <= _ENDS:
            fix = "mark each end with a star, as in *c1ccccc1.*CN"
            raise MolgenError(f"{text!r} has {ends} stars, want 2 to {_ENDS}", where="link", fix=fix)
        pieces = Chem.GetMolFrags(drawn, asMols=True)
        if any(not stars_of(piece) for piece in pieces):
            raise MolgenError(f"a piece of {text!r} has no star", where="link", fix="mark where the linker joins it")
        return cls("link", text, tuple(_starred(piece) for piece in pieces), ())._begun(joined(drawn, ring=len(pieces) == 1))

    @classmethod
    def edit(cls, text: str) -> Frame:
        """From a lead in SMILES, atom numbers on the atoms that may change.

        >>> Frame.edit("CC(=O)Nc1ccc([OH:1])cc1").held(Chem.MolFromSmiles("CC(=O)Nc1ccc(CN)cc1")) is not None
        True
        """
        drawn = _read(text, "edit")
        marked = frozenset(atom.GetIdx() for atom in drawn.GetAtoms() if atom.GetAtomMapNum())
        if not marked or len(marked) == drawn.GetNumAtoms():
            raise MolgenError(
                f"{'none' if not marked else 'all'} of the lead's {drawn.GetNumAtoms()} atoms may change",
                where="edit",
                fix="number those that may, as in CC(=O)Nc1ccc([OH:1])cc1",
            )
        for atom in drawn.GetAtoms():
            atom.SetAtomMapNum(0)
        return cls("edit", text, (_unmarked(drawn, marked),), ())._begun([Chem.MolToSmiles(drawn)])

    @property
    def lead(self) -> str:
        """The molecule whose edits are asked for, which is no news; "" when there is none."""
        return self.starts[0] if self.kind == "edit" else ""

    @property
    def ring(self) -> bool:
        """Whether both ends of the linker are on one piece."""
        return self.kind == "link" and len(self.pieces) == 1

    def held(self, mol: Chem.Mol) -> Held | None:
        """The frame's atoms in a molecule, None when it is not there or something hangs where it must not."""
        for found in product(*(self._places(mol, piece) for piece in self.pieces)):
            kept = frozenset().union(*(one.kept for one in found))
            if len(kept) == sum(len(one.kept) for one in found) and self._joined_right(mol, kept):
                return Held(kept, frozenset().union(*(one.closed for one in found)))
        return None

    def _places(self, mol: Chem.Mol, piece: FramePiece) -> list[Held]:
        """Where one piece lies, each set of atoms once."""
        places: dict[frozenset[int], Held] = {}
        for match in mol.GetSubstructMatches(piece.pattern, uniquify=False, useChirality=True, maxMatches=_MATCHES):
            room = {match[i]: _room(mol, piece, match, i) for i in piece.frozen}
            if min(room.values()) >= 0:
                places.setdefault(frozenset(room), Held(frozenset(room), frozenset(atom for atom, free in room.items() if not free)))
        return list(places.values())

    def _joined_right(self, mol: Chem.Mol, kept: frozenset[int]) -> bool:
        if self.kind == "edit":
            return True
        bonds = [len(ends) for ends in _others(mol, kept)]
        return len(bonds) == 1 if self.kind == "link" else all(n == 1 for n in bonds)

    def _begun(self, starts: Sequence[str]) -> Frame:
        """With those starts that survive standardising with the frame in them."""
        smiles = dict.fromkeys(standardize(text).smiles for text in starts)
        good = tuple(text for text in smiles if text and "." not in text and self.held(Chem.MolFromSmiles(text)) is not None)
        if self.kind == "decorate":
            good = good[:1]
        if not good:
            raise MolgenError(
                f"nothing to start from for {self.text!r}: standardised, it is another structure",
                where=self.kind,
                fix="write it as the neutral parent, each star by a single bond",
            )
        return Frame(self.kind, self.text, self.pieces, good)


def _read(text: str, name: str) -> Chem.Mol:
    with BlockLogs():
        mol = Chem.MolFromSmiles(text)
    if mol is None or mol.GetNumAtoms() == 0:
        raise MolgenError(f"the structure to {name} is not SMILES: {text!r}", where=name)
    for atom in mol.GetAtoms():
        atom.SetIsotope(0)  # as in the neutral parents that are scored
    return Chem.RemoveHs(mol)


def _drawn(text: str, name: str) -> Chem.Mol:
    """The structure, each of its stars on one single bond to an atom that is no star."""
    drawn = _read(text, name)
    stars = [drawn.GetAtomWithIdx(i) for i in stars_of(drawn)]
    if not stars:
        raise MolgenError(f"{text!r} has no star", where=name, fix="mark each open place, as in *c1ccccc1")
    for star in stars:
        single = star.GetDegree() == 1 and star.GetBonds()[0].GetBondType() == Chem.BondType.SINGLE
        if not single or star.GetNeighbors()[0].GetAtomicNum() == 0:
            raise MolgenError(f"a star of {text!r} is not on one single bond to an atom", where=name)
    return drawn


def _capped(drawn: Chem.Mol) -> list[str]:
    """SMILES with a chain of carbon for each star: the shortest first, then unlike ones, lest a stereocentre has two alike."""
    stars = stars_of(drawn)
    made = []
    for shortest, longer in ((1, 0), (2, 1), (4, 1)):
        grown = Chem.RWMol(drawn)
        for number, i in enumerate(stars):
            grown.ReplaceAtom(i, Chem.Atom(6))
            for _ in range(shortest + longer * number - 1):
                last = grown.AddAtom(Chem.Atom(6))
                grown.AddBond(i, last, Chem.BondType.SINGLE)
                i = last
        made.append(str(Chem.MolToSmiles(grown)))
    return made


def _starred(drawn: Chem.Mol) -> FramePiece:
    """Stars are any atom: they tell RDKit how the neighbours of a stereocentre lie."""
    query = any_atom_for_stars(drawn)
    frozen = frozenset(range(drawn.GetNumAtoms())) - frozenset(stars_of(drawn))
    return FramePiece(_as_scored(query), frozen, (0,) * drawn.GetNumAtoms())


def _unmarked(lead: Chem.Mol, marked: frozenset[int]) -> FramePiece:
    """The lead without the atoms that may change; their neighbours may have as many others."""
    query = Chem.RWMol(lead)
    spare = []
    for atom in list(query.GetAtoms()):
        free = sum(neighbour.GetIdx() in marked for neighbour in atom.GetNeighbors())
        if atom.GetIdx() not in marked:
            spare.append(free)
            if free:  # a stereocentre or double bond that loses a neighbour says nothing any more
                atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
                for bond in atom.GetBonds():
                    bond.SetStereo(Chem.BondStereo.STEREONONE)
    query.BeginBatchEdit()
    for i in marked:
        query.RemoveAtom(i)
    query.CommitBatchEdit()
    return FramePiece(_as_scored(query.GetMol()), frozenset(range(query.GetNumAtoms())), tuple(spare))


def _as_scored(drawn: Chem.Mol) -> Chem.Mol:
    """The query for neutral parents, whatever was drawn: no charge asks for any, and an oxide's bond may be S=O or [S+][O-]."""
    query = Chem.RWMol(drawn)
    for atom in query.GetAtoms():
        atom.SetFormalCharge(0)
    for oxide, oxygen in drawn.GetSubstructMatches(_oxide()):
        query.ReplaceBond(query.GetBondBetweenAtoms(oxide, oxygen).GetIdx(), _oxide().GetBondWithIdx(0))
    return query.GetMol()


@cache
def _oxide() -> Chem.Mol:
    """An atom but carbon and the oxygen that only it holds, by whatever bond."""
    return Chem.MolFromSmarts("[!#6;!#0]~[#8;D1;H0]")


def _room(mol: Chem.Mol, piece: FramePiece, match: Sequence[int], i: int) -> int:
    """How many more neighbours the atom may take; negative when it has too many."""
    return int(piece.pattern.GetAtomWithIdx(i).GetDegree() + piece.spare[i] - mol.GetAtomWithIdx(match[i]).GetDegree())


def _others(mol: Chem.Mol, kept: frozenset[int]) -> Iterator[list[int]]:
    """For each connected part outside the kept atoms: the kept atoms it is bound to, one entry a bond."""
    left = set(range(mol.GetNumAtoms())) - kept
    while left:
        ends: list[int] = []
        reached = [left.pop()]
        while reached:
            for neighbour in mol.GetAtomWithIdx(reached.pop()).GetNeighbors():
                i = neighbour.GetIdx()
                if i in kept:
                    ends.append(i)
                elif i in left:
                    left.remove(i)
                    reached.append(i)
        yield ends


FRAMES: dict[Kind, Callable[[str], Frame]] = {"decorate": Frame.decorate, "link": Frame.link, "edit": Frame.edit}
