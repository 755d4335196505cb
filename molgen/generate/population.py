"""The best molecules so far, no framework too often among them."""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.chem.scaffold import scaffold


@dataclass(frozen=True, order=True)
class Member:
    """A scored molecule; the better one sorts first, ties by SMILES so that order never depends on chance."""

    rank: float = field(repr=False)  # score, negated
    smiles: str
    scaffold: str = field(compare=False)


class Population:
    """At most `size` members, at most `per_scaffold` of one Murcko framework; molecules without rings are one framework."""

    def __init__(self, size: int, per_scaffold: int) -> None:
        if size < 1 or per_scaffold < 1:
            raise MolgenError(f"population {size} with {per_scaffold} a scaffold: want at least 1 of each", where="generator")
        self._size, self._per_scaffold = size, per_scaffold
        self._members: list[Member] = []

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, smiles: str) -> bool:
        return any(member.smiles == smiles for member in self._members)

    @property
    def smiles(self) -> list[str]:
        """Best first."""
        return [member.smiles for member in self._members]

    def add(self, smiles: str, score: float) -> bool:
        """Whether the molecule was good enough to get in."""
        if (len(self) >= self._size and -score >= self._members[-1].rank) or smiles in self:
            return False
        new = Member(-score, smiles, scaffold(Chem.MolFromSmiles(smiles)))
        insort(self._members, new)
        kin = [member for member in self._members if member.scaffold == new.scaffold]
        if len(kin) > self._per_scaffold:
            self._members.remove(kin[-1])
        del self._members[self._size :]
        return new in self._members

    def draw(self, rng: np.random.Generator) -> str:
        """A member by rank: first how far down to look, even in orders of magnitude, then anyone above.

        Half of all draws come from the best few, and yet nobody is out of reach (Tripp & Hernandez-Lobato,
        "Genetic algorithms are strong baselines for molecule generation", 2023).
        """
        depth = max(1, math.ceil(len(self) * 10.0 ** rng.uniform(-3.0, 0.0)))
        return self._members[int(rng.integers(depth))].smiles

    def scaffolds(self) -> Counter[str]:
        """How many members each framework has."""
        return Counter(member.scaffold for member in self._members)
