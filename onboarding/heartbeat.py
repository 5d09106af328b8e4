"""A worker's sign of life: a file that it touches at each turn; `python -m onboarding.heartbeat` tells its age.

A container's health check runs it every few seconds, so it needs nothing but the standard library.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

logger = logging.getLogger(__name__)


def default_file() -> Path:
    """As in the settings, which also read a `.env` file: where that names another, say `--file`."""
    data_dir = os.environ.get("DATA_DIR") or Path(__file__).parents[1] / "var"
    return Path(os.environ.get("WORKER_HEARTBEAT_FILE") or Path(data_dir, "worker-heartbeat"))


class Heartbeat:
    """A disk that is full keeps no worker from its work, and is complained of once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._has_complained = False

    def beat(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch()
            self._has_complained = False
        except OSError as error:
            if not self._has_complained:
                logger.error("no sign of life can be left in %s: %s", self._file, error.strerror)
            self._has_complained = True


def age_seconds(file: Path) -> float | None:
    """None where no worker has ever lived."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except FileNotFoundError:
        return None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m onboarding.heartbeat", description=__doc__)
    parser.add_argument("--max-age-seconds", type=float, default=60.0)
    parser.add_argument("--file", type=Path, default=default_file())
    options = parser.parse_args(arguments)
    age = age_seconds(options.file)
    if age is None:
        print(f"{options.file} is not there: no worker has begun to look for photos.")
    else:
        print(f"The worker last looked for photos {age:.0f} s ago.")
    return 0 if age is not None and age <= options.max_age_seconds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
