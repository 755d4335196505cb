"""One structure as it will be scored: its canonical SMILES, its key, what was changed, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, overload

from rdkit import Chem
from rdkit.rdBase import BlockLogs

Stage = Literal["", "gate", "standardize", "row", "watchdog", "partner"]


class _Key:
    """The InChIKey of a `Structure`: the one it was made with, else worked out when first asked for and kept.

    Making it takes longer than reading the molecule, and not everybody asks.
    """

    @overload
    def __get__(self, structure: None, owner: type) -> str: ...
    @overload
    def __get__(self, structure: Structure, owner: type) -> str: ...
    def __get__(self, structure: Structure | None, owner: type) -> str:
        if structure is None:
            return ""  # the default, as the dataclass asks for it
        known: str = structure.__dict__["inchikey"]
        if not known and structure.smiles:
            known = structure.__dict__["inchikey"] = _key(structure.smiles, structure.mol)
        return known

    def __set__(self, structure: Structure, known: str) -> None:
        structure.__dict__["inchikey"] = known


@dataclass(frozen=True)
class Structure:
    """One structure as it will be scored, or where and why it was turned away; never both.

    >>> Structure("CCO").inchikey
    'LFQSCWFLJHTTHZ-UHFFFAOYSA-N'
    """

    smiles: str = ""  # canonical, of the parent
    inchikey: _Key = _Key()  # a str, of the SMILES
    changes: tuple[str, ...] = ()
    stage: Stage = ""  # where it was rejected; "" when it was not
    reason: str = ""
    mol: Chem.Mol | None = field(default=None, compare=False, repr=False)  # `smiles` read by RDKit, while it is kept

    def without_mol(self) -> Structure:
        """The same without its molecule, which is most of its memory; the key, for which it serves, is worked out before."""
        return replace(self, mol=None) if self.mol is not None else self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "inchikey": self.inchikey, "mol": None}


def read_again(structures: Sequence[Structure]) -> list[Chem.Mol]:
    """Their molecules: the kept ones, others read once more from the SMILES; one without atoms where rejected.

    >>> [mol.GetNumAtoms() for mol in read_again([Structure("CCO"), Structure(stage="gate", reason="empty")])]
    [3, 0]
    """
    with BlockLogs():  # what RDKit has to remark it remarked when they were standardised
        return [one.mol if one.mol is not None else Chem.MolFromSmiles(one.smiles) for one in structures]


def _key(smiles: str, mol: Chem.Mol | None) -> str:
    # Of the SMILES, not of what was standardised: InChI sees double-bond stereo in the drawing of a mol block that nobody meant.
    with BlockLogs():
        inchikey = Chem.MolToInchiKey(mol if mol is not None else Chem.MolFromSmiles(smiles))
    # InChI has no word for some structures; their canonical SMILES is then the only name there is.
    return inchikey or f"SMILES={smiles}"
