"""A site's data of a test's own, on embedded parts or on services, for tests in which threads and processes work side
by side as they do in service. Nothing rolls it back.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from tests.once import RUN, made_once
from tests.services.redis import DATABASES as REDIS_DATABASES
from tests.settings import ON_SERVICES

BASE_DIR = Path(__file__).parents[1]


@contextmanager
def database(name: str) -> Iterator[None]:
    """All connections of this process lead to the database (PostgreSQL) or file (SQLite)."""
    kept = connections["default"]
    own_name = kept.settings_dict["NAME"]
    kept.settings_dict["NAME"] = name
    del connections["default"]
    try:
        yield
    finally:
        connections["default"].close()
        kept.settings_dict["NAME"] = own_name
        connections["default"] = kept


@cache
def migrated_database() -> str:
    """An empty database, for all to copy."""
    name = f"template_{RUN}"

    def migrate(folder: Path) -> None:
        if ON_SERVICES:
            execute_beside("CREATE DATABASE {}", name)
        with database(name if ON_SERVICES else str(folder / "lapel.sqlite3")):
            call_command("migrate", verbosity=0)

    folder = made_once(f"database-{RUN}", migrate)
    return name if ON_SERVICES else str(folder / "lapel.sqlite3")


def execute_beside(statement: str, *names: str) -> None:
    """On the PostgreSQL of the run, outside the databases that the statement is about."""
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


@pytest.fixture
def live_database(django_db_blocker: Any, tmp_path: Path) -> Iterator[Path]:
    """A migrated database that nothing rolls back; other processes find it by `environment()`.

    The data folder of the site: `media` is in it on embedded parts, as for processes, and the database's file.
    """
    with django_db_blocker.unblock(), database_in(tmp_path):
        yield tmp_path


@contextmanager
def database_in(data_dir: Path) -> Iterator[None]:
    """The migrated database of the site with this data folder, for as long as the block lasts."""
    name = database_of(data_dir)
    if ON_SERVICES:
        execute_beside("CREATE DATABASE {} TEMPLATE {}", name, migrated_database())
    else:
        shutil.copyfile(migrated_database(), name)
    with database(name):
        yield
    if ON_SERVICES:
        execute_beside("DROP DATABASE {} WITH (FORCE)", name)


def database_of(data_dir: Path) -> str:
    """Name of the site's database, or its file."""
    return f"live_{identity(data_dir)}" if ON_SERVICES else str(data_dir / "lapel.sqlite3")


def identity(data_dir: Path) -> str:
    """What tells a site's data from those of all others on the same services."""
    return hashlib.sha256(str(data_dir).encode()).hexdigest()[:24]


def storage_options(data_dir: Path) -> dict[str, Any]:
    """Where the site keeps its files."""
    options: dict[str, Any] = settings.STORAGES["default"]["OPTIONS"]
    if ON_SERVICES:
        return {**options, "location": identity(data_dir)}
    return {**options, "location": str(data_dir / "media")}


def parts_of(data_dir: Path) -> dict[str, str]:
    """The environment that leads a process to the site's database, broker and files."""
    if not ON_SERVICES:
        return {"DATABASE_URL": "", "REDIS_URL": "", "AWS_STORAGE_BUCKET_NAME": ""}
    number = int(identity(data_dir), 16) % (REDIS_DATABASES - 1) + 1
    return {
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database_of(data_dir)}").geturl(),
        "REDIS_URL": urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl(),
        "AWS_LOCATION": identity(data_dir),
    }


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    """What a process needs to work on the same data as the test."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LAPEL_TEST_DATA_DIR": str(data_dir),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(BASE_DIR),
        **parts_of(data_dir),
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
