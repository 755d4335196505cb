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
    drawn = _as_patterns_draw(mol)
    return tuple(sorted({f"{name}: {_readable(found)}" for name in catalogues for found in _matching(name, drawn)}))


@cache
def alert_names(catalogues: tuple[Catalogue, ...] = DEFAULT) -> frozenset[str]:
    """All there are.

    >>> "BRENK: heavy metal" in alert_names()
    True
    """
    entries = [(name, _catalogue(name).GetEntryWithIdx(i)) for name in catalogues for i in range(_catalogue(name).GetNumEntries())]
    return frozenset(f"{name}: {_readable(entry.GetDescription())}" for name, entry in entries)


def _as_patterns_draw(mol: Chem.Mol) -> Chem.Mol:
    """Sulfoxides by a double bond: as standardised, with charges, they would be taken for what is charged in earnest."""
    oxides = mol.GetSubstructMatches(_sulfoxide())
    if not oxides:
        return mol
    drawn = Chem.RWMol(mol)
    for pair in oxides:
        drawn.GetBondBetweenAtoms(*pair).SetBondType(Chem.BondType.DOUBLE)
        for i in pair:
            drawn.GetAtomWithIdx(i).SetFormalCharge(0)
    drawn.UpdatePropertyCache(strict=False)
    return drawn.GetMol()


@cache
def _sulfoxide() -> Chem.Mol:
    return Chem.MolFromSmarts("[S+;X3]-[O-;X1]")


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
