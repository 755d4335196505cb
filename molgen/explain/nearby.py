"""What would change the answer: molecules one small edit away, and what the model says of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit.rdBase import BlockLogs

from molgen.data.library import Library
from molgen.features.bits import Bits, ecfp4, top
from molgen.generate.drugs import DRUGS
from molgen.generate.edits import Edit, Tools, pick, seal
from molgen.generate.mutate import change_atom, change_bond, decorate, delete_atom, insert_atom
from molgen.generate.pieces import Parent
from molgen.generate.plausible import Plausible
from molgen.generate.vocabulary import Vocabulary
from molgen.models.base import Task
from molgen.models.predictor import Predictor

_ORIGIN = re.compile(r"(?: in| to| into|( out) of) \S+$")  # "F added to CCO": to what is plain here
_EDITS: tuple[Edit, ...] = (decorate, change_atom, insert_atom, delete_atom, change_bond)
_GROWTH = 5  # heavy atoms that an edit may add
_MINED = 2_000  # known molecules that say what is normal
_NEGLIGIBLE = {"regression": 0.1, "classification": 0.01}  # in spreads, and of a probability


@dataclass(frozen=True)
class Counterfactual:
    """A molecule one edit away that the model judges otherwise."""

    smiles: str
    edit: str  # in words
    mean: float
    change: float  # of the mean
    similarity: float  # Tanimoto, ECFP4, to the molecule that was edited
    in_domain: bool
    turns: bool  # a class changes, or a value moves by the spread of the original or more


@dataclass(frozen=True)
class KnownChemistry:
    """What is normal among the known molecules; worked out once a run."""

    vocabulary: Vocabulary
    known: tuple[str, ...]

    @classmethod
    def of(cls, predictor: Predictor) -> KnownChemistry:
        known = [smiles for smiles in predictor.domain.known.smiles if smiles and "." not in smiles] or list(DRUGS)
        some = tuple(known[:: max(1, -(-len(known) // _MINED))])
        return cls(Vocabulary(some), some)


def one_edit_away(smiles: str, chemistry: KnownChemistry, *, tries: int, rng: np.random.Generator) -> dict[str, str]:
    """SMILES of distinct molecules one plausible edit away, and the edit in words; none for a molecule of several pieces."""
    if "." in smiles:
        return {}
    parent = Parent(smiles)
    plausible = Plausible([*chemistry.known, smiles], heavy_atoms=(1, parent.size + _GROWTH))
    tools = Tools(chemistry.vocabulary, lambda: parent, parent.size + _GROWTH)
    found: dict[str, str] = {}
    with BlockLogs():
        for _ in range(tries):
            try:
                child = pick(_EDITS, rng)(parent, tools, rng)
            except (ValueError, RuntimeError):  # RDKit's two ways to refuse an edit
                continue
            if child is None:
                continue
            made, mol = seal(child.mol)
            if made and made != smiles and made not in found and not plausible.flaw(mol):
                found[made] = _ORIGIN.sub(r"\1", child.origin)
    return found


def counterfactuals(
    predictor: Predictor, smiles: str, mean: NDArray[np.float64], spread: NDArray[np.float64], edits: dict[str, str], *, most: int
) -> tuple[tuple[Counterfactual, ...], ...]:
    """For each task, `most` of the molecules in `edits` that raise the prediction and as many that lower it.

    First come those that turn it, the most alike before others: the smallest edit that changes the answer is what a chemist can
    make. Then the rest, the largest change first; a change that is next to none is left out where there are others.
    """
    library = Library.of(edits)
    said = predictor.predict(library)
    alike = _similarities(smiles, library)
    by_task = []
    for i, task in enumerate(predictor.tasks):
        change, far = said.mean[:, i] - mean[i], _far(task, said.mean[:, i], mean[i], spread[i])
        turns = _turns(task, said.mean[:, i], mean[i], spread[i])
        changed = [row for row in range(len(edits)) if np.isfinite(change[row]) and change[row]]
        told = [row for row in changed if turns[row] or far[row] >= _NEGLIGIBLE[task.kind]] or changed
        order = sorted(told, key=lambda row: (not turns[row], -alike[row] if turns[row] else 0.0, -far[row]))
        up, down = ([row for row in order if change[row] * sign > 0][:most] for sign in (1, -1))
        chosen = [row for row in order if row in up or row in down]
        by_task.append(
            tuple(
                Counterfactual(
                    library.smiles[row], edits[library.rows.raw[row]], float(said.mean[row, i]), float(change[row]), alike[row],
                    bool(said.in_domain[row, i]), bool(turns[row]),
                )
                for row in chosen
            )
        )  # fmt: skip
    return tuple(by_task)


def _turns(task: Task, said: NDArray[np.float64], mean: float, spread: float) -> NDArray[np.bool_]:
    """[molecules], whether what is said of them is the other class, or as far off as the spread."""
    if task.kind == "classification":
        return (said >= 0.5) != (mean >= 0.5)
    return _far(task, said, mean, spread) >= 1


def _far(task: Task, said: NDArray[np.float64], mean: float, spread: float) -> NDArray[np.float64]:
    """[molecules], how far what is said of them is off, in spreads; of logarithms by their ratio, of classes as a probability."""
    if task.kind == "classification":
        return np.abs(said - mean)
    off, one = (np.abs(np.log(said / mean)), spread / mean) if task.scale == "log" else (np.abs(said - mean), spread)
    return np.divide(off, one, out=np.where(off > 0, np.inf, 0.0), where=one != 0)


def _similarities(smiles: str, library: Library) -> Sequence[float]:
    """[rows], 0 where rejected."""
    distinct = library.distinct()
    if not len(distinct):
        return [0.0] * len(library)
    found = top(ecfp4(distinct), Bits(ecfp4(Library.of([smiles]))), 1)
    alike: list[float] = np.nan_to_num(library.fill(np.array([one.tanimoto[0] for one in found]))).tolist()
    return alike
