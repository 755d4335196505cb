"""Numbers as columns of text have them: commas and points of decimals or of thousands, told by what the whole column shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What shows that commas are of decimals: 8,3 and 8,3012; or, unless others are of thousands, 0,301 and 1234,567.
_COMMA_DECIMAL = re.compile(r"[^\d]*\d+,(\d{1,2}|\d{4,})")
_NO_GROUP = re.compile(r"[^\d]*(0\d*|\d{4,}),\d{3}")
# That they are of thousands: 1,234.5 and 1,234,567. 8,301 may be either.
_COMMA_THOUSANDS = re.compile(r"[^\d]*[1-9]\d{0,2}((,\d{3})+\.\d+|(,\d{3}){2,})")
_ONE_COMMA = re.compile(r"[^\d,]*\d{1,3},\d{3}")
# That points are of thousands and commas of decimals: 1.234,5, and among decimal commas 1.234.567.
_BOTH = re.compile(r"[^\d]*[1-9]\d{0,2}(\.\d{3})+,\d+")
_POINTS = re.compile(r"[^\d]*[1-9]\d{0,2}(\.\d{3}){2,}")
# What may be in groups of thousands at all.
_GROUPED = re.compile(r"[^\d]*[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_POINTED = re.compile(r"[^\d]*[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_POINT = re.compile(r"\d\.\d")

EITHER = "may be of decimals or of thousands"


def may_be_either(cell: str) -> bool:
    """Whether a comma in it could mean both.

    >>> may_be_either("8,301"), may_be_either("8,30")
    (True, False)
    """
    return _ONE_COMMA.fullmatch(cell) is not None


def plain_numbers(cells: Sequence[str], *, p: bool) -> tuple[list[str], set[int]]:
    """The cells without commas, where the column shows whether they are of decimals or of thousands, and with a plain minus; and the
    rows that stay in doubt, since a point among decimal commas may be of thousands. Commas of p-values (`p`) are of decimals.

    >>> plain_numbers(["1.234,5", "12,5", "850"], p=False)
    (['1234.5', '12.5', '850'], set())
    >>> plain_numbers(["12,5", "1.234"], p=False)
    (['12.5', '1.234'], {1})
    """
    cells = [cell.strip().replace("\N{MINUS SIGN}", "-") for cell in cells]
    decimals, thousands, both = (any(map(shape.fullmatch, cells)) for shape in (_COMMA_DECIMAL, _COMMA_THOUSANDS, _BOTH))
    lone = _ONE_COMMA if p else _NO_GROUP
    decimals |= both or (not thousands and any(map(lone.fullmatch, cells)))
    points = {row for row, cell in enumerate(cells) if _POINT.search(cell)}
    if decimals == thousands:  # 8,300 alone may be either
        return cells, set()
    if thousands:
        return [cell.replace(",", "") if _GROUPED.fullmatch(cell) else cell for cell in cells], set()
    if not p:
        pointed = both or any(map(_POINTS.fullmatch, cells))
        slips = not pointed and len(points) > sum("," in cell for cell in cells)  # a comma or two among points
        if slips or any(not _POINTED.fullmatch(cells[row]) for row in points):
            return cells, set()
        if pointed:
            cells, points = [cell.replace(".", "") if row in points else cell for row, cell in enumerate(cells)], set()
    return [cell.replace(",", ".") if cell.count(",") == 1 else cell for cell in cells], set() if p else points
