"""A worker's sign of life is a young file."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from onboarding import worker
from onboarding.heartbeat import Heartbeat, age_seconds, default_file, main
from tests.flows.workers import Workers
from tests.flows.workers import workers as workers
from tests.live import BASE_DIR, wait_until

ASK = ("--max-age-seconds", "60", "--file")


def test_the_file_is_made_where_it_is_missing_and_touched_where_it_is_not(tmp_path: Path) -> None:
    file = tmp_path / "var" / "worker-heartbeat"
    assert age_seconds(file) is None
    heartbeat = Heartbeat(file)
    heartbeat.beat()
    os.utime(file, (0, 0))
    heartbeat.beat()
    age = age_seconds(file)
    assert age is not None
    assert age < 60


def test_a_file_that_cannot_be_written_is_complained_of_once_until_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "var"
    heartbeat = Heartbeat(folder / "worker-heartbeat")
    for _ in range(2):
        folder.write_text("in the way")
        heartbeat.beat()
        heartbeat.beat()
        folder.unlink()
        heartbeat.beat()
        shutil.rmtree(folder)
    complaint = f"no sign of life can be left in {folder / 'worker-heartbeat'}: File exists"
    assert caplog.messages == [complaint] * 2


@pytest.mark.parametrize(("age", "status"), [(None, 1), (5, 0), (65, 1)])
def test_the_status_tells_whether_the_worker_lives(tmp_path: Path, age: int | None, status: int) -> None:
    file = tmp_path / "worker-heartbeat"
    if age is not None:
        Heartbeat(file).beat()
        os.utime(file, (time.time() - age,) * 2)
    assert main([*ASK, str(file)]) == status


def test_it_is_found_in_the_data_folder_without_loading_django(tmp_path: Path) -> None:
    Heartbeat(tmp_path / "worker-heartbeat").beat()
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "onboarding.heartbeat"],
        cwd=BASE_DIR,
        env={"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout) == (0, "The worker last looked for photos 0 s ago.\n")
    assert "django" not in asked.stderr


def test_without_any_setting_it_is_looked_for_where_the_worker_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATA_DIR", "WORKER_HEARTBEAT_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert default_file() == BASE_DIR / "var" / "worker-heartbeat"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert default_file() == tmp_path / "worker-heartbeat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", "/run/beat")
    assert default_file() == Path("/run/beat")


def test_a_worker_beats_while_nothing_is_due(workers: Workers) -> None:
    file = workers.data_dir / "worker-heartbeat"
    workers.start()
    workers.wait_until(file.exists)
    os.utime(file, (0, 0))
    workers.wait_until(lambda: (age_seconds(file) or 1e9) < 60)


def test_a_worker_beats_while_its_database_is_away_and_between_batches(
    live_database: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh start would not bring the database back, nor make a pile smaller."""
    file = settings.WORKER_HEARTBEAT_FILE = live_database / "beat"
    turns: list[float] = []

    def tag_next_batch(_taggers: worker.TaggerCache) -> int:
        turns.append(age_seconds(file) or 0.0)
        os.utime(file, (0, 0)) if file.exists() else None
        if len(turns) == 4:
            raise OperationalError("the database is away")
        return 1 if len(turns) < 4 else 0

    monkeypatch.setattr(worker, "tag_next_batch", tag_next_batch)
    monkeypatch.setattr(worker, "PAUSE_AFTER_ERROR_SECONDS", 0.01)
    thread = worker.TaggingThread()
    thread.start()
    wait_until(lambda: len(turns) > 5)
    thread.stop(timeout_seconds=10)
    assert max(turns) < 60
