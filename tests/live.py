"""A database in a file of its own, for tests in which threads and processes work side by side as they do in service."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

BASE_DIR = Path(__file__).parents[1]


@contextmanager
def database_file(file: Path) -> Iterator[None]:
    """All connections of this process lead to the file."""
    kept = connections["default"]
    name = kept.settings_dict["NAME"]
    kept.settings_dict["NAME"] = str(file)
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        kept.settings_dict["NAME"] = name
        connections["default"] = kept


@cache
def migrated_file() -> Path:
    """An empty database; made once for all tests of a run, who copy it."""
    file = Path(tempfile.mkdtemp(prefix="lapel-database-")) / "lapel.sqlite3"
    with database_file(file):
        call_command("migrate", verbosity=0)
    return file


@pytest.fixture
def live_database(django_db_blocker: Any, tmp_path: Path) -> Iterator[Path]:
    """A migrated database that nothing rolls back; other processes find it by `environment()`.

    The data folder around the file; `media` is in it, as for processes.
    """
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        pytest.skip("another database is set")
    with django_db_blocker.unblock():
        file = Path(shutil.copyfile(migrated_file(), tmp_path / "lapel.sqlite3"))
        with database_file(file):
            yield tmp_path


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    """What a process needs to work on the same data as the test."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LAPEL_TEST_DATA_DIR": str(data_dir),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(BASE_DIR),
        **values,
    }


def python(*arguments: str, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Starts Python beside the test, in a process group of its own; what it says goes to the end of `log`."""
    with log.open("ab") as stream:
        command = [sys.executable, *arguments]
        return subprocess.Popen(
            command, cwd=BASE_DIR, env=env, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )


def wait_until(condition: Callable[[], Any], *, seconds: float = 60.0, log: Path | None = None) -> Any:
    """The condition's first true value; fails, with what was logged, when it does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s\n{log.read_text() if log else ''}")
