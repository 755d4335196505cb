"""A pool gives what the plain loop gives, in the same order, and its errors arrive."""

import os

import pytest

from molgen.base.errors import MissingExtra, MolgenError
from molgen.base.parallel import EXECUTORS, Pool, Serial, usable_cores


def square(number: int) -> int:
    return number * number


def plus(offset: int, number: int) -> int:
    return offset + number


def threads(_: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def refuses(number: int) -> int:
    if number == 3:
        raise MissingExtra("ray", "cluster")
    return number


@pytest.fixture(scope="module")
def pool():
    return Pool(workers=2)


def test_a_pool_gives_what_the_plain_loop_gives_in_its_order(pool):
    numbers = list(range(40))
    assert list(pool.map(square, numbers)) == list(Serial().map(square, numbers)) == [n * n for n in numbers]


def test_what_is_shared_reaches_every_call(pool):
    assert list(pool.map(plus, range(5), shared=100)) == list(Serial().map(plus, range(5), shared=100)) == [100, 101, 102, 103, 104]


def test_an_error_in_a_worker_arrives_as_it_was_raised(pool):
    with pytest.raises(MissingExtra, match="ray is not installed") as error:
        list(pool.map(refuses, range(6)))
    assert error.value.fix == "pip install 'molgen[cluster]'"
    assert isinstance(error.value, MolgenError)


def test_workers_have_one_thread_and_the_parent_its_own_again(pool, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert set(pool.map(threads, range(3))) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_items_are_drawn_as_they_are_needed(pool):
    drawn = []

    def endless():
        while True:
            drawn.append(len(drawn))
            yield drawn[-1]

    results = pool.map(square, endless())
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    results.close()
    assert len(drawn) <= 3 + 64 * pool.workers


def test_nothing_to_do_is_done(pool):
    assert list(Serial().map(square, [])) == [] == list(pool.map(square, []))


def test_executors_are_listed_and_the_cores_are_some():
    assert {"serial", "pool", "ray"} <= set(EXECUTORS) and usable_cores() >= 1 and Pool().workers == usable_cores()
