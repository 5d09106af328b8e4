"""`python -m tests.flows.killed_command LINE COMMAND…`: `manage.py COMMAND…`, killed with -9 once it has said LINE.

It strikes itself: whoever killed it from outside would come too late for what is done in an instant.
"""

import os
import signal
import sys
from typing import Any, TextIO

from django.core.management import execute_from_command_line


class DeadlyOutput:
    """Standard output up to the line."""

    def __init__(self, stream: TextIO, last_line: str) -> None:
        self._stream, self._last_line = stream, last_line

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        self._stream.flush()
        if text.rstrip("\n") == self._last_line:
            os.kill(os.getpid(), signal.SIGKILL)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


if __name__ == "__main__":
    sys.stdout = DeadlyOutput(sys.stdout, sys.argv[1])  # type: ignore[assignment]
    execute_from_command_line(["manage.py", *sys.argv[2:]])
