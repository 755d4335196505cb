"""Numbers as a chemist reads them: two or three significant figures, a true minus, thousands parted."""

from __future__ import annotations

import math

MISSING = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def significant(value: float | None, digits: int = 3) -> str:
    """The value to `digits` significant figures; a dash where there is none.

    >>> significant(7.8951), significant(-0.04567, 2), significant(431234.0), significant(3.2e-7), significant(None)
    ('7.90', '−0.046', '431,234', '3.20×10⁻⁷', '–')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if -4 <= power < 7:
        return f"{value:,.{max(digits - 1 - power, 0)}f}".replace("-", "−")
    mantissa = f"{value / 10.0**power:.{digits - 1}f}".replace("-", "−")
    return f"{mantissa}×10{str(power).translate(_SUPERSCRIPT)}"


def metric(value: float | None) -> str:
    """A metric or a score: three significant figures, at most three decimals, for columns that line up.

    >>> metric(1.0), metric(-0.0104), metric(12.345)
    ('1.000', '−0.010', '12.3')
    """
    return significant(value) if value is None or not abs(value) <= 1 else f"{value:.3f}".replace("-", "−")


def brief(value: float | None) -> str:
    """A setting as it was most likely typed: no zeros added.

    >>> brief(2.0), brief(-6.5), brief(0.25)
    ('2', '−6.5', '0.25')
    """
    return MISSING if value is None or not math.isfinite(value) else f"{float(f'{value:.3g}'):,.12g}".replace("-", "−")


def measured(value: float | None, spread: float | None) -> tuple[str, str]:
    """A value with its spread, both to the spread's decimals; "" for a spread that is not there.

    >>> measured(7.8951, 0.4123), measured(431.2, 57.0), measured(3.0, None)
    (('7.90', '0.41'), ('431', '57'), ('3.00', ''))
    """
    if value is None or spread is None or not math.isfinite(value) or not math.isfinite(spread) or spread <= 0:
        return significant(value), ""
    power = math.floor(math.log10(float(f"{spread:.1e}")))
    if not -4 <= power < 7:
        return significant(value), significant(spread, 2)
    decimals = max(1 - power, 0)
    return (f"{value:,.{decimals}f}".replace("-", "−"), f"{spread:,.{decimals}f}")


def percent(share: float | None) -> str:
    """A fraction as a percentage.

    >>> percent(0.9234), percent(1.0), percent(None)
    ('92 %', '100 %', '–')
    """
    if share is None or not math.isfinite(share):
        return MISSING
    return f"{100 * share:.0f} %" if share >= 0.095 or share == 0 else f"{significant(100 * share, 2)} %"


def number(text: object) -> float | None:
    """The finite number a cell holds, or None.

    >>> number("7.5"), number("n/a"), number("nan")
    (7.5, None, None)
    """
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
