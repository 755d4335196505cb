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
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEPS!r}, sys.argv[1]])
exec({SLEEPS!r})
"""
RUN = f"import sys; from molgen.base.leash import leashed; leashed([sys.executable, '-c', {FAMILY!r}, sys.argv[1]], '')"


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
