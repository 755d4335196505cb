"""The PMO tasks against scores that TDC published for ZINC molecules."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

from molgen.data import catalogue
from molgen.data.catalogue import benchmark_folder

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from pharmacophores import pharmacophores
from pmo import top10_auc
from pmo_oracles import CORE, HOPPED, rehearsal, tasks

FOLDER = benchmark_folder()
GOLDEN = FOLDER / "oracles" / "pmo_golden_scores.csv.gz" if FOLDER else None


@pytest.mark.skipif(GOLDEN is None, reason="no benchmark files: set MOLGEN_DATA")
@pytest.mark.parametrize("name", sorted(set(tasks()) - {"deco_hop"}))
def test_scores_are_those_of_tdc(name):
    rows = pd.read_csv(GOLDEN)[:500]
    scores = [tasks()[name](Chem.MolFromSmiles(smiles)) for smiles in rows["smiles"]]
    assert np.abs(np.array(scores) - rows[name]).max() < 1e-6


@pytest.mark.parametrize("smiles", [HOPPED, "CCO.NCC(=O)O", "C", "[Na+].[Cl-]", "NCCCCCCCCCCCCCCO", "Oc1ccc2[nH]c(C(=O)O)cc2c1"])
def test_pharmacophores_are_rdkits(smiles):
    mol = Chem.MolFromSmiles(smiles)
    assert pharmacophores(mol) == Generate.Gen2DFingerprint(mol, Gobbi_Pharm2D.factory)


def test_pharmacophores_of_drugs_are_rdkits():
    mols = [mol for mol in map(Chem.MolFromSmiles, catalogue.load_rows("chembl_drugs").raw[:100]) if mol.GetNumAtoms() < 40]
    assert len(mols) > 50
    assert all(pharmacophores(mol) == Generate.Gen2DFingerprint(mol, Gobbi_Pharm2D.factory) for mol in mols)


def test_deco_hop_wants_the_core_kept_and_the_arms_changed():
    oracle, core = tasks()["deco_hop"], Chem.MolFromSmarts(CORE)
    whole = Chem.MolFromSmiles(HOPPED)
    assert whole.HasSubstructMatch(core)
    assert oracle(whole) == pytest.approx(0.5)  # alike and with the core; both arms are still there
    changed = Chem.MolFromSmiles("CCCOc1cc2ncnc(Nc3ccccc3)c2cc1C(C)(C)C")
    assert oracle(changed) > 0.8
    assert oracle(Chem.MolFromSmiles("c1ccccc1")) < 0.6  # no core


def test_the_rehearsal_shares_no_target_with_the_tasks():
    assert not set(tasks()) & set(rehearsal())


def test_the_area_counts_the_ten_best_so_far_by_the_hundred():
    assert top10_auc(np.ones(1_000), budget=1_000) == pytest.approx(0.95)  # the first hundred are a ramp
    assert top10_auc(np.zeros(1_000), budget=1_000) == 0
    early, late = np.zeros(1_000), np.zeros(1_000)
    early[:10], late[-10:] = 1, 1
    assert top10_auc(early, budget=1_000) > 0.9 > 0.1 > top10_auc(late, budget=1_000)
    assert top10_auc(np.ones(200), budget=1_000) == pytest.approx(0.95)  # stopped early: the last value is held
