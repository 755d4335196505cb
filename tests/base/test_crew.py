"""Workers that die, hang, or never start: what was lost is said, the rest is done, and nobody is left behind."""

import ctypes
import gc
import os
import re
import signal
import subprocess
import sys
import time
import weakref
from multiprocessing import forkserver
from pathlib import Path

import pytest

from molgen.base.errors import MolgenError
from molgen.base.parallel import Lost, Patience, Pool

WATCHED = Patience(seconds=1.0)
HERE = Path(__file__).parent
ENDS_IT = 7


def crash(number):
    if number == ENDS_IT:
        ctypes.string_at(0)  # a fault in C, which no except clause sees
    return number * number


def leave(number):
    if number == ENDS_IT:
        os._exit(3)
    return number * number


def hang(number):
    if number == ENDS_IT:
        time.sleep(3600)
    return number * number


def hang_inside_c(number):
    if number == ENDS_IT:
        re.match(r"(a*)*b", "a" * 60)  # does not let go of the interpreter for longer than anyone lives
    return number * number


def slow_first(number):
    time.sleep(1.0 if number == 0 else 0.0)
    return number


def nap(seconds):
    time.sleep(seconds)
    return seconds


def pid_of(_):
    return os.getpid()


def write_pid(folder, number):
    (folder / f"{os.getpid()}").touch()
    hang_inside_c(ENDS_IT if number else 0)


class TwoWordsError(Exception):
    """An error that can be sent and never be read."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def leave_a_mark(folder, number):
    (folder / str(number)).touch()
    return number


def add_up(tensor, number):
    return tensor.sum().item() + number


def tensor_of(number):
    import torch

    return torch.full((1000,), float(number))


def raise_two_words(_):
    raise TwoWordsError("this", "that")


def raise_value_error(number):
    raise ValueError(f"not {number}")


def give_lambda(_):
    return lambda: None


def big(_):
    return bytearray(30 << 20)


class Poison:
    """Kills whoever reads it."""

    def __reduce__(self):
        return os._exit, (9,)


class Number:
    """A result that can be watched."""

    def __init__(self, value):
        self.value = value


def number_of(value):
    return Number(value)


def shared_and(shared, item):
    return item


def running(pid):
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True
    except (ProcessLookupError, FileNotFoundError):  # the latter where it ended in between
        return False


def gone_soon(pids, seconds=10.0):
    until = time.monotonic() + seconds
    while any(map(running, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return [pid for pid in pids if running(pid)]


@pytest.fixture
def pool():
    return Pool(workers=2)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (crash, "killed its worker (signal 11)"),
        (leave, "killed its worker (exit code 3)"),
        (hang, "no answer after 1 s"),
        (hang_inside_c, "no answer after 1 s"),
    ],
)
def test_an_item_that_brings_its_worker_down_is_lost_and_the_rest_is_done(pool, function, reason, ordered):
    results = list(pool.map(function, range(30), ordered=ordered, patience=WATCHED))
    wanted = [Lost(ENDS_IT, reason) if n == ENDS_IT else n * n for n in range(30)]
    assert results == wanted if ordered else sorted(map(repr, results)) == sorted(map(repr, wanted))


def test_every_item_may_kill_its_worker(pool):
    assert list(pool.map(leave, [ENDS_IT] * 6, patience=WATCHED)) == [Lost(ENDS_IT, "killed its worker (exit code 3)")] * 6


def test_without_patience_a_worker_that_dies_is_an_error_that_names_the_signal(pool):
    with pytest.raises(MolgenError, match=r"died at its work \(signal 11\)"):
        list(pool.map(crash, range(30)))


def test_unordered_results_come_as_they_are_done(pool):
    assert next(pool.map(slow_first, range(4), ordered=False)) != 0


def test_a_slow_item_does_not_stall_the_others_until_many_answers_wait(pool):
    drawn = []
    results = pool.map(slow_first, (drawn.append(n) or n for n in range(10_000)))
    assert next(results) == 0
    assert 2 * pool.workers + 1 < len(drawn) <= 64 * pool.workers + 2
    results.close()


def test_a_large_item_is_given_more_time_than_a_small_one(pool):
    patience = Patience(seconds=0.5, size=lambda seconds: seconds * 100)
    assert list(pool.map(nap, [0.01, 0.02, 0.01, 0.02, 1.2], patience=patience)) == [0.01, 0.02, 0.01, 0.02, 1.2]
    late = Patience(seconds=0.5)
    assert list(pool.map(nap, [0.01, 0.02, 0.01, 0.02, 1.2], patience=late))[-1] == Lost(1.2, "no answer after 0.5 s")


def test_before_anything_is_known_an_item_has_ten_times_the_patience(pool):
    assert list(pool.map(nap, [1.0], patience=Patience(seconds=0.2))) == [1.0]
    assert list(pool.map(nap, [3600.0], patience=Patience(seconds=0.1))) == [Lost(3600.0, "no answer after 0.1 s")]


def test_a_worker_that_is_killed_from_outside_costs_one_item_at_most(pool):
    results = pool.map(nap, [0.05] * 30, patience=WATCHED)
    seen = [next(results)]
    (victim, *_) = children()
    os.kill(victim, signal.SIGKILL)
    seen += results
    lost = [one for one in seen if isinstance(one, Lost)]
    assert len(seen) == 30 and len(lost) <= 1
    assert all(one == Lost(0.05, "killed its worker (signal 9)") for one in lost)


def test_a_worker_killed_while_it_is_idle_costs_nothing(pool, tmp_path):
    def items():
        yield from range(3)
        until = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.5)  # all three are answered, and nobody has anything to do
        idle = children()
        for pid in idle:
            os.kill(pid, signal.SIGKILL)
        assert gone_soon(idle) == []
        yield from range(3, 10)

    assert list(pool.map(leave_a_mark, items(), shared=tmp_path, patience=WATCHED)) == list(range(10))


def children():
    """Live workers of this process or forked by its server, the system's own account."""
    ours, server = [], forkserver._forkserver._forkserver_pid
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text, said = stat.read_text(), (stat.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z" and (int(parent) == server or (int(parent) == os.getpid() and "spawn_main" in said)):
            ours.append(int(stat.parent.name))
    return ours


def test_closing_early_leaves_no_worker(pool):
    results = pool.map(nap, [0.0] * 4 + [3600.0] * 100)
    next(results)
    assert children()
    results.close()
    assert children() == []


def test_the_end_leaves_no_worker_and_so_does_an_error(pool):
    assert list(pool.map(nap, [0.0] * 5)) == [0.0] * 5 and children() == []
    with pytest.raises(ValueError, match=r"not \d"):
        list(pool.map(raise_value_error, range(5)))
    assert children() == []


def test_no_item_no_worker(pool):
    assert list(pool.map(nap, [])) == [] and children() == []
    results = pool.map(nap, [0.3])
    assert next(results) == 0.3 and len(children()) <= 1


def test_an_error_arrives_with_the_workers_own_traceback(pool):
    with pytest.raises(ValueError, match="not 0") as caught:
        list(pool.map(raise_value_error, [0]))
    assert "in raise_value_error" in "".join(caught.value.__notes__)


def test_an_error_that_can_not_be_read_arrives_in_words(pool):
    with pytest.raises(RuntimeError, match="TwoWordsError: this and that"):
        list(pool.map(raise_two_words, [0]))


def test_what_can_not_be_sent_is_an_error(pool):
    with pytest.raises((AttributeError, TypeError), match=r"lambda|local"):
        list(pool.map(give_lambda, [0]))
    with pytest.raises((AttributeError, TypeError), match=r"lambda|local"):
        list(pool.map(nap, [lambda: None]))


def test_workers_that_never_start_end_the_map(pool):
    with pytest.raises(MolgenError, match=r"3 workers in a row died before they took up any work \(exit code 9\)"):
        list(pool.map(shared_and, range(10), shared=Poison(), patience=WATCHED))


def test_large_items_and_results_pass_both_ways(pool):
    items = [bytes([n]) * (20 << 20) for n in range(4)]
    assert [len(one) for one in pool.map(big, items, patience=WATCHED)] == [30 << 20] * 4


def test_tensors_reach_every_worker_and_outlive_theirs(pool):
    torch = pytest.importorskip("torch")
    pytest.importorskip("torch.multiprocessing")  # has tensors sent as open files where it can
    assert list(pool.map(add_up, range(20), shared=torch.ones(1000))) == [1000.0 + n for n in range(20)]
    assert [tensor.mean().item() for tensor in list(pool.map(tensor_of, range(5)))] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_hanging_worker_is_noticed_though_large_items_wait_for_it():
    items = [0, ENDS_IT, *(range(8, 12))]
    results = list(Pool(workers=1).map(hang_inside_c, items, patience=WATCHED))
    assert results == [0, Lost(ENDS_IT, "no answer after 1 s"), 64, 81, 100, 121]


def test_nothing_is_held_after_it_was_yielded(pool):
    items, results = [], []

    def source():
        for n in range(12):
            item = Number(n)
            items.append(weakref.ref(item))
            yield item

    for result in pool.map(number_of, source()):
        results.append(weakref.ref(result))
        del result
        gc.collect()
        assert not any(one() for one in results)
    assert not any(one() for one in items)


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from molgen.base.parallel import Patience, Pool
from test_crew import write_pid
if __name__ == "__main__":
    try:
        list(Pool(workers=2).map(write_pid, [0, 0, 1, 1, 1], shared=Path({folder!r}), patience=Patience(600)))
    except KeyboardInterrupt:
        print("stopped")
"""


def hears_ctrl_c():
    """Also where these tests run in the background of a shell, which has its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(folder):
    """A process whose two workers hang in C code, and their ids."""
    pids = folder / "pids"
    pids.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT.format(here=str(HERE), folder=str(pids)))
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hears_ctrl_c,
    )
    until = time.monotonic() + 60
    while len(list(pids.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    workers = [int(path.name) for path in pids.iterdir()]
    assert len(workers) == 2 and all(map(running, workers))
    return parent, workers


def test_workers_die_with_a_parent_that_was_killed(tmp_path):
    parent, workers = started(tmp_path)
    parent.kill()
    parent.wait()
    assert gone_soon(workers) == []
    parent.stdout.close(), parent.stderr.close()


def test_ctrl_c_stops_all_at_once_and_only_the_parent_speaks(tmp_path):
    parent, workers = started(tmp_path)
    began = time.monotonic()
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = parent.communicate(timeout=30)
    assert (out, err) == ("stopped\n", "") and time.monotonic() - began < 10
    assert gone_soon(workers) == []


def test_time_spent_stopped_is_nobodys_lateness(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom molgen.base.parallel import Patience, Pool\nfrom test_crew import nap\n"
        "if __name__ == '__main__':\n"
        "    results = Pool(workers=2).map(nap, [0.0, 0.0, 3.0, 3.0], patience=Patience(4.0))\n"
        "    print(next(results), flush=True)\n"
        "    print(next(results), flush=True)\n"
        "    print(list(results))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert parent.stdout.readline() == parent.stdout.readline() == "0.0\n"
    time.sleep(0.3)
    os.killpg(parent.pid, signal.SIGSTOP)  # Ctrl-Z
    time.sleep(6.0)
    os.killpg(parent.pid, signal.SIGCONT)
    out, _ = parent.communicate(timeout=60)
    assert out == "[3.0, 3.0]\n"
