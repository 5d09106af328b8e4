"""What costs seconds to make and changes nothing is made once, and shared by all processes of a test run."""

import os
import shutil
import tempfile
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final
from uuid import uuid4

RUN: Final = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
"""The same for all processes of a run, and for no other run."""


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder of this name, once `make` has filled it; all leave it as it is. One begun in vain is begun anew."""
    folder = Path(tempfile.gettempdir()) / f"lapel-{name}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "made").exists():
            unfinished = Path(tempfile.mkdtemp(dir=folder))
            make(unfinished)
            unfinished.rename(folder / "made")
    return folder / "made"


def clear_away() -> None:
    """What was made for this run alone."""
    for folder in Path(tempfile.gettempdir()).glob(f"lapel-*-{RUN}"):
        shutil.rmtree(folder, ignore_errors=True)
