"""Terms worked out from the structure alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import numpy as np
from rdkit import Chem

from molgen.base.errors import MolgenError
from molgen.chem.alerts import DEFAULT, Catalogue, alerts
from molgen.chem.properties import UNITS, property_named, sa_score
from molgen.data.library import Library
from molgen.data.readers import read
from molgen.features.bits import Bits, ecfp4, nearest
from molgen.score.base import Reading, Term


class Property(Term):
    """Any RDKit descriptor by its name, or an everyday one: logp, mw, tpsa, hbd, hba, rotatable_bonds, fsp3 ..."""

    exact = True

    def __init__(self, *, property: str, name: str = "") -> None:
        super().__init__(name=name or property, about=f"property {property}")
        self.unit = UNITS.get(property.casefold(), "")
        self.desirable = property.casefold() in ("qed", "fsp3", "fractioncsp3")
        self._property = property
        property_named(property)  # an unknown name is refused here, not after an hour of screening

    def measure(self, distinct: Library) -> Reading:
        function = property_named(self._property)
        return Reading.exact(np.array([function(mol) for mol in distinct.mols]))


class QED(Property):
    """Drug-likeness in [0, 1]: Bickerton et al., Nat. Chem. 4 (2012) 90."""

    def __init__(self, *, name: str = "QED") -> None:
        super().__init__(property="qed", name=name)


class SyntheticAccessibility(Term):
    """SA score, 1 easy to 10 hard."""

    desirable, exact = False, True

    def __init__(self, *, name: str = "SA score") -> None:
        super().__init__(name=name, about="synthetic accessibility")

    def measure(self, distinct: Library) -> Reading:
        return Reading.exact(np.array([sa_score(mol) for mol in distinct.mols]))


_SAID = 100  # references that are told one by one


class Similarity(Term):
    """Tanimoto similarity (ECFP4) to the nearest of `references`, SMILES or a file of them, in [0, 1]."""

    desirable, exact = True, True

    def __init__(self, *, references: str | Path | Sequence[str], name: str = "similarity") -> None:
        if isinstance(references, (str, Path)):
            of_file = isinstance(references, Path) or os.path.isfile(references)
            known = read(references) if of_file else Library.of([str(references)])
        else:
            known = Library.of(references)
        said = " ".join(known.smiles)
        super().__init__(name=name, about=f"similarity to {said if len(known) <= _SAID else known.digest}")
        if known.rejects or not len(known):
            reason = known.rejects[0].reason if known.rejects else "none given"
            raise MolgenError(f"a reference can't be read: {reason}", where=f"term {name!r}")
        self._bits = Bits(ecfp4(known))

    def measure(self, distinct: Library) -> Reading:
        _, similarity = nearest(ecfp4(distinct), self._bits)
        return Reading.exact(similarity)


class Novelty(Term):
    """1 - Tanimoto similarity (ECFP4) to the nearest molecule of a file of known ones; 0 is a copy.

    `known` is the file, or in Python a library or a list of SMILES. Of a list each has to be a molecule; rows of a file that are none
    are passed over.
    """

    desirable, exact = True, True

    def __init__(self, *, known: str | Path | Library | Sequence[str], name: str = "novelty") -> None:
        if isinstance(known, (str, Path)):
            known = read(known)
        listed = not isinstance(known, Library)
        known = known if isinstance(known, Library) else Library.of(known)
        if listed and known.rejects:
            raise MolgenError(f"a known one can't be read: {known.rejects[0].reason}", where=f"term {name!r}")
        if not known.ok.any():
            raise MolgenError(f"none of the {len(known)} known ones is a molecule", where=f"term {name!r}")
        super().__init__(name=name, about=f"novelty over {known.digest}")
        self._bits = Bits(ecfp4(known))

    def measure(self, distinct: Library) -> Reading:
        _, similarity = nearest(ecfp4(distinct), self._bits)
        return Reading.exact(1.0 - similarity)


def _has_stereo(pattern: Chem.Mol) -> bool:
    centres = any(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in pattern.GetAtoms())
    return centres or any(bond.GetBondDir() != Chem.BondDir.NONE for bond in pattern.GetBonds())


class Substructure(Term):
    """1 where the SMARTS pattern is `present` (or `absent`), else 0. Stereo that the pattern draws is wanted too."""

    desirable, exact = True, True

    def __init__(self, *, smarts: str, want: Literal["present", "absent"] = "present", name: str = "") -> None:
        pattern = Chem.MolFromSmarts(smarts)
        drawn = " as drawn" if pattern is not None and _has_stereo(pattern) else ""  # which was not asked for once
        super().__init__(name=name or f"{want} {smarts}", about=f"substructure {want} {smarts}{drawn}")
        if want not in ("present", "absent"):
            raise MolgenError(f"want {want!r}, want 'present' or 'absent'", where=f"term {self.name!r}")
        if pattern is None or not pattern.GetNumAtoms():
            raise MolgenError(f"not a SMARTS pattern: {smarts!r}", where=f"term {self.name!r}")
        self._smarts, self._wanted = smarts, want == "present"

    def measure(self, distinct: Library) -> Reading:
        pattern = Chem.MolFromSmarts(self._smarts)
        return Reading.exact(np.array([float(mol.HasSubstructMatch(pattern, useChirality=True) == self._wanted) for mol in distinct.mols]))


class Alerts(Term):
    """How many structural alerts the molecule has; their names go into the table.

    `catalogues` are names of RDKit's, or one of them.
    """

    desirable, exact = False, True

    def __init__(self, *, catalogues: str | Sequence[str] = DEFAULT, name: str = "alerts") -> None:
        named = (catalogues,) if isinstance(catalogues, str) else tuple(catalogues)
        super().__init__(name=name, about=f"alerts {' '.join(named)}")
        if not named:
            raise MolgenError("no catalogue is named", where=f"term {name!r}", fix=f"catalogues = {list(DEFAULT)}, as without it")
        self._catalogues = cast(tuple[Catalogue, ...], named)
        alerts(Chem.Mol(), self._catalogues)  # an unknown catalogue is refused here

    def measure(self, distinct: Library) -> Reading:
        found = [alerts(mol, self._catalogues) for mol in distinct.mols]
        return Reading.exact(np.array([float(len(names)) for names in found]), names=["; ".join(names) for names in found])
