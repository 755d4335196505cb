"""One number a molecule, by the name chemists use: logP, TPSA, QED, synthetic accessibility."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from rdkit import Chem

from molgen.base.errors import MolgenError

Property = Callable[[Chem.Mol], float]

# Everyday names for RDKit's, whose own names work too.
_EVERYDAY = {
    "logp": "MolLogP",
    "mw": "MolWt",
    "tpsa": "TPSA",
    "hbd": "NumHDonors",
    "hba": "NumHAcceptors",
    "rotatable_bonds": "NumRotatableBonds",
    "heavy_atoms": "HeavyAtomCount",
    "rings": "RingCount",
    "aromatic_rings": "NumAromaticRings",
    "fsp3": "FractionCSP3",
    "qed": "qed",
}

UNITS = {"mw": "g/mol", "tpsa": "Å²"}


def property_named(name: str) -> Property:
    """The function behind a name, one of ours (``logp``, ``sa``) or of RDKit's 217; an unknown one is an error.

    >>> round(property_named("mw")(Chem.MolFromSmiles("CCO")), 2)
    46.07
    """
    if name.casefold() == "sa":
        return sa_score
    table = _rdkit_descriptors()
    chosen = _EVERYDAY.get(name.casefold(), name)
    if chosen not in table:
        raise MolgenError(f"no property is called {name!r}", fix=f"one of {', '.join(sorted([*_EVERYDAY, 'sa']))} or any RDKit descriptor")
    return table[chosen]


def sa_score(mol: Chem.Mol) -> float:
    """Synthetic accessibility from 1 (easy) to 10 (hard): Ertl & Schuffenhauer, J. Cheminf. 1 (2009) 8."""
    return float(_sa_scorer().calculateScore(mol))


@cache
def _rdkit_descriptors() -> dict[str, Property]:
    from rdkit.Chem import Descriptors  # takes a third of a second: only who asks for a property pays

    return dict(Descriptors.descList)


@cache
def _sa_scorer() -> Any:
    from rdkit.Contrib.SA_Score import sascorer

    return sascorer
