"""Measured values as numbers: relations kept, concentrations as p-values, nonsense refused with its reason."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.columns import MISSING
from molgen.data.decimals import EITHER, may_be_either, plain_numbers
from molgen.data.library import Library

_NUMBER = re.compile(r"^(?P<relation>>=|<=|>>|<<|[<>=~≥≤])?\s*(?P<number>[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$")
_RELATION = {None: "=", "=": "=", "~": "=", ">": ">", ">=": ">", ">>": ">", "≥": ">", "<": "<", "<=": "<", "<<": "<", "≤": "<"}
_PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("active", "inactive"), ("positive", "negative"))
_TRUTHS = {yes: "1" for yes, _ in _PAIRS} | {no: "0" for _, no in _PAIRS}
_FLIPPED = {"=": "=", ">": "<", "<": ">"}

# Molar concentration of one unit. 1 nM = 1e-9 mol/L, so pKi = 9 - log10(Ki in nM).
MOLAR = {"M": 1.0, "mM": 1e-3, "uM": 1e-6, "µM": 1e-6, "μM": 1e-6, "nM": 1e-9, "pM": 1e-12}

# No assay reads outside this: below is weaker than the solvent, above is stronger than any known binding.
POSSIBLE_P = (2.0, 14.0)
_P_NAME = re.compile(r"^p(ki|kd|ic50|ec50|xc50|k|chembl.*|activity)$", re.IGNORECASE)
_P_BEGINNING = re.compile(r"^p(ki|kd|ic50|ec50|xc50)(?![a-z])", re.IGNORECASE)  # pKi_JAK2, but pKi_sd too: no unit goes with either
_UNIT_NAMED = re.compile(r"(?<![A-Za-z])([munpµμ]M)(?![A-Za-z])")

_MOLAR_TOO = {f"{prefix}mol/l": f"{prefix}M" for prefix in ("", "m", "u", "µ", "μ", "n", "p")}
_UNIT_NAMES, _RELATION_NAMES = ("units", "unit"), ("relation", "qualifier", "operator")
P_UNIT = "-log10 mol/L"  # of a concentration, once it is read


@dataclass(frozen=True)
class Labels:
    """One measured column, one entry a row of the library."""

    name: str
    values: NDArray[np.float64]  # [rows], NaN where missing or refused
    relations: NDArray[np.str_]  # [rows], "=", ">" or "<": the true value relative to the one written
    problems: dict[int, str] = field(default_factory=dict)  # row -> why its value was refused
    truths: bool = False  # the column says true and false, or another such pair, read as 1 and 0

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.values)


def labels(library: Library, column: str, *, unit: str | None = None) -> Labels:
    """The numbers of a column; with a concentration `unit`, as p-values (-log10 mol/L), relations turned around.

    ``>10`` is read as a bound and kept as one. Blank, NA and nan are missing. A column of nothing but true and false, yes and no,
    active and inactive, or positive and negative is read as 1 and 0. A comma, and a point among decimal commas, is that of decimals or of
    thousands where the column shows which. Columns that say the relation and the units of this one by their names, as in exports of
    ChEMBL, are read too, and with a `unit` those called so alone: a row counts in its own unit. Anything else that is no number, a
    concentration of zero or less, and a p-value outside 2..14 are refused with a reason. A unit for a column that is of p-values by its
    name, or of another unit, is a MolgenError.

    >>> from molgen.data.library import Library
    >>> table = Library.of(["CCO", "CCN"], columns={"Ki": ["10", ">1000"]})
    >>> labels(table, "Ki", unit="nM").values.tolist(), labels(table, "Ki", unit="nM").relations.tolist()
    ([8.0, 6.0], ['=', '<'])
    """
    if unit is not None and unit not in MOLAR:
        raise MolgenError(f"unknown unit {unit!r}", fix=f"known: {', '.join(MOLAR)}")
    cells = library.cells(column)
    units = _units(library, column, cells, unit)
    values, relations, problems = np.full(len(cells), np.nan), np.full(len(cells), "=", dtype="<U1"), {}
    by_name = bool(_P_NAME.match(column))
    named = _UNIT_NAMED.findall(column)
    if unit is not None and (by_name or (_P_BEGINNING.match(column) and not named)):
        problem = f"{column!r} is of p-values by its name, not of concentrations in {unit}"
        raise MolgenError(problem, where=library.source, fix="leave the unit out, or name the column of concentrations")
    if unit is not None and named and MOLAR[unit] not in [MOLAR[one] for one in named]:  # 1 mM ATP may be named beside
        raise MolgenError(f"{column!r} is in {named[0]} by its name, not in {unit}", where=library.source, fix=f"--unit {named[0]}")
    potency = unit is not None or by_name
    truths = not potency and _are_truths(cells)
    in_doubt = set[int]()
    if truths:
        cells = [_TRUTHS.get(_folded(cell), cell) for cell in cells]
    else:
        cells, in_doubt = plain_numbers(cells, p=by_name or bool(_P_BEGINNING.match(column) and not named))
        cells = _with_relations(library, column, unit, cells)
    for row, (cell, own) in enumerate(zip(cells, units)):
        try:
            values[row], relations[row] = _read(cell, own, potency)
            if row in in_doubt:
                raise ValueError(f"{cell[:30]!r} {EITHER}")
        except ValueError as error:
            values[row], relations[row], problems[row] = math.nan, "=", f"{column}: {error}"
    return Labels(column, values, relations, problems, truths)


def _folded(cell: str) -> str:
    return cell.strip().casefold()


def _are_truths(cells: Sequence[str]) -> bool:
    """Whether all that is said is true or false, or another such pair; among numbers, such a word is a slip."""
    said = {_folded(cell) for cell in cells} - MISSING
    return bool(said) and any(said <= set(pair) for pair in _PAIRS)


def _beside(library: Library, column: str, names: Sequence[str], *, alone: Collection[str] = ()) -> list[str] | None:
    """The cells of the column that says the relation, or the units, of this one; None where there is none.

    It is called like this one but for that word, in place of "value" or after the whole name; or by that word alone, if some of what
    it says is in `alone`.
    """
    lowered = column.casefold()
    stems = {lowered.removesuffix("value"), f"{lowered} ", f"{lowered}_"} - {lowered}
    wanted = {f"{stem}{name}" for stem in stems for name in names}
    columns = [str(name) for name in library.rows.columns]
    found = [_unquoted(library, name) for name in columns if name.casefold() in wanted]
    if not found and not any(name.casefold().endswith("value") for name in columns if name != column):  # which would own it
        bare = [_unquoted(library, name) for name in columns if alone and name.casefold() in names]
        found = [said for said in bare if any(_folded(one) in alone for one in said)]
    return found[0] if len(found) == 1 else None


def _unquoted(library: Library, column: str) -> list[str]:
    """Its cells as ChEMBL's spreadsheets would have them without their quotes."""
    return [cell.strip().strip("'\"") for cell in library.cells(column)]


def _with_relations(library: Library, column: str, unit: str | None, cells: list[str]) -> list[str]:
    """The cells, bare numbers among them with the relation that their row says."""
    relations = _beside(library, column, _RELATION_NAMES, alone=[one for one in _RELATION if one] if unit else ())
    if relations is None:
        return cells
    bare = [(match := _NUMBER.match(cell)) is not None and match["relation"] is None for cell in cells]
    return [f"{said}{cell}" if number and said in _RELATION else cell for said, cell, number in zip(relations, cells, bare)]


def _units(library: Library, column: str, cells: Sequence[str], unit: str | None) -> list[str | None]:
    """[rows], the unit of each: what its own column says, or else what was asked for."""
    told = _UNIT_NAMED.search(column) is not None or unit is None
    units = _beside(library, column, _UNIT_NAMES, alone=() if told else {*map(_folded, MOLAR), *_MOLAR_TOO})
    if units is None:
        return [unit] * len(library)
    units = ["" if _folded(one) in MISSING else _MOLAR_TOO.get(_folded(one), one) for one in units]
    if unit is None and len(said := sorted({own for own, cell in zip(units, cells) if own and _folded(cell) not in MISSING})) > 1:
        problem = f"{column!r} is in several units: {', '.join(said[:4])}"
        raise MolgenError(problem, where=library.source, fix="--unit, if they are of concentrations")
    return [own or unit for own in units] if unit is not None else [None] * len(units)


def _read(cell: str, unit: str | None, potency: bool) -> tuple[float, str]:
    text = cell.strip()
    if text.casefold() in MISSING:
        return math.nan, "="
    match = _NUMBER.match(text)
    if not match:
        raise ValueError(f"{text[:30]!r} {EITHER}" if may_be_either(text) else f"{text[:30]!r} is not a number")
    if unit is not None and unit not in MOLAR:
        raise ValueError(f"in {unit[:20]}, which is no concentration")
    value, relation = float(match["number"]), _RELATION[match["relation"]]
    if not math.isfinite(value):
        raise ValueError(f"{text[:30]!r} is not finite")
    if unit is not None:
        if value <= 0:
            raise ValueError(f"a concentration of {text} {unit}")
        value, relation = -(math.log10(value) + math.log10(MOLAR[unit])), _FLIPPED[relation]
    if potency and not POSSIBLE_P[0] <= value <= POSSIBLE_P[1]:
        raise ValueError(f"a p-value of {value:.4g}, outside {POSSIBLE_P[0]:g} to {POSSIBLE_P[1]:g}; is the unit right?")
    return value, relation
