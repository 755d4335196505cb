"""What stands in known molecules: surroundings of atoms and ring systems, the precedents that proposals are judged by."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import pandas as pd
from rdkit import Chem

from molgen.data import catalogue
from molgen.generate.graph import AROMATIC, Graph
from molgen.generate.joining import atoms_of
from molgen.generate.pieces import ring_systems

Environment = tuple[int, tuple[int, ...]]  # an atom's kind and, sorted, its bonds and neighbours: ECFP's first round
RingKey = str | tuple[int, ...]
WiderEnvironment = tuple[Environment, tuple[Environment, ...]]

# (element, charge) -> the valence these have in almost every drug; all others need a precedent.
_PLAIN = {(6, 0): 4, (7, 0): 3, (8, 0): 2, (9, 0): 1, (16, 0): 2, (17, 0): 1, (35, 0): 1, (53, 0): 1}
_SHOWN_BY = 3  # shipped molecules that make a precedent: what fewer show may be an error of theirs


@dataclass(frozen=True, eq=False)
class Precedents:
    """What molecules show."""

    environments: frozenset[Environment]
    wider: frozenset[WiderEnvironment]
    rings: frozenset[RingKey]

    @classmethod
    def of(cls, smiles: Iterable[str]) -> Precedents:
        """What any of these shows."""
        shown = [_shown(text) for text in smiles]
        return cls(
            frozenset().union(*(one.environments for one in shown)),
            frozenset().union(*(one.wider for one in shown)),
            frozenset().union(*(one.rings for one in shown)),
        )

    @cached_property
    def plain(self) -> frozenset[Environment]:
        """Environments that are enough of a precedent, whatever stands farther off: `caution` can't be 2 there."""
        return frozenset(environment for environment in self.environments if not _delicate(environment))

    def __or__(self, other: Precedents) -> Precedents:
        return Precedents(self.environments | other.environments, self.wider | other.wider, self.rings | other.rings)


@cache
def common() -> Precedents:
    """What at least three of the molecules that ship with molgen show: lead-like ones, drugs, kinase inhibitors.

    >>> ring_key(Graph.of(Chem.MolFromSmiles("c1ccc2[nH]ccc2c1")), frozenset(range(9))) in common().rings
    True
    """
    table = pd.read_csv(catalogue.file_of("precedents"))
    keys: dict[str, frozenset[Any]] = {
        kind: frozenset(_tupled(json.loads(text)) for text in group) for kind, group in table.groupby("kind")["key"]
    }
    return Precedents(keys["environments"], keys["wider"], keys["rings"])


def counted(smiles: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """(kind, key as JSON, molecules) of what at least three of these molecules show, the most often seen first."""
    counts: dict[str, Counter[Any]] = defaultdict(Counter)
    for text in smiles:
        for kind, keys in _shown(text)._asdict().items():
            counts[kind].update(keys)
    for kind, seen in counts.items():
        written = sorted((-count, json.dumps(key, separators=(",", ":"))) for key, count in seen.items() if count >= _SHOWN_BY)
        yield from ((kind, key, -count) for count, key in written)


def _tupled(key: Any) -> Any:
    """Lists, as JSON has them, as tuples all the way down."""
    return tuple(map(_tupled, key)) if isinstance(key, list) else key


class _Shown(NamedTuple):
    """What one molecule is a precedent for."""

    environments: frozenset[Environment]
    wider: frozenset[WiderEnvironment]
    rings: frozenset[RingKey]


@lru_cache(maxsize=512)  # the drugs come with every run
def _shown(smiles: str) -> _Shown:
    mol = Chem.MolFromSmiles(smiles)
    graph = Graph.of(mol)
    around = environments(graph)
    far = frozenset(wider(i, graph, around) for i, atom in enumerate(atoms_of(mol)) if caution(atom) == 2)
    return _Shown(frozenset(around), far, frozenset(ring_key(graph, system) for system in ring_systems(mol)))


def environments(graph: Graph) -> list[Environment]:
    """Each atom with its neighbours: element, charge, hydrogens of the centre, aromatic or ring atom or neither, bond types."""
    kinds = graph.kinds
    return [
        (kind * 8 + hydrogens, tuple(sorted(kinds[neighbour] * 32 + bond for neighbour, bond in bonds.items())))
        for kind, hydrogens, bonds in zip(kinds, graph.hydrogens, graph.bonds)
    ]


def wider(i: int, graph: Graph, around: Sequence[Environment]) -> WiderEnvironment:
    """An atom's environment and those of its neighbours."""
    return around[i], tuple(sorted(around[neighbour] for neighbour in graph.bonds[i]))


def caution(atom: Chem.Atom) -> int:
    """How close a precedent this atom needs: 0 none of its own, 1 for its neighbours, 2 for theirs as well.

    1: charges, high valences, rare elements, hetero atoms joined to each other, multiple bonds outside aromatic rings.
    2: tetrahedral carbon with two hetero atoms, and single bonds between these: stable in a few contexts, junk in most.
    """
    element, partners = atom.GetAtomicNum(), [neighbour for neighbour in atom.GetNeighbors() if neighbour.GetAtomicNum() != 6]
    if _PLAIN.get((element, atom.GetFormalCharge())) != atom.GetTotalValence() or atom.GetNumRadicalElectrons():
        return 1
    if atom.GetIsAromatic():
        return int(element != 6 and bool(partners))
    if element == 6:
        flat = atom.GetTotalDegree() < 4
        return 1 if flat else 2 if len(partners) > 1 and not all(map(_halogen, partners)) else 0
    # A sulfonamide's nitrogen is at home on its sulfur; no other pair is taken on trust.
    return 2 if any(partner.GetTotalValence() == _PLAIN.get((partner.GetAtomicNum(), 0)) for partner in partners) else bool(partners)


def _delicate(environment: Environment) -> bool:
    """Not aromatic, and a carbon with two hetero atoms or one of them with another: the least for a caution of 2."""
    centre, bonds = environment
    kind = centre // 8
    return not kind & AROMATIC and sum(bond // 32**2 != 6 for bond in bonds) > (kind // 32 == 6)


def _halogen(atom: Chem.Atom) -> bool:
    return atom.GetAtomicNum() in (9, 17, 35, 53)


def ring_key(graph: Graph, system: frozenset[int]) -> RingKey:
    """One name for a ring system, whatever hangs on it and wherever its hydrogens are."""
    for ring in graph.rings:
        if len(ring) == len(system) and ring[0] in system:
            return _round(graph, ring)  # a single ring: sooner than SMILES
    atoms = sorted(system)
    elements = tuple(graph.kinds[i] // 32 * 2 + bool(graph.kinds[i] & AROMATIC) for i in atoms)
    bonds = ((i, j, graph.bonds[atoms[i]].get(atoms[j])) for j in range(len(atoms)) for i in range(j))
    return _bare_ring(elements, tuple((i, j, kind) for i, j, kind in bonds if kind is not None))


def _round(graph: Graph, ring: tuple[int, ...]) -> tuple[int, ...]:
    """Elements and bonds once around a ring, from where this reads smallest."""
    atoms = tuple(graph.kinds[i] // 32 * 32 for i in ring)
    bonds = tuple(graph.bonds[one][other] for one, other in zip(ring, (*ring[1:], ring[0])))
    return _smallest(atoms, bonds)


@lru_cache(maxsize=100_000)
def _smallest(atoms: tuple[int, ...], bonds: tuple[int, ...]) -> tuple[int, ...]:
    n = len(atoms)
    there = [atom + bond for atom, bond in zip(atoms, bonds)]
    back = [atoms[i] + bonds[i - 1] for i in range(n - 1, -1, -1)]
    return min(tuple(way[i:] + way[:i]) for way in (there, back) for i in range(n))


@lru_cache(maxsize=100_000)
def _bare_ring(elements: tuple[int, ...], bonds: tuple[tuple[int, int, int], ...]) -> str:
    """Canonical SMILES of atoms and bonds that have neither hydrogens nor charges."""
    mol = Chem.RWMol()
    for element in elements:
        atom = Chem.Atom(element // 2)
        atom.SetIsAromatic(bool(element % 2))
        atom.SetNoImplicit(True)
        mol.AddAtom(atom)
    for begin, end, kind in bonds:
        mol.AddBond(begin, end, Chem.BondType.values[kind])
    return Chem.MolToSmiles(mol)
