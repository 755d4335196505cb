"""What is told of a pair by what was measured around it."""

import numpy as np

from molgen.data.library import Library
from molgen.models.grid import gridded, principal
from molgen.models.neighbours import WIDTH, Asked, Panel
from molgen.models.recipe import RecipeConfig
from molgen.models.train import train
from tests.models.conftest import TINY_PAIR_NEIGHBOURS, pairs

MANY, FEW = 12, 7


def likeness(many, seed):
    points = np.random.default_rng(seed).normal(size=(many, 3))
    return np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2) / 4).astype(np.float32)


ONE, OTHER = Asked.among(likeness(MANY, 0)), Asked.among(likeness(FEW, 1))


def grid(values=None):
    """A grid of which 60 % was measured."""
    rng = np.random.default_rng(2)
    i, j = np.nonzero(rng.random((MANY, FEW)) < 0.6)
    own = rng.normal(size=len(i)) if values is None else values(i, j)
    return gridded(own, np.zeros(len(i)), i, j, (MANY, FEW))[0], i, j


def test_a_pair_hidden_from_the_grid_is_told_of_without_its_value():
    known, i, j = grid()
    shown = np.ones((MANY, FEW), dtype=bool)
    shown[i[5], j[5]] = False
    plain = Panel.of(known.where(shown)).columns(ONE, OTHER, i[5:6], j[5:6])
    known.values[i[5], j[5]] = 99.0
    assert np.array_equal(Panel.of(known.where(shown)).columns(ONE, OTHER, i[5:6], j[5:6]), plain, equal_nan=True)
    assert plain.shape == (1, WIDTH) and np.isfinite(plain).mean() > 0.9


def test_the_nearest_measured_with_the_same_partner_come_first():
    known, _, _ = grid(lambda i, j: i + 10.0 * j)  # who it is can be read off the value
    there = np.flatnonzero(known.times[:, 2] > 0)
    there = there[there != 3]
    nearest = there[np.argsort(-ONE.alike[3, there], kind="stable")][:6]
    told = Panel.of(known).columns(ONE, OTHER, np.array([3]), np.array([2]))[0]
    start = 8 + 9  # of the row itself, and of rows weighed by likeness
    found = len(nearest)
    assert np.allclose(told[start : start + found], ONE.alike[3, nearest])
    assert np.allclose(told[start + 6 : start + 6 + found], known.values[nearest, 2])
    assert (told[start + found : start + 6] == 0).all() and np.isnan(told[start + 6 + found : start + 12]).all()


def test_a_new_molecule_is_one_of_which_nothing_was_measured():
    known, _, _ = grid()
    shown = np.ones((MANY, FEW), dtype=bool)
    shown[4] = False
    asked = np.full(FEW, 4), np.arange(FEW)
    unmeasured = Panel.of(known.where(shown)).columns(ONE, OTHER, *asked)
    stranger = Asked(np.where(np.arange(MANY) == 4, 0, ONE.alike), np.where(ONE.place == 4, -1, ONE.place))
    new = Panel.of(known.where(shown)).columns(stranger, OTHER, *asked)
    assert np.allclose(unmeasured, new, atol=1e-5, equal_nan=True)
    assert np.isnan(new[:, 0]).all() and np.isfinite(new).mean() > 0.4  # nothing of its own, much of those alike


def test_principal_parts_are_as_alike_as_the_molecules():
    parts = ONE.alike @ principal(ONE.alike, MANY)
    assert np.allclose(parts @ parts.T, ONE.alike, atol=1e-3)
    assert principal(ONE.alike, 3).shape == (MANY, 3) and principal(np.ones((4, 4), np.float32), 3).shape == (4, 1)


def test_far_values_pull_less_with_huber():
    library = pairs()
    table = library.rows.columns.assign(affinity=lambda own: own["affinity"].where(np.arange(len(own)) % 10 > 0, 1e3))
    wild = Library.from_frame(table).paired_with(library.partners.each, library.partners.of_row)
    far = []
    for huber in (0.0, 0.05):
        recipe = RecipeConfig(predictor="pair_neighbours", options=TINY_PAIR_NEIGHBOURS | {"huber": huber}, folds=3)
        said = train(wild, "affinity", recipe=recipe, split="none").model.predict(library).mean[:, 0]
        far.append(float(np.abs(said - library.rows.columns["affinity"]).mean()))
    assert far[1] < far[0]
