"""What can be made from what is on the shelf: named reactions, building blocks, and which block can stand where in which reaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdChemReactions
from rdkit.Chem.rdSubstructLibrary import MolHolder, SubstructLibrary

from molgen.base.config import read_toml
from molgen.base.errors import MolgenError
from molgen.chem.fingerprints import packed_ecfp4
from molgen.data import catalogue
from molgen.data.readers import read
from molgen.generate.edits import seal

Rows = NDArray[np.int64]  # places of blocks in a stock

_NEIGHBOURS = 40  # blocks of one role worth calling similar


@dataclass(frozen=True, eq=False)
class Reaction:
    """A named reaction of one or two reactants, each with its role."""

    name: str
    rxn: rdChemReactions.ChemicalReaction
    roles: tuple[Chem.Mol, ...]  # [reactants], the pattern of what reacts
    signs: tuple[tuple[Chem.Mol, ...], ...]  # [reactants], groups that each player of the role has: quicker to look for
    spoilers: tuple[Chem.Mol, ...]  # groups that no reactant may have
    example: str  # reaction SMILES

    def takes(self, mol: Chem.Mol, role: int) -> bool:
        """Whether the molecule can play this role and no other part of it reacts: one site, no second role, no spoiler."""
        return _sites(mol, self.roles[role]) == 1 and not any(mol.HasSubstructMatch(pattern) for pattern in self.barred(role))

    def barred(self, role: int) -> tuple[Chem.Mol, ...]:
        """What a player of this role may not have; the other role is part of it, or the molecule would react with itself."""
        return (*self.roles[:role], *self.roles[role + 1 :], *self.spoilers)

    def product(self, mols: Sequence[Chem.Mol]) -> str:
        """Canonical SMILES of the one product, "" when there is none or more than one."""
        made = {seal(products[0])[0] for products in self.rxn.RunReactants(tuple(mols))}
        return made.pop() if len(made) == 1 else ""


@cache
def reactions() -> tuple[Reaction, ...]:
    """The reactions of `reactions.toml`.

    >>> reactions()[0].product([Chem.MolFromSmiles("CC(=O)O"), Chem.MolFromSmiles("CN")])
    'CNC(C)=O'
    """
    book = read_toml(Path(__file__).with_name("reactions.toml"))
    groups = {name: Chem.MolFromSmarts(f"[{smarts}]") for name, smarts in book["groups"].items()}
    return tuple(_reaction(entry, book["groups"], groups) for entry in book["reaction"])


def _reaction(entry: Mapping[str, Any], written: Mapping[str, str], groups: Mapping[str, Chem.Mol]) -> Reaction:
    rxn = rdChemReactions.ReactionFromSmarts(entry["smarts"].format(**written))
    rxn.Initialize()
    roles = tuple(Chem.Mol(reactant) for reactant in rxn.GetReactants())
    for role in roles:  # unnumbered, the acid of one reaction is the acid of the next, and looked for once
        for atom in role.GetAtoms():
            atom.SetAtomMapNum(0)
    reactants = entry["smarts"].partition(">>")[0].split(".")
    signs = tuple(tuple(groups[name] for name in re.findall(r";\{(\w+)\}", reactant)) for reactant in reactants)
    return Reaction(entry["name"], rxn, roles, signs, tuple(groups[name] for name in entry.get("without", ())), entry["example"])


def _sites(mol: Chem.Mol, pattern: Chem.Mol) -> int:
    """0, 1, or 2 for several; readings that share atoms (the two nitrogens of an amidine) are one site."""
    found = mol.GetSubstructMatches(pattern)
    return min(1, len(found)) if len(found) < 2 or set(found[0]).intersection(*found[1:]) else 2


@dataclass(frozen=True, eq=False)
class Stock:
    """Building blocks with the roles each can play.

    >>> stock = Stock.of({"acid": "CC(=O)O", "amine": "CN", "both": "NCC(=O)O"})
    >>> [stock.ids[row] for row in stock.pool(stock.reactions[0], 1)]
    ['amine']
    """

    ids: tuple[str, ...]
    smiles: tuple[str, ...]  # canonical
    mols: tuple[Chem.Mol, ...]
    reactions: tuple[Reaction, ...]
    pools: Mapping[tuple[str, int], Rows]  # (reaction, role) -> who can play it, ascending
    _near: dict[tuple[str, int, str], Rows] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, blocks: Mapping[str, str], book: Sequence[Reaction] | None = None) -> Stock:
        """A stock of these SMILES by id, for the reactions of `book`, by default all there are."""
        book = reactions() if book is None else tuple(book)
        mols = tuple(map(Chem.MolFromSmiles, blocks.values()))
        return cls(tuple(blocks), tuple(blocks.values()), mols, book, _pools(mols, book))

    def plus(self, blocks: Mapping[str, str]) -> Stock:
        """This stock and after it further blocks."""
        more = Stock.of(blocks, self.reactions)
        pools = {key: np.concatenate([pool, more.pools[key] + len(self)]) for key, pool in self.pools.items()}
        return Stock(self.ids + more.ids, self.smiles + more.smiles, self.mols + more.mols, self.reactions, pools)

    def __len__(self) -> int:
        return len(self.ids)

    def mol(self, block: str) -> Chem.Mol:
        """The block of this id."""
        return self.mols[self._row[block]]

    def said(self, block: str) -> str:
        """The block's id, and its structure where the id is another text."""
        smiles = self.smiles[self._row[block]]
        return block if block == smiles else f"{block} ({smiles})"

    def pool(self, reaction: Reaction, role: int) -> Rows:
        """Who can play this role."""
        return self.pools[reaction.name, role]

    def can_play(self, block: str, reaction: Reaction, role: int) -> bool:
        """Whether the block is in the role's pool."""
        pool, row = self.pool(reaction, role), self._row[block]
        place = int(np.searchsorted(pool, row))
        return place < len(pool) and int(pool[place]) == row

    def reaction(self, name: str) -> Reaction:
        """The reaction of this name."""
        return self._named[name]

    @cached_property
    def able(self) -> frozenset[str]:
        """Ids of the blocks that can play any role."""
        return frozenset(self.ids[row] for pool in self.pools.values() for row in pool.tolist())

    @cached_property
    def runnable(self) -> tuple[Reaction, ...]:
        """Reactions with a block for each role."""
        return tuple(one for one in self.reactions if all(len(self.pool(one, role)) for role in range(len(one.roles))))

    @cached_property
    def openings(self) -> tuple[tuple[Reaction, int], ...]:
        """(reaction, role) where something that is no block can react: the blocks for the other roles are here."""
        every = [(one, role) for one in self.reactions for role in range(len(one.roles))]
        return tuple((one, role) for one, role in every if all(len(self.pool(one, i)) for i in range(len(one.roles)) if i != role))

    def near(self, block: str, reaction: Reaction, role: int) -> Rows:
        """Up to 40 others of this role, the most similar first (Tanimoto, ECFP4)."""
        key = (reaction.name, role, block)
        if key not in self._near:
            pool = self.pool(reaction, role)
            pool = pool[pool != self._row[block]]
            own, others = self._bits[self._row[block]], self._bits[pool]
            shared = np.bitwise_count(own & others).sum(axis=1, dtype=np.int64)
            alike = shared / np.bitwise_count(own | others).sum(axis=1, dtype=np.int64)
            self._near[key] = pool[np.argsort(-alike, kind="stable")[:_NEIGHBOURS]]
        return self._near[key]

    @cached_property
    def _named(self) -> dict[str, Reaction]:
        return {one.name: one for one in self.reactions}

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.ids)}

    @cached_property
    def _bits(self) -> NDArray[np.uint64]:  # [blocks, 32]
        return np.ascontiguousarray(packed_ecfp4(self.mols)).view(np.uint64)


def _pools(mols: Sequence[Chem.Mol], book: Iterable[Reaction]) -> dict[tuple[str, int], Rows]:
    """(reaction, role) -> rows that the reaction takes in this role; what reactions share is looked for once."""
    shelf = SubstructLibrary(MolHolder())
    for mol in mols:
        shelf.AddMol(mol)

    @_once
    def having(group: Chem.Mol) -> NDArray[np.bool_]:  # [blocks]
        found = np.zeros(len(mols), dtype=bool)
        found[list(shelf.GetMatches(group, numThreads=1, maxResults=-1)) if mols else []] = True
        return found

    @_once
    def sites(pattern: Chem.Mol, *signs: Chem.Mol) -> NDArray[np.int8]:  # [blocks]
        found = np.zeros(len(mols), dtype=np.int8)
        for row in np.flatnonzero(np.logical_and.reduce([having(sign) for sign in signs or (pattern,)])).tolist():
            found[row] = _sites(mols[row], pattern)
        return found

    pools = {}
    for reaction in book:
        found = [sites(role, *signs) for role, signs in zip(reaction.roles, reaction.signs)]
        spoilt = np.logical_or.reduce([np.zeros(len(mols), dtype=bool), *map(having, reaction.spoilers)])
        for role, here in enumerate(found):
            elsewhere = sum((there > 0 for other, there in enumerate(found) if other != role), start=spoilt)
            pools[reaction.name, role] = np.flatnonzero((here == 1) & ~elsewhere)
    return pools


def _once(look: Callable[..., NDArray]) -> Callable[..., NDArray]:
    """The same, each pattern looked for once, whichever reaction asks."""
    known: dict[tuple[str, ...], NDArray] = {}

    def found(*patterns: Chem.Mol) -> NDArray:
        key = tuple(map(Chem.MolToSmarts, patterns))
        if key not in known:
            known[key] = look(*patterns)
        return known[key]

    return found


@cache
def shipped() -> Stock:
    """The blocks that come with molgen, worked out once a process."""
    rows = catalogue.load_rows("enamine_blocks")
    return Stock.of(dict(zip(rows.ids, rows.raw)))


def stock_of(path: str) -> Stock:
    """The blocks of a file, "" for those that come with molgen; what is no single molecule is left out."""
    if not path:
        return shipped()
    library = read(path)
    blocks: dict[str, str] = {}
    for row in np.flatnonzero(library.ok).tolist():
        name, smiles = library.ids[row], library.smiles[row]
        if "." not in smiles:
            blocks[f"{name} (row {row + 1})" if name in blocks else name] = smiles
    stock = Stock.of(blocks)
    if not stock.able:
        raise MolgenError(f"none of {len(library)} blocks can take part in any of the reactions", where=path)
    return stock
