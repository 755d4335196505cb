"""Similarity against RDKit's bit vectors, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molgen.base.errors import MolgenError
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import _BLOCK, nearest, tanimoto

SMILES = ["CCO", "CCN", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "C", "CCCCO"]
MOLS = [Chem.MolFromSmiles(smiles) for smiles in SMILES]


def pair_by_pair() -> np.ndarray:
    vectors = [rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint(mol) for mol in MOLS]
    return np.array([DataStructs.BulkTanimotoSimilarity(vector, vectors) for vector in vectors])


def test_similarities_are_rdkits() -> None:
    bits = Fingerprint()(MOLS)
    np.testing.assert_allclose(tanimoto(bits, bits), pair_by_pair(), atol=1e-6)


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.float64])
def test_bits_may_come_in_any_type(kind: type) -> None:
    bits = Fingerprint()(MOLS).astype(kind)
    np.testing.assert_allclose(tanimoto(bits, bits), pair_by_pair(), atol=1e-6)


def test_nearest_agrees_with_the_whole_matrix_across_blocks() -> None:
    rng = np.random.default_rng(0)
    queries, references = rng.random((_BLOCK + 7, 64)) < 0.3, rng.random((40, 64)) < 0.3
    index, similarity = nearest(queries, references)
    shared = (queries[:, None] & references).sum(axis=2)
    whole = shared / (queries[:, None] | references).sum(axis=2)
    np.testing.assert_allclose(similarity, whole.max(axis=1), atol=1e-6)
    np.testing.assert_allclose(whole[np.arange(len(queries)), index], whole.max(axis=1), atol=1e-6)


def test_nothing_in_common_is_zero_also_between_empty_rows() -> None:
    assert tanimoto(np.zeros((2, 8)), np.zeros((3, 8))).tolist() == [[0.0] * 3] * 2


def test_no_queries_give_no_answers_and_no_references_are_refused() -> None:
    index, similarity = nearest(np.zeros((0, 8)), np.ones((2, 8)))
    assert len(index) == len(similarity) == 0
    with pytest.raises(MolgenError, match="no reference"):
        nearest(np.ones((1, 8)), np.zeros((0, 8)))
