import numpy as np
import pytest

from molgen.models.grid import Grid, inverse_root, valid
from molgen.models.kronecker import Ground, answered, filled, known_kernel, usual, whole_kernel


def likeness(many, rng):
    points = rng.normal(size=(many, 3))
    return np.exp(-((points[:, None] - points[None]) ** 2).sum(axis=2) / 4).astype(np.float32)


@pytest.fixture
def ground():
    rng = np.random.default_rng(0)
    return Ground((likeness(7, rng),), (likeness(5, rng), likeness(5, rng)))


def grid(ground, rng, share=0.6):
    times = (rng.random((7, 5)) < share) * rng.integers(1, 3, (7, 5))
    values = np.where(times > 0, rng.normal(size=(7, 5)), 0.0)
    return Grid(*(one.astype(np.float32) for one in (values, times, np.zeros((7, 5)))))


def test_it_answers_as_a_process_on_the_pairs_themselves(ground):
    seen = grid(ground, np.random.default_rng(1))
    settings = usual((1, 2), new="pairs", identities=False) | {"noise": 0.3}
    answer = answered(ground, seen, settings, rounds=1)
    one, other = (whole_kernel(settings, *side, None) for side in (("molecules", ground.molecules), ("partners", ground.partners)))
    i, j = np.nonzero(seen.times)
    covariance = one[np.ix_(i, i)] * other[np.ix_(j, j)] + np.diag(0.3 / seen.times[i, j])
    pull = np.linalg.solve(covariance, seen.values[i, j])
    said = np.einsum("ap,bp,p->ab", one[:, i], other[:, j], pull)
    assert np.abs(filled(ground, answer, settings) - said).max() < 0.02 * np.abs(said).max() and not answer.pull[seen.times == 0].any()


def test_of_a_large_grid_of_which_little_was_measured_it_finds_the_same():
    rng = np.random.default_rng(5)
    ground = Ground((likeness(400, rng),), (likeness(100, rng),))
    times = (rng.random((400, 100)) < 0.03).astype(np.float32)
    values = np.where(times > 0, rng.normal(size=(400, 1)) + 0.5 * rng.normal(size=times.shape), 0).astype(np.float32)
    settings = usual((1, 1), new="pairs", identities=False) | {"noise": 0.2, "molecules level": 2.0, "partners level": 2.0}
    answer = answered(ground, Grid(values, times, np.zeros_like(times)), settings, rounds=1)
    one, other = (whole_kernel(settings, *side, None) for side in (("molecules", ground.molecules), ("partners", ground.partners)))
    i, j = np.nonzero(times)
    covariance = one[np.ix_(i, i)].astype(float) * other[np.ix_(j, j)] + 0.2 * np.eye(len(i))
    said = np.einsum("ap,bp,p->ab", one[:, i], other[:, j], np.linalg.solve(covariance, values[i, j]))
    assert np.sqrt(np.mean((filled(ground, answer, settings) - said) ** 2)) < 0.05 * said.std()


def test_a_bound_is_no_further_off_than_it_says(ground):
    seen = grid(ground, np.random.default_rng(1))
    settings = usual((1, 2), new="pairs", identities=False)
    i, j = (int(place) for place in np.argwhere(seen.times > 0)[0])
    signs = np.zeros((7, 5), dtype=np.float32)
    signs[i, j] = -1  # it truly lies below
    values = seen.values.copy()
    values[i, j] = 3.0
    far = filled(ground, answered(ground, Grid(values, seen.times, np.zeros_like(signs)), settings, rounds=3), settings)[i, j]
    free = filled(ground, answered(ground, Grid(values, seen.times, signs), settings, rounds=3), settings)[i, j]
    assert free < far


def test_who_is_known_goes_together_with_itself_more(ground):
    settings = usual((1, 2), new="pairs", identities=True)
    learned = likeness(7, np.random.default_rng(2))
    told = known_kernel(settings, "molecules", np.array([3, 0]), 7, learned)
    assert told[0].argmax() == 3 and told[0, 3] == pytest.approx(settings["molecules own"] + settings["molecules learned"])
    assert known_kernel(settings, "molecules", np.array([3]), 7, None).sum() == pytest.approx(settings["molecules own"])


def test_what_is_no_kernel_becomes_the_nearest_one_that_is():
    crooked = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]], dtype=np.float32)
    assert np.linalg.eigvalsh(crooked).min() < -0.1 < -1e-5 < np.linalg.eigvalsh(valid(crooked)).min()
    good = likeness(6, np.random.default_rng(3))
    assert np.allclose(valid(good), good, atol=1e-5)
    root = inverse_root(good, 0.5)
    assert np.allclose(root.T @ root @ (good + 0.5 * np.eye(6)), np.eye(6), atol=1e-4)


def test_where_there_is_next_to_no_noise_the_answer_is_still_a_number():
    rng = np.random.default_rng(0)
    alike = [np.full((many, many), 0.999, np.float32) + np.float32(0.001) * np.eye(many, dtype=np.float32) for many in (40, 30)]
    ground = Ground((alike[0],), (alike[1],))
    times = (rng.random((40, 30)) < 0.3).astype(np.float32)
    grid = Grid(np.where(times > 0, rng.normal(size=times.shape), 0).astype(np.float32), times, np.zeros_like(times))
    settings = usual((1, 1), new="pairs", identities=False) | {"noise": 1e-9, "molecules level": 1e4, "partners level": 1e4}
    answer = answered(ground, grid, settings, rounds=3)
    assert np.isfinite(answer.pull).all() and np.isfinite(filled(ground, answer, settings)).all()
