"""Would a chemist take it seriously? Judged by precedent: what stands in known molecules is normal, junk is not."""

from __future__ import annotations

from collections.abc import Iterable

from rdkit import Chem

from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts
from molgen.generate.graph import Graph
from molgen.generate.pieces import ring_systems
from molgen.generate.precedents import Precedents, caution, environments, ring_key, wider
from molgen.generate.unstable import unstable

_MEDIUM_RING = 8  # atoms


class Plausible:
    """What is wrong with a molecule, in the light of `precedents`, molecules, and of `others`; "" when nothing is.

    Atoms where made-up molecules go wrong (see `caution`) need surroundings that some precedent has, exactly.
    Of all atoms together, at most the share `novelty` may be in new surroundings. A ring system needs a precedent or is a
    single ring of five or six without surprises; with `macrocycles`, rings of more than eight pass as chains. What falls
    apart by itself (see `unstable`) is never plausible, whatever shows it.

    >>> Plausible(["CCOC(C)=O"]).flaw(Chem.MolFromSmiles("CCCCOOCCC"))
    'unusual O: no precedent for its neighbours'
    """

    def __init__(
        self,
        precedents: Iterable[str],
        *,
        others: Precedents | None = None,
        alerts: Alerts = alerts_of,
        excused: Iterable[str] = (),
        novelty: float = 0.1,
        heavy_atoms: tuple[int, int] = (8, 45),
        macrocycles: bool = False,
    ) -> None:
        shown = Precedents.of(precedents)
        self._shown = shown if others is None else shown | others
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
            return f"too small or too large: {mol.GetNumHeavyAtoms()} heavy atoms, not {smallest} to {largest}"
        graph = Graph.of(mol)
        return self._strange_atom(mol, graph, given) or self._strange_ring(mol, graph, given) or _falling_apart(mol, given)

    def _strange_atom(self, mol: Chem.Mol, graph: Graph, given: frozenset[int]) -> str:
        new = 0
        around = environments(graph)
        for i, environment in enumerate(around):
            if environment in self._shown.plain or i in given:
                continue
            atom = mol.GetAtomWithIdx(i)
            care = caution(atom)
            seen = environment in self._shown.environments and (care < 2 or wider(i, graph, around) in self._shown.wider)
            if seen:
                continue
            if care:
                return f"unusual {atom.GetSymbol()}: no precedent for its neighbours"
            new += 1
        share = new / mol.GetNumAtoms()
        return f"too many atoms in surroundings without precedent: {share:.0%}" if share > self._novelty else ""

    def _strange_ring(self, mol: Chem.Mol, graph: Graph, given: frozenset[int]) -> str:
        for system in ring_systems(mol, largest=self._largest_ring):
            key = ring_key(graph, system)
            if key not in self._shown.rings and not system <= given and not _simple_ring(mol, system):
                return f"ring system without precedent: {Chem.MolFragmentToSmiles(mol, sorted(system))}"
        return ""

    def alert(self, mol: Chem.Mol) -> str:
        """The first alert, the dearest thing to look for."""
        found = [name for name in self._alerts(mol) if name not in self._excused]
        return f"alert: {found[0]}" if found else ""


def _falling_apart(mol: Chem.Mol, given: frozenset[int]) -> str:
    found = unstable(mol, given)
    return f"unstable: {found}" if found else ""


def _simple_ring(mol: Chem.Mol, system: frozenset[int]) -> bool:
    """A single ring of five or six, all aromatic or all single bonds, at least half carbon."""
    atoms = [mol.GetAtomWithIdx(i) for i in system]
    if len(atoms) not in (5, 6) or sum(atom.GetAtomicNum() == 6 for atom in atoms) < len(atoms) - 2:
        return False
    if all(atom.GetIsAromatic() for atom in atoms):
        return True
    inside = [bond for atom in atoms for bond in atom.GetBonds() if bond.GetOtherAtomIdx(atom.GetIdx()) in system]
    return len(inside) == 2 * len(atoms) and all(bond.GetBondType() == Chem.BondType.SINGLE for bond in inside)
