"""Structure text of any kind (SMILES, mol block, InChI) to a molecule, told apart by what is written."""

from __future__ import annotations

import re

from rdkit import Chem
from rdkit.rdBase import BlockLogs

from molgen.chem.parse import Limits, Parsed, admit, parse

# A record past this size is not a small molecule, and RDKit's readers have looped on such (rdkit #9014).
_MAX_BLOCK_CHARACTERS = 1_000_000

# The counts line, fourth of a mol block: numbers of three columns, and at its end, in all but the oldest, the version.
_COUNTS = re.compile(r"[ \d]{2}\d[ \d]{2}\d(?:.*V[23]000\s*|(?:[ \d]{3})*\s*)$")
_V3000_ATOMS = re.compile(r"^M +V30 +COUNTS +(\d+)", re.MULTILINE)


def read_structure(text: str, limits: Limits = Limits()) -> Parsed:
    """The molecule `text` holds, or the reason there is none.

    >>> read_structure("InChI=1S/CH4/h1H4").mol.GetNumAtoms()
    1
    """
    if is_mol_block(text):
        return _read_block(text, limits)
    if text.lstrip().startswith("InChI="):
        return _read_inchi(text.strip(), limits)
    return parse(text, limits)


def is_smiles(text: str) -> bool:
    """Whether the text is taken for SMILES, sound or not: it is neither a mol block nor an InChI."""
    return not is_mol_block(text) and not text.lstrip().startswith("InChI=")


def is_mol_block(text: str) -> bool:
    """Whether the text is a mol block, sound or not: its fourth line says so."""
    if "\n" not in text:
        return False
    counts = text.split("\n", 4)[3:4]
    return bool(counts) and ("V2000" in counts[0] or "V3000" in counts[0] or is_counts_line(counts[0]))


def is_counts_line(line: str) -> bool:
    """Whether this is the line of a mol block that says how much follows and in which version.

    >>> is_counts_line("  3  2  0  0  0  0  0  0  0  0999 V2000")
    True
    """
    return bool(_COUNTS.match(line))


def _read_block(text: str, limits: Limits) -> Parsed:
    said = _V3000_ATOMS.search(text)
    if said and int(said[1]) > 4 * limits.heavy_atoms:  # hydrogens drawn out make a molecule three times as long, no more
        return Parsed(None, f"{said[1]} atoms, more than {4 * limits.heavy_atoms}")
    if len(text) > _MAX_BLOCK_CHARACTERS:
        return Parsed(None, f"record of {len(text)} characters, more than {_MAX_BLOCK_CHARACTERS}")
    with BlockLogs():
        try:
            mol = Chem.MolFromMolBlock(text)
        except RuntimeError as error:
            return Parsed(None, f"not a mol block: {str(error).strip().splitlines()[0]}")
        if mol is not None:
            if any(place.Is3D() for place in mol.GetConformers()):
                mol.RemoveAllConformers()  # they have told its stereo, and ChEMBL's rules are for drawings
            return admit(mol, limits)
        raw = Chem.MolFromMolBlock(text, sanitize=False)
        problems = Chem.DetectChemistryProblems(raw) if raw is not None else ()
    return Parsed(None, problems[0].Message() if problems else "not a mol block")


def _read_inchi(text: str, limits: Limits) -> Parsed:
    if len(text) > limits.characters:
        return Parsed(None, f"{len(text)} characters, more than {limits.characters}")
    with BlockLogs():
        mol = Chem.MolFromInchi(text)
    return admit(mol, limits) if mol is not None else Parsed(None, "not an InChI")
