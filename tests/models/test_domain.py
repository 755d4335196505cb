"""The domain against RDKit's own similarities."""

import numpy as np
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import BulkTanimotoSimilarity

from molgen.data.library import Library
from molgen.models.domain import Domain


def prints(library):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    return [generator.GetFingerprint(mol) for mol in library.mols]


def test_threshold_is_the_fifth_percentile_of_nearest_neighbours(library):
    known = library.distinct()
    domain = Domain.of(known, np.zeros((len(known), 1)))
    own = prints(known)
    nearest = [max(BulkTanimotoSimilarity(one, own[:i] + own[i + 1 :])) for i, one in enumerate(own)]
    assert np.isclose(domain.thresholds, np.quantile(nearest, 0.05), atol=1e-6)


def test_nearest_is_the_nearest(library):
    known = library.distinct().take(range(0, 40))
    asked = library.distinct().take(range(40, 60))
    found = Domain.of(known, np.zeros((40, 1))).nearest(asked)
    for i, one in enumerate(prints(asked)):
        similar = BulkTanimotoSimilarity(one, prints(known))
        assert np.isclose(found.tanimoto[i, 0], max(similar)) and np.isclose(similar[found.row[i, 0]], max(similar))


def test_strange_chemistry_is_outside(fitted):
    said = fitted("mean").predict(Library.of(["c1ccc(C)cc1", "OC1OC(CO)C(O)C(O)C1OC1OC(CO)C(O)C(O)C1O"]))
    assert said.in_domain[:, 0].tolist() == [True, False]
