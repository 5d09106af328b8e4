"""What browsers load is made of the sources that are there."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings

STATIC = Path(settings.BASE_DIR, "static")
SOURCES = ("css", "js", "vendor")


def test_the_bundles_are_made_of_todays_sources() -> None:
    """If not: `make bundles`, which needs Node.js."""
    files = [file for folder in SOURCES for file in Path(STATIC, folder).rglob("*") if file.is_file()]
    today = {str(file.relative_to(STATIC)): sha256(file.read_bytes()).hexdigest() for file in files}
    lines = Path(STATIC, "bundles", "SOURCES").read_text(encoding="utf-8").splitlines()
    assert {name: digest for digest, _, name in (line.partition("  ") for line in lines)} == today
