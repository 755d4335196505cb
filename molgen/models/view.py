"""The files of a view of partners: the known ones, as a model of pairs has learned from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from molgen.data.partners import PartnerKind
from molgen.data.profiles import Profiles
from molgen.data.proteins import Proteins
from molgen.features.partner import ProfileView, ProteinView, View
from molgen.features.pocket import PLACES, Pockets
from molgen.models.files import check, read_arrays, read_fields, write_arrays, write_fields

_FIELDS, _ARRAYS = "partners.json", "partners.safetensors"


def write_view(view: View, folder: Path) -> None:
    """All of it as files."""
    told = _Fields(kind=view.kind, names=view.known.names)
    if isinstance(view, ProteinView):
        fields = told.model_copy(update={"sequences": view.known.sequences, "pockets": view.pockets.sequences})
        arrays: dict[str, NDArray[Any]] = {"places": view.pockets.places}
    else:
        fields = told.model_copy(update={"columns": view.known.columns})
        arrays = {"values": view.known.values}
    write_fields(folder / _FIELDS, fields)
    write_arrays(folder / _ARRAYS, arrays)


def read_view(folder: Path) -> View:
    """The view that `write_view` left there; a MolgenError when the files do not make one."""
    fields, path = read_fields(folder / _FIELDS, _Fields), folder / _ARRAYS
    good = tuple("" for _ in fields.names)
    if fields.kind == "target":
        check(len(fields.sequences) == len(fields.names) and all(fields.sequences), folder / _FIELDS, "names of other proteins")
        places = read_arrays(path, {"places": ("i", 2)})["places"]
        check(places.shape == (len(fields.pockets), PLACES), path, "pockets of other proteins")
        inside = all(row.max(initial=-1) < len(text) for row, text in zip(places, fields.pockets))
        check(inside and bool((places >= -1).all()) and len(places) > 0, path, "residues that are not there")
        return ProteinView(Proteins(fields.names, fields.sequences, good), Pockets(fields.pockets, places))
    values = read_arrays(path, {})["values"]
    check(values.shape == (len(fields.names), len(fields.columns)) and values.dtype == np.float64, path, "profiles of others")
    return ProfileView(Profiles(fields.names, values, fields.columns, good))


class _Fields(BaseModel):
    kind: PartnerKind
    names: tuple[str, ...] = Field(min_length=1)
    sequences: tuple[str, ...] = ()
    pockets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
