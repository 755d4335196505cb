"""Frameworks, held to hand-drawn ones and to what the word means."""

import csv
import gzip

import pytest
from rdkit import Chem
from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles

from molgen.chem.scaffold import scaffold
from molgen.data.catalogue import datasets


@pytest.mark.parametrize(
    ("smiles", "framework"),
    [
        ("CCO", ""),
        ("Cc1ccccc1", "c1ccccc1"),
        ("c1ccccc1CCc1ccccc1", "c1ccc(CCc2ccccc2)cc1"),
        ("CC(=O)C1CC1", "C1CC1"),
        ("O=C1CCCN1C", "O=C1CCCN1"),
        ("F[C@H]1CC[C@@H](Cl)CC1", "C1CCCCC1"),
        ("c1ccccc1.CC", "c1ccccc1"),
    ],
)
def test_frameworks_are_those_drawn_by_hand(smiles, framework):
    assert scaffold(Chem.MolFromSmiles(smiles)) == Chem.CanonSmiles(framework)


def test_real_drugs_have_rdkits_own_framework_and_stereoisomers_share_it():
    with gzip.open(datasets()["chembl_drugs"].path, "rt") as opened:
        smiles = [row["smiles"] for row in csv.DictReader(opened)][::10]
    for text in smiles:
        flat = Chem.MolFromSmiles(Chem.MolToSmiles(Chem.MolFromSmiles(text), isomericSmiles=False))
        assert scaffold(Chem.MolFromSmiles(text)) == scaffold(flat) == MurckoScaffoldSmiles(mol=flat)
