"""Processes that have the network's libraries in memory when they start: reading these takes each worker seconds.

One process of a test run reads them, and forks into whatever command it is asked for: the same code, arguments and
environment as by `python ARGUMENTS`. What a command's own start costs is tested elsewhere, with `python` itself.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from typing import Any

BASE_DIR = Path(__file__).parents[1]
POLL_SECONDS = 0.02


class Process:
    """A process as `subprocess.Popen` gives it; the forking one tells how it ended."""

    def __init__(self, pid: int, endings: dict[int, int]) -> None:
        self.pid, self._endings = pid, endings

    @property
    def returncode(self) -> int | None:
        return self._endings.get(self.pid)

    def poll(self) -> int | None:
        preloaded().listen()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + (timeout or float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Preloaded:
    """The process that forks."""

    def __init__(self) -> None:
        own = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(BASE_DIR)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.preloaded"],
            cwd=BASE_DIR,
            env={**os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout.fileno()
        self._heard = b""
        self._started: list[int] = []
        self._endings: dict[int, int] = {}
        self._lock = Lock()

    def start(self, arguments: Sequence[str], *, env: Mapping[str, str], log: Path) -> Process:
        log.touch()
        request = {"arguments": arguments, "env": dict(env), "log": str(log)}
        with self._lock:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            while not self._started:
                self._hear()
            return Process(self._started.pop(), self._endings)

    def listen(self) -> None:
        """Takes in what has been answered by now."""
        with self._lock, DefaultSelector() as selector:
            selector.register(self._answers, EVENT_READ)
            while selector.select(0):
                self._hear()

    def _hear(self) -> None:
        data = os.read(self._answers, 65536)
        if not data:
            raise AssertionError("the process that forks has ended")
        *lines, self._heard = (self._heard + data).split(b"\n")
        for answer in map(json.loads, lines):
            if "ended" in answer:
                self._endings[answer["ended"]] = answer["code"]
            else:
                self._started.append(answer["started"])


@cache
def preloaded() -> Preloaded:
    return Preloaded()


# --- The process itself -------------------------------------------------------------------------------------------


def serve() -> dict[str, Any]:
    """Forks for each request. Returns in the child, with its request; ends with the process that asks."""
    import celery.bin.worker  # noqa: F401
    import kombu.transport.filesystem  # noqa: F401

    import ml.predictor
    import ml.retrain  # noqa: F401

    awake, wakened = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakened)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with DefaultSelector() as selector:
        selector.register(sys.stdin.buffer.raw, EVENT_READ)  # type: ignore[attr-defined]
        selector.register(awake, EVENT_READ)
        heard = b""
        while True:
            for key, _events in selector.select():
                if key.fd == awake:
                    os.read(awake, 4096)
                    tell_endings()
                    continue
                data = os.read(key.fd, 65536)
                if not data:
                    raise SystemExit
                *lines, heard = (heard + data).split(b"\n")
                for line in lines:
                    if not (pid := os.fork()):
                        return dict(json.loads(line))
                    tell(started=pid)


def tell(**answer: int) -> None:
    os.write(sys.__stdout__.fileno(), json.dumps(answer).encode() + b"\n")  # type: ignore[union-attr]


def tell_endings() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        tell(ended=pid, code=os.waitstatus_to_exitcode(status))


def become(request: dict[str, Any]) -> None:
    """In the child: the command, as if Python had been started with these arguments."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log, nothing = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT), os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(request["env"])
    first, *rest = request["arguments"]
    if first == "-m":
        module, *rest = rest
        sys.argv = [module, *rest]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    become(serve())
