"""The parent structure that gets scored, with a record of everything that was changed to get there.

The rules are ChEMBL's own, run by their code (Bento et al., J. Cheminf. 12 (2020) 51): normalise
groups, neutralise, drop salts, solvents and isotope labels. What they do not touch, neither do we:
tautomers stay as drawn, a true mixture stays whole, a metal complex stays as written.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from chembl_structure_pipeline import standardizer
from chembl_structure_pipeline.exclude_flag import exclude_flag
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.formats import read_structure
from molgen.chem.parse import Limits

# In a bracket atom: an isotope number, a charge, or a hydrogen that is an atom of its own.
_NOT_OF_A_PARENT = re.compile(r"\[(\d|[^\]]*[+-]\d*\]|H\])")

Stage = Literal["", "row", "gate", "standardize", "watchdog", "score"]


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
    mol, marks = _without_marks(mol)
    if exclude_flag(mol, includeRDKitSanitization=False):
        return _described(mol, (*marks, "not standardised: metal complex or polyboron (ChEMBL exclusion)"))
    written = Chem.MolToSmiles(mol)
    whole = standardizer.standardize_mol(mol)
    if _is_its_own_parent(written) and Chem.MolToSmiles(whole) == written:
        return _described(whole, tuple(marks))  # true of most molecules of a library, and much of the work saved
    # A molecule of one piece has no salt to lose; ChEMBL's salt lists are re-read at every call.
    pieces = len(Chem.GetMolFrags(whole))
    parent = _single_parent(whole) if pieces == 1 else standardizer.get_parent_mol(whole)[0]
    return _described(parent, (*marks, *_changes(mol, whole, parent)))


def _is_its_own_parent(smiles: str) -> bool:
    """Whether canonical SMILES shows one piece without charges, isotopes or written hydrogen: nothing a parent would lack."""
    return "." not in smiles and _NOT_OF_A_PARENT.search(smiles) is None


def _without_marks(mol: Chem.Mol) -> tuple[Chem.Mol, list[str]]:
    """The molecule without what is written beside the structure and would not be in its canonical SMILES either."""
    said = []
    if any(group.GetGroupType() != Chem.StereoGroupType.STEREO_ABSOLUTE for group in mol.GetStereoGroups()):
        said.append("relative or racemic stereo read as the isomer drawn")
    if any(atom.GetAtomMapNum() for atom in mol.GetAtoms()):
        said.append("atom map numbers removed")
        mol = Chem.Mol(mol)
        for atom in mol.GetAtoms():
            atom.SetAtomMapNum(0)
    return mol, said


def _single_parent(whole: Chem.Mol) -> Chem.Mol:
    bare = standardizer.get_isotope_parent_mol(whole)
    return standardizer.uncharge_mol(bare)


def _described(mol: Chem.Mol, changes: tuple[str, ...]) -> Structure:
    smiles = Chem.MolToSmiles(mol)
    read_back = Chem.MolFromSmiles(smiles)
    if read_back is None:  # rdkit #8670: what it writes it can't always read
        return Structure(stage="standardize", reason="the standardised structure cannot be read back")
    # Of the SMILES, not of `mol`: InChI sees double-bond stereo in the drawing of a mol block that nobody meant.
    inchikey = Chem.MolToInchiKey(read_back)
    # InChI has no word for some structures; their canonical SMILES is then the only name there is.
    return Structure(smiles, inchikey or f"SMILES={smiles}", changes)


def _changes(mol: Chem.Mol, whole: Chem.Mol, parent: Chem.Mol) -> tuple[str, ...]:
    said = []
    bare = whole
    if any(atom.GetIsotope() for atom in mol.GetAtoms()):
        said.append("isotope labels removed")
        bare = standardizer.get_isotope_parent_mol(whole)
    after = 1
    if len(Chem.GetMolFrags(bare)) > 1:
        lost, repeated, after = _components(bare, parent)
        said += [f"salt or solvent removed: {_counted(lost)}"] if lost else []
        said += [f"repeated component kept once: {_counted(repeated)}"] if repeated else []
    if after > 1:
        said.append(f"mixture of {after} components, kept whole")
    if _flat(mol) != _flat(whole) or not set(_flat(parent).split(".")) <= set(_flat(bare).split(".")):
        said.append("charge or group normalised")
    return tuple(said)


def _components(whole: Chem.Mol, parent: Chem.Mol) -> tuple[list[str], list[str], int]:
    """(components that went, further copies of those that stayed, how many stayed), charges aside."""
    stayed = Counter(_neutral(piece) for piece in _pieces(parent))
    left = stayed.copy()
    lost: list[str] = []
    repeated: list[str] = []
    for piece in _pieces(whole):
        name = _neutral(piece)
        if left[name]:
            left[name] -= 1
        else:
            (repeated if name in stayed else lost).append(Chem.MolToSmiles(piece))
    return lost, repeated, stayed.total()


def _pieces(mol: Chem.Mol) -> tuple[Chem.Mol, ...]:
    return Chem.GetMolFrags(mol, asMols=True, sanitizeFrags=False)


def _neutral(piece: Chem.Mol) -> str:
    return Chem.MolToSmiles(standardizer.uncharge_mol(piece))


def _counted(names: list[str]) -> str:
    return ", ".join(f"{name} ({n} times)" if n > 1 else name for name, n in sorted(Counter(names).items()))


def _flat(mol: Chem.Mol) -> str:
    return Chem.MolToSmiles(mol, isomericSmiles=False)
