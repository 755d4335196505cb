"""The kinase model that comes with molgen: small, without its data, and it knows what everybody knows of kinase inhibitors."""

import numpy as np
import pytest

from molgen.data.genes import gene_symbol
from molgen.data.library import Library
from molgen.data.proteins import Proteins
from molgen.models.panel import panel
from molgen.models.predict import load
from molgen.models.shipped import shipped

ERLOTINIB = "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1"
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
MANNITOL = "OCC(O)C(O)C(O)C(O)CO"


@pytest.fixture(scope="module")
def kinases():
    return load("kinases")


def test_it_is_small_and_has_no_data_inside(kinases):
    assert shipped()["kinases"].stat().st_size <= 15e6
    assert not kinases.domain.known.told and kinases.pairs == "target" and len(kinases.proteins) > 450
    metrics = kinases.card["metrics"]["pKd"]["held out"]
    assert metrics["n"] > 100_000 and metrics["pearson"] > 0.5


def test_well_known_inhibitors_meet_their_kinases(kinases):
    said = kinases.against_named(["EGFR", "ABL1", "ABL1(T315I)", "EGFR L858R"]).predict([ERLOTINIB, IMATINIB, MANNITOL])
    egfr, abl, resistant, mutant = said.mean.T
    assert egfr[0] > 7 > 6 > egfr[1] and mutant[0] > 7
    assert abl[1] > 7 and abl[1] > resistant[1] + 1  # the mutation that imatinib is lost to
    assert (said.mean[2] < 6).all() and not said.in_domain[2].any() and said.in_domain[:2].all()
    assert (said.low < said.mean).all() and (said.mean < said.high).all()


def test_the_panel_of_an_inhibitor_begins_with_its_kinase(kinases):
    told = panel(kinases, Library.of([ERLOTINIB]))
    assert len(told) == len(kinases.proteins) and (told["gene"][told["partner"] == "p38-alpha"] == "MAPK14").all()
    assert any(name.startswith("EGFR") for name in told["partner"].head(5)) and np.isfinite(told["pKd"]).all()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("JAK2", "JAK2(JH1domain-catalytic)"),
        ("mapk14", "p38-alpha"),
        ("Q16539", "p38-alpha"),
        ("KDR", "VEGFR2"),
        ("HER2", "ERBB2"),
        ("CDK1", "P06493"),
        ("P00533", "EGFR"),
        ("EGFR", "EGFR"),
    ],
)
def test_a_kinase_is_found_by_what_its_gene_goes_by(kinases, asked, meant):
    assert Proteins.of([asked], known=kinases.proteins.by_name).sequences[0] == kinases.proteins.by_name[meant]


def test_another_name_can_be_edited_too(kinases):
    known = kinases.proteins.by_name
    (mutant,) = Proteins.of(["HER2 L755S"], known=known).sequences
    assert mutant[754] == "S" and mutant[:754] + "L" + mutant[755:] == known["ERBB2"]


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ("EGFR D770_N771insSVD", ("ASVDNP", "ASVDSVDNP")),
        ("EGFR V769_D770insASV", ("ASVDNP", "ASVASVDNP")),
        ("EGFR E746_A750delinsIP", ("KELREATS", "KIPTS")),
        ("EGFR(E746-A750del)", ("KELREATS", "KTS")),
        ("EGFR_E746A750del", ("KELREATS", "KTS")),
        ("EGFR WT", ("", "")),
    ],
)
def test_edits_are_read_as_papers_write_them(kinases, asked, changed):
    (mutant,) = Proteins.of([asked], known=kinases.proteins.by_name).sequences
    assert mutant == kinases.proteins.by_name["EGFR"].replace(*changed)


@pytest.mark.parametrize("asked", ["BRAF p.V600E", "BRAF Val600Glu", "braf p.Val600Glu", "BRAF-V600E", "BRAF_V600E", "BRAF:p.V600E"])
def test_a_mutant_of_the_panel_is_found_however_it_is_written(kinases, asked):
    assert Proteins.of([asked], known=kinases.proteins.by_name).sequences[0] == kinases.proteins.by_name["BRAF(V600E)"]


def test_all_of_the_panel_but_those_of_other_species_have_a_gene(kinases):
    without = {name for name in kinases.proteins.names if not gene_symbol(name)}
    foreign = {"PFCDPK1(Pfalciparum)", "PFPK5(Pfalciparum)", "PKNB(Mtuberculosis)", "P11799", "Q3U3Q1"}  # the last, of chicken and mouse
    assert without == foreign
