"""Every way to write a structure leads through the same checks to the same molecule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.chem.formats import is_counts_line, is_mol_block, read_structure
from molgen.chem.parse import Limits

ETHANOL = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))


@pytest.mark.parametrize(
    "text",
    [
        ETHANOL,
        ETHANOL.replace("\n", "\r\n"),
        Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCO")),
        "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
        " InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3\n",
        "OCC",
    ],
)
def test_every_writing_of_ethanol_is_ethanol(text):
    assert Chem.MolToSmiles(read_structure(text).mol) == "CCO"


def test_a_block_older_than_the_version_stamp_is_a_mol_block():
    old = "\n".join(line[:9] if number == 3 else line for number, line in enumerate(ETHANOL.split("\n")))
    assert is_mol_block(old) and Chem.MolToSmiles(read_structure(old).mol) == "CCO"


@pytest.mark.parametrize("text", ["CCO", "C\nC", "a\nb\nc\nd", "\n\n\n", "CCO\n\n\nCCO", ""])
def test_text_without_a_counts_line_is_no_mol_block(text):
    assert not is_mol_block(text)


def test_a_counts_line_is_known_by_its_columns():
    assert is_counts_line("  3  2  0  0  0  0            999 V2000") and is_counts_line("999999  0     0  0              0 V3000")
    assert not is_counts_line("the V2000 format") and not is_counts_line("") and not is_counts_line("3 2 V2000")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("InChI=1S/nonsense", "not an InChI"),
        ("InChI=1S/C" + "C" * 5_000, "5010 characters, more than 4000"),
        ("\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n", "no heavy atom"),
        (ETHANOL.replace("  3  2", " 99  2", 1), "not a mol block"),
        (ETHANOL[:120], "not a mol block"),
        (ETHANOL + "x" * 1_000_000, "characters, more than 1000000"),
        (ETHANOL.replace(" C  ", " A  ", 1), "holds a wildcard atom *"),
        (ETHANOL.replace(" O  ", " R# ", 1), "holds a wildcard atom *"),
        (Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCO")).replace("COUNTS 3", "COUNTS 300000"), "300000 atoms, more than 2000"),
        (Chem.MolToMolBlock(Chem.MolFromSmiles("C(C)(C)(C)(C)C", sanitize=False), kekulize=False), "valence"),
    ],
)
def test_each_refusal_says_why(text, reason):
    parsed = read_structure(text)
    assert parsed.mol is None and reason in parsed.reason


def test_the_limits_hold_for_every_form():
    few = Limits(heavy_atoms=2)
    assert {read_structure(text, few).reason for text in (ETHANOL, "CCO", "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3")} == {
        "3 heavy atoms, more than 2"
    }


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_block_gives_a_molecule_or_a_reason(data):
    block = list(Chem.MolToMolBlock(Chem.MolFromSmiles("C[C@H](N)C(=O)[O-].[Na+]")))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.characters(codec="latin-1"))
    parsed = read_structure("".join(block[: data.draw(st.integers(1, len(block)))]))
    assert (parsed.mol is None) == bool(parsed.reason)
