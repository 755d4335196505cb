"""Every featurizer: one row a molecule in order, the same for any numbering of its atoms, nothing for nothing."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.data.library import Library
from molgen.features.base import FEATURIZERS, Featurizer

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "C", "[Na+].[Cl-]", "C[C@H](N)C(=O)O", "[NH2][Pt]([NH2])([Cl])[Cl]"]


@pytest.fixture(params=sorted(FEATURIZERS))
def featurizer(request):
    built = FEATURIZERS.build(request.param)
    assert isinstance(built, Featurizer)
    return built


def test_shape_type_and_names_agree(featurizer):
    rows = featurizer([Chem.MolFromSmiles(smiles) for smiles in SMILES])
    assert rows.shape == (len(SMILES), featurizer.width) == (len(SMILES), len(featurizer.names))
    assert rows.dtype == np.float32
    assert len(set(featurizer.names)) == featurizer.width
    assert not np.isinf(rows).any()


def test_nothing_in_nothing_out(featurizer):
    assert featurizer([]).shape == (0, featurizer.width)


def test_order_of_molecules_is_kept(featurizer):
    mols = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
    assert np.array_equal(featurizer(mols)[::-1], featurizer(mols[::-1]), equal_nan=True)


def test_numbering_of_atoms_does_not_matter(featurizer):
    mol = Chem.MolFromSmiles(SMILES[0])
    turned = Chem.RenumberAtoms(mol, [int(i) for i in np.random.default_rng(0).permutation(mol.GetNumAtoms())])
    assert np.allclose(featurizer([mol]), featurizer([turned]), rtol=1e-5, equal_nan=True)


def test_features_of_a_library_are_made_once(featurizer):
    library = Library.of([*SMILES, "not a smiles", SMILES[0]])
    assert featurizer.of(library) is featurizer.of(library)
    assert len(featurizer.of(library)) == len(library.distinct())


def test_the_key_tells_options_apart_and_nothing_else(featurizer):
    assert featurizer.key == type(featurizer)().key
