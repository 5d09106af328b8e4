"""Languages of the pages: English, in which the sentences are written, and each that has a folder in `locale/`."""

from pathlib import Path
from typing import Final

from django.conf.locale import LANG_INFO

SOURCE: Final = "en"


def languages_in(folder: Path) -> list[tuple[str, str]]:
    """Codes, each with the language's own name for itself; the source language first, then by code."""
    translated = sorted(path.parent.name for path in folder.glob("*/LC_MESSAGES"))
    codes = [SOURCE, *(code for code in translated if code != SOURCE)]
    return [(code, LANG_INFO[code]["name_local"].capitalize()) for code in codes]
