"""The supervisor, with real processes: what dies is started again, and nothing outlives whoever started it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from onboarding.processes import Child
from tests.live import BASE_DIR, python, wait_until

CHILD = """
import os, pathlib, signal, subprocess, sys, time
own = pathlib.Path(sys.argv[1])
how = sys.argv[2]
with own.open("a") as file:
    file.write(f"{os.getpid()}\\n")
if how == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if how == "parent":
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    own.with_suffix(".helper").write_text(str(helper.pid))
if how == "dies":
    sys.exit(3)
time.sleep(120)
"""

SUPERVISE = """
import json, logging, sys
from onboarding import processes
from onboarding.processes import Child, Supervisor
logging.basicConfig(format="%(message)s")
processes.STOP_TIMEOUT_SECONDS = 1.5
def fails(pid):
    print("buried", pid, flush=True)
    raise RuntimeError("the database is busy")
commands = json.loads(sys.argv[1])
Supervisor([Child(name, command, on_death=fails) for name, command in commands.items()]).run()
print("stopped", flush=True)
"""


class Family:
    """A supervisor in a process of its own, and the children that it keeps."""

    def __init__(self, folder: Path, **hows: str) -> None:
        self.folder, self.log = folder, folder / "log"
        commands = {name: [sys.executable, "-c", CHILD, str(folder / name), how] for name, how in hows.items()}
        self.process = python("-c", SUPERVISE, json.dumps(commands), env=dict(os.environ), log=self.log)

    def pids(self, name: str, count: int = 1) -> list[int]:
        """The process ids that a child has had, as soon as there are so many."""
        file = self.folder / name

        def read() -> list[int] | None:
            found = [int(line) for line in file.read_text().splitlines()] if file.exists() else []
            return found if len(found) >= count else None

        pids: list[int] = wait_until(read, seconds=30, log=self.log)
        return pids

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[type[Family]]:
    started: list[Family] = []

    class Kept(Family):
        def __init__(self, **hows: str) -> None:
            super().__init__(tmp_path, **hows)
            started.append(self)

    yield Kept
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_child_that_dies_is_started_again_and_the_others_go_on(family: type[Family]) -> None:
    running = family(web="sleeps", worker="sleeps")
    (web,), (worker,) = running.pids("web"), running.pids("worker")
    os.kill(worker, signal.SIGKILL)
    again = running.pids("worker", 2)[-1]
    assert [is_running(pid) for pid in (web, worker, again)] == [True, False, True]
    assert running.end(signal.SIGTERM) == 0


def test_clearing_up_after_a_child_may_fail_without_harm(family: type[Family]) -> None:
    running = family(worker="sleeps")
    (first,) = running.pids("worker")
    os.kill(first, signal.SIGKILL)
    running.pids("worker", 2)
    assert running.end(signal.SIGTERM) == 0
    said = running.log.read_text()
    assert f"buried {first}\n" in said
    assert "could not clear up after worker" in said


def test_a_child_that_keeps_dying_is_started_later_and_later(family: type[Family]) -> None:
    running = family(worker="dies")
    running.pids("worker", 3)
    running.end(signal.SIGTERM)
    pauses = [line.rsplit(" in ")[1] for line in running.log.read_text().splitlines() if "it starts again" in line]
    assert pauses[:2] == ["0.0 s", "1.0 s"]


def test_what_a_dead_child_left_behind_is_ended_with_it(family: type[Family]) -> None:
    running = family(web="parent")
    (web,) = running.pids("web")
    helper = int(
        wait_until(lambda: (running.folder / "web.helper").exists() and (running.folder / "web.helper").read_text())
    )
    os.kill(web, signal.SIGKILL)
    running.pids("web", 2)
    wait_until(lambda: not is_running(helper), seconds=10)
    running.end(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_all_its_children_when_it_is_told_to_stop(family: type[Family], how: signal.Signals) -> None:
    running = family(web="sleeps", worker="sleeps")
    children = running.pids("web") + running.pids("worker")
    assert running.end(how) == 0
    wait_until(lambda: not any(is_running(pid) for pid in children), seconds=10)
    assert running.log.read_text().endswith("stopped\n")


def test_a_child_that_does_not_listen_is_killed(family: type[Family]) -> None:
    running = family(web="deaf", worker="parent")
    children = running.pids("web") + running.pids("worker")
    assert running.end(signal.SIGINT) == 0
    wait_until(lambda: not any(is_running(pid) for pid in children), seconds=10)
    assert "web does not stop; it is killed" in running.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_children_end_when_the_supervisor_is_killed(family: type[Family]) -> None:
    running = family(web="sleeps", worker="sleeps")
    children = running.pids("web") + running.pids("worker")
    running.end(signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, children)), seconds=10)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_child_whose_parent_is_gone_already_does_not_start(tmp_path: Path) -> None:
    code = "from onboarding.processes import _die_with_parent; _die_with_parent(1 << 22); print('started')"
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_child_that_has_not_started_can_be_stopped() -> None:
    Child("web", [sys.executable]).stop(signal.SIGTERM)
