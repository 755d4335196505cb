"""A pool gives what the plain loop gives, in the same order, and its errors arrive."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from molgen.base.errors import MissingExtra, MolgenError
from molgen.base.parallel import EXECUTORS, Pool, Serial, usable_cores


def square(number: int) -> int:
    return number * number


def plus(offset: int, number: int) -> int:
    return offset + number


def threads(_: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def home(_: int) -> str | None:
    return os.environ.get("MOLGEN_TEST_HOME")


def imported(module: str) -> bool:
    return module in sys.modules


def refuses(number: int) -> int:
    if number == 3:
        raise MissingExtra("ray", "cluster")
    return number


READY = """
import sys
from molgen.base.parallel import Pool
from test_parallel import imported
pool = Pool(workers=2, ready=("molgen.models.boosting", "no.such.module"))
print(set(pool.map(imported, ["lightgbm"] * 4)), "lightgbm" in sys.modules)
"""


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


def test_workers_have_the_environment_of_their_start(pool, monkeypatch):
    assert set(pool.map(home, range(2))) == {None}
    monkeypatch.setenv("MOLGEN_TEST_HOME", "here")
    assert set(pool.map(home, range(2))) == {"here"}


@pytest.mark.skipif(sys.platform != "linux", reason="workers are spawned, and import what they need")
def test_what_is_made_ready_is_there_when_a_worker_starts():
    done = subprocess.run([sys.executable, "-c", READY], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["{True}", "False"] and done.stderr == ""


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


UNKNOWN = """
from molgen.base.parallel import Pool
def half(number): return number / 2
print(list(Pool(workers=1).map(half, [1])))
"""


def test_what_no_worker_can_find_is_said_so(pool):
    with pytest.raises(MolgenError, match="can't be sent to other processes") as error:
        list(pool.map(lambda number: number, [1]))
    assert "Serial()" in error.value.fix
    ran = subprocess.run([sys.executable, "-c", UNKNOWN], capture_output=True, text=True)  # as a notebook has it: no file to import
    assert "can't be sent to other processes" in ran.stderr and "half" in ran.stderr


def test_a_pool_of_less_than_no_workers_is_refused():
    with pytest.raises(MolgenError, match="a pool of -1 workers"):
        Pool(workers=-1)
