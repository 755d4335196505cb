"""Every executor: results in order, the shared thing with every call, errors where they belong."""

import pytest

from molgen.base.errors import MolgenError
from molgen.base.parallel import EXECUTORS


def add(shared, item):
    return shared + item


def double(item):
    return 2 * item


def refuse(item):
    raise MolgenError(f"no {item}", where="here")


@pytest.fixture(params=sorted(EXECUTORS))
def executor(request):
    return EXECUTORS.build(request.param)


def test_results_come_in_order(executor):
    assert list(executor.map(double, range(20))) == [2 * i for i in range(20)]


def test_every_call_gets_what_is_shared(executor):
    assert list(executor.map(add, range(5), shared=100)) == [100, 101, 102, 103, 104]


def test_nothing_in_nothing_out(executor):
    assert list(executor.map(double, [])) == []


def test_a_wrong_request_comes_back_as_one(executor):
    with pytest.raises(MolgenError, match="no 1") as caught:
        list(executor.map(refuse, [1]))
    assert caught.value.where == "here"


def test_items_are_drawn_as_they_are_needed(executor):
    drawn = []

    def endless():
        for i in range(10_000):
            drawn.append(i)
            yield i

    results = executor.map(double, endless())
    assert [next(results) for _ in range(3)] == [0, 2, 4]
    assert len(drawn) < 100
