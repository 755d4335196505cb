"""Ray does what the plain loop does, also when an actor is killed in the middle. One local cluster serves all of it."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from molgen.base.errors import MissingExtra, MolgenError
from molgen.base.parallel import EXECUTORS, Lost, Patience, Serial
from molgen.data.catalogue import load_rows
from molgen.data.writers import write
from molgen.score.objective import Objective
from molgen.screen.run import screen

pytest.importorskip("ray", reason="Ray is an extra: pip install 'molgen[ray]'")

from molgen.interop.ray import Ray

WATCHED = Patience(seconds=2.0)
ENDS_IT = 7


def square_slowly(folder, number):
    """Leaves word of who does it, in a name: a file is there before what is written into it."""
    (folder / f"{number}-{os.getpid()}").touch()
    time.sleep(0.1)
    return number * number


def leave(number):
    if number == ENDS_IT:
        os._exit(3)
    return number


def hang(number):
    if number == ENDS_IT:
        time.sleep(3600)
    return number


def refuse(number):
    raise MolgenError(f"no {number}", where="here", fix="ask for less")


def threads(_):
    return os.environ["OMP_NUM_THREADS"]


def write_into(shared, item):
    shared += item
    item += 1
    return shared


@pytest.fixture(scope="module")
def cluster():
    executor = Ray(workers=2)
    yield executor
    executor.close()


def test_an_actor_killed_in_the_middle_costs_its_item_which_done_again_gives_what_one_process_gives(cluster, tmp_path):
    there, again, here = (tmp_path / name for name in ("there", "again", "here"))
    for folder in (there, again, here):
        folder.mkdir()
    results = cluster.map(square_slowly, range(40), shared=there, patience=WATCHED)
    done = [next(results) for _ in range(5)]
    latest = max(there.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    os.kill(int(latest.name.partition("-")[2]), signal.SIGKILL)
    done += results
    lost = [one.item for one in done if isinstance(one, Lost)]
    assert len(done) == 40 and len(lost) <= 1
    assert all(one.reason == "killed its worker (its Ray actor is gone)" for one in done if isinstance(one, Lost))
    once_more = iter(list(cluster.map(square_slowly, lost, shared=again, patience=WATCHED)))
    whole = [next(once_more) if isinstance(one, Lost) else one for one in done]
    assert whole == list(Serial().map(square_slowly, range(40), shared=here))


def test_a_screen_whose_actor_is_killed_ranks_as_in_one_process(cluster, tmp_path):
    library = tmp_path / "drugs.csv"
    write(load_rows("chembl_drugs").columns.iloc[:400], library, structures=[], ids=[])
    objective = Objective.of([{"term": "qed"}])
    killed = []

    def kill_one(done, total, what):
        if done and not killed:
            killed.extend(actor_pids()[:1])
            os.kill(killed[0], signal.SIGKILL)

    there = screen(library, objective, out=tmp_path / "there", top=400, chunk=20, executor=cluster, progress=kill_one)
    here = screen(library, objective, out=tmp_path / "here", top=400, chunk=20, executor=Serial())
    assert killed and there.counts == here.counts
    for name in ("ranking.csv", "rejects.csv"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def actor_pids():
    """Actors of this process's cluster: Ray names their processes so, and their parent is its raylet, our child."""
    parents, titles = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            titles[int(folder.name)] = (folder / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return [pid for pid, title in titles.items() if title.startswith("ray::_Actor") and parents.get(parents[pid]) == os.getpid()]


def test_an_item_that_kills_or_hangs_is_lost_and_the_rest_is_done(cluster):
    killed = Lost(ENDS_IT, "killed its worker (its Ray actor is gone)")
    assert list(cluster.map(leave, range(12), patience=WATCHED)) == [killed if n == ENDS_IT else n for n in range(12)]
    silent = Lost(ENDS_IT, "no answer after 2 s")
    assert set(cluster.map(hang, range(12), patience=WATCHED, ordered=False)) == {silent if n == ENDS_IT else n for n in range(12)}


def test_without_patience_an_actor_that_dies_is_an_error(cluster):
    with pytest.raises(MolgenError, match="a worker died at its work"):
        list(cluster.map(leave, range(12)))


def test_an_error_arrives_as_it_was_raised(cluster):
    with pytest.raises(MolgenError) as caught:
        list(cluster.map(refuse, [3]))
    assert type(caught.value) is MolgenError
    assert (caught.value.what, caught.value.where, caught.value.fix) == ("no 3", "here", "ask for less")
    assert "in refuse" in "".join(caught.value.__notes__)


def test_arrays_arrive_to_be_written_to_and_actors_have_one_thread(cluster):
    shared, items = np.zeros(100_000), [np.full(100_000, float(n)) for n in range(3)]
    results = list(Ray(workers=1).map(write_into, items, shared=shared))
    for result in results:
        result += 1
    assert [result.max() for result in results] == [1.0, 2.0, 4.0] and shared.max() == 0
    assert set(cluster.map(threads, range(3))) == {"1"}


def test_more_workers_than_there_is_room_for_wait_for_it(cluster):
    assert list(Ray(workers=2, cpus=float(cluster.workers)).map(leave, range(5))) == list(range(5))


def test_a_share_that_no_machine_has_is_refused(cluster):
    with pytest.raises(MolgenError, match="fits the Ray cluster"):
        list(Ray(cpus=1000.0).map(leave, range(5)))
    with pytest.raises(MolgenError, match="want a share of something"):
        Ray(cpus=0.0)


def test_as_many_workers_as_fit_when_not_told(cluster):
    import ray

    assert Ray().workers == ray.cluster_resources()["CPU"]


def test_a_cluster_that_was_there_is_left_there(cluster):
    import ray

    other = Ray(workers=1)
    assert list(other.map(leave, range(2))) == [0, 1]
    other.close()
    assert ray.is_initialized()


def test_an_address_where_nobody_answers_is_refused(monkeypatch):
    import ray

    def nobody(*_, **__):
        raise ConnectionError("Could not find any running Ray instance.")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", nobody)
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    with pytest.raises(MolgenError, match="can't join the Ray cluster: Could not find") as caught:
        list(Ray(workers=1).map(leave, range(2)))
    assert caught.value.where == "head:6379"


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra) as caught:
        EXECUTORS.build("ray")
    assert caught.value.fix == "pip install 'molgen[ray]'"
