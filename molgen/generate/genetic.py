"""A genetic algorithm on molecular graphs: cut, cross, edit, and keep what scores well and looks sane.

Selection follows Mol GA (Tripp & Hernandez-Lobato 2023); crossover of molecules at a cut bond goes back to
Jensen, Chem. Sci. 10 (2019) 3567. What is added is a filter by precedent before anything is proposed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts as alerts_of
from molgen.generate.base import Alerts, Generator, Proposal
from molgen.generate.constraints import Keep
from molgen.generate.crossover import cross_ring, crossover, graft, grow, link, prune, swap_ring, walk
from molgen.generate.drugs import DRUGS
from molgen.generate.edits import Child, Edit, Tools, seal
from molgen.generate.mutate import change_atom, change_bond, close_ring, decorate, delete_atom, insert_atom, open_ring
from molgen.generate.pieces import Parent
from molgen.generate.plausible import Plausible
from molgen.generate.population import Population
from molgen.generate.vocabulary import Vocabulary

CROSSINGS: dict[str, Edit] = {"crossover": crossover, "cross_ring": cross_ring}
MUTATIONS: dict[str, Edit] = {
    "graft": graft, "grow": grow, "prune": prune, "swap_ring": swap_ring, "walk": walk, "link": link, "decorate": decorate,
    "change_atom": change_atom, "insert_atom": insert_atom, "delete_atom": delete_atom, "change_bond": change_bond,
    "close_ring": close_ring, "open_ring": open_ring,
}  # fmt: skip

_MINED = 2_000  # molecules the vocabulary is mined from; more add rare pieces and seconds
_PATIENCE = 60  # edits tried for each proposal wanted, before there are no more ideas


class Genetic(Generator):
    """Children of the best molecules so far; before any is scored, of the seeds.

    Among the first proposals are seeds themselves, `opening` of them: the search starts from known ground.
    `mutation` is the share of edits of one molecule, the rest cross two. Each kind of edit is tried more the
    more often its children made it into the population, unless `adaptive` is off. A child has at most `largest`
    heavy atoms (or five more than the largest seed), and at most the share `novelty` of its atoms in surroundings
    that neither seeds, nor reference, nor (with `drugs`) common drugs show.
    """

    def __init__(
        self,
        *,
        seeds: Sequence[str],
        keep: str = "",
        reference: Sequence[str] = (),
        alerts: Alerts = alerts_of,
        population: int = 200,
        per_scaffold: int = 20,
        mutation: float = 0.6,
        opening: int = 50,
        novelty: float = 0.1,
        largest: int = 45,
        adaptive: bool = True,
        drugs: bool = True,
    ) -> None:
        _check(population=population, per_scaffold=per_scaffold, mutation=mutation, opening=opening, novelty=novelty)
        seeds = _canonical(seeds)
        reference = _canonical(reference)
        if not seeds and not keep:
            raise MolgenError("no seed is a molecule", where="seeds", fix="give at least one molecule to start from")
        self._keep = Keep.of(keep)
        self._start = self._keep.starting_points(seeds)
        sizes = [Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() for smiles in self._start]
        self._largest = max(largest, *(size + 5 for size in sizes))
        known = list(dict.fromkeys([*self._start, *seeds, *reference, *(DRUGS if drugs else ())]))
        excused = alerts(Chem.MolFromSmiles(self._keep.seed)) if self._keep.seed else ()
        self._plausible = Plausible(
            known, alerts=alerts, excused=excused, novelty=novelty, heavy_atoms=(min(8, *sizes, 8), self._largest)
        )
        step = max(1, -(-len(known) // _MINED))
        self._vocabulary = Vocabulary(known[::step])
        self._population = Population(population, per_scaffold)
        self._parents: dict[str, Parent] = {}
        self._seen: set[str] = set()
        self._made_by: dict[str, str] = {}  # proposal -> kind of edit, until its score is told
        self._mutation, self._opening, self._adaptive = mutation, opening, adaptive
        self._tried: Counter[str] = Counter()
        self._won: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # why children were not proposed, by first words

    def ask(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        found = self._open(n, rng)
        with BlockLogs():
            for _ in range(_PATIENCE * n):
                if len(found) >= n:
                    break
                proposal = self._try(rng)
                if proposal is not None:
                    found.append(proposal)
        return found

    def tell(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> None:
        for text, score in zip(smiles, np.asarray(scores, dtype=np.float64).tolist(), strict=True):
            self._seen.add(text)
            edit = self._made_by.pop(text, "")
            if np.isfinite(score) and self._population.add(text, score) and edit:
                self._won[edit] += 1
        members = set(self._population.smiles) | set(self._start)
        self._parents = {text: parent for text, parent in self._parents.items() if text in members}

    def _open(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """Seeds not proposed yet, for at most half of what is asked, while the opening lasts."""
        n = min(-(-n // 2), self._opening)
        left = [smiles for smiles in self._start if smiles not in self._seen]
        chosen = [left[i] for i in sorted(rng.permutation(len(left))[:n].tolist())] if n else []
        self._opening -= len(chosen)
        self._seen.update(chosen)
        return [Proposal(smiles, "seed") for smiles in chosen]

    def _try(self, rng: np.random.Generator) -> Proposal | None:
        """One edit of one parent; None when it leads nowhere or nowhere new."""
        name, edit = self._edit(rng)
        self._tried[name] += 1
        child = _edited(edit, self._draw(rng), Tools(self._vocabulary, lambda: self._draw(rng), self._largest), rng)
        smiles = seal(child.mol) if child is not None else ""
        if child is None or not smiles or smiles in self._seen:
            return None
        self._seen.add(smiles)
        mol = Chem.MolFromSmiles(smiles)
        flaw = "not read back" if mol is None else "" if self._keep.holds(mol) else "kept substructure lost"
        flaw = flaw or self._plausible.flaw(mol)
        if flaw:
            self.refused[flaw.partition(":")[0]] += 1
            return None
        self._made_by[smiles] = name
        return Proposal(smiles, child.origin)

    def _edit(self, rng: np.random.Generator) -> tuple[str, Edit]:
        table = MUTATIONS if rng.random() < self._mutation else CROSSINGS
        names = list(table)
        # One win in two tries to begin with: new kinds of edits get their chance, none dies out.
        weights = np.array([(self._won[name] + 5) / (self._tried[name] + 10) if self._adaptive else 1.0 for name in names])
        weights = np.maximum(weights, 0.2 * weights.max()).cumsum()
        name = names[int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))]
        return name, table[name]

    def _draw(self, rng: np.random.Generator) -> Parent:
        # One draw in twenty goes back to the seeds, so that a poor first choice does not decide the run.
        if not len(self._population) or rng.random() < 0.05:
            smiles = self._start[int(rng.integers(len(self._start)))]
        else:
            smiles = self._population.draw(rng)
        if smiles not in self._parents:
            self._parents[smiles] = Parent(smiles, self._keep)
        return self._parents[smiles]


def _edited(edit: Edit, parent: Parent, tools: Tools, rng: np.random.Generator) -> Child | None:
    try:
        return edit(parent, tools, rng)
    except (ValueError, RuntimeError):  # RDKit's two ways to refuse an edit: valence, or a broken invariant
        return None


def _canonical(smiles: Sequence[str]) -> list[str]:
    """Distinct canonical SMILES of what can be read as one piece, in order."""
    with BlockLogs():
        mols = [Chem.MolFromSmiles(text) if text else None for text in smiles]
    written = (Chem.MolToSmiles(mol) for mol in mols if mol is not None and mol.GetNumAtoms())
    return list(dict.fromkeys(text for text in written if "." not in text))


def _check(*, population: int, per_scaffold: int, mutation: float, opening: int, novelty: float) -> None:
    if population < 1 or per_scaffold < 1:
        raise MolgenError(f"population {population} with {per_scaffold} a scaffold: want at least 1 of each", where="generator")
    if opening < 0:
        raise MolgenError(f"opening is {opening}, want 0 or more", where="generator")
    for name, share in (("mutation", mutation), ("novelty", novelty)):
        if not 0.0 <= share <= 1.0:
            raise MolgenError(f"{name} is {share}, want a share from 0 to 1", where="generator")
