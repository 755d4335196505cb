"""Measured values as numbers: relations kept, concentrations as p-values, nonsense refused with its reason."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molgen.base.errors import MolgenError
from molgen.data.library import Library

_NUMBER = re.compile(r"^(?P<relation>>=|<=|>>|<<|[<>=~≥≤])?\s*(?P<number>[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$")
_RELATION = {None: "=", "=": "=", "~": "=", ">": ">", ">=": ">", ">>": ">", "≥": ">", "<": "<", "<=": "<", "<<": "<", "≤": "<"}
_MISSING = {"", "na", "n/a", "nan", "none", "null", "nd", "-", "?"}
_TRUTHS = {"true": "1", "false": "0"}
_FLIPPED = {"=": "=", ">": "<", "<": ">"}

# Molar concentration of one unit. 1 nM = 1e-9 mol/L, so pKi = 9 - log10(Ki in nM).
MOLAR = {"M": 1.0, "mM": 1e-3, "uM": 1e-6, "µM": 1e-6, "μM": 1e-6, "nM": 1e-9, "pM": 1e-12}

# No assay reads outside this: below is weaker than the solvent, above is stronger than any known binding.
_POSSIBLE_P = (2.0, 14.0)
_P_NAME = re.compile(r"^p(ki|kd|ic50|ec50|xc50|k|chembl.*|activity)$", re.IGNORECASE)


P_UNIT = "-log10 mol/L"  # of a concentration, once it is read


@dataclass(frozen=True)
class Labels:
    """One measured column, one entry a row of the library."""

    name: str
    values: NDArray[np.float64]  # [rows], NaN where missing or refused
    relations: NDArray[np.str_]  # [rows], "=", ">" or "<": the true value relative to the one written
    problems: dict[int, str] = field(default_factory=dict)  # row -> why its value was refused
    truths: bool = False  # the column says true and false, read as 1 and 0

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.values)


def labels(library: Library, column: str, *, unit: str | None = None) -> Labels:
    """The numbers of a column; with a concentration `unit`, as p-values (-log10 mol/L), relations turned around.

    ``>10`` is read as a bound and kept as one. Blank, NA and nan are missing. A column of nothing but true and false is read
    as 1 and 0. Anything else that is no number, a concentration of zero or less, and a p-value outside 2..14 are refused with a
    reason. A unit for a column that is of p-values by its name is a MolgenError.

    >>> from molgen.data.library import Library
    >>> table = Library.of(["CCO", "CCN"], columns={"Ki": ["10", ">1000"]})
    >>> labels(table, "Ki", unit="nM").values.tolist(), labels(table, "Ki", unit="nM").relations.tolist()
    ([8.0, 6.0], ['=', '<'])
    """
    if unit is not None and unit not in MOLAR:
        raise MolgenError(f"unknown unit {unit!r}", fix=f"known: {', '.join(MOLAR)}")
    cells = library.cells(column)
    values, relations, problems = np.full(len(cells), np.nan), np.full(len(cells), "=", dtype="<U1"), {}
    by_name = bool(_P_NAME.match(column))
    if unit is not None and by_name:
        problem = f"{column!r} is of p-values by its name, not of concentrations in {unit}"
        raise MolgenError(problem, where=library.source, fix="leave the unit out, or name the column of concentrations")
    potency = unit is not None or by_name
    truths = not potency and _are_truths(cells)
    cells = [_TRUTHS.get(_folded(cell), cell) for cell in cells] if truths else cells
    for row, cell in enumerate(cells):
        try:
            values[row], relations[row] = _read(cell, unit, potency)
        except ValueError as error:
            problems[row] = f"{column}: {error}"
    return Labels(column, values, relations, problems, truths)


def _folded(cell: str) -> str:
    return cell.strip().casefold()


def _are_truths(cells: Sequence[str]) -> bool:
    """Whether all that is said is true or false; among numbers, such a word is a slip."""
    said = {_folded(cell) for cell in cells} - _MISSING
    return bool(said) and said <= _TRUTHS.keys()


def _read(cell: str, unit: str | None, potency: bool) -> tuple[float, str]:
    text = cell.strip()
    if text.casefold() in _MISSING:
        return math.nan, "="
    match = _NUMBER.match(text)
    if not match:
        raise ValueError(f"{text[:30]!r} is not a number")
    value, relation = float(match["number"]), _RELATION[match["relation"]]
    if not math.isfinite(value):
        raise ValueError(f"{text[:30]!r} is not finite")
    if unit is not None:
        if value <= 0:
            raise ValueError(f"a concentration of {text} {unit}")
        value, relation = -(math.log10(value) + math.log10(MOLAR[unit])), _FLIPPED[relation]
    if potency and not _POSSIBLE_P[0] <= value <= _POSSIBLE_P[1]:
        raise ValueError(f"a p-value of {value:.4g}, outside {_POSSIBLE_P[0]:g} to {_POSSIBLE_P[1]:g}; is the unit right?")
    return value, relation
