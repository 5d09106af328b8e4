"""Celery's messages in a folder, for a machine without Redis: each appears whole or not at all.

Kombu's own transport writes a message under the name that workers look for, locked, but the worker moves and reads it
without asking for the lock: what it finds may be cut off, and a worker that cannot parse a message ends.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """As Kombu's, but files come into being by a rename."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its bases differ
        name = f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        with _unfinished(self.data_folder_out, dumps(payload)) as file:
            os.replace(file, Path(self.data_folder_out, name))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        """Kombu empties a new table before it locks it, so that whoever sends meanwhile reads nothing."""
        table = Path(self.control_folder, f"{exchange}.exchange")
        if not table.exists():
            table.parent.mkdir(exist_ok=True)
            with _unfinished(table.parent, "[]") as file, suppress(FileExistsError):
                os.link(file, table)
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    """What the setting CELERY_BROKER_TRANSPORT names."""

    Channel = Channel


@contextmanager
def _unfinished(folder: str | Path, text: str) -> Iterator[Path]:
    """A file with this text under a name that nobody looks for; gone in the end, unless it was moved."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
