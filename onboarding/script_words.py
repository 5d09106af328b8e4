"""Which edition of the scripts' sentences a site has in a language: it changes with them."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings


@cache
def edition_of(language: str) -> str:
    """A few letters that stand in the address, so that browsers can keep what they have; read once a process."""
    files = [Path(folder, language, "LC_MESSAGES", "djangojs.mo") for folder in settings.LOCALE_PATHS]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return sha256(content).hexdigest()[:12]
