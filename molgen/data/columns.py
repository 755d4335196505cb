"""Which column holds the structure and which the id: found by name, never guessed between two."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from molgen.base.errors import MolgenError, meant

STRUCTURE_NAMES = (
    "smiles", "canonical_smiles", "isomeric_smiles", "cxsmiles", "smi", "mol", "molecule", "structure", "struc", "inchi",
)  # fmt: skip
OUR_STRUCTURE, OUR_ID = "molgen_smiles", "molgen_id"  # in tables that we wrote: read where nothing else is there
IDENTIFIERS = ("id", "compound_id", "molecule_id", "mol_id", "molecule_chembl_id", "chembl_id", "drug_id")
MISSING = frozenset(("", "na", "n/a", "nan", "none", "null", "nd", "n.d.", "n.a.", "#n/a", "-", "?"))  # for a value that is not there
_LESSER = ("cmpd_id", "cpd_id", "compoundid", "idnumber")  # identifiers where there is none of those
ID_NAMES = (*IDENTIFIERS, "name", "compound_name", "molecule_name", "title")  # names are ids where there is no identifier


@dataclass(frozen=True)
class Choice:
    """The columns a person named; None leaves the finding to us."""

    smiles_col: str | None = None
    id_col: str | None = None


def structure_column(names: Sequence[str], choice: Choice, where: str) -> int:
    """Position of the structure column; none, or more than one that could be it, is an error that lists them."""
    found = _find(names, choice.smiles_col, STRUCTURE_NAMES, where, "--smiles-col")
    if found is None and OUR_STRUCTURE in names:
        found = names.index(OUR_STRUCTURE)
    if found is None:
        listed = ", ".join(map(repr, names[:20]))
        fix = f"--smiles-col NAME; known: {', '.join(STRUCTURE_NAMES)}" + ("; if this is no CSV, say --format" if where == "-" else "")
        raise MolgenError(f"no structure column among {listed}", where=where, fix=fix)
    return found


def has_structures(names: Sequence[str], choice: Choice) -> bool:
    """Whether any of the columns could be that of the structures."""
    return bool(_candidates(names, choice.smiles_col, STRUCTURE_NAMES)) or (choice.smiles_col is None and OUR_STRUCTURE in names)


def id_column(names: Sequence[str], choice: Choice, where: str, *, structure: int | None = None) -> int | None:
    """Position of the id column, an identifier sooner than a name; None when there is none, and rows are called row_1, row_2, ..."""
    found = _find(names, choice.id_col, IDENTIFIERS, where, "--id-col")
    if found is None:
        found = next(iter(_candidates(names, None, _LESSER)), None)
    if found is None:
        found = _find(names, None, ID_NAMES, where, "--id-col")
    if found is None and OUR_ID in names:
        found = names.index(OUR_ID)
    return None if found == structure else found


def spare_id_column(names: Sequence[str], found: int | None) -> int | None:
    """Position of our own ids, for rows whose cell in the id column is blank; None where the table has none."""
    ours = names.index(OUR_ID) if OUR_ID in names else None
    return None if ours == found else ours


def says_ids(name: str) -> bool:
    """Whether the cells of a column of this name are names, whatever they look like.

    >>> says_ids("Lot ID"), says_ids("pIC50")
    (True, False)
    """
    return _plain(name) in (*_LESSER, *ID_NAMES) or _plain(name).endswith(("_id", "_of"))


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number where the table has such a column already.

    >>> free_name("molgen_status", ["molgen_status"])
    'molgen_status_2'
    """
    free, n = name, 2
    while free in taken:
        free, n = f"{name}_{n}", n + 1
    return free


def _find(names: Sequence[str], named: str | None, known: Sequence[str], where: str, option: str) -> int | None:
    found = _candidates(names, named, known)
    if named is not None and not found:
        raise MolgenError(f"no column {named!r}", where=where, fix=meant(named, names))
    if len(found) > 1:
        candidates = ", ".join(repr(names[i]) for i in found)
        raise MolgenError(f"{len(found)} columns could be meant: {candidates}", where=where, fix=f"say which with {option}")
    return found[0] if found else None


def _candidates(names: Sequence[str], named: str | None, known: Sequence[str]) -> list[int]:
    if named is None:
        return [i for i, name in enumerate(names) if _plain(name) in known]
    return [i for i, name in enumerate(names) if name == named] or [i for i, name in enumerate(names) if _same(name, named)]


def _plain(name: str) -> str:
    return "_".join(name.casefold().split())


def _same(left: str, right: str) -> bool:
    return left.strip().casefold() == right.strip().casefold()
