"""What a model of pairs sees of a molecule and of its partner, and which of them it has met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.library import Library
from molgen.data.partners import PartnerKind, Partners
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.features.partner import ProfileView, ProteinView, View, view_of
from molgen.features.pocket import PLACES, Pockets
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields
from molgen.models.network import Beside
from molgen.nn.pairs import Pairs

_FIELDS, _ARRAYS = "sight.json", "sight.safetensors"
_LOUD = 3.0  # what stands for who it is, next to counts and standardised numbers


@dataclass(frozen=True, eq=False)
class Sight:
    """Numbers of a molecule and of a partner; those it knows by name too, if it has `identities`."""

    ligand: Beside
    view: View
    identities: bool
    known: tuple[str, ...]  # InChIKeys of the molecules learned from; none without identities

    @classmethod
    def of(cls, ligand: Beside, library: Library, *, identities: bool) -> Self:
        """The sight of who learns from this library of pairs."""
        assert library.partners is not None
        known = tuple(library.molecules.inchikeys) if identities else ()
        return cls(ligand, view_of(library.partners, library.partners.used()), identities, known)

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of a molecule and of a partner."""
        return self.ligand.width + len(self.known), self.view.width + (len(self.view.known) if self.identities else 0)

    def ligands(self, library: Library) -> NDArray[np.float32]:
        """[library.molecules, numbers]"""
        told = self.ligand.of(library)
        own = np.empty((len(library.molecules), 0), np.float32) if told is None else told
        return np.concatenate([own, _who(library.molecules.inchikeys, self.known)], axis=1) if self.identities else own

    def partners(self, partners: Partners) -> NDArray[np.float32]:
        """[each partner, numbers]"""
        own = self.view.numbers(partners)
        return np.concatenate([own, _who(partners.each.keys, self.view.known.keys)], axis=1) if self.identities else own

    def samples(self, library: Library, rows: NDArray[np.int64]) -> Pairs:
        """These rows of a library of pairs."""
        assert library.partners is not None
        return Pairs(
            torch.from_numpy(self.ligands(library)),
            torch.from_numpy(self.partners(library.partners)),
            library.molecule_of_row[rows],
            library.partners.of_row[rows],
            len(self.ligand.fingerprints) * self.ligand.size,
        )

    def write(self, folder: Path) -> None:
        """All of it as files."""
        known = self.view.known
        told = _Fields(ligand=self.ligand, kind=self.view.kind, identities=self.identities, molecules=self.known, names=known.names)
        if isinstance(self.view, ProteinView):
            fields = told.model_copy(update={"sequences": self.view.known.sequences, "pockets": self.view.pockets.sequences})
            arrays: dict[str, NDArray[Any]] = {"places": self.view.pockets.places}
        else:
            fields = told.model_copy(update={"columns": self.view.known.columns})
            arrays = {"values": self.view.known.values}
        write_fields(folder / _FIELDS, fields)
        write_arrays(folder / _ARRAYS, arrays)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The sight that `write` left there; a MolgenError when the files do not make one."""
        fields, path = read_fields(folder / _FIELDS, _Fields), folder / _ARRAYS
        good = tuple("" for _ in fields.names)
        if fields.kind == "target":
            check(len(fields.sequences) == len(fields.names) and all(fields.sequences), folder / _FIELDS, "names of other proteins")
            places = read_arrays(path, {"places": ("i", 2)})["places"]
            check(places.shape == (len(fields.pockets), PLACES), path, "pockets of other proteins")
            inside = all(row.max(initial=-1) < len(text) for row, text in zip(places, fields.pockets))
            check(inside and bool((places >= -1).all()) and len(places) > 0, path, "residues that are not there")
            view: View = ProteinView(Proteins(fields.names, fields.sequences, good), Pockets(fields.pockets, places))
        else:
            values = read_arrays(path, {})["values"]
            check(values.shape == (len(fields.names), len(fields.columns)) and values.dtype == np.float64, path, "profiles of others")
            view = ProfileView(Profiles(fields.names, values, fields.columns, good))
        return cls(fields.ligand, view, fields.identities, fields.molecules)


class _Fields(BaseModel):
    ligand: Beside
    kind: PartnerKind
    identities: bool
    molecules: tuple[str, ...]
    names: tuple[str, ...] = Field(min_length=1)
    sequences: tuple[str, ...] = ()
    pockets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def _who(keys: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
    """[keys, known], not 0 where they are the same."""
    place = {key: i for i, key in enumerate(known)}
    rows = np.zeros((len(keys), len(known) + 1), dtype=np.float32)
    rows[np.arange(len(keys)), [place.get(key, len(known)) for key in keys]] = _LOUD
    return rows[:, :-1]
