"""A reason for every number: which atoms carry it, which measured molecules stand behind it, which small edit would change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.base.files import digest
from molgen.base.wanted import checked
from molgen.chem.subgraphs import Whole
from molgen.data.library import Library
from molgen.data.partners import partners_of
from molgen.data.proteins import Proteins
from molgen.explain.explanations import Explanation, Explanations, Method, Neighbour, Residues
from molgen.explain.nearby import Counterfactual, KnownChemistry, counterfactuals, one_edit_away
from molgen.explain.shapley import shared
from molgen.explain.worth import Worth
from molgen.features.bits import ecfp4, top
from molgen.models.known_pairs import PairsAsked
from molgen.models.predictions import Predictions
from molgen.models.predictor import Predictor

Progress = Callable[[int, int, str], None]  # molecules done, in all, which

_WINDOWS = 5  # runs of residues attended to that are told
_EDITS = 400  # edits tried a molecule, most of which lead nowhere new


@checked
def explain(
    predictor: Predictor | Path | str,
    molecules: Library | Sequence[str],
    *,
    method: Method = "shapley",
    rounds: int = 32,
    neighbours: int = 3,
    edits: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
) -> Explanations:
    """Why the predictor, or the one of that folder or name, says what it says of each molecule.

    By `method`, an atom's contribution is its share of the prediction above the mean of the known values (`shapley`, and
    `myerson`, for which parts that don't hang together add up; both sum to the prediction), or what the prediction
    loses without the atom alone (`masking`, which does not). `rounds` pairs of orders are drawn for the shares.
    `neighbours` is how many measured molecules are shown, `edits` how many that raise and that lower a prediction.
    Rows that are pairs are explained each with its own partner: what is varied is the molecule.
    """
    if rounds < 1:
        raise MolgenError(f"rounds is {rounds}, want at least 1")
    if min(neighbours, edits, seed) < 0:
        raise MolgenError(f"neighbours is {neighbours}, edits {edits} and seed {seed}, want at least 0 each")
    predictor = predictor if isinstance(predictor, Predictor) else Predictor.load(predictor)
    library = molecules if isinstance(molecules, Library) else Library.of(molecules)
    said, chemistry = predictor.predict(library), KnownChemistry.of(predictor) if edits else None
    near, asked_of = _nearest(predictor, said, neighbours), _asked_of(predictor, library)
    explained: list[Explanation | None] = []
    for row, smiles in enumerate(library.smiles):
        if not smiles:
            explained.append(None)
            continue
        rng = np.random.default_rng((seed, int(digest(smiles)[:16], 16)))  # the same molecule has the same reasons wherever it stands
        whole = Whole(smiles)
        asked, partner = asked_of(row)
        worth = Worth(asked, whole, connected=method == "myerson", inchikey=library.inchikeys[row])
        atoms, fragments = _contributions(whole, worth, method, rounds, rng)
        found: tuple[tuple[Counterfactual, ...], ...] = tuple(() for _ in predictor.tasks)
        if chemistry is not None:
            away = one_edit_away(smiles, chemistry, tries=_EDITS, rng=rng)
            found = counterfactuals(asked, smiles, said.mean[row], said.spread[row], away, most=edits)
        explained.append(
            Explanation(
                library.ids[row], smiles, said.mean[row], said.spread[row], said.in_domain[row], worth([range(len(whole))])[0],
                worth.nothing, atoms, whole.groups, fragments, near[row], found, partner, _looked(asked, library.take([row])),
            )
        )  # fmt: skip
        if progress:
            progress(row + 1, len(library), library.ids[row])
    return Explanations(library, predictor.tasks, method, tuple(explained))


def _asked_of(predictor: Predictor, library: Library) -> Callable[[int], tuple[Predictor, str]]:
    """Of each row that is explained, who is asked about molecules alone, and the name of the partner that they are with."""
    if predictor.pairs is None:
        return lambda row: (predictor, "")
    partners = partners_of(library)
    used = np.unique(partners.of_row[library.ok])
    # All at once, since each is compared with every partner that was learned from.
    bound = predictor.against(partners.each.take(used)) if len(used) else predictor

    @cache
    def with_partner(which: int) -> tuple[Predictor, str]:
        place = int(np.searchsorted(used, which))
        return replace(bound.only([bound.tasks[place].name]), tasks=predictor.tasks), partners.each.names[which]

    return lambda row: with_partner(int(partners.of_row[row]))


def _looked(asked: Predictor, one: Library) -> tuple[tuple[Residues, ...], ...]:
    """[tasks], the residues attended to most, by the model that is bound to their proteins."""
    if asked.bound is None or not isinstance(asked.bound.partners, Proteins) or not asked.model.attends:
        return ()
    return tuple(
        tuple(
            Residues(first, min(last, len(sequence)), sequence[first - 1 : last], share)
            for first, last, share in asked.model.attended(one.molecules, task)[0].residues(_WINDOWS)
        )
        for task, sequence in enumerate(asked.bound.partners.sequences)
    )


def _contributions(
    whole: Whole, worth: Worth, method: Method, rounds: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[atoms, tasks] and [groups, tasks]."""
    if method == "masking":
        every = frozenset(range(len(whole)))
        without = [every - {atom} for atom in range(len(whole))] + [every - set(group) for group in whole.groups]
        kept, *lost = worth([every, *without])
        differences = kept - np.stack(lost)
        return differences[: len(whole)], differences[len(whole) :]
    atoms = shared(whole.groups, worth, rounds=rounds, rng=rng)
    return atoms, np.stack([atoms[list(group)].sum(axis=0) for group in whole.groups])


def _nearest(predictor: Predictor, said: Predictions, most: int) -> list[tuple[Neighbour, ...]]:
    """[rows], the measured molecules most like each; of a model of pairs that keeps them, the measured pairs."""
    library, known = said.library, predictor.domain.known
    if said.pairs is not None:
        by_task = [_nearest_pairs(said.pairs, most, task, len(said.tasks)) for task in range(len(said.tasks))]
        return [tuple(near for of_task in by_task for near in of_task[row]) for row in range(len(library))]
    molecules = library.molecules
    found = top(ecfp4(library), known.bits, min(most, len(known))) if len(molecules) and most and known.told else []
    by_molecule = [
        tuple(
            Neighbour(known.ids[row], known.smiles[row], float(alike), tuple(known.values[row].tolist()))
            for row, alike in zip(one.row.tolist(), one.tanimoto)
        )
        for one in found
    ]
    return [() if not by_molecule or i < 0 else by_molecule[i] for i in library.molecule_of_row.tolist()]


def _nearest_pairs(asked: PairsAsked, most: int, task: int, tasks: int) -> list[list[Neighbour]]:
    """[rows], the measured pairs most like each with the partner of the task, their values told for that task."""
    known, pairs, near = asked.known, asked.pairs, asked.near(most, task)
    value = np.full((len(pairs), tasks), np.nan)
    value[:, task] = pairs.value
    return [
        [
            Neighbour(
                known.ids[pairs.molecule[pair]], known.smiles[pairs.molecule[pair]], alike, tuple(value[pair].tolist()),
                pairs.names[pairs.partner[pair]], close,
            )
            for pair, alike, close in zip(*row)
            if pair >= 0
        ]
        for row in zip(*(part.tolist() for part in near))
    ]  # fmt: skip
