"""Matched pairs: which part has stood for which in otherwise equal molecules.

The parts of every molecule at every cut, filed under what stays: Hussain & Rea, J. Chem. Inf. Model. 50 (2010) 339.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations

import pandas as pd
from rdkit.rdBase import BlockLogs

from molgen.data import catalogue
from molgen.generate.pieces import Parent, Piece

Exchange = tuple[str, str]  # two parts, their cuts as [1*], in alphabetical order

_LARGEST = 10  # heavy atoms of a part that is exchanged


class MatchedPairs:
    """Exchanges seen in molecules, each with the number of pairs that show it; they are read both ways.

    >>> pairs = MatchedPairs(exchanges(["COc1ccccc1", "CCOc1ccccc1", "COc1ccncc1", "CCOc1ccncc1"]))
    >>> pairs.instead_of("[1*]OC")
    [('[1*]OCC', 2)]
    """

    def __init__(self, counts: Mapping[Exchange, int]) -> None:
        self._instead: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (one, other), count in sorted(counts.items(), key=lambda found: (-found[1], found[0])):
            self._instead[one].append((other, count))
            self._instead[other].append((one, count))

    def instead_of(self, part: str) -> list[tuple[str, int]]:
        """(part, pairs) that stood where this one did, the most often seen first."""
        return list(self._instead.get(part, ()))


def exchanges(smiles: Iterable[str]) -> Counter[Exchange]:
    """How many pairs of these molecules differ by each exchange alone."""
    filed: dict[str, set[str]] = defaultdict(set)
    with BlockLogs():
        for text in smiles:
            for part, stays in parts(Parent(text)):
                filed[stays.smiles].add(part.smiles)
    return Counter(pair for group in filed.values() for pair in combinations(sorted(group), 2))


@cache
def common() -> Counter[Exchange]:
    """Exchanges that more than one pair of the molecules shipped with molgen shows."""
    table = pd.read_csv(catalogue.file_of("exchanges"))
    return Counter({(one, other): int(pairs) for one, other, pairs in zip(table["part"], table["other"], table["pairs"])})


def parts(parent: Parent) -> list[tuple[Piece, Piece]]:
    """(part, what stays) of each cut that leaves the kept atoms alone; the part is the smaller and of ten heavy atoms at most."""
    halves = [(parent.halves(place.bond)[place.side], parent.halves(place.bond)[1 - place.side]) for place in parent.free_sides]
    return [(part, stays) for part, stays in halves if part.size <= min(_LARGEST, stays.size)]
