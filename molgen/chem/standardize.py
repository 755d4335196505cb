"""The parent structure that gets scored, with a record of everything that was changed to get there.

The rules are ChEMBL's own, run by their code (Bento et al., J. Cheminf. 12 (2020) 51): normalise
groups, neutralise, drop salts, solvents and isotope labels. What they do not touch, neither do we:
tautomers stay as drawn, a true mixture stays whole, a metal complex stays as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chembl_structure_pipeline import standardizer
from chembl_structure_pipeline.exclude_flag import exclude_flag
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.formats import read_structure
from molgen.chem.parse import Limits

Stage = Literal["", "gate", "standardize", "row"]


@dataclass(frozen=True)
class Structure:
    """One structure as it will be scored, or where and why it was turned away; never both."""

    smiles: str = ""  # canonical, of the parent
    inchikey: str = ""
    changes: tuple[str, ...] = ()
    stage: Stage = ""  # where it was rejected; "" when it was not
    reason: str = ""


def standardize(text: str, limits: Limits = Limits()) -> Structure:
    """The parent of a structure written as SMILES, mol block or InChI, or the reason there is none.

    >>> standardize("Br.CC(N)Cc1ccc(O)cc1").smiles
    'CC(N)Cc1ccc(O)cc1'
    >>> standardize("Br.CC(N)Cc1ccc(O)cc1").changes
    ('salt or solvent removed: Br',)
    >>> standardize("C1CC").reason
    'ring 1 is opened and never closed'
    """
    parsed = read_structure(text, limits)
    if parsed.mol is None:
        return Structure(stage="gate", reason=parsed.reason)
    with BlockLogs():
        try:
            return _parent(parsed.mol)
        except (ValueError, RuntimeError) as error:  # RDKit's two ways to give up on a molecule
            return Structure(stage="standardize", reason=f"cannot be standardised: {str(error).strip().splitlines()[0]}")


def _parent(mol: Chem.Mol) -> Structure:
    if exclude_flag(mol, includeRDKitSanitization=False):
        return _described(mol, ("not standardised: metal complex or polyboron (ChEMBL exclusion)",))
    whole = standardizer.standardize_mol(mol)
    # A molecule of one piece has no salt to lose; ChEMBL's salt lists are re-read at every call.
    pieces = len(Chem.GetMolFrags(whole))
    parent = _single_parent(whole) if pieces == 1 else standardizer.get_parent_mol(whole)[0]
    return _described(parent, _changes(mol, whole, parent))


def _single_parent(whole: Chem.Mol) -> Chem.Mol:
    bare = standardizer.get_isotope_parent_mol(whole)
    return standardizer.uncharge_mol(bare)


def _described(mol: Chem.Mol, changes: tuple[str, ...]) -> Structure:
    smiles = Chem.MolToSmiles(mol)
    if Chem.MolFromSmiles(smiles) is None:  # rdkit #8670: what it writes it can't always read
        return Structure(stage="standardize", reason="the standardised structure cannot be read back")
    inchikey = Chem.MolToInchiKey(mol)
    # InChI has no word for some structures; their canonical SMILES is then the only name there is.
    return Structure(smiles, inchikey or f"SMILES={smiles}", changes)


def _changes(mol: Chem.Mol, whole: Chem.Mol, parent: Chem.Mol) -> tuple[str, ...]:
    said = []
    if any(atom.GetIsotope() for atom in mol.GetAtoms()):
        said.append("isotope labels removed")
    before, after = _pieces(whole), _pieces(parent)
    lost = list(before)
    for piece in after:
        if piece in lost:
            lost.remove(piece)
    if len(after) < len(before):
        said.append(f"salt or solvent removed: {', '.join(sorted(lost))}" if lost else "salt or solvent removed")
    if len(after) > 1:
        said.append(f"mixture of {len(after)} components, kept whole")
    if _charges(mol) != _charges(whole) or Chem.MolToSmiles(mol, isomericSmiles=False) != Chem.MolToSmiles(whole, isomericSmiles=False):
        said.append("charge or group normalised")
    return tuple(said)


def _pieces(mol: Chem.Mol) -> list[str]:
    return Chem.MolToSmiles(mol).split(".")


def _charges(mol: Chem.Mol) -> int:
    return sum(abs(atom.GetFormalCharge()) for atom in mol.GetAtoms())
