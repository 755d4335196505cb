"""MOSES' metrics against sums by hand; what molsets says of the same texts is in benchmarks/results."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.DataStructs import TanimotoSimilarity

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import moses

SMILES = ["CC(=O)Nc1ccccc1", "CCOC(=O)c1ccncc1", "c1ccc2ncccc2c1", "CN1CCN(Cc2ccccc2)CC1"]


def similar(one, other):
    return TanimotoSimilarity(*(moses._BITS.GetFingerprint(Chem.MolFromSmiles(smiles)) for smiles in (one, other)))


def test_what_can_be_read_is_valid_and_canonical():
    assert moses.valid(["C1CC", "OCC", "", "c1ccccc1"]) == ["CCO", "c1ccccc1"]


def test_unique_and_novel_count_distinct_ones():
    assert moses.unique(["C", "C", "N", "O"], 3) == pytest.approx(2 / 3)
    assert moses.novelty(["C", "C", "N", "O"], ["N"]) == pytest.approx(2 / 3)


def test_diversity_is_over_all_pairs():
    packed = moses.fingerprints(SMILES)
    pairs = np.array([[similar(one, other) for other in SMILES] for one in SMILES])
    assert moses.diversity(packed, 1) == pytest.approx(1 - pairs.mean(), abs=1e-6)
    assert moses.diversity(packed, 2) == pytest.approx(1 - np.sqrt((pairs**2).mean(axis=1)).mean(), abs=1e-6)


def test_the_nearest_neighbour_is_the_most_alike():
    found = moses.nearest_neighbour(moses.fingerprints(SMILES[:2]), moses.fingerprints(SMILES[2:]))
    assert found == pytest.approx(np.mean([max(similar(one, other) for other in SMILES[2:]) for one in SMILES[:2]]), abs=1e-6)


def test_fragments_and_scaffolds_are_counted():
    assert moses.fragments([SMILES[0]])["[16*]c1ccccc1"] == 1
    assert moses.scaffolds(SMILES) == Counter({"c1ccc2ncccc2c1": 1, "c1ccc(CN2CCNCC2)cc1": 1})  # one ring is no scaffold here


def test_cosine_of_counts():
    assert moses.cosine(Counter(a=3, b=4), Counter(a=3)) == pytest.approx(0.6)
    assert moses.cosine(Counter(), Counter(a=1)) == 0.0


def test_filters_refuse_charges_rare_elements_large_rings_and_patterns():
    azide = [Chem.MolFromSmarts("N=N")]
    assert moses.passing(["CCO", "C[NH3+]", "C[Si](C)C", "C1CCCCCCC1", "CN=NC"], azide) == pytest.approx(0.2)
