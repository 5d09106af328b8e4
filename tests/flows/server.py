"""A running Lapel for tests: `manage.py serve` in processes of its own, on a free port, with data of its own."""

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil
import psycopg
import requests

from tests.live import database_of, parts_of
from tests.once import RUN, made_once
from tests.preloaded import preloaded
from tests.services.process import free_port
from tests.settings import ON_SERVICES

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


class Server:
    """Use as a context manager; leaves no process behind."""

    def __init__(self, data_dir: Path, *, artifact: Path) -> None:
        self.data_dir = data_dir
        self.log = data_dir.with_suffix(".log")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._artifact = artifact
        self._process: subprocess.Popen[bytes] | None = None

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "ALLOWED_HOSTS")}
        own = {
            "DEBUG": "1",
            "DATA_DIR": str(self.data_dir),
            "DJANGO_SETTINGS_MODULE": "onboarding.config.settings",
            "EMAIL_URL": "consolemail://",
            "TAGGING_LEASE_SECONDS": "10",
            "TAGGING_POLL_SECONDS": "0.5",
        }
        return {**inherited, **parts_of(self.data_dir), **own}

    def manage(self, *arguments: str) -> None:
        self.run("manage.py", *arguments)

    def run(self, script: str, *arguments: str) -> None:
        """A script of the project, with the site's settings."""
        process = preloaded().start((str(ROOT / script), *arguments), env=self._environment(), log=self.log)
        assert process.wait(120) == 0, self.log.read_text()

    def __enter__(self) -> "Server":
        if ON_SERVICES:
            self.data_dir.mkdir(parents=True)
            self._beside(f"CREATE DATABASE {database_of(self.data_dir)}")
            self._fill()
        else:
            shutil.copytree(_filled(self._artifact), self.data_dir)
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--demo", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)
        self._wait_until_it_answers()
        return self

    def _fill(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("register_model", str(self._artifact))

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(self.address, timeout=5)
            except (requests.ConnectionError, requests.Timeout):  # a busy machine is slow to begin
                time.sleep(0.2)
            else:
                return
        raise AssertionError(f"the site did not start:\n{self.log.read_text()[-3000:]}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        if ON_SERVICES:
            self._beside(f"DROP DATABASE {database_of(self.data_dir)} WITH (FORCE)")

    def _beside(self, statement: str) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What stands in the site's database."""
        if ON_SERVICES:
            with psycopg.connect(parts_of(self.data_dir)["DATABASE_URL"]) as connection:
                return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]
        with sqlite3.connect(database_of(self.data_dir)) as database:
            return database.execute(query).fetchall()

    def worker(self) -> psutil.Process | None:
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            with suppress(psutil.NoSuchProcess):  # killed already, and not yet replaced
                if "celery" in " ".join(child.cmdline()):
                    return child
        return None

    def kill_worker(self) -> None:
        """kill -9, as soon as there is a worker to kill."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            worker = self.worker()
            if worker:
                worker.kill()
                return
            time.sleep(0.1)
        raise AssertionError("there is no worker to kill")


def _filled(artifact: Path) -> Path:
    """The data folder of a site that has the model and has never been used, for all to copy."""

    def fill(folder: Path) -> None:
        data_dir = folder / "var"
        data_dir.mkdir()
        Server(data_dir, artifact=artifact)._fill()

    name = hashlib.sha256(str(artifact).encode()).hexdigest()[:8]
    return made_once(f"site-{name}-{RUN}", fill) / "var"
