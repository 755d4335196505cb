"""Structure text of any kind (SMILES, mol block, InChI) to a molecule, told apart by what is written."""

from __future__ import annotations

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.parse import Limits, Parsed, parse

# A record past this size is not a small molecule, and RDKit's readers have looped on such (rdkit #9014).
_MAX_BLOCK_CHARACTERS = 1_000_000


def read_structure(text: str, limits: Limits = Limits()) -> Parsed:
    """The molecule `text` holds, or the reason there is none.

    >>> read_structure("InChI=1S/CH4/h1H4").mol.GetNumAtoms()
    1
    """
    if is_mol_block(text):
        return _within(_read_block(text), limits)
    if text.lstrip().startswith("InChI="):
        return _within(_read_inchi(text.strip()), limits)
    return parse(text, limits)


def is_mol_block(text: str) -> bool:
    """Whether the text is a V2000 or V3000 mol block: its fourth line says so."""
    if "\n" not in text:
        return False
    counts = text.split("\n", 4)[3:4]
    return bool(counts) and ("V2000" in counts[0] or "V3000" in counts[0])


def _read_block(text: str) -> Parsed:
    if len(text) > _MAX_BLOCK_CHARACTERS:
        return Parsed(None, f"record of {len(text)} characters, more than {_MAX_BLOCK_CHARACTERS}")
    with BlockLogs():
        try:
            mol = Chem.MolFromMolBlock(text)
        except RuntimeError as error:
            return Parsed(None, f"not a mol block: {str(error).strip().splitlines()[0]}")
        if mol is not None:
            return Parsed(mol)
        raw = Chem.MolFromMolBlock(text, sanitize=False)
        problems = Chem.DetectChemistryProblems(raw) if raw is not None else ()
    return Parsed(None, problems[0].Message() if problems else "not a mol block")


def _read_inchi(text: str) -> Parsed:
    with BlockLogs():
        mol = Chem.MolFromInchi(text)
    return Parsed(mol) if mol is not None else Parsed(None, "not an InChI")


def _within(parsed: Parsed, limits: Limits) -> Parsed:
    if parsed.mol is None:
        return parsed
    size = parsed.mol.GetNumHeavyAtoms()
    if size == 0:
        return Parsed(None, "no heavy atom")
    if size > limits.heavy_atoms:
        return Parsed(None, f"{size} heavy atoms, more than {limits.heavy_atoms}")
    return parsed
