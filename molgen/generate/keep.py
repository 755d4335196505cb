"""The substructure that stays: every proposal has it, without exception."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache

from rdkit import Chem
from rdkit.Chem import rdqueries
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.standardize import standardize

_OPEN_OXIDE = "[#16;D1,D2;+0]=[#8;D1]"  # S=O that is not all of a sulfoxide, and so is scored as it stands in none
_TAIL, _END = 14, 85  # elements of a tail that tells a star's carbon: of silicon, ended by astatine, which nobody draws


@dataclass(frozen=True)
class Keep:
    """A substructure to hold on to; the empty one is in every molecule.

    >>> Keep.of("c1ccccc1").holds(Chem.MolFromSmiles("Cc1ccccc1"))
    True
    """

    text: str = ""
    pattern: Chem.Mol | None = None
    seed: str = ""  # the substructure as a molecule of its own, "" when it is none (SMARTS, several pieces)
    stars: frozenset[int] = frozenset()  # the pattern's atoms that may be any: there, but free to change

    @classmethod
    def of(cls, text: str | None, *, name: str = "keep") -> Keep:
        """The substructure written as SMILES, or else as SMARTS.

        SMILES comes first because it is what people paste: a Kekulé ring in it means the aromatic ring,
        which the same letters read as SMARTS would never match. ``*`` stands for any atom. SMILES are looked for
        as the neutral parent, SMARTS as they are. Hydrogens count where they are written, as in ``[nH]`` and
        ``[OH]``, if the neutral parent is what was drawn.
        """
        if not text or not text.strip():
            return cls()
        text = text.strip()
        with BlockLogs():
            drawn = _complete(Chem.MolFromSmiles(text)) or _nitro(text)
            pattern = drawn if drawn is not None else Chem.MolFromSmarts(text)
        if pattern is None or pattern.GetNumAtoms() == 0:
            raise MolgenError(f"the substructure to {name} is neither SMILES nor SMARTS: {text!r}", where=name)
        if drawn is None:
            return cls(text, pattern)
        return cls._of_molecule(text, drawn, name)

    @classmethod
    def _of_molecule(cls, text: str, drawn: Chem.Mol, name: str) -> Keep:
        tell_of_isotopes(drawn, text, name)
        # Molecules are scored as neutral parents: a carboxylate asked for has to be looked for as the acid.
        parent = _parent(drawn, name)
        pattern = _oxides_either_way(any_atom_for_stars(parent), sulfones=drawn.HasSubstructMatch(_query("[#16+0]=[#8]")))
        pattern = _with_hydrogens(pattern, parent, drawn, name)
        # An oxide of a sulfur with a bond yet to be drawn is part of molecules, and none itself.
        part = parent.HasSubstructMatch(_query(f"[$({_OPEN_OXIDE});!$([#16]=[!#8])]"))
        seed = "" if part else _as_seed(standardize(methyl_for_stars(parent)).smiles, pattern)
        return cls(text, pattern, seed, frozenset(stars_of(parent)))

    def __bool__(self) -> bool:
        return self.pattern is not None

    def holds(self, mol: Chem.Mol) -> bool:
        """Whether the molecule has the substructure, its stereo included where the substructure says one."""
        return self.pattern is None or mol.HasSubstructMatch(self.pattern, useChirality=True)

    def within(self, mol: Chem.Mol, atoms: frozenset[int]) -> bool:
        """Whether the molecule has it among these atoms."""
        pattern = self.pattern
        return pattern is not None and any(atoms.issuperset(match) for match in mol.GetSubstructMatches(pattern, useChirality=True))

    def atoms(self, mol: Chem.Mol) -> frozenset[int]:
        """The atoms of one occurrence, which edits leave alone; a second occurrence may change, and so may what stars stand for."""
        if self.pattern is None:
            return frozenset()
        match = mol.GetSubstructMatch(self.pattern, useChirality=True)
        return frozenset(atom for place, atom in enumerate(match) if place not in self.stars)


ANYTHING = Keep()


def _complete(mol: Chem.Mol | None) -> Chem.Mol | None:
    """None for SMARTS that happens to be SMILES: ``[#6]N`` would be a bare carbon without hydrogens."""
    radicals = mol is not None and any(atom.GetNumRadicalElectrons() for atom in mol.GetAtoms())
    return None if radicals else mol


def _nitro(text: str) -> Chem.Mol | None:
    """What is no molecule since a nitro group in it, written as one often is, hangs on nothing: it may hang on any atom then."""
    drawn = Chem.MolFromSmiles(text, sanitize=False)
    if drawn is None:
        return None
    open_ended = Chem.RWMol(drawn)
    for nitrogen, *_ in drawn.GetSubstructMatches(_query("[N;D2](=[O;D1])=[O;D1]")):
        open_ended.AddBond(nitrogen, open_ended.AddAtom(Chem.Atom(0)), Chem.BondType.SINGLE)
    return Chem.MolFromSmiles(Chem.MolToSmiles(open_ended)) if open_ended.GetNumAtoms() > drawn.GetNumAtoms() else None


def tell_of_isotopes(drawn: Chem.Mol, text: str, name: str) -> None:
    """Says that labels are lost, where there are any: molecules are scored as their neutral parents, which have none."""
    if any(atom.GetIsotope() and atom.GetAtomicNum() for atom in drawn.GetAtoms()):
        logging.getLogger(__name__).warning("%s: the isotopes of %s are left out, of the proposals too", name, text)


def any_atom_for_stars(drawn: Chem.Mol) -> Chem.Mol:
    """The drawn structure as a query whose stars are any atom, hydrogen not counted."""
    query = Chem.RWMol(drawn)
    for i in stars_of(drawn):
        query.ReplaceAtom(i, Chem.AtomFromSmarts("*"))
    return query.GetMol()


def methyl_for_stars(drawn: Chem.Mol) -> str:
    """The drawn structure as a molecule, methyl for each star: a hydrogen would not match it."""
    capped = Chem.RWMol(drawn)
    for i in stars_of(drawn):
        capped.ReplaceAtom(i, _carbon(drawn.GetAtomWithIdx(i)))
    return str(Chem.MolToSmiles(capped))


def stars_of(mol: Chem.Mol) -> list[int]:
    """Places of the dummy atoms."""
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def _as_seed(smiles: str, pattern: Chem.Mol) -> str:
    """The SMILES when it is one molecule that has the pattern, else ""."""
    mol = Chem.MolFromSmiles(smiles) if smiles and "." not in smiles else None
    return smiles if mol is not None and mol.HasSubstructMatch(pattern, useChirality=True) else ""


def _parent(drawn: Chem.Mol, name: str) -> Chem.Mol:
    """The drawn structure as it stands in the parents that are scored, stars where they were; as drawn where it has no parent.

    Beside what is to stay, a counter-ion is left out; a piece that is no less asked for is not.
    """
    if any(atom.GetAtomicNum() == _END for atom in drawn.GetAtoms()):
        return drawn
    text = Chem.MolToSmiles(_tailed(drawn))
    stays = standardize(text).smiles.split(".")
    # Piece by piece, for a piece drawn twice is asked for twice, and a mixture's parent has it once.
    pieces = [standardize(piece).smiles for piece in text.split(".")]
    organic = [piece for piece in pieces if Chem.MolFromSmiles(piece).HasSubstructMatch(_query("[#6]"))]
    if organic and not {*stays} & {*pieces} <= {*organic}:  # salts and solvents alone have no parent; what has no carbon goes all the same
        stays = organic
    parents = [piece for piece in pieces if piece in stays]
    asked = _query("[#6]" if name == "keep" else "[+0]")
    lost = [piece for piece in pieces if piece not in stays and Chem.MolFromSmiles(piece).HasSubstructMatch(asked)]
    if lost and set(parents) == set(stays):
        fix = "leave it out, or draw with a star where it hangs on"
        raise MolgenError(f"{lost[0]!r} is taken for a salt or a solvent beside the rest", where=name, fix=fix)
    found = _untailed(Chem.MolFromSmiles(".".join(parents if set(parents) == set(stays) else stays)))
    sound = len(stars_of(found)) == len(stars_of(drawn)) and not any(atom.GetNumRadicalElectrons() for atom in found.GetAtoms())
    return found if found.GetNumAtoms() and sound else drawn


def _tailed(drawn: Chem.Mol) -> Chem.Mol:
    """A molecule with a carbon for each star, told by its tail: no two alike, lest a stereocentre between them is none."""
    tailed = Chem.RWMol(drawn)
    for length, i in enumerate(stars_of(drawn), start=1):
        tailed.ReplaceAtom(i, _carbon(drawn.GetAtomWithIdx(i)))
        for element in (*(length * [_TAIL]), _END):
            last = tailed.AddAtom(Chem.Atom(element))
            tailed.AddBond(i, last, Chem.BondType.SINGLE)
            i = last
    return tailed.GetMol()


def _untailed(tailed: Chem.Mol) -> Chem.Mol:
    """Stars again for the carbons with tails."""
    starred = Chem.RWMol(tailed)
    tails: set[int] = set()
    for atom in tailed.GetAtoms():
        tail = atom.GetAtomicNum() == _END
        while tail:
            tails.add(atom.GetIdx())
            (atom,) = (neighbour for neighbour in atom.GetNeighbors() if neighbour.GetIdx() not in tails)
            tail = atom.GetAtomicNum() == _TAIL
            if not tail:
                starred.ReplaceAtom(atom.GetIdx(), Chem.Atom(0))
    starred.BeginBatchEdit()
    for i in tails:
        starred.RemoveAtom(i)
    starred.CommitBatchEdit()
    return starred.GetMol()


def _oxides_either_way(parent: Chem.Mol, *, sulfones: bool) -> Chem.Mol:
    """The query for sulfoxides as S=O and as [S+][O-], which is how they are scored; drawn as S=O, they are part of a sulfone too."""
    query = Chem.RWMol(parent)
    for sulfur, oxygen in (*parent.GetSubstructMatches(_query("[#16+]-[#8-]")), *parent.GetSubstructMatches(_query(_OPEN_OXIDE))):
        hand = query.GetAtomWithIdx(sulfur).GetChiralTag()
        query.ReplaceAtom(sulfur, Chem.AtomFromSmarts("[#16]" if sulfones else "[#16X3]"))
        query.GetAtomWithIdx(sulfur).SetChiralTag(hand)
        query.ReplaceAtom(oxygen, Chem.AtomFromSmarts("[#8;D1;H0]"))
        query.ReplaceBond(query.GetBondBetweenAtoms(sulfur, oxygen).GetIdx(), _query("*~*").GetBondWithIdx(0))
    return query.GetMol()


def _with_hydrogens(pattern: Chem.Mol, parent: Chem.Mol, drawn: Chem.Mol, name: str) -> Chem.Mol:
    """The query with as many hydrogens as were written in brackets, where the parent is what was drawn: on [OH] hangs nothing else.

    Those of stereocentres, of numbered atoms and, among what is to be avoided, of aromatic ones say nothing: they had to be written.
    """
    written = [atom for atom in drawn.GetAtoms() if atom.GetNumExplicitHs() and not _needs_brackets(atom)]
    place = parent.GetSubstructMatch(drawn) if written and parent.GetNumAtoms() == drawn.GetNumAtoms() else ()
    query = Chem.RWMol(pattern)
    for atom in written if place else ():
        if name == "keep" or not atom.GetIsAromatic():
            hydrogens = Chem.AtomFromSmarts(f"[*;H{atom.GetNumExplicitHs()}]")
            rdqueries.ReplaceAtomWithQueryAtom(query, query.GetAtomWithIdx(place[atom.GetIdx()])).ExpandQuery(hydrogens)
    return query.GetMol()


def _needs_brackets(atom: Chem.Atom) -> bool:
    return bool(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED or atom.GetAtomMapNum())


@cache
def _query(smarts: str) -> Chem.Mol:
    return Chem.MolFromSmarts(smarts)


def _carbon(star: Chem.Atom) -> Chem.Atom:
    """What may stand for a star, in an aromatic ring too."""
    carbon = Chem.Atom(6)
    carbon.SetIsAromatic(star.GetIsAromatic())
    return carbon
