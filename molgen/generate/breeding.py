"""One child at a time: an edit of a parent, sealed into a molecule and looked over before anyone sees it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts as alerts_of
from molgen.chem.scaffold import scaffold
from molgen.generate.base import Alerts
from molgen.generate.constraints import NONE, Constraints
from molgen.generate.crossover import cross_ring, crossover, exchange, graft, grow, link, move, prune, swap_ring, walk
from molgen.generate.drugs import DRUGS
from molgen.generate.edits import Child, Edit, Tools, seal
from molgen.generate.mutate import change_atom, change_bond, close_ring, decorate, delete_atom, insert_atom, open_ring
from molgen.generate.pieces import Parent
from molgen.generate.plausible import Plausible
from molgen.generate.precedents import common
from molgen.generate.remake import remake
from molgen.generate.vocabulary import Vocabulary

CROSSINGS: dict[str, Edit] = {"crossover": crossover, "cross_ring": cross_ring}
MUTATIONS: dict[str, Edit] = {
    "graft": graft, "grow": grow, "prune": prune, "swap_ring": swap_ring, "walk": walk, "exchange": exchange, "move": move,
    "link": link, "decorate": decorate, "change_atom": change_atom, "insert_atom": insert_atom, "delete_atom": delete_atom,
    "change_bond": change_bond, "close_ring": close_ring, "open_ring": open_ring,
}  # fmt: skip

_MINED = 2_000  # molecules the vocabulary is mined from; more add rare pieces and seconds
_PARENTS = 2_000  # kept with what edits asked about them


@dataclass(frozen=True, eq=False)
class Bred:
    """A child as a molecule, and how it was made."""

    smiles: str  # canonical
    mol: Chem.Mol
    origin: str
    edit: str  # its name, "" for none

    @cached_property
    def scaffold(self) -> str:
        """Its Murcko framework."""
        return scaffold(self.mol)


class Breeder:
    """Children of given parents that obey the constraints and are free of flaws.

    Each kind of edit is tried more the more often its children are said to have `won`, unless `adaptive` is off.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        constraints: Constraints = NONE,
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        mutation: float = 0.6,
        opening: int = 0,
        novelty: float = 0.1,
        largest: int = 45,
        adaptive: bool = True,
        drugs: bool = True,
        guard: bool = True,
    ) -> None:
        if opening < 0:
            raise MolgenError(f"opening is {opening}, want 0 or more", where="generator")
        for name, share in (("mutation", mutation), ("novelty", novelty)):
            if not 0.0 <= share <= 1.0:
                raise MolgenError(f"{name} is {share}, want a share from 0 to 1", where="generator")
        seeds = _canonical(seeds)
        reference = _canonical(reference)
        if not seeds and not constraints.begin:
            raise MolgenError("no seed is a molecule", where="seeds", fix="give at least one molecule to start from")
        self._constraints = constraints
        self.every_seed = seeds
        self.start = constraints.starting_points(seeds)
        self.seeds = [smiles for smiles in self.start if not constraints.broken(Chem.MolFromSmiles(smiles))]  # those to propose
        self.opening = min(opening, len(self.seeds))  # of them, how many before anything else
        sizes = [Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() for smiles in self.start]
        self.largest = max(largest, *(size + 5 for size in sizes))
        known = list(dict.fromkeys([*self.start, *seeds, *reference, *(DRUGS if drugs else ())]))
        limits = (min(8, *sizes, 8), self.largest)
        judged: dict[str, Any] = {"alerts": alerts, "excused": constraints.excused(alerts, seeds), "macrocycles": constraints.ring}
        others = common() if drugs else None
        self._plausible = Plausible(known, others=others, novelty=novelty, heavy_atoms=limits, **judged) if guard else None
        self._mutations = MUTATIONS if constraints.frame is None else {**MUTATIONS, "remake": remake}
        self._vocabulary = Vocabulary(known[:: max(1, -(-len(known) // _MINED))])
        self._parent = lru_cache(maxsize=_PARENTS)(lambda smiles: Parent(smiles, constraints))
        self._mutation, self._adaptive = mutation, adaptive
        self._tried: Counter[str] = Counter()
        self._won: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # why children were not let out, by first words

    def child(self, parent: str, mate: str, rng: np.random.Generator, seen: Callable[[str], bool]) -> Bred | None:
        """A child of `parent`, not `seen` before; None when the edit leads nowhere or nowhere new.

        Crossings take a part of `mate`. Alerts, the dearest check, are left to `alerted`.
        """
        name, edit = self._edit(rng)
        self._tried[name] += 1
        tools = Tools(self._vocabulary, lambda: self._parent(mate), self.largest)
        return self.made(lambda: edit(self._parent(parent), tools, rng), name, seen)

    def made(self, idea: Callable[[], Child | None], name: str, seen: Callable[[str], bool]) -> Bred | None:
        """What an idea leads to; None when that is no molecule, was seen, breaks a constraint or has a flaw."""
        try:
            child = idea()
        except (ValueError, RuntimeError):  # RDKit's two ways to refuse an edit: valence, or a broken invariant
            return None
        if child is None:
            return None
        smiles, mol = seal(child.mol)
        if not smiles or seen(smiles):
            return None
        flaw, framed = self._constraints.judged(mol)
        if not flaw and self._plausible is not None:
            flaw = self._plausible.strange(mol, framed)
        if not flaw and self._plausible is None and mol.GetNumHeavyAtoms() > self.largest:
            flaw = "too large"
        return None if self._refuse(flaw) else Bred(smiles, mol, child.origin, name)

    def alerted(self, mol: Chem.Mol) -> bool:
        """Whether the child has an alert that neither what is kept nor every seed brings."""
        return self._plausible is not None and self._refuse(self._plausible.alert(mol))

    def won(self, edit: str) -> None:
        """A child of this kind of edit was worth it."""
        self._won[edit] += 1

    def _refuse(self, flaw: str) -> bool:
        if flaw:
            self.refused[flaw.partition(":")[0]] += 1
        return bool(flaw)

    def _edit(self, rng: np.random.Generator) -> tuple[str, Edit]:
        table = self._mutations if rng.random() < self._mutation else CROSSINGS
        names = list(table)
        # One win in two tries to begin with: new kinds of edits get their chance, none dies out.
        weights = [(self._won[name] + 5) / (self._tried[name] + 10) if self._adaptive else 1.0 for name in names]
        least = 0.2 * max(weights)
        bounds = list(accumulate(max(weight, least) for weight in weights))
        name = names[bisect_right(bounds, rng.random() * bounds[-1])]
        return name, table[name]


def _canonical(smiles: Sequence[str]) -> list[str]:
    """Distinct canonical SMILES of what can be read as one piece, in order."""
    with BlockLogs():
        mols = [Chem.MolFromSmiles(text) if text else None for text in smiles]
    written = (Chem.MolToSmiles(mol) for mol in mols if mol is not None and mol.GetNumAtoms())
    return list(dict.fromkeys(text for text in written if "." not in text))
