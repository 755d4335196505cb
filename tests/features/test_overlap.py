"""Shared fragments by compiled code, against RDKit's own count."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import TanimotoSimilarity

from molgen.features.overlap import Counted
from molgen.features.traits import ALL, KERNELS, KINDS, Traits, weighty

SMILES = ("CCO", "CCCCCCCCCC", "CC(=O)Oc1ccccc1C(=O)O", "CN1CCC[C@H]1c1cccnc1", "C", "O=S(=O)(N)c1ccc(F)cc1", "CC(=O)Nc1ccc(O)cc1")
MOLS = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
INVARIANTS = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
PLAIN = {
    "ecfp4": rdFingerprintGenerator.GetMorganGenerator(radius=2),
    "ecfp6": rdFingerprintGenerator.GetMorganGenerator(radius=3),
    "fcfp4": rdFingerprintGenerator.GetMorganGenerator(radius=2, atomInvariantsGenerator=INVARIANTS),
    "pairs": rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=10),
}


def test_similarity_is_rdkits_on_unfolded_counts():
    alike = Traits.of(MOLS[2:]).alike(Traits.of(MOLS))
    for kind, found in zip(KINDS, alike, strict=False):
        prints = [PLAIN[kind].GetSparseCountFingerprint(mol) for mol in MOLS]
        plain = [[TanimotoSimilarity(one, other) for other in prints] for one in prints[2:]]
        assert np.abs(found - plain).max() < 1e-12, kind


def test_every_kernel_is_symmetric_positive_and_one_with_itself():
    traits = Traits.of(MOLS[:4] + MOLS[5:])  # methane has no pair of atoms
    alike = traits.alike(traits)
    assert alike.shape == (KERNELS, 6, 6)
    for one in alike:
        assert np.allclose(one, one.T)
        assert np.allclose(np.diag(one), 1.0)
        assert np.linalg.eigvalsh(one).min() > -1e-9


def test_mixed_is_the_weighted_sum():
    traits, weights = Traits.of(MOLS), np.arange(1.0, KERNELS + 1)
    few = traits.take(np.array([3, 0]))
    assert np.allclose(few.mixed(traits, weights), np.tensordot(weights, few.alike(traits), 1), rtol=1e-12)
    assert Traits.of([]).mixed(traits, weights).shape == (0, len(MOLS))


def only(**kernels):
    """Weights of kernels by place, 0 for the others."""
    weights = np.zeros(KERNELS)
    for place, weight in kernels.items():
        weights[int(place[1:])] = weight
    return weights


def test_what_has_no_weight_need_not_be_worked_out():
    logp = KERNELS - 7  # of the numbers on their own, after eight elements and hydrogen
    for weights, parts in (
        (only(k1=1.0), {"ecfp6"}), (only(k0=0.5, k3=0.5), {"ecfp4", "pairs"}), (only(k5=1.0), {"numbers"}),
        (only(k2=0.5, **{f"k{logp}": 0.5}), {"fcfp4", "numbers"}), (only(k6=1.0), ALL),
    ):  # fmt: skip
        assert weighty(weights) == parts
        few = Traits.of(MOLS, weighty(weights))
        assert np.allclose(few.mixed(few, weights), Traits.of(MOLS).mixed(Traits.of(MOLS), weights))
    with pytest.raises(ValueError, match="not worked out: numbers"):
        Traits.of(MOLS, frozenset({"ecfp4"})).mixed(Traits.of(MOLS), only(k4=1.0))
    assert Traits.joined([Traits.of(MOLS), Traits.of(MOLS, frozenset({"pairs"}))]).parts == {"pairs"}


def test_some_and_joined_are_as_if_worked_out_anew():
    whole = Traits.of(MOLS)
    again = Traits.joined([whole.take(np.array([4, 1])), whole.take(np.array([], dtype=np.int64)), Traits.of(MOLS[2:4])])
    plain = Traits.of([MOLS[i] for i in (4, 1, 2, 3)])
    assert np.array_equal(again.alike(whole), plain.alike(whole))


def test_nothing_has_nothing_in_common():
    empty = Counted.of(np.array([0, 2]), np.array([3, 7]), np.array([1, 5]))
    assert empty.alike(empty).tolist() == [[0.0, 0.0], [0.0, 1.0]]
