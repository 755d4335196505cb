"""The pairs a model has learned from, and which of them are most like one it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from molgen.data.library import Library
from molgen.data.partners import Partner, Partners
from molgen.features.bits import Bits, ecfp4, top
from molgen.models.base import Model, Values
from molgen.models.domain import Known
from molgen.models.files import check, read_arrays, write_arrays
from molgen.models.of_pairs import partner_places

MEASURED = "measured.safetensors"  # beside the model's own files
_CLOSEST = 8  # molecules looked at for each pair that is wanted, whatever partner they were measured with
_THE_SAME = 1e-6  # by how much what is itself goes before what is told alike, as stereoisomers are by ECFP4


class Beside(NamedTuple):
    """Partners that are asked about, seen beside those learned from."""

    alike: Values  # [asked, known], in [0, 1]
    place: NDArray[np.int64]  # [asked], which of the known ones each is, -1 for none

    @classmethod
    def of(cls, partners: Partners, model: Model) -> Self | None:
        """None where the model does not say which it has learned from."""
        known = model.known_partners
        return None if known is None else cls(model.alike(partners), partner_places(partners, known))

    def take(self, rows: Sequence[int]) -> Beside:
        """Of these of the partners asked about."""
        return Beside(self.alike[list(rows)], self.place[list(rows)])


class Nearby(NamedTuple):
    """For each row the known pairs most like it, the most alike first."""

    pair: NDArray[np.int64]  # [rows, most], -1 for none
    similarity: Values  # [rows, most], Tanimoto (ECFP4) of the molecules; NaN for none
    closeness: Values  # [rows, most], how alike the partners are, in [0, 1]; NaN for none


@dataclass(frozen=True, eq=False)
class KnownPairs:
    """What was measured of which molecule with which partner."""

    molecule: NDArray[np.int64]  # [pairs], of the known molecules
    partner: NDArray[np.int64]  # [pairs], of the known partners
    value: Values  # [pairs]
    names: tuple[str, ...] = field(repr=False)  # of the known partners

    @classmethod
    def of(cls, library: Library, values: Values, known: Partner | None) -> Self | None:
        """Those of distinct training pairs, one value each; None where rows are molecules, or partners are all one to the model."""
        if library.partners is None or known is None:
            return None
        partner = partner_places(library.partners, known)[library.partners.of_row]
        kept = (partner >= 0) & np.isfinite(values)
        return cls(library.molecule_of_row[kept], partner[kept], values[kept], known.names)

    def __len__(self) -> int:
        return len(self.value)

    def near(self, library: Library, known: Known, beside: Beside, *, partner_of_row: NDArray[np.int64], most: int) -> Nearby:
        """For each valid row the pairs most like it: by the Tanimoto similarity of the molecules times how alike the partners are.

        They are looked for among all molecules measured with the partner itself (or the known one most like it), and among those most
        alike of all. Each molecule is there once, with the partner most like the one asked about; what has nothing in common is not.
        """
        packed, place = ecfp4(library), {smiles: row for row, smiles in enumerate(known.smiles)}
        itself = np.array([place.get(smiles, -1) for smiles in library.molecules.smiles], dtype=np.int64)
        shape = (len(library), most)
        out = Nearby(np.full(shape, -1), np.full(shape, np.nan), np.full(shape, np.nan))
        if not most or not len(packed) or not len(self):
            return out
        everywhere = _stacked(packed, known.bits, _CLOSEST * most)
        for asked in np.unique(partner_of_row[library.ok]).tolist():
            rows = np.flatnonzero(library.ok & (partner_of_row == asked))
            molecules = library.molecule_of_row[rows]
            alike = beside.alike[asked]
            best, weight = self._best(np.where(np.arange(len(alike)) == beside.place[asked], alike + _THE_SAME, alike), len(known))
            own = np.unique(self.molecule[alike[self.partner] == alike[self.partner].max()])
            with_it = _stacked(packed[molecules], Bits(known.packed[own]), most)
            found = np.concatenate([itself[molecules, None], own[with_it.row], everywhere.row[molecules]], axis=1)
            tanimoto = np.concatenate([itself[molecules, None] >= 0, with_it.tanimoto, everywhere.tanimoto[molecules]], axis=1)
            score = tanimoto * weight[found] * np.where(found == itself[molecules, None], 1 + _THE_SAME, 1.0)
            score[_repeats(found) | (found < 0)] = 0.0
            order = np.argsort(-score, axis=1, kind="stable")[:, :most]
            found, tanimoto, score = (np.take_along_axis(one, order, axis=1) for one in (found, tanimoto, score))
            pair = np.where(score > 0, best[found], -1)
            there, width = pair >= 0, pair.shape[1]
            out.pair[rows, :width] = pair
            out.similarity[rows, :width] = np.where(there, tanimoto, np.nan)
            out.closeness[rows, :width] = np.where(there, alike[self.partner[pair]], np.nan)
        return out

    def _best(self, alike: Values, molecules: int) -> tuple[NDArray[np.int64], Values]:
        """[molecules], of each the pair whose partner is most like one that is so `alike` to the known ones, and how like; -1 and 0 of
        one without pairs."""
        told, weight, best = alike[self.partner], np.zeros(molecules), np.full(molecules, -1)
        np.maximum.at(weight, self.molecule, told)
        first = np.flatnonzero(told == weight[self.molecule])[::-1]  # the first of equals is written last
        best[self.molecule[first]] = first
        return best, weight

    def write(self, folder: Path) -> None:
        """The pairs by number, into the folder of their model, which keeps the names."""
        partner = self.partner.astype(np.int32)
        write_arrays(folder / MEASURED, {"molecule": self.molecule.astype(np.int32), "partner": partner, "value": self.value})

    @classmethod
    def read(cls, folder: Path, known: Partner, molecules: int) -> Self:
        """The pairs in the folder of their model, which knows these partners and so many molecules."""
        path = folder / MEASURED
        arrays = read_arrays(path, {"molecule": ("i", 1), "partner": ("i", 1), "value": ("f", 1)})
        molecule, partner, value = (arrays[name] for name in ("molecule", "partner", "value"))
        check(len(molecule) == len(partner) == len(value), path, "pairs of different numbers")
        for place, many in ((molecule, molecules), (partner, len(known))):
            check(bool(((place >= 0) & (place < many)).all()), path, "pairs of others")
        return cls(molecule.astype(np.int64), partner.astype(np.int64), value.astype(np.float64), known.names)


@dataclass(frozen=True, eq=False)
class PairsAsked:
    """Rows that were asked about, and the pairs they may be like: searched when somebody wants to know."""

    library: Library
    known: Known
    pairs: KnownPairs
    beside: Beside
    partner_of_row: NDArray[np.int64] | None  # None: a task is a partner, whatever the row

    def near(self, most: int, task: int = 0) -> Nearby:
        """[rows of the library], nothing where rejected."""
        partner = np.full(len(self.library), task) if self.partner_of_row is None else self.partner_of_row
        return self.pairs.near(self.library, self.known, self.beside, partner_of_row=partner, most=most)


class _Stacked(NamedTuple):
    row: NDArray[np.int64]  # [queries, most]
    tanimoto: NDArray[np.float32]  # [queries, most]


def _stacked(packed: NDArray[np.uint8], bits: Bits, most: int) -> _Stacked:
    found = top(packed, bits, min(most, len(bits)))
    return _Stacked(np.stack([one.row for one in found]), np.stack([one.tanimoto for one in found]))


def _repeats(found: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[rows, places], whether the same stands in an earlier place of its row."""
    order = np.argsort(found, axis=1, kind="stable")
    ordered = np.take_along_axis(found, order, axis=1)
    again = np.zeros(found.shape, dtype=bool)
    np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    return again
