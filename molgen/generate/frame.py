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
from molgen.generate.arms import dressed
from molgen.generate.bridges import Bridge, bonds_from, bridges_of
from molgen.generate.corners import Corners, parts_outside
from molgen.generate.keep import any_atom_for_stars, stars_of, tell_of_isotopes
from molgen.generate.linkers import joined

Kind = Literal["decorate", "link", "edit"]

_MATCHES = 2_000  # ways to lay a piece onto a molecule that are tried; a molecule that needs more counts as one that lost it
_ENDS = 4  # attachment points that one linker may join


class Held(NamedTuple):
    """Atoms of one molecule that edits leave alone."""

    kept: frozenset[int]
    closed: frozenset[int] = frozenset()  # of these, those that take no further neighbour either


class _Laid(NamedTuple):
    """Where a piece lies in a molecule."""

    kept: frozenset[int]
    closed: frozenset[int]
    bridges: tuple[Bridge, ...]


class FramePiece(NamedTuple):
    """One connected part of a frame, as a query, or all of the frame of an edited lead."""

    pattern: Chem.Mol
    frozen: frozenset[int]  # its atoms that stay; the others are stars
    spare: tuple[int, ...]  # [atoms], neighbours each may have beyond the pattern's
    corners: Corners | None = None  # of an edited lead
    bridges: tuple[Bridge, ...] = ()  # of pieces to link


@dataclass(frozen=True)
class Frame:
    """Atoms that keep their element, bonds, stereo and hydrogens; new atoms hang on its open places only.

    `decorate`: each star becomes a substituent of its own. `link`: one linker of at least one atom joins all stars, be
    they of several pieces or of one, which closes a ring. `edit`: the lead's numbered atoms may change, and what is new
    hangs where they were; an arm of them may go, but on a stereocentre.
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
        plain = cls("decorate", text, (_starred(drawn),), ())._begun(_capped(drawn))
        return plain._begun([plain.starts[0], *dressed(drawn)])

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
        return cls("link", text, tuple(_linked(piece) for piece in pieces), ())._begun(joined(drawn, ring=len(pieces) == 1))

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
        return cls("edit", text, (_unmarked(*_lead(drawn, marked)),), ())._begun([Chem.MolToSmiles(drawn)])

    @property
    def lead(self) -> str:
        """The molecule whose edits are asked for, which is no news; "" when there is none."""
        return self.starts[0] if self.kind == "edit" else ""

    @property
    def ring(self) -> bool:
        """Whether several ends of the linker are on one piece."""
        return self.kind == "link" and self._stars > len(self.pieces)

    def held(self, mol: Chem.Mol) -> Held | None:
        """The frame's atoms in a molecule, None when it is not there or something hangs where it must not."""
        places = [self._places(mol, piece) for piece in self.pieces]
        for found in product(*places) if len(places) > 1 else zip(*places):
            kept = frozenset().union(*(one.kept for one in found))
            if len(kept) == sum(len(one.kept) for one in found) and self._joined_right(mol, kept, found):
                return Held(kept, frozenset().union(*(one.closed for one in found)))
        return None

    def _places(self, mol: Chem.Mol, piece: FramePiece) -> Iterator[_Laid]:
        """Where one piece lies, each set of atoms once."""
        seen = set()
        for match in mol.GetSubstructMatches(piece.pattern, uniquify=False, useChirality=True, maxMatches=_MATCHES):
            room = {match[i]: _room(mol, piece, match, i) for i in piece.frozen}
            kept = frozenset(room)
            if kept not in seen and min(room.values()) >= 0 and (piece.corners is None or piece.corners.kept(mol, match)):
                seen.add(kept)
                bridges = tuple(Bridge(match[first], match[last], least) for first, last, least in piece.bridges)
                yield _Laid(kept, frozenset(atom for atom, free in room.items() if not free), bridges)

    def _joined_right(self, mol: Chem.Mol, kept: frozenset[int], found: Sequence[_Laid]) -> bool:
        if self.kind == "edit":
            return True
        bonds = [len(ends) for ends in parts_outside(mol, kept)]
        if self.kind == "decorate":
            return all(n == 1 for n in bonds)
        # Pieces bound to each other leave fewer bonds to the linker than there are stars.
        return bonds == [self._stars] and not any(
            bonds_from(mol, first, kept)[last] <= least for one in found for first, last, least in one.bridges
        )

    @property
    def _stars(self) -> int:
        return sum(piece.pattern.GetNumAtoms() - len(piece.frozen) for piece in self.pieces)

    def _begun(self, starts: Sequence[str]) -> Frame:
        """With those starts that survive standardising with the frame in them."""
        smiles = dict.fromkeys(standardize(text).smiles for text in starts)
        good = tuple(text for text in smiles if text and "." not in text and self.held(Chem.MolFromSmiles(text)) is not None)
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
        fix = "part the pieces by a dot" if "|" in text else ""
        raise MolgenError(f"the structure to {name} is not SMILES: {text!r}", where=name, fix=fix)
    tell_of_isotopes(mol, text, name)  # the number of a star is none
    for atom in mol.GetAtoms():
        atom.SetIsotope(0)
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


def _linked(drawn: Chem.Mol) -> FramePiece:
    return _starred(drawn)._replace(bridges=bridges_of(drawn))


def _lead(drawn: Chem.Mol, marked: frozenset[int]) -> tuple[Chem.Mol, frozenset[int]]:
    """The lead as it is scored, and its marked atoms; as drawn where that is another structure."""
    structure = standardize(Chem.MolToSmiles(drawn))
    scored = structure.mol
    if scored is None or structure.smiles == Chem.MolToSmiles(drawn) or scored.GetNumAtoms() != drawn.GetNumAtoms():
        return drawn, marked
    matches = scored.GetSubstructMatches(_as_scored(drawn), uniquify=False, maxMatches=_MATCHES)
    if not matches:
        return drawn, marked
    hydrogens = [atom.GetTotalNumHs() for atom in scored.GetAtoms()]
    # Of tautomers that the match does not tell apart, the one drawn.
    match = min(matches, key=lambda match: sum(hydrogens[i] != drawn.GetAtomWithIdx(n).GetTotalNumHs() for n, i in enumerate(match)))
    return scored, frozenset(match[i] for i in marked)


def _unmarked(lead: Chem.Mol, marked: frozenset[int]) -> FramePiece:
    """The lead without the atoms that may change; their neighbours may have as many others."""
    query = Chem.RWMol(lead)
    spare = []
    for atom in list(query.GetAtoms()):
        free = sum(neighbour.GetIdx() in marked for neighbour in atom.GetNeighbors())
        if atom.GetIdx() not in marked:
            spare.append(free)
            if free:  # RDKit's match can't tell the stereo of what is not all there: the corners do
                atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
                for bond in atom.GetBonds():
                    bond.SetStereo(Chem.BondStereo.STEREONONE)
    query.BeginBatchEdit()
    for i in marked:
        query.RemoveAtom(i)
    query.CommitBatchEdit()
    frozen = frozenset(range(query.GetNumAtoms()))
    return FramePiece(_as_scored(query.GetMol()), frozen, tuple(spare), Corners.of(lead, marked))


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


FRAMES: dict[Kind, Callable[[str], Frame]] = {"decorate": Frame.decorate, "link": Frame.link, "edit": Frame.edit}
