"""A private Redis. Like a broker of an operator's who chose the default: it keeps its data in memory."""

from collections.abc import Sequence
from pathlib import Path

import redis

from tests.services.binaries import find_binary
from tests.services.process import HOST, ServerProcess

DATABASES = 10_000
"""Each test takes one of its own."""


class Redis(ServerProcess):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._binary = find_binary("redis-server")

    def command(self) -> Sequence[str]:
        options = {
            "port": self.port,
            "bind": HOST,
            "databases": DATABASES,
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [str(self._binary), *(part for name, value in options.items() for part in (f"--{name}", str(value)))]

    def url(self, database: int = 0) -> str:
        return f"redis://{HOST}:{self.port}/{database}"

    def flush(self) -> None:
        with redis.Redis.from_url(self.url()) as client:
            client.flushall()
