"""Proteins by row, in the order they came: read from sequences, FASTA, names in a table; the bad ones among them with their reasons."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.base.errors import MolgenError, meant
from molgen.base.files import digest
from molgen.data.columns import MISSING
from molgen.data.edits import EDIT, UnreadableError, edited, plain, reads_as_edits, unbracketed
from molgen.data.genes import names_of_gene
from molgen.data.streams import csv_table, inner_suffix, lines, open_text

SHORTEST, LONGEST = 30, 10_000  # residues: below, no fold to bind to; above, a few muscle proteins and mistakes
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
_UNSURE = str.maketrans("BJZOU", "XXXKC")  # one of two, or a residue beyond the twenty, as the one it is like
_NAMED = re.compile(r"\s*(?P<name>[^\s()]+)\s*(?:\((?P<inside>[^()]+)\)|\s(?P<after>.+))\s*")
_JOINT = re.compile(r"[-_:]")
_FASTA = ("fasta", "fa", "faa")
_LONGEST_NAME = 60  # letters, of those that have no blank
_LETTERS_SHARE = 0.8  # of a sequence that something went wrong with; names with their edits have more digits and signs
_KNOWN_SHARE = 0.5  # of residues, below which a sequence says too little


@dataclass(frozen=True, eq=False)
class Proteins:
    """Proteins by row; a rejected one stays in its place, without a sequence."""

    names: tuple[str, ...]
    sequences: tuple[str, ...]  # of the twenty letters and X; "" where rejected
    reasons: tuple[str, ...]  # "" where not rejected

    @classmethod
    def of(cls, texts: Sequence[str], *, known: Mapping[str, str] | None = None) -> Proteins:
        """A protein a text: a sequence, or a name among the `known` (names to sequences), with edits or without. A kinase may go by
        the symbol of its gene, or its accession, where the known one has another name (see `genes`).

        An edit is a residue for another (`V600E`, `p.Val600Glu`), residues left out (`E746_A750del`, `E746A750del`), put in
        (`D770_N771insSVD`), doubled (`V769_D770dup`) or others in their place (`L747_T751delinsS`), numbered as in the sequence it is
        made in, or as known variants of it are (`ABL1(T315I)`); `wt` is none. Several are divided by commas, slashes or
        spaces. They stand in brackets or after a blank, a hyphen, an underscore.

        >>> kinase = Proteins.of(["abc1 K2R", "abc1(K2C)", "abc9"], known={"ABC1": "MKTAYIAKQR" * 4})
        >>> kinase.sequences[0][:4], kinase.reasons[1], kinase.reasons[2]
        ('MRTA', '', "no protein 'abc9' among the 1 known by name, and no sequence")
        >>> Proteins.of(["ABC1 A2R"], known={"ABC1": "MKTAYIAKQR" * 4}).reasons
        ('A2R: residue 2 is K',)
        """
        # As it is written before any other: names may differ in nothing but that.
        by_name = {name.upper(): sequence for name, sequence in reversed(list((known or {}).items()))} | dict(known or {})
        with_edits = {_bare(name): sequence for name, sequence in reversed(list(by_name.items())) if "(" in name}
        return cls._read(tuple(map(_short, texts)), texts, partial(_written, known=by_name, with_edits=with_edits))

    @classmethod
    def of_sequences(cls, names: Sequence[str], sequences: Sequence[str]) -> Proteins:
        """A protein a sequence, under these names; what is no sequence is not looked up as a name.

        >>> Proteins.of_sequences(["A", "B"], ["MKTAYIAKQR" * 4, "MKTAYI"]).reasons
        ('', '6 residues, want 30 to 10000')
        """
        return cls._read(tuple(names), sequences, _spelled)

    @classmethod
    def _read(cls, names: tuple[str, ...], texts: Sequence[str], letters_of: Callable[[str], str]) -> Proteins:
        found = [_told(text, letters_of) for text in texts]
        return cls(names, tuple(sequence for sequence, _ in found), tuple(reason for _, reason in found))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def ok(self) -> NDArray[np.bool_]:
        """[rows], True where there is a sequence."""
        return np.array([not reason for reason in self.reasons], dtype=bool)

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells proteins apart: their sequences; "" where rejected."""
        return self.sequences

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Proteins:
        """The proteins of these rows, in this order."""
        index = [int(row) for row in rows]
        return Proteins(*(tuple(column[i] for i in index) for column in (self.names, self.sequences, self.reasons)))

    def called(self, names: Sequence[str]) -> Proteins:
        """The same under these names."""
        return Proteins(tuple(names), self.sequences, self.reasons)

    @property
    def by_name(self) -> dict[str, str]:
        """Sequences by name; of two with one name, the first's."""
        return {name: sequence for name, sequence in reversed(list(zip(self.names, self.sequences))) if sequence}

    def and_those(self, others: Proteins) -> Proteins:
        """These, then the others."""
        return Proteins(self.names + others.names, self.sequences + others.sequences, self.reasons + others.reasons)

    @property
    def digest(self) -> str:
        """Hex digest of names and sequences, and of their order."""
        return digest(self.names, self.sequences)


def read_proteins(source: Path | str, *, known: Mapping[str, str] | None = None) -> Proteins:
    """The proteins of a FASTA file, or of a CSV with the columns name and sequence; else of the one text that `source` is.

    A file of another kind, or one without a protein, is a MolgenError; a bad protein in it is a row with its reason.
    """
    path = Path(source)
    kind = inner_suffix(path).removeprefix(".")
    if not os.path.isfile(path):  # which a text too long for a name is not either, where Path's own would raise
        if kind in (*_FASTA, "csv"):
            raise MolgenError("no such file", where=str(path))
        return Proteins.of([str(source)], known=known)
    if kind in _FASTA:
        with open_text(path) as text:
            entries = list(_fasta(line for _, line, _ in lines(text)))
    elif kind == "csv":
        entries = _table(csv_table(path, dtype=str, keep_default_na=False), path)
    else:
        fix = "want .fasta, or .csv with the columns name and sequence"
        raise MolgenError(f"not a file of proteins: .{kind}", where=str(path), fix=fix)
    if not entries:
        raise MolgenError("no protein in it", where=str(path))
    names = [name or f"protein_{n}" for n, (name, _) in enumerate(entries, start=1)]
    return Proteins.of_sequences(names, [sequence for _, sequence in entries])


def _fasta(text: Iterator[str]) -> Iterator[tuple[str, str]]:
    name, sequence = "", ""
    for line in text:
        if line.startswith(">"):
            if name or sequence:
                yield name, sequence
            name, sequence = _accession(line[1:].strip()), ""
        elif not line.startswith(";"):  # a remark
            sequence += "".join(word for word in line.split() if not word.isdigit())  # blocks of ten, numbered
    if name or sequence:
        yield name, sequence


def _accession(header: str) -> str:
    """`P00533` of `sp|P00533|EGFR_HUMAN Epidermal ...`, else the first word."""
    word = header.split()[0] if header else ""
    parts = word.split("|")
    return parts[1] if len(parts) == 3 and parts[0] in ("sp", "tr") else word


def _table(table: pd.DataFrame, path: Path) -> list[tuple[str, str]]:
    for column in ("name", "sequence"):
        if column not in table.columns:
            raise MolgenError(f"no column {column!r}", where=str(path), fix=meant(column, map(str, table.columns)))
    return list(zip(table["name"], table["sequence"]))


def _told(text: str, letters_of: Callable[[str], str]) -> tuple[str, str]:
    """The sequence and "", or "" and why there is none."""
    try:
        return _checked(letters_of(text)), ""
    except UnreadableError as problem:
        return "", str(problem)


def _written(text: str, known: Mapping[str, str], with_edits: Mapping[str, str]) -> str:
    """The letters that a text stands for: a known name's, with its edits made, else its own. `with_edits` are known too, by `_bare`."""
    if whole := _of_name(text, known):  # first, because a name may look like one with edits
        return whole
    for name, edits in _parted(text):
        if listed := _listed(name, edits, with_edits):
            return listed
        if wholes := _all_of_name(name, known):
            return _first_edited(wholes, edits, known)
    if text.strip().casefold() in MISSING:
        raise UnreadableError("no protein given")
    if not _is_spelled(text):
        raise UnreadableError(f"no protein {_short(text)!r} among the {len(set(known.values()))} known by name, and no sequence")
    return _joined(text)


def _joined(text: str) -> str:
    """A sequence in one piece, however it is laid out."""
    return "".join(text.split())


def _spelled(text: str) -> str:
    """A sequence in one piece; what can be none says so, before its letters are looked at."""
    if text.strip().casefold() in MISSING:
        raise UnreadableError("no sequence given")
    letters = _joined(text)
    if len(letters) < SHORTEST and not letters.isalpha() and not letters.removesuffix("*").isalpha():
        raise UnreadableError(f"{text.strip()!r} is no sequence")
    return letters


def _is_spelled(text: str) -> bool:
    """Whether a text is meant as a sequence, one with a letter in it that stands for no residue as well."""
    letters = _joined(text)
    if len(letters) < SHORTEST or letters[:SHORTEST].isalpha():
        return len(letters) >= SHORTEST
    if " " in text.strip():
        return False
    nearly_all = sum(map(str.isalpha, letters)) > _LETTERS_SHARE * len(letters)
    if letters.isupper():
        return nearly_all or len(letters) > _LONGEST_NAME
    return nearly_all and len(letters) > _LONGEST_NAME and os.sep not in letters  # a file that is not there is none


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """A name and its edits: in brackets, after a blank, or after a hyphen and the like, which names have too, if the rest is edits."""
    if parts := _NAMED.fullmatch(unbracketed(text)):
        yield parts["name"], plain(parts["inside"] or parts["after"])
    for joint in _JOINT.finditer(text[:SHORTEST]):  # a name is no longer
        edits = plain(text[joint.end() :])
        if reads_as_edits(edits):
            yield text[: joint.start()], edits


def _of_name(name: str, known: Mapping[str, str]) -> str:
    """The sequence of the known protein of that name, or of another that its gene goes by; "" for none."""
    return next(iter(_all_of_name(name, known)), "")


def _all_of_name(name: str, known: Mapping[str, str]) -> list[str]:
    """The same, and other sequences that its gene's names have, chains of other lengths say."""
    bare = name.strip()
    return list(dict.fromkeys(known[one] for one in (bare, bare.upper(), *names_of_gene(bare)) if one in known))


def _first_edited(sequences: Sequence[str], edits: str, known: Mapping[str, str]) -> str:
    """The first of these chains that has the residues which the edits change, with the edits made."""
    problems = []
    for sequence in sequences:
        try:
            return edited(sequence, edits, shift=_shift(sequence, known))
        except UnreadableError as problem:
            problems.append(problem)
    raise problems[0]


def _listed(name: str, edits: str, with_edits: Mapping[str, str]) -> str:
    """The sequence listed for the protein with these very edits, which may be numbered as in another chain than its own; "" for none."""
    wanted = (_bare(f"{one} {edits}") for one in (name, *names_of_gene(name)))
    return next((with_edits[one] for one in wanted if one in with_edits), "")


def _bare(name: str) -> str:
    """Letters and numbers of a name: `EGFR(L858R,T790M)` and `EGFR L858R/T790M` are one."""
    return "".join(letter for letter in name.upper() if letter.isalnum())


def _checked(letters: str) -> str:
    sequence = letters.upper().removesuffix("*").translate(_UNSURE)
    odd = next((letter for letter in sequence if letter not in RESIDUES + "X"), None)
    if odd is not None:
        raise UnreadableError(f"{odd!r} stands for no residue")
    if not SHORTEST <= len(sequence) <= LONGEST:
        raise UnreadableError(f"{len(sequence)} residues, want {SHORTEST} to {LONGEST}")
    if sequence.count("X") > _KNOWN_SHARE * len(sequence):
        raise UnreadableError("more than half of the residues are unknown")
    return sequence


def _shift(sequence: str, known: Mapping[str, str]) -> int:
    """How many residues of the protein stand before the first that its edits count, as its listed variants show; 0 where none shows it.

    A kinase's edits are numbered in its usual chain, of which a panel may hold another splice form, or a part.
    """
    shown = set()
    for name, variant in known.items():
        parts = _NAMED.fullmatch(name)
        edit = EDIT.fullmatch(parts["inside"] or parts["after"]) if parts else None
        if parts and edit and len(variant) == len(sequence) and known.get(parts["name"]) == sequence:
            unlike = [(i, old, new) for i, (old, new) in enumerate(zip(sequence, variant), start=1) if old != new]
            if len(unlike) == 1 and unlike[0][1:] == (edit["first"], edit["instead"]):
                shown.add(unlike[0][0] - int(edit["start"]))
    if 0 in shown:
        return 0
    if len(shown) > 1:
        raise UnreadableError("its listed variants number its residues in several ways")
    return shown.pop() if shown else 0


def _short(text: str) -> str:
    """A text as a name: what is long is a sequence."""
    name = text.strip()
    return name if len(name) <= SHORTEST else f"{name[:SHORTEST]}…"
