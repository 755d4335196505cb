"""Every term says of each row what RDKit says, NaN where there is no molecule, the same for duplicates."""

import sys

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import QED, Descriptors

from molgen.base.errors import MolgenError
from molgen.data.library import Library
from molgen.score.base import TERMS
from molgen.score.function import Function
from molgen.score.objective import Objective

LIBRARY = Library.of(["CC(=O)Oc1ccccc1C(=O)O", "not a smiles", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "OC(=O)c1ccccc1OC(C)=O", "CCO"])

TERM_OPTIONS = {
    "property": {"property": "logp"},
    "qed": {},
    "sa": {},
    "similarity": {"references": ["CC(=O)Oc1ccccc1C(=O)O"]},
    "substructure": {"smarts": "c1ccccc1"},
    "alerts": {},
    "novelty": {"known": Library.of(["CCO"])},
    "likelihood": {},
    "function": {"call": lambda smiles: [len(text) for text in smiles], "name": "length"},
    "program": {"command": [sys.executable, "-c", "import sys; [print(len(line)) for line in sys.stdin]"]},
}


@pytest.mark.parametrize("name", TERM_OPTIONS)
def test_one_entry_a_row_nan_where_rejected_equal_for_duplicates(name):
    reading = TERMS.build(name, TERM_OPTIONS[name]).read(LIBRARY)
    for values in (reading.mean, reading.spread):
        assert values.shape == (5,)
        assert np.isnan(values[1])
        assert np.isfinite(values[[0, 2, 3, 4]]).all()
    assert reading.mean[0] == reading.mean[3]
    for values in reading.details.values():
        assert len(values) == 5
        assert values[1] is None


@pytest.mark.parametrize("name", TERM_OPTIONS)
def test_nothing_in_nothing_out(name):
    assert TERMS.build(name, TERM_OPTIONS[name]).read(Library.of([])).mean.shape == (0,)


@pytest.mark.parametrize("name", TERM_OPTIONS)
def test_order_does_not_matter(name):
    term = TERMS.build(name, TERM_OPTIONS[name])
    order = [4, 2, 1, 0, 3]
    assert np.array_equal(term.read(LIBRARY).mean[order], term.read(LIBRARY.take(order)).mean, equal_nan=True)


def test_every_term_without_a_model_is_tried_here():
    assert set(TERM_OPTIONS) | {"prediction", "difference", "selectivity", "domain"} == set(TERMS)


def test_properties_are_rdkits():
    mol = Chem.MolFromSmiles("CCO")
    assert TERMS.build("property", {"property": "tpsa"}).read(LIBRARY).mean[4] == Descriptors.TPSA(mol)
    assert TERMS.build("property", {"property": "BalabanJ"}).read(LIBRARY).mean[4] == Descriptors.BalabanJ(mol)
    assert TERMS.build("qed").read(LIBRARY).mean[4] == QED.qed(mol)


def test_similarity_and_novelty_are_complements():
    near = TERMS.build("similarity", {"references": "CCO"}).read(LIBRARY).mean
    assert np.allclose(near, 1 - TERMS.build("novelty", {"known": Library.of(["CCO"])}).read(LIBRARY).mean, equal_nan=True)
    assert near[4] == 1.0


def test_alerts_are_named():
    reading = TERMS.build("alerts").read(Library.of(["CC(=O)Cl"]))
    assert reading.mean.tolist() == [1.0]
    assert "acid halide" in reading.details["names"][0]


def test_substructure_can_be_wanted_or_not():
    absent = TERMS.build("substructure", {"smarts": "c1ccccc1", "want": "absent"}).read(LIBRARY).mean
    assert absent.tolist()[0] == 0.0
    assert absent.tolist()[4] == 1.0


def test_stereo_of_a_pattern_is_wanted_too():
    mirrored = Library.of(["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O"])
    assert TERMS.build("substructure", {"smarts": "C[C@H](N)C(=O)O"}).read(mirrored).mean.tolist() == [1, 0, 0]
    assert TERMS.build("substructure", {"smarts": "CC(N)C(=O)O"}).read(mirrored).mean.tolist() == [1, 1, 1]
    drawn = {smarts: "drawn" in TERMS.build("substructure", {"smarts": smarts}).about for smarts in ("C[C@H](N)O", "F/C=C/F", "C@C", "CC")}
    assert list(drawn.values()) == [True, True, False, False]


def test_a_property_of_either_name_may_go_without_a_curve():
    for name in ("fsp3", "FractionCSP3"):
        assert Objective.of([{"term": "property", "property": name}]).score(Library.of(["CCO"])).total.tolist() == [1.0]


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("property", {"property": "logPP"}, "no property is called 'logPP'"),
        ("substructure", {"smarts": "c1cc"}, "not a SMARTS"),
        ("similarity", {"references": ["C1CC"]}, "never closed"),
        ("alerts", {"catalogues": ["BRENKS"]}, "no alert catalogue"),
        ("alerts", {"catalogues": "BRENKS"}, "no alert catalogue is called 'BRENKS'"),
        ("qed", {"wieght": 1}, "no option 'wieght'"),
        ("function", {"call": "len", "name": "f"}, "call is 'len', want a function"),
        ("novelty", {"known": ["CCO", "C1CC"]}, "a known one can't be read: ring 1"),
        ("novelty", {"known": Library.of(["C1CC"])}, "none of the 1 known ones is a molecule"),
        ("substructure", {"smarts": ""}, "not a SMARTS"),
        ("alerts", {"catalogues": []}, "no catalogue is named"),
        ("similarity", {"references": [5]}, "references is .5., want text or a path or a list"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_scored(name, options, said):
    with pytest.raises(MolgenError, match=said):
        TERMS.build(name, options)


def test_a_function_is_refused_by_its_own_constructor_too():
    with pytest.raises(MolgenError, match="want a function"):
        Function(call="len", name="f")


def test_known_ones_may_be_a_list_a_library_or_a_file(tmp_path):
    path = tmp_path / "known.smi"
    path.write_text("CCO one\n")
    said = [TERMS.build("novelty", {"known": known}).read(LIBRARY).mean for known in (["CCO"], Library.of(["CCO"]), str(path), path)]
    for values in said:
        assert np.array_equal(values, said[0], equal_nan=True)


def test_one_catalogue_may_be_named_without_a_list():
    one, several = (TERMS.build("alerts", {"catalogues": named}) for named in ("PAINS", ["PAINS"]))
    assert one.about == several.about


def test_an_infinite_number_is_no_value():
    read = Function(call=lambda smiles: [np.inf, -np.inf, 1.0], name="f").read(Library.of(["C", "CC", "CCC"]))
    assert np.isnan(read.mean).tolist() == [True, True, False]


def test_a_function_may_give_a_column_or_one_number_after_the_other():
    molecules = Library.of(["CCO", "C1CC", "C"])
    for call in (
        lambda smiles: np.ones((len(smiles), 1)),
        lambda smiles: (1.0 for _ in smiles),
        lambda smiles: pd.DataFrame({"said": [1] * len(smiles)}),
    ):
        assert Function(call=call, name="f").read(molecules).mean.tolist() == pytest.approx([1.0, np.nan, 1.0], nan_ok=True)
    missing = Function(call=lambda smiles: pd.Series([1, pd.NA], dtype="Int64"), name="f").read(molecules)
    assert missing.mean.tolist() == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda smiles: smiles,
        lambda smiles: None,
        lambda smiles: [[1], [1, 2]],
        lambda smiles: "12",
        lambda smiles: {1.0, 2.0},
        lambda smiles: dict.fromkeys(smiles, 1.0),
    ],
)
def test_what_is_no_row_of_numbers_is_said(call):
    with pytest.raises(MolgenError, match=r"the function gave a .*\n.*return a number for each SMILES, in their order"):
        Function(call=call, name="f").read(Library.of(["CCO", "C"]))


def test_a_functions_own_error_is_its_own():
    with pytest.raises(ValueError, match="mine"):
        Function(call=lambda smiles: (float("mine") for _ in smiles), name="f").read(Library.of(["CCO"]))


def test_references_may_be_a_file(tmp_path):
    (tmp_path / "actives.smi").write_text("CCO ethanol\n")
    term = TERMS.build("similarity", {"references": str(tmp_path / "actives.smi")})
    assert term.measure(Library.of(["CCO"])).mean.tolist() == [1.0]
