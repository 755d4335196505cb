"""What each molecule of a library is paired with: a protein it may bind, a cell line it was tried on."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.alignment import identical
from molgen.data.profiles import Profiles, read_profiles
from molgen.data.proteins import Proteins, read_proteins

if TYPE_CHECKING:
    from molgen.data.library import Library

T = TypeVar("T")

Partner = Proteins | Profiles
PartnerKind = Literal["target", "context"]  # proteins by sequence, cell lines by profile

# Where a table usually has them, if nobody says.
_COLUMNS: dict[PartnerKind, tuple[str, ...]] = {
    "target": ("target_sequence", "protein_sequence", "sequence", "target", "protein", "uniprot", "gene"),
    "context": ("cell_line", "cell", "depmap_id", "context"),
}
_CALLED: dict[PartnerKind, str] = {"target": "proteins", "context": "cell lines"}
_REASONS, _NAMED = 5, 3  # in a message, and of those that each is about


@dataclass(frozen=True, eq=False)
class Partners:
    """Each row's partner, one of `each`."""

    each: Partner
    of_row: NDArray[np.int64]  # [rows], which of `each`
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def take(self, rows: Sequence[int]) -> Partners:
        """The partners of these rows; what was worked out about all of them stays."""
        return replace(self, of_row=self.of_row[list(rows)])

    @property
    def keys(self) -> list[str]:
        """[rows], what tells partners apart: the sequence, the numbers."""
        return [self.each.keys[i] for i in self.of_row.tolist()]

    def used(self) -> NDArray[np.int64]:
        """Which of `each` some row has, sorted."""
        return np.unique(self.of_row)

    def once(self, key: Hashable, make: Callable[[Partner], T]) -> T:
        """`make(self.each)`, worked out the first time and kept."""
        if key not in self._memo:
            self._memo[key] = make(self.each)
        found: T = self._memo[key]
        return found

    def kept(self, key: Hashable) -> Any:
        """What `once` made under this key, None when it has not."""
        return self._memo.get(key)


@dataclass(frozen=True, eq=False)
class Pairing:
    """How rows are paired: which kind of partner, the column that says who it is, and a table to look names up in."""

    kind: PartnerKind
    column: str | None = None
    listed: Partner | None = None

    @classmethod
    def of(cls, kind: PartnerKind, *, column: str | None = None, table: Path | str | None = None, known: Proteins | None = None) -> Pairing:
        """With the partners of a file, FASTA or CSV, to look names up in, and the proteins `known` besides."""
        if table is None:
            return cls(kind, column, known)
        if not os.path.isfile(table):  # which by itself might be a sequence
            raise MolgenError("no such file", where=str(table))
        listed = read_partners(kind, table)
        _refuse_twins(listed, str(table))
        return cls(kind, column, listed if known is None or isinstance(listed, Profiles) else listed.and_those(known))

    def __call__(self, library: Library) -> Library:
        """The library with each row's protein or cell line; a bad one makes its row a reject.

        A protein is its sequence or a name that is listed, with edits or without: `ABL1 T315I`. A cell line is a name that is listed.
        """
        columns = library.rows.columns
        chosen = self.column or _found(self.kind, list(map(str, columns)))
        if chosen is None:
            problem = f"no column says what each row's {self.kind} is: there are {', '.join(map(str, columns))}"
            known = ", ".join(_COLUMNS[self.kind])
            fix = f"--part-col NAME, in Python column=NAME; known: {known}; or predict against some by --{self.kind}"
            raise MolgenError(problem, where=library.source, fix=fix)
        cells = [cell.strip() for cell in library.cells(chosen)]
        place = {text: i for i, text in enumerate(dict.fromkeys(cells))}
        return library.paired_with(self._each(list(place)), np.array([place[cell] for cell in cells], dtype=np.int64))

    def _each(self, texts: Sequence[str]) -> Partner:
        if self.kind == "target":
            return Proteins.of(texts, known=self.listed.by_name if isinstance(self.listed, Proteins) else {})
        if not isinstance(self.listed, Profiles):
            raise MolgenError("cell lines need a table of their profiles", fix="name a CSV: a row a cell line, its name, then numbers")
        return self.listed.named(texts)


def _found(kind: PartnerKind, columns: Sequence[str]) -> str | None:
    """The column that has a usual name, whatever its case; None where there is none."""
    return next((own for name in _COLUMNS[kind] for own in columns if own.strip().casefold() == name), None)


def _refuse_twins(listed: Partner, where: str) -> None:
    """Of two partners under one name, a row that says the name could mean either; none is meant by no name."""
    key_of: dict[str, str] = {}
    for name, key in zip(listed.names, listed.keys):
        if name and key_of.setdefault(name, key) != key:
            raise MolgenError(f"two that differ are called {name!r}", where=where, fix="give each its own name")


def read_partners(kind: PartnerKind, source: Path | str, *, known: Proteins | None = None) -> Partner:
    """The proteins, or the cell lines, of a file; a protein may also be given as its sequence, or by the name of a known one."""
    if kind == "target":
        return read_proteins(source, known=None if known is None else known.by_name)
    return read_profiles(source)


def asked_partners(kind: PartnerKind, sources: Sequence[Path | str], *, known: Proteins | None = None) -> Partner:
    """The partners of files and of single texts, one after another, each of one name and sequence once.

    Those of a file that can't be read are left out, which a warning says; a file of nothing else is a MolgenError, and so is one that
    has two under one name.
    """
    whole = _asked(kind, sources[0], known)
    for source in sources[1:]:
        whole = whole.and_those(_asked(kind, source, known))  # type: ignore[arg-type]
    # Nothing tells those without a name apart but their place.
    told = [(name, key if name else str(row)) for row, (name, key) in enumerate(zip(whole.names, whole.keys))]
    return whole.take(sorted({one: row for row, one in reversed(list(enumerate(told)))}.values()))


def _asked(kind: PartnerKind, source: Path | str, known: Proteins | None) -> Partner:
    """The partners of a file that can be read; the one of a text, whatever it is."""
    partners = read_partners(kind, source, known=known)
    if not os.path.isfile(source):
        return partners
    good = np.flatnonzero(partners.ok)
    bad, told = len(partners) - len(good), _reasons(partners)
    if not len(good):
        raise MolgenError(f"none of its {_CALLED[kind]} can be read: {told}", where=str(source))
    if bad:
        are = "is" if bad == 1 else "are"
        logging.getLogger(__name__).warning("%s: %d of %d %s %s left out: %s", source, bad, len(partners), _CALLED[kind], are, told)
    kept = partners.take(good)
    _refuse_twins(kept, str(source))
    return kept


def _reasons(partners: Partner) -> str:
    """Each reason once, the commonest first, and some of those that it is about."""
    about: dict[str, list[str]] = {}
    for name, reason in zip(partners.names, partners.reasons):
        if reason:
            about.setdefault(reason, []).append(name or "without a name")
    commonest = sorted(about.items(), key=lambda told: -len(told[1]))
    said = [f"{reason} ({', '.join(names[:_NAMED])}{', ...' if len(names) > _NAMED else ''})" for reason, names in commonest]
    return "; ".join(said[:_REASONS] + ["..."] * (len(said) > _REASONS))


def alike_groups(partners: Partners) -> list[int]:
    """[each partner], the number of the group it is in: proteins that have 60 % of their residues in common, with one of the group at
    least, are together; a cell line is alone. Groups do not depend on the order of the partners."""
    keys = sorted({key for key in partners.each.keys if key})
    group = partners.once("groups", lambda each: identical(keys) if isinstance(each, Proteins) else list(range(len(keys))))
    of_key = dict(zip(keys, group))
    return [of_key.get(key, -1) for key in partners.each.keys]


def partners_of(library: Library) -> Partners:
    """Its partners; a MolgenError where it has none."""
    if library.partners is None:
        raise MolgenError("these molecules are not paired with anything", fix="say what they were tried on: --parts ligand,target")
    return library.partners
