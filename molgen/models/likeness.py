"""How alike molecules are, all told: a weighted mean of what fragments they share and how close they are as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.base.config import Config
from molgen.data.library import Library
from molgen.features.descriptor import Descriptors
from molgen.features.fingerprint import Kind as FingerprintKind
from molgen.models.closeness import Closeness
from molgen.models.counts import MOST, Size, counts
from molgen.models.files import check
from molgen.models.minmax import References
from molgen.models.profile import Profile

Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_SHARED = 5000  # molecules; 200 MB of similarities
_FEW = 4096  # molecules for which there is always room, however little they share
_NOWHERE = np.empty(0, dtype=np.int64)


class Measure(BaseModel, frozen=True, allow_inf_nan=False):
    """What likeness is made of."""

    fingerprints: tuple[FingerprintKind, ...] = Field(min_length=1)
    weights: tuple[float, ...]  # one a fingerprint
    size: Size
    descriptors: float = Field(ge=0, lt=1)  # weight of closeness by descriptors; the fingerprints share the rest

    def fragments(self, library: Library) -> list[NDArray[np.uint8]]:
        """Counts, one array a fingerprint, worked out once a library."""
        return [counts(library, kind, self.size) for kind in self.fingerprints]

    def numbers(self, library: Library, profile: Profile | None) -> NDArray[np.float32] | None:
        """What closeness goes by: the profile if there is one, else descriptors; None if closeness does not count."""
        if not self.descriptors:
            return None
        return Descriptors().of(library) if profile is None else profile.columns(library)

    def share(self, library: Library) -> None:
        """Works out what fragments each two molecules of a library share and keeps it there, unless that is too large.

        Folds ask for parts of this one matrix again and again; it is nearly all the work of fitting them.
        """
        if len(library.molecules) <= _SHARED:
            library.molecules.once(("shared fragments", self), self._shared)

    def shared(self, library: Library) -> NDArray[np.float64] | None:
        """[molecules, molecules] of a library for which `share` was called, else None."""
        return library.molecules.kept(("shared fragments", self))

    def _shared(self, library: Library) -> NDArray[np.float64]:
        return self.mean([References(own).similarity(own) for own in self.fragments(library)])

    def mean(self, alike: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        """One matrix of one a fingerprint."""
        whole = self.weights[0] * alike[0]
        for weight, one in zip(self.weights[1:], alike[1:]):  # not np.average, which copies all of them twice
            whole += weight * one
        return whole / sum(self.weights)


class Measuring(Config):
    """The options of what goes by likeness; fingerprints and size are another choice for each."""

    fingerprints: dict[FingerprintKind, Weight] = Field(
        {"ecfp4": 1.0, "fcfp6": 1.0, "atom_pair": 1.0, "torsion": 1.0},
        min_length=1,
        description="Fingerprints and the weights of their similarities",
    )
    size: Size = Field(2048, description="Columns each fingerprint is hashed to")
    descriptors: float = Field(0.1, ge=0, lt=1, description="Weight of closeness by descriptors; the fingerprints share the rest")

    def measure(self) -> Measure:
        """What the options say."""
        prints, weights = tuple(self.fingerprints), tuple(self.fingerprints.values())
        return Measure(fingerprints=prints, weights=weights, size=self.size, descriptors=self.descriptors)


@dataclass(frozen=True, eq=False)
class Likeness:
    """Likeness to the molecules it was made of, in [0, 1]."""

    measure: Measure
    references: tuple[References, ...]  # one a fingerprint
    closeness: Closeness | None
    rows: NDArray[np.int64]  # where the known molecules stood in the library they were taken from; none once that is gone
    profile: Profile | None = None

    @classmethod
    def of(cls, measure: Measure, library: Library, rows: NDArray[np.int64], profile: Profile | None = None) -> Likeness:
        """Likeness to these rows of a library."""
        numbers = measure.numbers(library, profile)
        closeness = None if numbers is None else Closeness.of(numbers[rows])
        return cls(measure, tuple(References(whole[rows]) for whole in measure.fragments(library)), closeness, rows, profile)

    def __len__(self) -> int:
        return len(self.references[0].counts)

    def to(self, library: Library) -> NDArray[np.float64]:
        """[molecules of the library, known molecules]"""
        fragments, numbers = self.measure.fragments(library), self.measure.numbers(library, self.profile)
        whole = self._whole(library, fragments)
        if whole is None:
            shared = self.measure.mean([reference.similarity(own) for reference, own in zip(self.references, fragments)])
        else:
            shared = whole[:, self.rows]
        return self._with(shared, None if self.closeness is None or numbers is None else self.closeness.similarity(numbers))

    def among(self, library: Library | None = None) -> NDArray[np.float64]:
        """[known molecules, known molecules]; quicker with the library they were taken from, if it keeps what they share."""
        whole = None if library is None else self._whole(library, self.measure.fragments(library))
        if whole is None:
            shared = self.measure.mean([reference.similarity(reference.counts) for reference in self.references])
        else:
            shared = whole[np.ix_(self.rows, self.rows)]
        return self._with(shared, None if self.closeness is None else self.closeness.among())

    def _whole(self, library: Library, fragments: list[NDArray[np.uint8]]) -> NDArray[np.float64] | None:
        """What all molecules of the library share, if it keeps that and the known ones are those at `rows` of it."""
        whole = self.measure.shared(library)
        if whole is None or len(self.rows) != len(self) or self.rows.max(initial=-1) >= len(whole):
            return None
        ours = all(np.array_equal(reference.counts, own[self.rows]) for reference, own in zip(self.references, fragments))
        return whole if ours else None

    def _with(self, shared: NDArray[np.float64], close: NDArray[np.float64] | None) -> NDArray[np.float64]:
        return shared if close is None else (1.0 - self.measure.descriptors) * shared + self.measure.descriptors * close

    def arrays(self) -> dict[str, NDArray[Any]]:
        """By name, for a file; of the counts only those that are not 0, one in fifty."""
        told: dict[str, NDArray[Any]] = {}
        for i, reference in enumerate(self.references):
            place = np.flatnonzero(reference.counts)
            told |= {f"place.{i}": place, f"count.{i}": reference.counts.ravel()[place]}
        if self.closeness is not None:
            told |= {"centre": self.closeness.centre, "inverse": self.closeness.inverse, "descriptors": self.closeness.known}
        return told

    @staticmethod
    def wanted(measure: Measure) -> dict[str, tuple[str, int]]:
        """Names, kinds and axes of the arrays of such a likeness."""
        prints = range(len(measure.fingerprints))
        named = {f"place.{i}": ("i", 1) for i in prints} | {f"count.{i}": ("u", 1) for i in prints}
        return named | ({"centre": ("f", 1), "inverse": ("f", 1), "descriptors": ("f", 2)} if measure.descriptors else {})

    @classmethod
    def restored(
        cls, measure: Measure, molecules: int, arrays: dict[str, NDArray[Any]], path: Path, profile: Profile | None = None
    ) -> Likeness:
        """The likeness of `arrays()`, read from `path`."""
        prints = range(len(measure.fingerprints))
        check(len(measure.weights) == len(prints) and min(measure.weights) > 0, path, "weights amiss")
        written = max(len(arrays[f"place.{i}"]) for i in prints)
        # Before room for them is taken.
        check(molecules <= max(written, _FEW), path, f"{molecules} molecules with {written} fragments in all")
        references = tuple(_references(measure, molecules, arrays[f"place.{i}"], arrays[f"count.{i}"], path) for i in prints)
        if not measure.descriptors:
            return cls(measure, references, None, _NOWHERE)
        width = Descriptors().width if profile is None else profile.width
        shapes = (arrays["centre"].shape, arrays["inverse"].shape, arrays["descriptors"].shape)
        check(shapes == ((width,), (width,), (molecules, width)), path, "descriptors of other molecules, or others")
        return cls(measure, references, Closeness(arrays["centre"], arrays["inverse"], arrays["descriptors"]), _NOWHERE, profile)


def _references(measure: Measure, molecules: int, place: NDArray[Any], count: NDArray[Any], path: Path) -> References:
    inside = bool(((place >= 0) & (place < molecules * measure.size)).all())
    check(inside and place.shape == count.shape and count.max(initial=0) <= MOST, path, "fragments of other molecules")
    whole = np.zeros(molecules * measure.size, dtype=np.uint8)
    whole[place] = count
    return References(whole.reshape(molecules, measure.size))
