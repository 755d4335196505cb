"""Matched pairs: which part has stood for which in otherwise equal molecules.

The parts of every molecule at every cut, filed under what stays: Hussain & Rea, J. Chem. Inf. Model. 50 (2010) 339.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import permutations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.generate.pieces import Parent, Piece

_LARGEST = 10  # heavy atoms of a part that is exchanged


class MatchedPairs:
    """Exchanges seen in molecules, each with the number of pairs that show it.

    >>> pairs = MatchedPairs(["COc1ccccc1", "CCOc1ccccc1", "COc1ccncc1", "CCOc1ccncc1"])
    >>> pairs.instead_of("[1*]OC")
    [('[1*]OCC', 2)]
    """

    def __init__(self, smiles: Iterable[str]) -> None:
        filed: dict[str, set[str]] = defaultdict(set)
        with BlockLogs():
            for text in smiles:
                for part, stays in parts(Parent(text)):
                    filed[stays.smiles].add(part.smiles)
        seen = Counter(pair for group in filed.values() for pair in permutations(sorted(group), 2))
        self._instead: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (old, new), count in sorted(seen.items(), key=lambda found: (-found[1], found[0])):
            self._instead[old].append((new, count))

    def instead_of(self, part: str) -> list[tuple[str, int]]:
        """(part, pairs) that stood where this one did, the most often seen first."""
        return list(self._instead.get(part, ()))


def parts(parent: Parent) -> list[tuple[Piece, Piece]]:
    """(part, what stays) of each cut that leaves the kept atoms alone; the part is the smaller and of ten heavy atoms at most."""
    halves = [(parent.halves(place.bond)[place.side], parent.halves(place.bond)[1 - place.side]) for place in parent.free_sides]
    return [(part, stays) for part, stays in halves if part.size <= min(_LARGEST, stays.size)]


def as_mol(part: str) -> Chem.Mol:
    """The part as a molecule with its cut as a dummy."""
    return Chem.MolFromSmiles(part)
