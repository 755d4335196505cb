"""The domain against RDKit's own similarities."""

import numpy as np
import pytest
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import BulkTanimotoSimilarity

from molgen.data.library import Library
from molgen.models.domain import Domain, to_other_folds


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


def test_what_is_larger_or_smaller_than_all_that_is_known_is_outside():
    known = Library.of(["C" * n for n in range(4, 20)] + ["CCO", "CCCO"])
    values = np.ones((len(known), 2))
    values[-2:, 1] = np.nan
    domain = Domain.of(known, values)
    assert domain.sizes.tolist() == [[3, 19], [4, 19]]
    asked = Library.of(["C" * 100, "CCC", "CCCCCC"])
    similarity = domain.nearest(asked).tanimoto
    assert similarity[0].tolist() == [1.0, 1.0]  # of one piece repeated, ECFP4 does not see how often
    assert (domain.nearness(asked, similarity)[0] == 19 / 100).all()
    inside = domain.nearness(asked, similarity) == 1.0
    assert inside.tolist() == [[False, False], [similarity[1, 0] >= domain.thresholds[0], False], [True, True]]
    assert (domain.only([1]).nearness(asked, similarity[:, 1:]) == 1.0).tolist() == [[False], [False], [True]]


def test_nearness_falls_with_similarity_and_size(fitted):
    model = fitted("mean")
    known = model.domain.known.smiles[0]
    asked = Library.of([known, "OC1OC(CO)C(O)C(O)C1OC1OC(CO)C(O)C(O)C1O", "C" * 200])
    said = model.predict(asked)
    near = model.domain.nearness(asked, said.similarity)[:, 0]
    assert (near == 1.0).tolist() == said.in_domain[:, 0].tolist() == [True, False, False]
    assert 0 < near[1] < 1 and 0 < near[2] < model.domain.sizes[0, 1] / 150


@pytest.mark.parametrize("closest", [3, 128])
def test_each_task_has_its_own_nearest(library, monkeypatch, closest):
    monkeypatch.setattr("molgen.models.domain._CLOSEST", closest)
    known, asked = library.distinct().take(range(0, 45)), library.distinct().take(range(35, 60))
    values = np.where(np.random.default_rng(0).random((45, 3)) < [0.9, 0.4, 0.05], 1.0, np.nan)
    values[0] = 1.0
    domain = Domain.of(known, values)
    found = domain.nearest(asked)
    for task in range(3):
        rows = np.flatnonzero(np.isfinite(values[:, task]))
        own = [prints(known)[row] for row in rows]
        for i, one in enumerate(prints(asked)):
            similar = np.array(BulkTanimotoSimilarity(one, own))
            assert np.isclose(found.tanimoto[i, task], similar.max(), atol=1e-6)
            assert found.row[i, task] == rows[similar.argmax()]
        one_task = Domain.of(known.take(rows), values[rows][:, [task]])
        assert np.isclose(domain.thresholds[task], one_task.thresholds[0])


def test_distance_to_other_folds_is_to_what_was_measured_there(library):
    known = library.distinct()
    values = np.where(np.random.default_rng(1).random((len(known), 2)) < 0.6, 1.0, np.nan)
    fold_of = np.arange(len(known)) % 3
    told = to_other_folds(known, values, fold_of)
    own = prints(known)
    for task in range(2):
        measured = np.isfinite(values[:, task])
        assert np.array_equal(np.isfinite(told[:, task]), measured)
        for i in np.flatnonzero(measured)[:20]:
            others = [own[j] for j in np.flatnonzero(measured & (fold_of != fold_of[i]))]
            assert np.isclose(told[i, task], max(BulkTanimotoSimilarity(own[i], others)), atol=1e-6)
