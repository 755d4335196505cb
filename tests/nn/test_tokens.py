"""Tokens: every SMILES can be read, and comes back letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.base.errors import MolgenError
from molgen.nn.tokens import END, Tokens, units

PIECES = ["C", "c", "N", "n", "O", "(", ")", "=", "1", "2", "Cl", "[nH]", "CC", "c1ccc", "c1ccccc1", "CC(=O)N", ")C", "C1CC1"]
TOKENS = Tokens(PIECES)


@pytest.mark.parametrize(
    "smiles",
    [
        "CCCl", "BrCCBr", "CC(=O)Nc1ccc(O)cc1", "c1cc[nH]c1", "[2H]C([2H])[As](C)C", "C[S@+]([O-])c1ccccc1", "F/C=C/Cl", "C%12CCCC%12",
        "[Na+].[Cl-]", "C[Si](C)(C)C", "*c1ccccc1", "[C@@H]",
    ],
)  # fmt: skip
def test_what_is_read_can_be_written(smiles):
    tokens = TOKENS.encode(smiles, "drug")
    assert TOKENS.text(tokens) == smiles and END not in tokens


@given(st.text(alphabet="CNOclnr()=#123[]@H+-/\\%sB", max_size=30))
def test_so_it_is_with_any_text(text):
    assert TOKENS.text(TOKENS.read(text)) == text


def test_the_longest_piece_is_read_and_no_element_is_cut():
    names = {i: TOKENS.text([i]) for i in range(len(TOKENS))}
    assert [names[i] for i in TOKENS.read("CC(=O)Nc1ccccc1")] == ["CC(=O)N", "c1ccccc1"]
    assert [names[i] for i in TOKENS.read("CCCl")] == ["CC", "Cl"]
    assert [names[i] for i in TOKENS.read("CCl")] == ["C", "Cl"]


def test_letters_beyond_ascii_and_unknown_styles_are_request_errors():
    with pytest.raises(MolgenError, match="no letter of SMILES"):
        TOKENS.read("Cé")
    with pytest.raises(MolgenError, match="no style 'poem'"):
        TOKENS.encode("C", "poem")


def test_units_are_atoms_bonds_and_marks():
    assert units("ClC[C@@H]1%12(Br)") == ["Cl", "C", "[C@@H]", "1", "%12", "(", "Br", ")"]
