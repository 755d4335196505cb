"""Many texts at once get what each gets alone: `parse` is the oracle, on texts sound, dirty and made up."""

from __future__ import annotations

import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.chem.bulk import graph_mols, parse_all, parse_each, plainly_written
from molgen.chem.parse import Limits, parse, written_heavy_atoms
from molgen.data.catalogue import datasets, load_rows
from tests.data.dirty import dirty

PIECES = [*"CNOSPBFIcnospbHlr()[]=#-+@/\\.%:0123456789 \t|>*~$!&,;?<{}'\"\0\u0421\u00e9\n", "Cl", "Br", "[nH]", "[C@@H]", "[13C]", "[H]",
          "[Hg]", "[#6]", "c1ccccc1", "C(=O)O", "[O-]", "[N+]", "[]", "[[", "]]", "->", "%12", "|$a;b$|", "[se]", "[2H]"]  # fmt: skip
EVERYTHING = int(Chem.PropertyPickleOptions.AllProps)


def same(texts: list[str], limits: Limits = Limits()) -> None:
    """Each text gives the molecule or the reason that `parse` gives."""
    together = parse_all(texts, limits)
    assert len(together) == len(texts)
    for text, parsed in zip(texts, together):
        alone = parse(text, limits)
        assert parsed.reason == alone.reason, text
        assert (parsed.mol is None) == (alone.mol is None), text
        if parsed.mol is not None:
            assert parsed.mol.ToBinary(EVERYTHING) == alone.mol.ToBinary(EVERYTHING), text


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=8))
@settings(max_examples=400, deadline=None)
def test_nasty_texts_get_what_each_gets_alone(texts: list[str]) -> None:
    same(texts)


@given(st.lists(st.text(max_size=15), max_size=5))
@settings(max_examples=200, deadline=None)
def test_any_texts_get_what_each_gets_alone(texts: list[str]) -> None:
    same(texts)


def test_dirty_rows_get_what_each_gets_alone() -> None:
    same(dirty())


@pytest.mark.parametrize("name", sorted(datasets()))
def test_shipped_molecules_get_what_each_gets_alone(name: str) -> None:
    same(list(dict.fromkeys(load_rows(name).raw))[:1_000])


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=8))
@settings(max_examples=400, deadline=None)
def test_atoms_of_plain_texts_are_counted_as_one_by_one(texts: list[str]) -> None:
    for text, count in zip(texts, plainly_written(texts).tolist()):
        assert count == -1 or count == written_heavy_atoms(text), text


def test_no_plain_text_holds_what_only_the_gate_can_refuse() -> None:
    """Every bracket of up to two letters and every pair of bare ones: none is read as a wildcard or a query."""
    letters = ["".join(pair) for size in (1, 2) for pair in product(string.ascii_letters, repeat=size)]
    texts = [*(f"C[{pair}]C" for pair in letters), *(f"[{pair}]" for pair in letters), *(f"C{pair}C" for pair in letters)]
    same(texts)
    assert (plainly_written(texts) >= 0).all()


@pytest.mark.parametrize("sign", "()=#-+@/\\.%:")
def test_no_sign_of_plain_texts_makes_a_query(sign: str) -> None:
    same([f"C{sign}C", f"C{sign}1CC{sign}1", f"[C{sign}]C", f"[CH2{sign}]C", f"{sign}C", f"C{sign}", f"c1{sign}cccc1"])


def test_what_is_not_plain_is_said_so() -> None:
    odd = ["", " C", "C ", "C*", "C~C", "C>>C", "C |$a$|", "[#6]", "[0H]", "[1234CH4]", "[*]", "[C", "C]", "]C[", "[[C]]", "C\u0421", "C\0"]
    odd.append("C" * 4_001)
    assert (plainly_written(odd) == -1).all()
    assert plainly_written(["CCO", *odd, "C[C@H](N)Cl", "[H][Hg]C", "[13CH3][2H]", "[131I-]"]).tolist() == [3, *[-1] * len(odd), 4, 2, 1, 1]


def test_limits_are_the_callers() -> None:
    texts = ["C" * size for size in (1, 9, 10, 11, 19, 20, 21, 4_000, 4_001, 5_000)]
    for characters, heavy_atoms in ((20, 10), (10, 20), (9_000, 4_500)):
        same(texts, Limits(characters=characters, heavy_atoms=heavy_atoms))


def test_texts_are_drawn_as_they_are_needed() -> None:
    drawn = []

    def endless():
        while True:
            drawn.append("C")
            yield "C"

    assert next(parse_each(endless())).mol is not None
    assert len(drawn) <= 2_000


def test_a_mended_bracket_does_not_spill_into_the_next_text() -> None:
    texts = ["[CH3", "]C", "[CH4]", "C[", "C[NH3+]", "]", "["]
    same(texts)
    assert plainly_written(texts).tolist() == [-1, -1, 1, -1, 2, -1, -1]


def test_nothing_is_logged_by_rdkit_on_the_way(capfd: pytest.CaptureFixture[str]) -> None:
    parse_all(["C1CC", "C(C)(C)(C)(C)C", "[Xx]"])
    assert capfd.readouterr().err == ""
    assert Chem.MolFromSmiles("C1CC") is None
    assert "unclosed ring" in capfd.readouterr().err  # and afterwards RDKit speaks again


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=8))
@settings(max_examples=400, deadline=None)
def test_molecules_for_graphs_have_the_atoms_bonds_and_rings_of_whole_ones(texts: list[str]) -> None:
    same_graphs(texts)


def test_dirty_rows_and_shipped_molecules_have_the_same_graphs_without_a_search_for_stereo() -> None:
    same_graphs([*dirty(), *(text for name in datasets() for text in list(dict.fromkeys(load_rows(name).raw))[:1_000])])


def same_graphs(texts: list[str]) -> None:
    for text, bare in zip(texts, graph_mols(texts), strict=True):
        whole = parse(text).mol
        assert (bare is None) == (whole is None), text
        if whole is not None:
            assert bare.ToBinary(0) == whole.ToBinary(0), text
            assert [atom.GetPropsAsDict().get("_CIPCode") for atom in bare.GetAtoms()] == [
                atom.GetPropsAsDict().get("_CIPCode") for atom in whole.GetAtoms()
            ], text
