"""What is said beside the proposals: what kept some away, and what is most like each."""

import logging

import pytest
from rdkit import Chem

import molgen as mg
from molgen.base.errors import MolgenError
from molgen.chem.alerts import alert_names, alerts
from tests.generate.toys import SEEDS, toy

SILICON = "C[Si](C)(C)c1ccc(C(=O)NC2CC2)cc1"


def _silicon(ranking):
    return sum("Si" in smiles for smiles in ranking.smiles)


def test_an_alert_of_one_seed_bars_what_has_it_and_is_said(caplog):
    with caplog.at_level(logging.WARNING):
        made = mg.generate(toy(), seeds=[SILICON, *SEEDS[:3]], budget=60)
    assert _silicon(made) == 0
    assert "1 of the 4 seeds scored have alerts" in caplog.text and "BRENK: heavy metal (1)" in caplog.text


@pytest.mark.parametrize("name", ["heavy metal", "BRENK: Heavy Metal", "all"])
def test_an_alert_that_is_allowed_bars_nothing(name, caplog):
    with caplog.at_level(logging.WARNING):
        made = mg.generate(toy(), seeds=[SILICON, *SEEDS[:3]], budget=60, allow=name)
    assert _silicon(made) > 0
    assert "have alerts" not in caplog.text
    assert all(set(alerts(Chem.MolFromSmiles(smiles))) <= alert_names() for smiles in made.smiles)


def test_an_alert_that_there_is_not_is_refused():
    with pytest.raises(MolgenError, match=r"no structural alert is called 'metal'.*\n.*BRENK: heavy metal"):
        mg.generate(toy(), seeds=SEEDS, budget=5, allow="metal")


def test_why_nothing_is_proposed_is_said(caplog):
    with caplog.at_level(logging.WARNING):
        made = mg.generate(toy(), seeds=SEEDS[:2], budget=5, keep="c1ccccc1", avoid="[c]")
    assert len(made) == 0
    assert "nothing is proposed: 0 were scored; ideas were refused: has what is to be avoided" in caplog.text
    assert made.extras["generation"]["refused"]["has what is to be avoided"] > 100


def test_seeds_that_take_most_of_the_budget_are_said(caplog):
    with caplog.at_level(logging.WARNING):
        mg.generate(toy(), seeds=SEEDS, budget=16)
    assert "of the 16 scores went to seeds" in caplog.text


def test_what_a_library_has_that_is_most_like_each_stands_beside_it(tmp_path):
    shown = mg.generate(toy(), seeds=SEEDS, budget=40).frame
    assert shown["molgen_nearest_library_id"].str.startswith("MOSES-").all()
    vendor = tmp_path / "vendor.smi"
    vendor.write_text(f"{shown['molgen_smiles'][0]} sold-1\nCCO sold-2\n")
    again = mg.generate(toy(), seeds=SEEDS, budget=40, library=vendor).frame
    assert again["molgen_smiles"].tolist() == shown["molgen_smiles"].tolist()
    first = again[["molgen_nearest_library_id", "molgen_nearest_library_smiles", "molgen_nearest_library_similarity"]].iloc[0]
    assert first.tolist() == ["sold-1", shown["molgen_smiles"][0], 1.0]


def test_another_library_is_shown_without_scoring_anew(tmp_path):
    one = mg.generate(toy(), seeds=SEEDS, budget=30, out=tmp_path / "run")
    other = mg.generate(toy(), seeds=SEEDS, budget=30, library=["CCO"], out=tmp_path / "run")
    assert one.smiles == other.smiles
    assert set(other.frame["molgen_nearest_library_smiles"]) == {"CCO"}


@pytest.mark.parametrize(
    "constraint", [{"decorate": "[2H]C([2H])([2H])Oc1ccc(*)cc1"}, {"keep": "[13CH3]c1ccccc1"}, {"link": "*[13CH2]c1ccccc1.*C1CC1"}]
)
def test_isotopes_that_are_lost_are_said(constraint, caplog):
    with caplog.at_level(logging.WARNING):
        made = mg.generate(toy(), seeds=["Cc1ccc(NC(=O)c2ccccc2)cc1"], budget=30, **constraint)
    assert "are left out, of the proposals too" in caplog.text
    assert len(made) and not any(atom.GetIsotope() for smiles in made.smiles for atom in Chem.MolFromSmiles(smiles).GetAtoms())


def test_stars_may_be_numbered_as_isotopes(caplog):
    with caplog.at_level(logging.WARNING):
        made = mg.generate(toy(), decorate="[1*]c1ccc([2*])cc1", budget=20)
    assert len(made) > 0 and "isotopes" not in caplog.text


def test_what_is_allowed_is_kept_as_it_was_written(tmp_path):
    made = mg.generate(toy(), seeds=SEEDS[:3], budget=10, allow="all", out=tmp_path / "run")
    assert made.provenance.config["allow"] == ["all"]
