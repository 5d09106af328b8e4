"""Running child processes together: started, restarted when they die, and stopped with the one that started them."""

import contextlib
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
RESTART_PAUSE_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0)
STEADY_AFTER_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.2


def process_name(pid: int | None = None) -> str:
    """How rows name a process that works on them, so that whoever sees it die can free them."""
    return f"{socket.gethostname()}:{pid or os.getpid()}"


def _die_with_parent(parent_pid: int) -> None:
    """In the child: a process group of its own (Ctrl-C reaches it through us), and an end when we are killed.

    Only Linux knows the second; elsewhere a killed launcher leaves its children behind.
    """
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent_pid:  # killed before the line above: nobody would tell us
            os._exit(1)


@dataclass
class Child:
    """One program that is kept running."""

    name: str
    command: Sequence[str]
    on_death: Callable[[int], object] = lambda pid: None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths_in_a_row: int = 0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        arrange = partial(_die_with_parent, os.getpid())
        self.process = subprocess.Popen(self.command, preexec_fn=arrange)  # noqa: S603 (own commands)
        self.started_at = time.monotonic()

    def look_after(self) -> None:
        """Starts the program again after it died: at once the first time, later and later if it keeps dying."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.start()
        elif self.process.poll() is not None:
            self._bury(self.process)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        self._signal(process, signal.SIGKILL)  # what it may have left behind
        if time.monotonic() - self.started_at > STEADY_AFTER_SECONDS:
            self.deaths_in_a_row = 0
        pause = RESTART_PAUSE_SECONDS[min(self.deaths_in_a_row, len(RESTART_PAUSE_SECONDS) - 1)]
        self.deaths_in_a_row += 1
        logger.warning("%s ended with status %s; it starts again in %s s", self.name, process.returncode, pause)
        self.process, self.start_at = None, time.monotonic() + pause
        try:
            self.on_death(process.pid)
        except Exception:  # a database that is busy is no reason to stop the others
            logger.exception("could not clear up after %s", self.name)

    def stop(self, how: signal.Signals) -> None:
        if self.process:
            self._signal(self.process, how)

    def _signal(self, process: subprocess.Popen[bytes], how: signal.Signals) -> None:
        """To its whole group; the group outlives its first process while others are in it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, how)


class Supervisor:
    """Keeps programs running until it is told to stop by Ctrl-C or SIGTERM."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self._stopping = False

    def run(self) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._stop)
        try:
            while not self._stopping:
                for child in self.children:
                    child.look_after()
                time.sleep(POLL_SECONDS)
        finally:
            self._stop_children()

    def _stop(self, *_signal: object) -> None:
        self._stopping = True

    def _stop_children(self) -> None:
        """In order first; what does not end in time is killed."""
        for child in self.children:
            child.stop(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for child in self.children:
            if child.process:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    logger.warning("%s does not stop; it is killed", child.name)
                child.stop(signal.SIGKILL)
