"""A sulfoxide has the alerts that it has as its double bond, whichever way it is drawn."""

import pytest
from rdkit import Chem

from molgen.chem.alerts import alerts
from molgen.chem.standardize import standardize

OMEPRAZOLE = "COc1ccc2[nH]c(nc2c1)S(=O)Cc1ncc(C)c(OC)c1C"


@pytest.mark.parametrize("smiles", ["CS(=O)c1ccccc1", OMEPRAZOLE, "C[S@@](=O)c1ccc(O)c(O)c1"])
@pytest.mark.parametrize("catalogues", [("BRENK", "PAINS"), ("NIH", "ZINC")])
def test_standardising_makes_no_alert(smiles, catalogues):
    charged = standardize(smiles).mol
    assert any(atom.GetFormalCharge() for atom in charged.GetAtoms())
    assert alerts(charged, catalogues) == alerts(Chem.MolFromSmiles(smiles), catalogues)
    assert any(atom.GetFormalCharge() for atom in charged.GetAtoms())  # which was looked at, not changed


def test_what_is_charged_in_earnest_still_has_its_alert():
    assert "BRENK: charged oxygen or sulfur atoms" in alerts(Chem.MolFromSmiles("C[S+](C)Cc1ccccc1"))
