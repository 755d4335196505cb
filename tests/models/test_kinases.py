"""The kinase model that comes with molgen: small, without its data, and it knows what everybody knows of kinase inhibitors."""

import numpy as np
import pytest

from molgen.data.library import Library
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
    assert len(told) == len(kinases.proteins)
    assert any(name.startswith("EGFR") for name in told["partner"].head(5)) and np.isfinite(told["pKd"]).all()
