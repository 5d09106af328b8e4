"""Programs that tests need and `make test` does without: said and skipped, or a failure where they are required."""

import os
import shutil
from pathlib import Path

import pytest


def look_for(*names: str) -> Path | None:
    """The first of these programs that is installed; a name is looked up in the PATH."""
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)


def services_are_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES") == "1"


def find_binary(*names: str) -> Path:
    """The program; without it the test is skipped, or fails where REQUIRE_SERVICES=1 says so."""
    if path := look_for(*names):
        return path
    message = f"{names[0]} is not installed"
    if services_are_required():
        pytest.fail(message)
    pytest.skip(message)
