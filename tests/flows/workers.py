"""Real Celery workers beside a test, on its data; none outlives it."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from onboarding.services.model_versions import register_artifact
from tests.artifacts import tiny_artifact
from tests.live import environment, wait_until
from tests.preloaded import Process, preloaded

CELERY = ("--app", "onboarding.config.celery")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")


class Workers:
    """Starts workers on the test's data, and sees to it that none outlives the test."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.log = data_dir, data_dir / "workers.log"
        self.started: list[Process] = []

    def start(self, *arguments: str, **values: str) -> Process:
        """The real command: `celery worker`."""
        return self._run(("-m", "celery", *CELERY, "worker", *QUIET, *arguments), values)

    def start_odd(self, lives: int, **values: str) -> Process:
        return self._run(("-m", "tests.flows.odd_worker", str(lives), "worker", "--pool=solo", *QUIET), values)

    def _run(self, command: tuple[str, ...], values: dict[str, str]) -> Process:
        options = {"TAGGING_POLL_SECONDS": "0.2", "TAGGING_LEASE_SECONDS": "8", "TAGGING_BATCH_SIZE": "8", **values}
        process = preloaded().start(command, env=environment(self.data_dir, **options), log=self.log)
        self.started.append(process)
        return process

    def wait_until(self, condition: Any, seconds: float = 90.0) -> Any:
        return wait_until(condition, seconds=seconds, log=self.log)

    def end(self, process: Process) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(30)


@pytest.fixture
def workers(live_database: Path) -> Iterator[Workers]:
    register_artifact(tiny_artifact(), activate=True)
    running = Workers(live_database)
    yield running
    for process in running.started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
