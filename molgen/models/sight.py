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

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.data.partners import Partners, partners_of
from molgen.data.proteins import Proteins
from molgen.features.graph import Graphs
from molgen.features.partner import View, view_of
from molgen.models.files import check, read_fields, write_fields
from molgen.models.network import Beside
from molgen.models.view import read_view, write_view
from molgen.nn.attention import coded
from molgen.nn.pairs import Ligands, Others, Pairs

_FIELDS = "sight.json"
_LOUD = 3.0  # what stands for who it is, next to counts and standardised numbers


@dataclass(frozen=True, eq=False)
class Sight:
    """Numbers of a molecule and of a partner; those it knows by name too, if it has `identities`."""

    ligand: Beside
    view: View
    identities: bool
    known: tuple[str, ...]  # InChIKeys of the molecules learned from; none without identities
    attends: bool = False  # to atoms and residues

    @classmethod
    def of(cls, ligand: Beside, library: Library, *, identities: bool, attends: bool = False) -> Self:
        """The sight of who learns from this library of pairs."""
        partners = partners_of(library)
        known = tuple(library.molecules.inchikeys) if identities else ()
        if attends and not isinstance(partners.each, Proteins):
            raise MolgenError("attention is between atoms and residues, and a cell line has none", fix="set `attention` to 0")
        return cls(ligand, view_of(partners, partners.used()), identities, known, attends)

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of a molecule and of a partner."""
        return self.ligand.width + len(self.known), self.view.width + (len(self.view.known) if self.identities else 0)

    def ligands(self, library: Library) -> Ligands:
        """library.molecules"""
        told = self.ligand.of(library)
        own = np.empty((len(library.molecules), 0), np.float32) if told is None else told
        if self.identities:
            own = np.concatenate([own, _who(library.molecules.inchikeys, self.known)], axis=1)
        return Ligands(torch.from_numpy(own), Graphs.of(library) if self.attends else None)

    def partners(self, partners: Partners) -> Others:
        """Each partner."""
        own, each = self.view.numbers(partners), partners.each
        if self.identities:
            own = np.concatenate([own, _who(each.keys, self.view.known.keys)], axis=1)
        return Others(torch.from_numpy(own), coded(each.sequences) if self.attends and isinstance(each, Proteins) else None)

    def samples(self, library: Library, rows: NDArray[np.int64]) -> Pairs:
        """These rows of a library of pairs."""
        partners = partners_of(library)
        return Pairs(
            self.ligands(library),
            self.partners(partners),
            library.molecule_of_row[rows],
            partners.of_row[rows],
            len(self.ligand.fingerprints) * self.ligand.size,
            (len(self.known), len(self.view.known)) if self.identities else (0, 0),
        )

    def write(self, folder: Path) -> None:
        """All of it as files."""
        write_fields(folder / _FIELDS, _Fields(ligand=self.ligand, identities=self.identities, molecules=self.known, attends=self.attends))
        write_view(self.view, folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The sight that `write` left there; a MolgenError when the files do not make one."""
        fields = read_fields(folder / _FIELDS, _Fields)
        view = read_view(folder)
        check(view.kind == "target" or not fields.attends, folder / _FIELDS, "attention to cell lines")
        return cls(fields.ligand, view, fields.identities, fields.molecules, fields.attends)


class _Fields(BaseModel):
    ligand: Beside
    identities: bool
    molecules: tuple[str, ...]
    attends: bool = False


def _who(keys: Sequence[str], known: Sequence[str]) -> NDArray[np.float32]:
    """[keys, known], not 0 where they are the same."""
    place = {key: i for i, key in enumerate(known)}
    rows = np.zeros((len(keys), len(known) + 1), dtype=np.float32)
    rows[np.arange(len(keys)), [place.get(key, len(known)) for key in keys]] = _LOUD
    return rows[:, :-1]
