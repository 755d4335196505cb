"""Alerts are those of RDKit's catalogues, none missed by the short cut for PAINS."""

import pytest
from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molgen.base.errors import MolgenError
from molgen.chem.alerts import alerts
from molgen.chem.pains import pains
from molgen.data import catalogue

ALERTING = ["O=C1NC(=S)SC1=Cc1ccccc1", "CC(=O)Cl", "Oc1ccccc1O", "O=C1C=CC(=O)C=C1", "CCO", "CN(C)c1ccc(C=C2C(=O)NC(=O)NC2=O)cc1", ""]


def rdkits(name):
    params = FilterCatalogParams()
    params.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, name))
    return FilterCatalog(params)


def test_the_short_cut_for_pains_says_what_the_catalogue_says():
    texts = [*ALERTING, *catalogue.load_rows("chembl_drugs").raw[:400], *catalogue.load_rows("jak2_ki").raw[:200]]
    mols = [mol for mol in map(Chem.MolFromSmiles, texts) if mol is not None]
    plain = rdkits("PAINS")
    expected = [sorted(match.GetDescription() for match in plain.GetMatches(mol)) for mol in mols]
    assert [sorted(pains(mol)) for mol in mols] == expected
    assert sum(map(bool, expected)) > 10


@pytest.mark.parametrize("smiles", ALERTING)
def test_every_match_is_named_with_its_catalogue(smiles):
    mol = Chem.MolFromSmiles(smiles)
    count = sum(len({match.GetDescription().split("(")[0] for match in rdkits(name).GetMatches(mol)}) for name in ("PAINS", "BRENK"))
    assert len(alerts(mol)) == count
    assert all(name.startswith(("PAINS: ", "BRENK: ")) for name in alerts(mol))


def test_an_unknown_catalogue_is_refused():
    with pytest.raises(MolgenError, match="no alert catalogue is called 'PAIN'"):
        alerts(Chem.MolFromSmiles("CCO"), ("PAIN",))


def test_names_keep_what_stands_in_brackets_in_them():
    assert alerts(Chem.MolFromSmiles("C1OC1CC(C1CO1)C1CO1"), ("ZINC",)) == ("ZINC: (thio)epoxides,aziridines",)
    assert alerts(Chem.MolFromSmiles("S=C=NCCN=C=S"), ("ZINC",)) == ("ZINC: iso(thio)cyanates",)
