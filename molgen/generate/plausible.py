"""Would a chemist take it seriously? Judged by precedent: what stands in known molecules is normal, junk is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rdkit import Chem

from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts
from molgen.generate.pieces import atoms_of, bonds_of, ring_systems

Environment = tuple[int, tuple[int, ...]]  # an atom's kind and, sorted, its bonds and neighbours: ECFP's first round
RingKey = str | tuple[int, ...]
WiderEnvironment = tuple[Environment, tuple[Environment, ...]]

_MEDIUM_RING = 8  # atoms

# (element, charge) -> the valence these have in almost every drug; all others need a precedent.
_PLAIN = {(6, 0): 4, (7, 0): 3, (8, 0): 2, (9, 0): 1, (16, 0): 2, (17, 0): 1, (35, 0): 1, (53, 0): 1}


class Plausible:
    """What is wrong with a molecule, in the light of `precedents`; "" when nothing is.

    Atoms where made-up molecules go wrong (see `caution`) need surroundings that some precedent has, exactly.
    Of all atoms together, at most the share `novelty` may be in new surroundings. A ring system needs a
    precedent or is a single ring of five or six without surprises; with `macrocycles`, rings of more than eight pass as chains.

    >>> Plausible(["CCOC(C)=O"]).flaw(Chem.MolFromSmiles("CCCCOOCCC"))
    'unusual O: no precedent for its neighbours'
    """

    def __init__(
        self,
        precedents: Iterable[str],
        *,
        alerts: Alerts = alerts_of,
        excused: Iterable[str] = (),
        novelty: float = 0.1,
        heavy_atoms: tuple[int, int] = (8, 45),
        macrocycles: bool = False,
    ) -> None:
        shown = [_shown(smiles) for smiles in precedents]
        self._environments = frozenset().union(*(one.environments for one in shown))
        self._wider = frozenset().union(*(one.wider for one in shown))
        self._rings = frozenset().union(*(one.rings for one in shown))
        self._alerts, self._excused = alerts, frozenset(excused)
        self._novelty, self._heavy_atoms = novelty, heavy_atoms
        self._largest_ring = _MEDIUM_RING if macrocycles else None

    def flaw(self, mol: Chem.Mol) -> str:
        """The first thing wrong with it, cheapest checks first."""
        return self.strange(mol) or self.alert(mol)

    def strange(self, mol: Chem.Mol, given: frozenset[int] = frozenset()) -> str:
        """The first thing without precedent; `given` atoms are somebody's wish and are not judged."""
        smallest, largest = self._heavy_atoms
        if not smallest <= mol.GetNumHeavyAtoms() <= largest:
            return f"{mol.GetNumHeavyAtoms()} heavy atoms, not {smallest} to {largest}"
        return self._strange_atom(mol, given) or self._strange_ring(mol, given)

    def _strange_atom(self, mol: Chem.Mol, given: frozenset[int]) -> str:
        new = 0
        around = environments(mol)
        for atom, environment in zip(atoms_of(mol), around):
            care = caution(atom)
            seen = environment in self._environments and (care < 2 or wider(atom, around) in self._wider)
            if seen or atom.GetIdx() in given:
                continue
            if care:
                return f"unusual {atom.GetSymbol()}: no precedent for its neighbours"
            new += 1
        share = new / mol.GetNumAtoms()
        return f"too many atoms in surroundings without precedent: {share:.0%}" if share > self._novelty else ""

    def _strange_ring(self, mol: Chem.Mol, given: frozenset[int]) -> str:
        for system in ring_systems(mol, largest=self._largest_ring):
            key = ring_key(mol, system)
            if key not in self._rings and not system <= given and not _simple_ring(mol, system):
                return f"ring system without precedent: {Chem.MolFragmentToSmiles(mol, sorted(system))}"
        return ""

    def alert(self, mol: Chem.Mol) -> str:
        """The first alert, the dearest thing to look for."""
        found = [name for name in self._alerts(mol) if name not in self._excused]
        return f"alert: {found[0]}" if found else ""


class _Shown(NamedTuple):
    """What one molecule is a precedent for."""

    environments: frozenset[Environment]
    wider: frozenset[WiderEnvironment]
    rings: frozenset[RingKey]


@lru_cache(maxsize=512)  # the drugs come with every run
def _shown(smiles: str) -> _Shown:
    mol = Chem.MolFromSmiles(smiles)
    around = environments(mol)
    far = frozenset(wider(atom, around) for atom in atoms_of(mol) if caution(atom) == 2)
    return _Shown(frozenset(around), far, frozenset(ring_key(mol, system) for system in ring_systems(mol)))


def environments(mol: Chem.Mol) -> list[Environment]:
    """Each atom with its neighbours: element, charge, hydrogens of the centre, aromatic or ring atom or neither, bond orders."""
    atoms = atoms_of(mol)
    kinds = [_kind(atom) for atom in atoms]
    around: list[list[int]] = [[] for _ in kinds]
    for bond in bonds_of(mol):
        first, second, order = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), int(bond.GetBondType())
        around[first].append(kinds[second] * 32 + order)
        around[second].append(kinds[first] * 32 + order)
    centres = [kind * 8 + atom.GetTotalNumHs() for kind, atom in zip(kinds, atoms)]
    return [(centre, tuple(sorted(bonds))) for centre, bonds in zip(centres, around)]


def _kind(atom: Chem.Atom) -> int:
    return int(atom.GetAtomicNum() * 32 + (atom.GetFormalCharge() + 4) * 4 + atom.GetIsAromatic() * 2 + atom.IsInRing())


def wider(atom: Chem.Atom, around: Sequence[Environment]) -> WiderEnvironment:
    """An atom's environment and those of its neighbours."""
    return around[atom.GetIdx()], tuple(sorted(around[neighbour.GetIdx()] for neighbour in atom.GetNeighbors()))


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


def _halogen(atom: Chem.Atom) -> bool:
    return atom.GetAtomicNum() in (9, 17, 35, 53)


def ring_key(mol: Chem.Mol, system: frozenset[int]) -> RingKey:
    """One name for a ring system, whatever hangs on it and wherever its hydrogens are."""
    for ring in mol.GetRingInfo().AtomRings():
        if len(ring) == len(system) and ring[0] in system:
            return _round(mol, ring)  # a single ring: twenty times faster than SMILES
    return _bare_ring(Chem.MolFragmentToSmiles(mol, sorted(system), isomericSmiles=False))


def _round(mol: Chem.Mol, ring: tuple[int, ...]) -> tuple[int, ...]:
    """Elements and bonds once around a ring, from where this reads smallest."""
    n = len(ring)
    atoms = [mol.GetAtomWithIdx(i).GetAtomicNum() * 32 for i in ring]
    bonds = [int(mol.GetBondBetweenAtoms(ring[i], ring[(i + 1) % n]).GetBondType()) for i in range(n)]
    there = [atom + bond for atom, bond in zip(atoms, bonds)]
    back = [atoms[i] + bonds[i - 1] for i in range(n - 1, -1, -1)]
    return min(tuple(way[i:] + way[:i]) for way in (there, back) for i in range(n))


@lru_cache(maxsize=100_000)
def _bare_ring(fragment: str) -> str:
    """The fragment's canonical SMILES with all hydrogens and charges taken off its atoms."""
    mol = Chem.MolFromSmiles(fragment, sanitize=False)
    for atom in atoms_of(mol):
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(0)
        atom.SetFormalCharge(0)
    return Chem.MolToSmiles(mol)


def _simple_ring(mol: Chem.Mol, system: frozenset[int]) -> bool:
    """A single ring of five or six, all aromatic or all single bonds, at least half carbon."""
    atoms = [mol.GetAtomWithIdx(i) for i in system]
    if len(atoms) not in (5, 6) or sum(atom.GetAtomicNum() == 6 for atom in atoms) < len(atoms) - 2:
        return False
    if all(atom.GetIsAromatic() for atom in atoms):
        return True
    inside = [bond for atom in atoms for bond in atom.GetBonds() if bond.GetOtherAtomIdx(atom.GetIdx()) in system]
    return len(inside) == 2 * len(atoms) and all(bond.GetBondType() == Chem.BondType.SINGLE for bond in inside)
