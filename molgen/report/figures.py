"""Charts as inline SVG: no plotting library, coloured by the page's own style sheet, so they follow its theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from molgen.report.rows import MoleculeTable
from molgen.report.run import Enrichment, GoalSpec, Trace
from molgen.report.space import FEWEST, MAPPED, places
from molgen.report.text import metric, significant

_KNOWN = 200  # on the map of a table, those nearest to its first

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A plot's place on the page and its two scales; y grows upwards in values, downwards in pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int = 480
    height: int = 280
    left: int = 56
    bottom: int = 40
    top: int = 12
    right: int = 14
    log_x: bool = False

    def at(self, x: float, y: float) -> Point:
        """Pixels of a value, kept inside the plot."""
        low, high, value = (math.log10(v) if self.log_x else v for v in (*self.x, max(x, self.x[0])))
        across = min(max((value - low) / ((high - low) or 1.0), 0.0), 1.0)
        up = min(max((y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0), 0.0), 1.0)
        wide, tall = self.width - self.left - self.right, self.height - self.top - self.bottom
        return self.left + across * wide, self.top + (1.0 - up) * tall

    def path(self, points: Sequence[Point]) -> str:
        """An SVG path through the values."""
        return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points)) if points else ""

    def line(self, points: Sequence[Point], kind: str) -> str:
        return f'<path class="{kind}" d="{self.path(points)}"/>'

    def area(self, points: Sequence[Point], kind: str) -> str:
        """The surface between the values and the floor of the plot."""
        floor = [(points[-1][0], self.y[0]), (points[0][0], self.y[0])] if points else []
        return f'<path class="{kind}" d="{self.path([*points, *floor])}Z"/>' if points else ""

    def axes(self, x_label: str, y_label: str, x_ticks: Sequence[float], y_ticks: Sequence[float], percent: bool = False) -> str:
        """Grid lines, tick labels and the names of both axes."""
        out = []
        base = self.height - self.bottom
        for value in y_ticks:
            _, y = self.at(self.x[0], value)
            out.append(f'<path class="grid" d="M{self.left},{y:.1f}H{self.width - self.right}"/>')
            out.append(f'<text class="tick" x="{self.left - 6}" y="{y + 3.5:.1f}" text-anchor="end">{_tick(value, percent)}</text>')
        for value in x_ticks:
            x, _ = self.at(value, self.y[0])
            out.append(f'<path class="axis" d="M{x:.1f},{base}v4"/>')
            out.append(f'<text class="tick" x="{x:.1f}" y="{base + 17}" text-anchor="middle">{_tick(value, percent)}</text>')
        out.append(f'<path class="axis" d="M{self.left},{base}H{self.width - self.right}"/>')
        middle_x, middle_y = (self.left + self.width - self.right) / 2, (self.top + base) / 2
        out.append(f'<text class="name" x="{middle_x:.0f}" y="{self.height - 5}" text-anchor="middle">{escape(x_label)}</text>')
        out.append(f'<text class="name" transform="translate(11,{middle_y:.0f}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
        return "".join(out)

    def chart(self, label: str, *marks: str) -> Markup:
        """The marks as one picture, with `label` for those who don't see it."""
        return Markup(
            f'<svg class="chart" viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(label)}">{"".join(marks)}</svg>'
        )


def roc_chart(found: Enrichment) -> Markup | None:
    """True against false positives, the diagonal being a coin's toss; None without a curve."""
    points = list(zip(found.roc.fpr, found.roc.tpr))
    if len(points) < 2:
        return None
    frame = Frame(x=(0.0, 1.0), y=(0.0, 1.0))
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    return frame.chart(
        f"ROC curve, area {metric(found.auroc)}",
        frame.axes("inactives passed", "actives found", ticks, ticks, percent=True),
        frame.line([(0.0, 0.0), (1.0, 1.0)], "chance"),
        frame.area(points, "fill"),
        frame.line(points, "line"),
    )


def enrichment_chart(found: Enrichment) -> Markup | None:
    """Actives found against the share of the library looked at, on a log scale: the early part is what gets bought."""
    if len(found.roc.fpr) < 2 or not 0 < found.actives < found.library:
        return None
    active = found.actives / found.library
    points = [(active * tpr + (1.0 - active) * fpr, tpr) for fpr, tpr in zip(found.roc.fpr, found.roc.tpr)]
    least = max(10.0 ** math.floor(math.log10(1.0 / found.library)), 1e-4)
    decades = [10.0**power for power in range(round(math.log10(least)), 1)]
    steps = [least * (1.0 / least) ** (i / 150) for i in range(151)]  # a straight piece is no straight line on a log scale
    points = [(share, _between(points, share)) for share in steps]
    frame = Frame(x=(least, 1.0), y=(0.0, 1.0), log_x=True)
    return frame.chart(
        f"Enrichment curve, enrichment factor at 1 % {significant(found.ef_1)}",
        frame.axes("share of the library looked at", "actives found", decades, (0.0, 0.25, 0.5, 0.75, 1.0), percent=True),
        frame.line([(0.01, 0.0), (0.01, 1.0)], "guide"),
        frame.line([(share, min(share / active, 1.0)) for share in steps], "ideal"),
        frame.line([(share, share) for share in steps], "chance"),
        frame.area(points, "fill"),
        frame.line(points, "line"),
    )


def curve_chart(goal: GoalSpec, raw: Sequence[float], best: Sequence[float]) -> Markup | None:
    """A goal's curve over where the molecules lie: all as bars and ticks, the `best` ranked as marks on the curve."""
    points = goal.curve.points()
    if len(points) < 2:
        return None
    low, high = points[0][0], points[-1][0]
    if raw:  # far outliers squeeze everything else flat: the middle 98 % is what counts
        ordered = sorted(raw)
        low, high = min(low, ordered[len(ordered) // 100]), max(high, ordered[-1 - len(ordered) // 100])
    points = [(low, points[0][1]), *points, (high, points[-1][1])]
    frame = Frame(x=(low, high), y=(0.0, 1.0), width=300, height=150, left=36, bottom=42, top=10)
    ticks = _round_ticks(low, high)
    named = f"{goal.name} / {goal.unit}" if goal.unit else goal.name
    return frame.chart(
        f"Desirability of {goal.name}",
        _histogram(frame, raw),
        frame.axes(named, "desirability", ticks, (0.0, 0.5, 1.0)),
        frame.line(points, "line"),
        _rug(frame, raw),
        "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in (frame.at(v, _between(points, v)) for v in best)),
    )


def trace_chart(trace: Trace) -> Markup | None:
    """How the best score and the mean of the ten best grew with the calls made; None without a trace."""
    known = {name: [(x, y) for x, y in zip(trace.calls, values) if y is not None] for name, values in _traces(trace).items()}
    known = {name: points for name, points in known.items() if len(points) > 1}
    if not known:
        return None
    last = max(points[-1][0] for points in known.values())
    frame = Frame(x=(0.0, last), y=(0.0, 1.0), width=620, height=260, right=64)
    marks = []
    for name, points in known.items():
        marks.append(frame.line(points, "line" if name == "best" else "line second"))
        x, y = frame.at(*points[-1])
        below = 12 if name != "best" and len(known) > 1 else 3
        marks.append(f'<text class="tick" x="{x + 6:.1f}" y="{y + below:.1f}">{name} {significant(points[-1][1], 2)}</text>')
    axes = frame.axes("molecules scored", "score", _round_ticks(0.0, last), (0.0, 0.25, 0.5, 0.75, 1.0))
    return frame.chart("Best score and mean of the ten best, by molecules scored", axes, *marks)


def map_chart(table: MoleculeTable) -> Markup | None:
    """The table's first molecules near those of like structure, and the known ones beside them; None where they are too few."""
    rows = table.rows[:MAPPED]
    known = list(dict.fromkeys(one.smiles for row in rows for one in row.nearest if one.smiles))[:_KNOWN]
    found = places([*(row.smiles for row in rows), *known]) if len(rows) >= FEWEST else None
    if found is None:
        return None
    frame = Frame(x=(0.0, 1.0), y=(0.0, 1.0), width=720, height=420, left=14, bottom=14, top=14)
    scores = [row.score for row in rows if row.score is not None]
    least, most = min(scores, default=0.0), max(scores, default=0.0)
    crosses = (frame.at(*place) for place in found[len(rows) :] if math.isfinite(place[0]))
    marks = [f'<path class="known" d="{"".join(f"M{x - 3:.1f},{y:.1f}h6m-3,-3v6" for x, y in crosses)}"/>'] if known else []
    for number, row in reversed(list(enumerate(rows))):  # the first of them on top
        if math.isfinite(found[number][0]):
            x, y = frame.at(*found[number])
            share = (row.score - least) / ((most - least) or 1.0) if row.score is not None else 0.0
            kind = "mark outside" if row.in_domain is False else "mark"
            place = f'data-row="{number}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"'
            marks.append(f'<circle class="{kind}" {place} style="--d:{share:.2f}"><title>{escape(row.id)}</title></circle>')
    return frame.chart("Map of the molecules, those of like structure near each other", *marks)


def _traces(trace: Trace) -> dict[str, Sequence[float | None]]:
    return {"best": trace.best, "top 10": trace.top10}


def _histogram(frame: Frame, raw: Sequence[float], bins: int = 30) -> str:
    low, high = frame.x
    inside = [value for value in raw if low <= value <= high]
    if not inside or high <= low:
        return ""
    counts = [0] * bins
    for value in inside:
        counts[min(int((value - low) / (high - low) * bins), bins - 1)] += 1
    step = (high - low) / bins
    bars = []
    for i, count in enumerate(counts):
        (x0, y), (x1, base) = frame.at(low + i * step, 0.9 * count / max(counts)), frame.at(low + (i + 1) * step, 0.0)
        if count:
            bars.append(f"M{x0 + 0.5:.1f},{base:.1f}V{y:.1f}H{x1 - 0.5:.1f}V{base:.1f}Z")
    return f'<path class="bars" d="{"".join(bars)}"/>'


def _rug(frame: Frame, raw: Sequence[float], most: int = 200) -> str:
    """One tick a molecule under the floor, evenly thinned past `most`."""
    ordered = sorted(raw)
    thinned = ordered[:: max(1, math.ceil(len(ordered) / most))]
    return f'<path class="rug" d="{"".join("M{:.1f},{:.1f}v5".format(*frame.at(value, 0.0)) for value in thinned)}"/>'


def _between(points: Sequence[Point], x: float) -> float:
    """The height of a line through the points at `x`, flat beyond its ends."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 if x <= x0 or x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def _round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values that part the range into about that many steps."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _tick(value: float, percent: bool) -> str:
    return f"{100 * value:g} %" if percent else f"{value:,.6g}".replace("-", "−")
