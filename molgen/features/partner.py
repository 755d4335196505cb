"""Partners as numbers, seen from those a model has learned from.

Proteins are told by whom they are like and what they are made of, cell lines by their profile.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.alignment import alikeness
from molgen.data.partners import Partner, PartnerKind, Partners
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.features.pocket import PLACES, Pockets
from molgen.features.residues import RUNS, WIDTH, runs

_NOTHING = 1e-12  # squares, all in all, of a profile that is the usual one in every column


@dataclass(frozen=True, eq=False)
class ProteinView:
    """Likeness to each known protein, runs of three residues, and the residues around the ATP site where it is a kinase."""

    kind: ClassVar[PartnerKind] = "target"
    likenesses: ClassVar[int] = 2  # ways to be alike

    known: Proteins
    pockets: Pockets

    @classmethod
    def of(cls, partners: Partners, rows: NDArray[np.int64]) -> Self:
        """The view from these of the partners."""
        return cls(_proteins(partners.each).take(rows), _told(partners).pockets)

    @property
    def width(self) -> int:
        return len(self.known) + RUNS + PLACES * WIDTH

    def numbers(self, partners: Partners) -> NDArray[np.float32]:
        """[each partner, width]; zeros where rejected."""
        told = self._seen(partners)
        return np.concatenate([told.alike_to(self.known.sequences), told.runs, told.pocket], axis=1)

    def closeness(self, partners: Partners) -> NDArray[np.float64]:
        """[each partner, known], in [0, 1], 1 for the same."""
        return self._seen(partners).alike_to(self.known.sequences).astype(np.float64)

    def likeness(self, partners: Partners) -> tuple[NDArray[np.float32], ...]:
        """Matrices [each partner, known], in [0, 1]: by all residues, and by those around the ATP site."""
        told = self._seen(partners)
        return told.alike_to(self.known.sequences), _directions(told.pocket) @ self._pockets.T

    @cached_property
    def _pockets(self) -> NDArray[np.float32]:
        return _directions(self.pockets.numbers(self.known.sequences))

    def _seen(self, partners: Partners) -> _Told:
        """What is told of these; where the known ones are among them, as in training, what was worked out about all is enough."""
        if partners.kept("proteins") is not None and set(self.known.sequences) <= set(_proteins(partners.each).sequences):
            return _told(partners)
        return partners.once(("proteins", self.known.digest), lambda each: _Told.of(_proteins(each), self.known, self.pockets))


@dataclass(frozen=True, eq=False)
class _Told:
    """What is worked out once about many proteins."""

    references: tuple[str, ...]
    alike: NDArray[np.float32]  # [proteins, references]
    runs: NDArray[np.float32]  # [proteins, RUNS]
    pocket: NDArray[np.float32]  # [proteins, PLACES x WIDTH]
    pockets: Pockets

    @classmethod
    def of(cls, proteins: Proteins, references: Proteins | None = None, pockets: Pockets | None = None) -> Self:
        """About these proteins, by their likeness to the references, or to each other."""
        good = [sequence for sequence in dict.fromkeys(proteins.sequences) if sequence]
        place = {sequence: i for i, sequence in enumerate(good)}
        rows = np.array([place.get(sequence, len(good)) for sequence in proteins.sequences], dtype=np.int64)
        others = tuple(good) if references is None else tuple(references.sequences)
        alike = alikeness(good, others)
        found = Pockets.among(good, alike) if pockets is None else pockets
        alike, shares, pocket = (
            np.concatenate([part, np.zeros((1, part.shape[1]), np.float32)])[rows] for part in (alike, runs(good), found.numbers(good))
        )
        return cls(others, alike, shares, pocket, found)

    def alike_to(self, sequences: Sequence[str]) -> NDArray[np.float32]:
        place = {sequence: i for i, sequence in enumerate(self.references)}
        return self.alike[:, [place[sequence] for sequence in sequences]]


@dataclass(frozen=True, eq=False)
class ProfileView:
    """The profile itself; how like it is to a known one says how far a model may be believed."""

    kind: ClassVar[PartnerKind] = "context"
    likenesses: ClassVar[int] = 1

    known: Profiles

    @classmethod
    def of(cls, partners: Partners, rows: NDArray[np.int64]) -> Self:
        """The view from these of the partners."""
        return cls(_profiles(partners.each).take(rows))

    @property
    def width(self) -> int:
        return len(self.known.columns)

    def numbers(self, partners: Partners) -> NDArray[np.float32]:
        """[each partner, columns], in the order the model has learned them; NaN where not known."""
        asked = _profiles(partners.each)
        place = {column: i for i, column in enumerate(asked.columns)}
        missing = [column for column in self.known.columns if column not in place]
        if missing:
            few = ", ".join(missing[:5])
            raise MolgenError(f"the profiles lack {len(missing)} of the {self.width} columns that the model has learned from: {few} ...")
        return asked.values[:, [place[column] for column in self.known.columns]].astype(np.float32)

    def closeness(self, partners: Partners) -> NDArray[np.float64]:
        """[each partner, known], in [0, 1], 1 for the same, 0 for what has nothing in common: how far the two depart from the usual
        together, in which columns and how much (Lin, Biometrics 45 (1989) 255), each column on the scale of its own variety."""
        asked, known = (table.astype(np.float64) for table in self._standard(partners))
        both = (asked**2).sum(axis=1)[:, None] + (known**2).sum(axis=1)
        return np.where(both > _NOTHING, np.clip(2 * asked @ known.T / np.maximum(both, _NOTHING), 0.0, 1.0), 1.0)

    def likeness(self, partners: Partners) -> tuple[NDArray[np.float32], ...]:
        """One matrix [each partner, known], in [0, 1]: by the columns, each on the scale of its own variety."""
        asked, known = self._standard(partners)
        return (((1 + _directions(asked) @ _directions(known).T) / 2).astype(np.float32),)


    def _standard(self, partners: Partners) -> tuple[NDArray[Any], NDArray[Any]]:
        """These and the known ones, each column on the scale of its own variety among the known; what is not known is their mean."""
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # a column that none of them has is of no use
            centre, deviation = np.nanmean(self.known.values, axis=0), np.nanstd(self.known.values, axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        asked, known = (np.nan_to_num((values - centre) / scale) for values in (self.numbers(partners), self.known.values))
        return asked, known


View = ProteinView | ProfileView


def view_of(partners: Partners, rows: NDArray[np.int64]) -> View:
    """The view of partners of that kind from these of them."""
    kind = ProteinView if isinstance(partners.each, Proteins) else ProfileView
    return kind.of(partners, rows)


def worked_out(partners: Partners) -> None:
    """Works out what takes long about all partners, and keeps it with them."""
    if isinstance(partners.each, Proteins):
        _told(partners)


def _told(partners: Partners) -> _Told:
    return partners.once("proteins", lambda each: _Told.of(_proteins(each)))


def _directions(rows: NDArray[Any]) -> NDArray[Any]:
    """The rows, each of length 1; one of zeros stays that."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _proteins(partner: Partner) -> Proteins:
    if not isinstance(partner, Proteins):
        raise MolgenError("the model is for pairs with proteins, not with cell lines")
    return partner


def _profiles(partner: Partner) -> Profiles:
    if not isinstance(partner, Profiles):
        raise MolgenError("the model is for pairs with cell lines, not with proteins")
    return partner
