"""Pictures of molecules: small SVG that reads on a light and on a dark page, PNG for spreadsheets, and small tables of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from numbers import Integral
from typing import Any
from xml.etree import ElementTree

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.chem.parse import parse

# Middle tones: at least 3:1 against white and against near-black, so one picture serves both themes.
# Blue, vermilion, ochre and teal stay apart for colour-blind readers, and the letter says it anyway.
_ATOM_COLOURS = {
    7: (0.24, 0.47, 0.90),
    8: (0.84, 0.26, 0.18),
    9: (0.06, 0.53, 0.46),
    15: (0.76, 0.42, 0.00),
    16: (0.62, 0.46, 0.00),
    17: (0.06, 0.53, 0.46),
    35: (0.62, 0.33, 0.15),
    53: (0.55, 0.30, 0.70),
}
_HIGHLIGHT = (0.34, 0.71, 0.91)
_ADDS, _TAKES = (0.84, 0.37, 0.0), (0.0, 0.45, 0.70)  # vermilion and blue, which every kind of colour vision tells apart
_LIGHT = 0.45  # of a colour behind an atom, at its strongest
_SVG = "{http://www.w3.org/2000/svg}"


def svg(smiles: str, *, width: int = 220, height: int = 150, highlight: Sequence[int] | None = None) -> str:
    """An SVG picture of the molecule, `highlight`ed at these atoms; a dash where the SMILES can't be read.

    Carbon takes the colour of the text around it. No ids, no scripts, no links: safe many times on a page.

    >>> svg("CCO").startswith("<svg ") and svg("CCO").endswith("</svg>")
    True
    """
    mol = parse(smiles).mol
    shades = {int(atom): (*_HIGHLIGHT, _LIGHT) for atom in highlight or ()}
    return _picture(smiles, mol, shades, width, height)


def shaded_svg(smiles: str, weights: Sequence[float], *, most: float, width: int = 320, height: int = 220) -> str:
    """The picture with each atom shaded by its weight: vermilion above 0, blue below, strongest from `most` on.

    Atoms are numbered as in the SMILES. Where colours can't be told apart, the sign is said by the shape: above 0 the
    disc is large, below it is small.

    >>> shaded_svg("CO", [0.5, -1.0], most=1.0).count("opacity")
    2
    """
    mol = parse(smiles).mol
    strength = [min(abs(weight) / most, 1.0) if most > 0 else 0.0 for weight in weights]
    shades = {
        atom: (*(_ADDS if weight > 0 else _TAKES), _LIGHT * strong)
        for atom, (weight, strong) in enumerate(zip(weights, strength))
        if strong >= 0.02
    }
    return _picture(smiles, mol, shades, width, height)


def png(mol: Chem.Mol, *, width: int = 320, height: int = 200) -> bytes:
    """A PNG picture of the molecule on white; one with coordinates is drawn as they say.

    >>> png(Chem.MolFromSmiles("CCO"))[1:4]
    b'PNG'
    """
    mol = Chem.Mol(mol)
    if not mol.GetNumConformers():
        rdDepictor.Compute2DCoords(mol)
        rdDepictor.StraightenDepiction(mol)
    canvas = rdMolDraw2D.MolDraw2DCairo(width, height)
    options: Any = canvas.drawOptions()
    options.updateAtomPalette({-1: (0.0, 0.0, 0.0), **_ATOM_COLOURS})
    options.includeMetadata = False
    options.fixedBondLength = 0.08 * width
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol)
    canvas.FinishDrawing()
    return bytes(canvas.GetDrawingText())


_Shades = dict[int, tuple[float, float, float, float]]  # atom -> red, green, blue, opacity


def _picture(smiles: str, mol: Chem.Mol | None, shades: _Shades, width: int, height: int) -> str:
    label = smiles if mol is not None else "no structure"
    # Width and height as a style would beat a page's own sheet; as attributes they yield to it.
    opening = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' "
        f"role='img' aria-label='{escape(label)}' fill='none' stroke-linecap='round' font-family='Arial,Helvetica,sans-serif'>"
    )
    inside = _dash(width, height) if mol is None else _compact(_draw(mol, width, height, shades))
    return f"{opening}{inside}</svg>"


def table_html(
    smiles: Sequence[str], ids: Sequence[str], columns: Mapping[str, Sequence[Any]], rows: int = 12, pictures: Sequence[str] = ()
) -> str:
    """An HTML table of the first `rows` molecules with pictures, for notebooks; says how many it does not show.

    `pictures` are shown in place of the plain ones.

    >>> "1 more row not shown" in table_html(["C", "CC"], ["a", "b"], {}, rows=1)
    True
    """
    cell = "<td style='text-align:left;vertical-align:middle'>"
    head = "".join(f"<th style='text-align:left'>{escape(str(name))}</th>" for name in ("structure", "id", *columns))
    body = []
    for i in range(min(rows, len(smiles))):
        texts = (ids[i], *(values[i] for values in columns.values()))
        cells = "".join(f"{cell}{escape(_short(value))}</td>" for value in texts)
        picture = pictures[i] if pictures else svg(smiles[i], width=150, height=100)
        body.append(f"<tr>{cell}{picture}</td>{cells}</tr>")
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    hidden = len(smiles) - len(body)
    note = f"<p>{hidden:,} more row{'s' if hidden > 1 else ''} not shown</p>" if hidden else ""
    return f"<div>{table}{note}</div>"


def _draw(mol: Chem.Mol, width: int, height: int, shades: _Shades) -> str:
    """RDKit's own SVG, in the proportions of the ACS 1996 style."""
    mol = Chem.Mol(mol)  # coordinates are written into the copy
    rdDepictor.Compute2DCoords(mol)
    rdDepictor.StraightenDepiction(mol)
    canvas = rdMolDraw2D.MolDraw2DSVG(width, height, -1, -1, True)  # letters as text, a tenth of the size of outlines
    options: Any = canvas.drawOptions()  # its type stubs deny every assignment
    options.updateAtomPalette({-1: (0.0, 0.0, 0.0), **_ATOM_COLOURS})
    options.clearBackground = False
    options.includeMetadata = False
    options.bondLineWidth = 1.2
    options.scaleBondWidth = False
    options.multipleBondOffset = 0.18
    options.additionalAtomLabelPadding = 0.066
    options.fixedBondLength = 0.08 * width  # the longest a bond gets: ethanol stays a small picture
    options.baseFontSize = 0.7
    options.minFontSize, options.maxFontSize = 8, 14
    atoms = [atom for atom in shades if 0 <= atom < mol.GetNumAtoms()]
    marked = {atom for atom in atoms if shades[atom][:3] == _HIGHLIGHT}
    bonds = [bond.GetIdx() for bond in mol.GetBonds() if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= marked]
    rdMolDraw2D.PrepareAndDrawMolecule(
        canvas, mol,
        highlightAtoms=atoms,
        highlightBonds=bonds,
        highlightAtomColors={atom: shades[atom] for atom in atoms},
        highlightBondColors={bond: (*_HIGHLIGHT, _LIGHT) for bond in bonds},
        highlightAtomRadii={atom: 0.45 if shades[atom][:3] == _ADDS else 0.3 for atom in atoms},
    )  # fmt: skip
    canvas.FinishDrawing()
    return str(canvas.GetDrawingText())


def _compact(drawing: str) -> str:
    """The drawing's marks, those of one look joined into one element: a tenth of RDKit's text, the same picture."""
    strokes: dict[str, list[str]] = {}
    letters: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for mark in ElementTree.fromstring(drawing.partition("?>")[2]):
        look = dict(part.split(":", 1) for part in mark.get("style", "").split(";") if ":" in part)
        if mark.tag == f"{_SVG}text":
            colour = _colour(look["fill"])
            xs, ys, text = letters.setdefault(f"fill='{colour}' font-size='{look['font-size'].removesuffix('px')}'", ([], [], []))
            xs.append(_number(mark.get("x", "0")))
            ys.append(_number(mark.get("y", "0")))
            text.append(escape(mark.text or ""))
        elif mark.tag == f"{_SVG}ellipse":
            strokes.setdefault(_paint(look), []).append(_ellipse(mark))
        elif mark.tag == f"{_SVG}path":
            strokes.setdefault(_paint(look), []).append(mark.get("d", "").replace(" L ", "L").replace("M ", "M").replace(" Z", "Z"))
    paths = "".join(f"<path {paint} d='{''.join(ds)}'/>" for paint, ds in strokes.items())
    texts = "".join(f"<text {look} x='{' '.join(xs)}' y='{' '.join(ys)}'>{''.join(t)}</text>" for look, (xs, ys, t) in letters.items())
    return paths + texts


def _paint(look: Mapping[str, str]) -> str:
    if look.get("fill", "none") == "none":
        return f"stroke='{_colour(look['stroke'])}' stroke-width='{look['stroke-width'].removesuffix('px')}'"
    colour, alpha = look["fill"][:7], look["fill"][7:]
    opacity = f" opacity='{int(alpha, 16) / 255:.2f}'" if alpha else ""
    return f"fill='{_colour(colour)}'{opacity}"


def _colour(colour: str) -> str:
    return "currentColor" if colour.upper() == "#000000" else colour


def _ellipse(mark: ElementTree.Element) -> str:
    x, y, rx, ry = (float(mark.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
    return f"M{x - rx:g},{y:g}a{rx:g},{ry:g} 0 1 0 {2 * rx:g},0a{rx:g},{ry:g} 0 1 0 {-2 * rx:g},0Z"


def _number(text: str) -> str:
    return f"{float(text):g}"


def _dash(width: int, height: int) -> str:
    x, y = width / 2, height / 2
    return f"<path stroke='currentColor' stroke-width='1.2' opacity='.5' d='M{x - 8:g},{y:g}L{x + 8:g},{y:g}'/>"


def _short(value: object) -> str:
    """A cell's text: three significant figures, nothing for a missing value, long text cut."""
    if value is None:
        return ""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        text = str(value)
        return text if len(text) <= 80 else text[:79] + "…"
    if math.isnan(number) and not isinstance(value, str):
        return ""
    if isinstance(value, (Integral, str)):
        return str(value)
    return f"{number:,.0f}" if number.is_integer() and abs(number) < 1e6 else f"{number:#.3g}".rstrip(".")
