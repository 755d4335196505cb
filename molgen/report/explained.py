"""Explanations as one self-contained HTML page: per molecule the picture, what stands behind it, what would change it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from molgen.base.files import write_text
from molgen.chem.depict import shaded_svg, svg
from molgen.explain.explanations import Explanation, Explanations
from molgen.report.text import measured, percent, significant


@dataclass(frozen=True)
class Reason:
    """One molecule and task as the page shows it."""

    of: Explanation
    task: int
    name: str
    unit: str
    baseline: float  # in the unit
    learned: float | None  # of a class, the chance before calibration: what contributions sum to
    decades: bool  # whether contributions are of the logarithm
    factor: tuple[str, ...]  # of a logarithm: the value, and by how many times it may be off; empty for others
    picture: Markup
    fragments: tuple[tuple[str, float], ...]  # SMILES and contribution, the strongest first


def explained_page(explanations: Explanations, path: Path | str) -> Path:
    """The path of the page written; it needs no network and asks for none."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(sig=significant, percent=percent, signed=signed)
    page = environment.from_string(_asset("explained.html.jinja")).render(
        explanations=explanations, reasons=_reasons(explanations), style=Markup(_asset("style.css")), svg=_small, measured=measured
    )
    write_text(Path(path), page)
    return Path(path)


def signed(value: float) -> str:
    """A contribution with its sign.

    >>> signed(0.25), signed(-1.5)
    ('+0.25', '−1.5')
    """
    return ("+" if value >= 0 else "") + significant(value, 2)


def _reasons(explanations: Explanations) -> list[Reason]:
    """Shades are comparable across the molecules of a task: the strongest atom of all sets the scale."""
    found = []
    for i, task in enumerate(explanations.tasks):
        most = max((float(np.abs(one.atoms[:, i]).max()) for one in explanations.there), default=0.0)
        for one in explanations.there:
            picture = Markup(shaded_svg(one.smiles, one.atoms[:, i].tolist(), most=most, width=420, height=280))
            ranked = sorted(zip(one.group_smiles(), one.fragments[:, i].tolist()), key=lambda pair: -abs(pair[1]))
            decades, mean = task.scale == "log", float(one.baseline[i])
            learned = float(one.learned[i]) if task.kind == "classification" else None
            usual = 10**mean if decades else mean
            off = float(one.spread[i]) / float(one.mean[i]) if decades else 0.0
            factor = (significant(float(one.mean[i])), significant(math.exp(off), 2)) if decades else ()
            found.append(Reason(one, i, task.name, task.unit, usual, learned, decades, factor, picture, tuple(ranked)))
    return found


def _small(smiles: str) -> Markup:
    return Markup(svg(smiles, width=150, height=100))


def _asset(name: str) -> str:
    return files("molgen.report").joinpath(name).read_text(encoding="utf-8")
