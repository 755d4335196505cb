"""Substructures that chemists have learnt to distrust, by RDKit's published catalogues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molgen.base.errors import MolgenError
from molgen.chem.pains import pains

Catalogue = Literal["PAINS", "BRENK", "NIH", "ZINC"]

# Assay interference (Baell & Holloway, J. Med. Chem. 53 (2010) 2719) and unwanted groups
# (Brenk et al., ChemMedChem 3 (2008) 435): the two that most teams agree on.
DEFAULT: tuple[Catalogue, ...] = ("BRENK", "PAINS")
_NUMBER = re.compile(r"\(\d+\)$")  # the count behind the name of a PAINS pattern


def alerts(mol: Chem.Mol, catalogues: Sequence[Catalogue] = DEFAULT) -> tuple[str, ...]:
    """Names of all alerts the molecule matches, as ``CATALOGUE: name``, sorted; none is ``()``.

    >>> alerts(Chem.MolFromSmiles("CC(=O)Cl"))
    ('BRENK: acid halide',)
    """
    return tuple(sorted({f"{name}: {_readable(found)}" for name in catalogues for found in _matching(name, mol)}))


def _matching(name: Catalogue, mol: Chem.Mol) -> list[str]:
    found = pains(mol) if name == "PAINS" else None
    return [match.GetDescription() for match in _catalogue(name).GetMatches(mol)] if found is None else found


def _readable(description: str) -> str:
    return _NUMBER.sub("", description).replace("_", " ").strip().lower()


@cache
def _catalogue(name: Catalogue) -> FilterCatalog:
    known = FilterCatalogParams.FilterCatalogs.names
    if name not in known:
        raise MolgenError(f"no alert catalogue is called {name!r}", fix=f"there are: {', '.join(known)}")
    params = FilterCatalogParams()
    params.AddCatalog(known[name])
    return FilterCatalog(params)
