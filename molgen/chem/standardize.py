"""The parent structure that gets scored, with a record of everything that was changed to get there.

The rules are ChEMBL's own, run by their code (Bento et al., J. Cheminf. 12 (2020) 51): normalise
groups, neutralise, drop salts, solvents and isotope labels. What they do not touch, neither do we:
tautomers stay as drawn, a true mixture stays whole, a metal complex stays as written.

Where it is proved beforehand that no rule applies (`molgen.chem.untouched`), none is run. `standardize_fully` always
runs them, and is what the shorter way is tested against.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from chembl_structure_pipeline import standardizer
from chembl_structure_pipeline.exclude_flag import exclude_flag
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.bulk import parse_all
from molgen.chem.formats import is_smiles, read_structure
from molgen.chem.parse import Limits, Parsed
from molgen.chem.structure import Stage, Structure
from molgen.chem.untouched import is_untouched

__all__ = ["Stage", "Structure", "standardize", "standardize_all", "standardize_fully"]

# In a bracket atom: an isotope number, a charge, or a hydrogen that is an atom of its own.
_NOT_OF_A_PARENT = re.compile(r"\[(\d|[^\]]*[+-]\d*\]|H\])")

# What writing SMILES notes on a molecule, and reading it wouldn't have.
_LEFT_BY_WRITING = ("_smilesAtomOutputOrder", "_smilesBondOutputOrder")


def standardize(text: str, limits: Limits = Limits()) -> Structure:
    """The parent of a structure written as SMILES, mol block or InChI, or the reason there is none.

    >>> standardize("Br.CC(N)Cc1ccc(O)cc1").smiles
    'CC(N)Cc1ccc(O)cc1'
    >>> standardize("Br.CC(N)Cc1ccc(O)cc1").changes
    ('salt or solvent removed: Br',)
    >>> standardize("C1CC").reason
    'ring 1 is opened and never closed'
    """
    with BlockLogs():
        return _standardized(text, read_structure(text, limits))


def standardize_all(texts: Sequence[str], limits: Limits = Limits()) -> list[Structure]:
    """`standardize` of each text, in order.

    >>> [structure.smiles for structure in standardize_all(["OCC", "C1CC"])]
    ['CCO', '']
    """
    plain = iter(parse_all([text for text in texts if is_smiles(text)], limits))
    with BlockLogs():
        return [_standardized(text, next(plain) if is_smiles(text) else read_structure(text, limits)) for text in texts]


def standardize_fully(text: str, limits: Limits = Limits()) -> Structure:
    """What `standardize` gives, with every rule of ChEMBL's run on the molecule whether it needs them or not.

    >>> standardize_fully("CCO") == standardize("CCO")
    True
    """
    parsed = read_structure(text, limits)
    return _attempted(parsed.mol) if parsed.mol is not None else Structure(stage="gate", reason=parsed.reason)


def _standardized(text: str, parsed: Parsed) -> Structure:
    mol = parsed.mol
    if mol is None:
        return Structure(stage="gate", reason=parsed.reason)
    if is_smiles(text) and "|" not in text:  # plain SMILES: no drawing, and no ChemAxon extension
        canonical = Chem.MolToSmiles(mol)
        if is_untouched(mol, canonical):
            if canonical != text:
                return _described(canonical, ())
            for left in _LEFT_BY_WRITING:
                mol.ClearProp(left)
            return Structure(canonical, mol=mol)
    return _attempted(mol)


def _attempted(mol: Chem.Mol) -> Structure:
    with BlockLogs():
        try:
            return _parent(mol)
        except (ValueError, RuntimeError) as error:  # RDKit's two ways to give up on a molecule
            return Structure(stage="standardize", reason=f"cannot be standardised: {str(error).strip().splitlines()[0]}")


def _parent(mol: Chem.Mol) -> Structure:
    mol, marks = _without_marks(mol)
    if exclude_flag(mol, includeRDKitSanitization=False):
        return _described(Chem.MolToSmiles(mol), (*marks, "not standardised: metal complex or polyboron (ChEMBL exclusion)"))
    written = Chem.MolToSmiles(mol)
    whole = standardizer.standardize_mol(mol, check_exclusion=False)  # just looked
    if _is_its_own_parent(written) and Chem.MolToSmiles(whole) == written:
        return _described(written, tuple(marks))  # true of most molecules of a library, and much of the work saved
    # A molecule of one piece has no salt to lose; ChEMBL's salt lists are re-read at every call.
    pieces = len(Chem.GetMolFrags(whole))
    parent = _single_parent(whole) if pieces == 1 else standardizer.get_parent_mol(whole)[0]
    return _described(Chem.MolToSmiles(parent), (*marks, *_changes(mol, whole, parent)))


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


def _described(smiles: str, changes: tuple[str, ...]) -> Structure:
    read_back = Chem.MolFromSmiles(smiles)
    if read_back is not None and "[H]" in smiles:  # written where an isotope stood, and not kept
        smiles = Chem.MolToSmiles(read_back)
        read_back = Chem.MolFromSmiles(smiles)
    if read_back is None:  # rdkit #8670: what it writes it can't always read
        return Structure(stage="standardize", reason="the standardised structure cannot be read back")
    return Structure(smiles, changes=changes, mol=read_back)


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
