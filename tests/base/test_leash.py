"""A program ends with whoever started it, and so does what it started."""

import os
import signal
import subprocess
import sys
import time

import pytest

from molgen.base.leash import leashed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="has no groups of processes")

# A program that notes who it is, and starts another that does; both would live for a minute.
SLEEPS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
FAMILY = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEPS!r}, sys.argv[1]], process_group=0 if os.path.isdir("/proc/self") else None)
exec({SLEEPS!r})
"""
# What is started in the background is deaf to Ctrl-C, and so is all that it starts: these are to hear it.
HEARS = "import os, signal, sys, threading, time; signal.signal(signal.SIGINT, signal.default_int_handler)"
RUN = f"{HEARS}; from molgen.base.leash import leashed; leashed([sys.executable, '-c', {FAMILY!r}, sys.argv[1]], '')"


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(said, *, seconds=30):
    end = time.monotonic() + seconds
    while not said() and time.monotonic() < end:
        time.sleep(0.05)
    return said()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="has no /proc to look for processes in")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whatever_ends_the_run_ends_the_program_and_its_children(tmp_path, number):
    pids = tmp_path / "pids"
    run = subprocess.Popen([sys.executable, "-c", RUN, str(pids)], stderr=subprocess.DEVNULL)
    assert until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    family = [int(pid) for pid in pids.read_text().split()]
    assert all(map(alive, family))
    run.send_signal(number)
    assert run.wait(30) != 0
    assert until(lambda: not any(map(alive, family)), seconds=10)


def test_what_it_leaves_behind_is_ended_or_left_but_not_waited_for():
    began = time.monotonic()
    assert leashed(["sh", "-c", "sleep 20 & echo 1"], "").out == "1\n"
    daemon = "import subprocess; subprocess.Popen(['sleep', '20'], start_new_session=True); print(2)"
    assert leashed([sys.executable, "-c", daemon], "").out == "2\n"
    assert time.monotonic() - began < 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
def test_a_child_that_was_forked_meanwhile_is_no_hindrance(tmp_path):
    code = (
        f"{HEARS}; from molgen.base.leash import leashed\n"
        "threading.Timer(1.0, lambda: os.fork() or (time.sleep(20), os._exit(0))).start()\n"
        "threading.Timer(3.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "leashed(['sleep', '30'], '')"
    )
    began = time.monotonic()
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], stderr=subprocess.DEVNULL).returncode != 0
    assert time.monotonic() - began < 15


def test_how_it_ended_is_told(tmp_path):
    assert leashed(["sh", "-c", "cat; echo done >&2; exit 3"], "CCO\n") == (3, "CCO\n", "done")
    assert leashed(["sh", "-c", "kill -9 $$"], "").code == -9
    (tmp_path / "notes").write_text("dock it")
    os.chmod(tmp_path / "notes", 0o755)
    ended = leashed([str(tmp_path / "notes")], "")
    assert ended.code == 126 and ended.said == "can't be run: Exec format error"


def test_much_of_everything_is_no_trouble():
    many = "C" * 99 + "\n"
    told = leashed([sys.executable, "-c", "import sys; sys.stderr.write('x' * 10_000_000 + 'end'); print('no')"], many * 20_000)
    assert told.code == 0 and told.out == "no\n" and told.said.endswith("xend") and len(told.said) == 300
    assert leashed(["cat"], many * 20_000).out == many * 20_000


def test_a_mark_of_the_order_of_bytes_is_no_text():
    assert leashed(["printf", "\\357\\273\\2771.5"], "").out == "1.5"


def test_what_can_not_be_begun_is_an_error():
    with pytest.raises((OSError, ValueError)):
        leashed(["echo", "a\0b"], "")
