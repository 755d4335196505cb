"""Every executor: results in order, the shared thing with every call, errors where they belong."""

import pytest

from molgen.base.errors import MissingExtra, MolgenError
from molgen.base.parallel import EXECUTORS, Patience


def add(shared, item):
    return shared + item


def double(item):
    return 2 * item


def refuse(item):
    raise MolgenError(f"no {item}", where="here")


@pytest.fixture(params=sorted(EXECUTORS), scope="module")
def executor(request):
    try:
        built = EXECUTORS.build(request.param)
    except MissingExtra as missing:
        pytest.skip(str(missing))
    yield built
    if hasattr(built, "close"):
        built.close()


def test_results_come_in_order(executor):
    assert list(executor.map(double, range(20))) == [2 * i for i in range(20)]


def test_results_come_unordered_and_watched_when_asked_for(executor):
    assert sorted(executor.map(double, range(20), ordered=False, patience=Patience())) == [2 * i for i in range(20)]


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
    assert len(drawn) <= 3 + 64 * executor.workers


def test_it_says_how_many_work_at_one_time(executor):
    assert executor.workers >= 1
