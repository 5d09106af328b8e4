"""A private PostgreSQL."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.services.binaries import find_binary
from tests.services.process import HOST, ServerProcess

OWNER = "lapel"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
"""Nothing here has to survive a power cut. A killed process loses nothing with these either."""


class PostgreSQL(ServerProcess):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._binary = find_binary("postgres", *installed("postgres"))
        self.user = unprivileged_user()
        self._data = folder / "data"

    def start(self) -> None:
        if not self._data.exists():
            if self.user:
                shutil.chown(self.folder, self.user)
            options = ("--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
            command = [str(self._binary.with_name("initdb")), f"--pgdata={self._data}", *options]
            subprocess.run(command, check=True, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL)
        super().start()

    def command(self) -> Sequence[str]:
        settings = (f"port={self.port}", f"listen_addresses={HOST}", f"unix_socket_directories={self.folder}", *QUICK)
        return [str(self._binary), "-D", str(self._data), *(part for each in settings for part in ("-c", each))]

    def _takes_connections(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:  # not yet, or still starting up
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@{HOST}:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new empty database; its URL."""
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)


def installed(name: str) -> list[str]:
    """Debian keeps the server's programs out of the PATH; newest first."""
    return [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)]


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; None where the tests run as somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
