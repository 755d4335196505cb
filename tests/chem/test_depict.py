"""Pictures: whole, small, harmless on any page, and true to RDKit's drawing."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.chem.depict import svg, table_html

ORDINARY = ["CCO", "c1ccccc1", "C", "[Na+].[Cl-]", "CC[C@@H](C)Br |&1:2|", "CC(=O)Oc1ccccc1C(=O)O", "[2H]OC", "[Pt](Cl)(Cl)(N)N", "C*"]
HOSTILE = ["", "C1CC", "<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "\u0421CO", "]]>", "C" * 5000]


@pytest.mark.parametrize("smiles", ORDINARY + HOSTILE)
def test_every_picture_is_one_xml_element_without_ids_or_scripts(smiles):
    picture = svg(smiles)
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("}svg")
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any(name == "id" or name.startswith("on") or name.endswith("href") for name in attributes)


@pytest.mark.parametrize("smiles", HOSTILE)
def test_unreadable_smiles_give_a_dash(smiles):
    root = ElementTree.fromstring(svg(smiles))
    assert root.get("aria-label") == "no structure"
    assert len(root) == 1 and root[0].get("d").count("L") == 1


def test_letters_of_every_heteroatom_are_drawn():
    root = ElementTree.fromstring(svg("OCCN(C)c1ccc(Cl)s1"))
    letters = "".join(text.text for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert sorted(letters) == sorted("OHNClS")


def test_every_line_of_rdkits_drawing_is_kept():
    mol = Chem.MolFromSmiles("c1ccc2ccccc2c1")
    canvas = rdMolDraw2D.MolDraw2DSVG(220, 150)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol)
    canvas.FinishDrawing()
    bonds = re.findall(r"class='bond-\d+ [^']*' d='M [^']*'", canvas.GetDrawingText())
    drawn = "".join(path.get("d") for path in ElementTree.fromstring(svg("c1ccc2ccccc2c1")).iter("{http://www.w3.org/2000/svg}path"))
    assert drawn.count("M") >= len(bonds) == 16  # eleven bonds, five of them double


def test_pictures_are_compact():
    imatinib = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
    assert len(svg(imatinib)) < 4_000


def test_highlighted_atoms_change_the_picture_and_absent_ones_are_ignored():
    assert svg("CCO", highlight=[0, 1]) != svg("CCO")
    assert svg("CCO", highlight=[99, -1]) == svg("CCO")


def test_size_is_the_callers():
    root = ElementTree.fromstring(svg("CCO", width=80, height=60))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("80", "60", "0 0 80 60")


def test_tables_escape_names_and_count_what_they_hide():
    html = table_html(["C"] * 5, ["<script>x</script>"] * 5, {"<b>": [1.23456, None, float("nan"), 7, "&"]}, rows=2)
    assert "<script>" not in html and "&lt;script&gt;x" in html and "<b>" not in html
    assert "1.23<" in html and "3 more rows not shown" in html and html.count("<svg") == 2


def test_table_numbers_have_three_figures_and_whole_ones_none_after_the_point():
    html = table_html(["C"] * 6, list("abcdef"), {"x": [2.7, 3.0, 1234567.9, 123.4, 5, "007"]})
    assert [cell.partition("<")[0] for cell in html.split("vertical-align:middle'>")[3::3]] == ["2.70", "3", "1.23e+06", "123", "5", "007"]


def test_an_empty_table_is_a_table():
    assert "<table>" in table_html([], [], {})


def test_whole_numbers_of_numpy_are_whole_and_text_is_text():
    html = table_html(["C"] * 2, list("ab"), {"x": [np.int64(1234567), "nan"]})
    assert ">1234567<" in html and ">nan<" in html
