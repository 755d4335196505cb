"""What a model of pairs sees of a molecule and of its partner, and which of them it has met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel

from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.features.partner import View, view_of
from molgen.models.files import read_fields, write_fields
from molgen.models.network import Beside
from molgen.models.view import read_view, write_view
from molgen.nn.pairs import Pairs

_FIELDS = "sight.json"
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
        partners = partners_of(library)
        known = tuple(library.molecules.inchikeys) if identities else ()
        return cls(ligand, view_of(partners, partners.used()), identities, known)

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
        partners = partners_of(library)
        return Pairs(
            torch.from_numpy(self.ligands(library)),
            torch.from_numpy(self.partners(partners)),
            library.molecule_of_row[rows],
            partners.of_row[rows],
            len(self.ligand.fingerprints) * self.ligand.size,
        )

    def write(self, folder: Path) -> None:
        """All of it as files."""
        write_fields(folder / _FIELDS, _Fields(ligand=self.ligand, identities=self.identities, molecules=self.known))
        write_view(self.view, folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The sight that `write` left there; a MolgenError when the files do not make one."""
        fields = read_fields(folder / _FIELDS, _Fields)
        return cls(fields.ligand, read_view(folder), fields.identities, fields.molecules)


class _Fields(BaseModel):
    ligand: Beside
    identities: bool
    molecules: tuple[str, ...]


def _who(keys: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
    """[keys, known], not 0 where they are the same."""
    place = {key: i for i, key in enumerate(known)}
    rows = np.zeros((len(keys), len(known) + 1), dtype=np.float32)
    rows[np.arange(len(keys)), [place.get(key, len(known)) for key in keys]] = _LOUD
    return rows[:, :-1]
