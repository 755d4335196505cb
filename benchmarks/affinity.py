"""Measured affinities of molecules for proteins, as libraries of pairs: Davis and KIBA with their splits, BindingDB Kd.

Davis names mutants (`EGFR(L858R,T790M)`) but gives each the sequence of its wild type; here the edits are made. Its sequences are not
always numbered as the names are, so the offset of a gene is sought at which all residues named of it are there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from molgen.data.library import Library
from molgen.data.proteins import Proteins

_MUTANT = re.compile(r"(?P<gene>[^(]+)\((?P<edits>[^()]*\d[^()]*)\)p?")
_EDIT = re.compile(r"(?P<first>[A-Z])(?P<start>\d+)(?:-?(?P<last>[A-Z])(?P<end>\d+)(?=del))?(?P<cut>del)?(?P<instead>[A-Z](?!\d))?")
_FILES = {"bindingdb": "bindingdb_kd_bdb"}
_OFFSETS = sorted(range(-900, 60), key=abs)


def read_pairs(folder: Path, name: str) -> Library:
    """All pairs of `davis`, `kiba` or `bindingdb`, with the columns affinity (pKd, or KIBA's score), drug_id and target_id; split and
    fold of the first two."""
    table = pd.read_csv(folder / "dti" / f"{_FILES.get(name, name)}.csv.gz")
    if "pair_index" in table:  # what folds count by
        table = table.sort_values("pair_index", ignore_index=True)
    targets = table.drop_duplicates("target_id")
    sequences = edited([str(target) for target in targets["target_id"]], targets["sequence"].tolist())
    place = {target: i for i, target in enumerate(targets["target_id"])}
    each = Proteins.of(sequences).called([str(target) for target in targets["target_id"]])
    return Library.from_frame(table.drop(columns="sequence")).paired_with(each, [place[target] for target in table["target_id"]])


def edited(names: Sequence[str], sequences: Sequence[str]) -> list[str]:
    """The sequences, those of mutants edited as their names say; left as they are where no offset fits.

    >>> wild = "MKTAYIAKQR" * 4
    >>> [text[:5] for text in edited(["ABC(K3A)", "ABC"], [wild, wild])]
    ['MATAY', 'MKTAY']
    >>> edited(["ABC(T3Y5del)"], [wild])[0][:5]
    'MKIAK'
    """
    asked = [_edits(name) for name in names]
    residues: dict[str, set[tuple[str, int]]] = {}
    for gene, edits in asked:
        for edit in edits:
            residues.setdefault(gene, set()).add((edit["first"], int(edit["start"])))
            if edit["last"]:
                residues[gene].add((edit["last"], int(edit["end"])))
    return [_made(sequence, edits, _offset(sequence, residues.get(gene, set()))) for (gene, edits), sequence in zip(asked, sequences)]


def _edits(name: str) -> tuple[str, list[re.Match[str]]]:
    found = _MUTANT.fullmatch(name)
    if found is None or "Kin" in found["edits"] or "JH" in found["edits"]:  # a domain of it, not a mutant
        return name, []
    return found["gene"], list(_EDIT.finditer(found["edits"].replace(" ", "")))


def _offset(sequence: str, residues: set[tuple[str, int]]) -> int | None:
    for offset in _OFFSETS:
        if all(0 < number + offset <= len(sequence) and sequence[number + offset - 1] == letter for letter, number in residues):
            return offset
    return None


def _made(sequence: str, edits: list[re.Match[str]], offset: int | None) -> str:
    if not edits or offset is None:
        return sequence
    told = []
    for edit in edits:
        start = f"{edit['first']}{int(edit['start']) + offset}"
        cut = f"_{edit['last']}{int(edit['end']) + offset}del" if edit["last"] else edit["instead"] or ""
        told.append(start + cut)
    made = Proteins.of([f"gene ({','.join(told)})"], known={"gene": sequence})
    return made.sequences[0] or sequence
