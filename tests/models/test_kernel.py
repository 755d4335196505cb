"""The kernel against loops over counts, the process against scikit-learn's."""

import os
import subprocess
import sys

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct, WhiteKernel

from molgen.data.library import Library
from molgen.features.descriptor import Descriptors
from molgen.models.closeness import Closeness
from molgen.models.counts import MOST, counts
from molgen.models.likeness import Likeness, Measure
from molgen.models.minmax import minmax
from molgen.models.predictor import Predictor
from molgen.models.process import Process, _cost, likeliest
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train


def by_hand(a, b):
    grown_a, grown_b = np.log2(1.0 + np.minimum(a, MOST)), np.log2(1.0 + np.minimum(b, MOST))
    larger = np.maximum(grown_a, grown_b).sum()
    return np.minimum(grown_a, grown_b).sum() / larger if larger else 0.0


def test_minmax_equals_a_loop_over_counts():
    rng = np.random.default_rng(1)
    queries, references = rng.poisson(1.0, (7, 40)), rng.poisson(1.0, (9, 40))
    queries[2] = 0  # a molecule without fragments
    references[3, :3] = [200, 64, 63]  # beyond what a byte is kept for
    queries[4, :3] = [100, 70, 5]
    wanted = [[by_hand(a, b) for b in references] for a in queries]
    assert np.allclose(minmax(queries, references), wanted, rtol=0, atol=1e-6)


def test_minmax_is_the_same_for_columns_that_few_and_that_many_have():
    rng = np.random.default_rng(4)
    often = np.array([0.9, 0.5, 0.06, 0.04, 0.01])
    references = (rng.random((300, 200)) < often[np.arange(200) % 5]) * rng.integers(1, 9, (300, 200))
    queries = np.concatenate([references[:3], rng.poisson(0.3, (600, 200))])  # more than one block
    rows = [0, 1, 2, 511, 512, 602]
    wanted = [[by_hand(queries[row], one) for one in references[:40]] for row in rows]
    assert np.allclose(minmax(queries, references)[rows, :40], wanted, rtol=0, atol=1e-6)


def test_a_molecule_equals_itself_and_the_kernel_is_positive():
    counts = np.random.default_rng(2).poisson(0.7, (30, 60)) + np.eye(30, 60, dtype=int)
    similarity = minmax(counts, counts)
    assert np.allclose(np.diag(similarity), 1.0) and np.linalg.eigvalsh(similarity).min() > -1e-5


def test_folded_counts_are_those_rdkit_hashes_to_that_length(library):
    mols = library.distinct().mols
    for size in (512, 1024, 2048):
        generator = rdFingerprintGenerator.GetAtomPairGenerator(fpSize=size)
        wanted = np.stack([generator.GetCountFingerprintAsNumPy(mol) for mol in mols])
        assert np.array_equal(counts(library, "atom_pair", size), np.minimum(wanted, MOST))
    assert Chem.MolToSmiles(mols[0])


@pytest.mark.parametrize("shape", ["linear", "exponential"])
def test_process_equals_scikit_learns_with_the_same_covariance(shape):
    rng = np.random.default_rng(3)
    x, new = rng.normal(size=(40, 3)), rng.normal(size=(6, 3))
    similarity = lambda a, b: np.exp(-((a[:, None] - b[None]) ** 2).sum(-1))  # noqa: E731
    y = np.sin(x[:, 0]) + 5.0
    process = Process.of(similarity(x, x), y, shape=shape, level=2.0, most=100)

    # Any covariance is a dot product of the rows of its root, so scikit-learn is given those.
    everything = process.settings.kernel(similarity(np.vstack([x, new]), np.vstack([x, new])))
    values, vectors = np.linalg.eigh(everything)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    theirs = GaussianProcessRegressor(DotProduct(0.0) + WhiteKernel(process.settings.noise + 1e-6), optimizer=None, alpha=0.0)
    theirs.fit(root[:40], (y - y.mean()) / y.std())
    mean, spread = theirs.predict(root[40:], return_std=True)
    assert np.allclose(process.mean(similarity(new, x)), mean * y.std() + y.mean(), atol=1e-4)
    assert np.allclose(process.spread(similarity(new, x)), spread * y.std(), atol=1e-4)


@pytest.mark.parametrize("shape", ["linear", "exponential"])
def test_the_slope_of_the_likelihood_is_its_slope(shape):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(25, 2))
    similarity, y = np.exp(-((x[:, None] - x[None]) ** 2).sum(-1)), rng.normal(size=25)
    start = np.array([0.1, -1.0] + ([0.3] if shape == "exponential" else []))
    cost = lambda logs: _cost(logs, similarity, y, shape, 2.0)[0]  # noqa: E731
    slope = lambda logs: _cost(logs, similarity, y, shape, 2.0)[1]  # noqa: E731
    assert check_grad(cost, slope, start) < 1e-3


def test_noise_is_found_where_there_is_noise():
    rng = np.random.default_rng(5)
    x = rng.uniform(-3, 3, (150, 1))
    similarity = np.exp(-((x - x.T) ** 2))
    clean, noisy = np.sin(x[:, 0]), np.sin(x[:, 0]) + rng.normal(0, 0.7, 150)
    assert likeliest(similarity, clean, shape="linear", level=0.0).noise < 0.05
    assert 0.2 < likeliest(similarity, noisy / noisy.std(), shape="linear", level=0.0).noise < 0.8


def test_closeness_is_the_gaussian_of_standardised_logarithms():
    rng = np.random.default_rng(6)
    known, asked = rng.normal(size=(12, 5)) * 10, rng.normal(size=(4, 5)) * 10
    known[:, 3] = 7.0  # never varies: says nothing
    asked[1, 2] = np.nan  # typical
    closeness = Closeness.of(known)
    grown = np.sign(known) * np.log1p(abs(known))
    mean, deviation = grown.mean(axis=0), grown.std(axis=0)

    def standard(row):
        return [
            np.clip((np.sign(v) * np.log1p(abs(v)) - mean[j]) / deviation[j], -4, 4) if v == v else 0.0 for j, v in enumerate(row) if j != 3
        ]

    wanted = [[np.exp(-np.mean((np.array(standard(a)) - standard(b)) ** 2) / 8) for b in known] for a in asked]
    assert np.allclose(closeness.similarity(asked), wanted) and np.allclose(np.diag(closeness.among()), 1.0)


def test_likeness_is_the_weighted_mean_of_its_parts(library):
    rows = np.arange(30)
    made = {
        share: Likeness.of(Measure(fingerprints=("ecfp4",), weights=(1.0,), size=512, descriptors=share), library, rows)
        for share in (0.0, 0.25)
    }
    shared, both = made[0.0].to(library), made[0.25].to(library)
    assert np.allclose(both, 0.75 * shared + 0.25 * made[0.25].closeness.similarity(Descriptors().of(library)))
    assert np.allclose(both[:30], made[0.25].among()) and np.allclose(np.diag(both[:30]), 1.0)


def test_numbers_do_not_depend_on_how_many_threads_make_them(tmp_path):
    code = (
        "import sys, numpy as np, molgen as mg\n"
        "library = mg.dataset('jak1_ki').take(range(200))\n"
        "model = mg.train(library, 'pKi', recipe='kernel', split='none')\n"
        "said = model.predict(mg.dataset('jak1_ki').take(range(200, 260)))\n"
        "np.save(sys.argv[1], np.stack([said.mean, said.spread]))\n"
    )
    said = []
    for threads in ("1", "2"):
        out = tmp_path / f"{threads}.npy"
        environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)}
        subprocess.run([sys.executable, "-c", code, str(out)], check=True, env=environment)
        said.append(np.load(out))
    assert np.array_equal(*said)


def test_what_folds_share_is_what_each_would_work_out_alone(library):
    measure = Measure(fingerprints=("ecfp4", "atom_pair"), weights=(1.0, 2.0), size=512, descriptors=0.2)
    rows = np.array([7, 3, 20, 11])
    alone = Likeness.of(measure, library.distinct(), rows)
    to, among = alone.to(library), alone.among()
    measure.share(library)
    shared = Likeness.of(measure, library.distinct(), rows)
    assert np.allclose(shared.to(library), to, atol=1e-6) and np.allclose(shared.among(library), among, atol=1e-6)


def test_another_librarys_shared_fragments_are_not_taken_for_its_own(library):
    measure = Measure(fingerprints=("ecfp4",), weights=(1.0,), size=512, descriptors=0.0)
    likeness = Likeness.of(measure, library.distinct(), np.arange(5))
    other = library.distinct().take(np.arange(9, 2, -1))
    wanted = likeness.to(other)
    measure.share(other)
    assert np.array_equal(likeness.to(other), wanted)


def test_small_molecules_with_few_fragments_come_back(tmp_path):
    smiles = [head + tail for head in ("C", "CC", "N", "O", "S") for tail in ("", "C", "F", "Cl", "Br")]
    recipe = RecipeConfig(predictor="kernel", options={"fingerprints": {"torsion": 1.0}, "size": 512})
    library = Library.of(smiles, columns={"y": np.arange(25.0).tolist()})
    fitted = train(library, "y", recipe=recipe, split="none")
    again = Predictor.load(fitted.save(tmp_path / "model"))
    assert np.array_equal(again.predict(smiles).mean, fitted.predict(smiles).mean)
