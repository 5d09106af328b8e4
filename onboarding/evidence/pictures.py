"""The report sets' own pictures: they belong to the data sets and are not shipped, but may be at hand."""

from pathlib import Path

from django.conf import settings

CONTENT_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def are_pictures_at_hand() -> bool:
    return bool(settings.EVALUATION_PICTURES)


def find_picture(name: str) -> Path | None:
    """The file of a picture that evidence names, in one of `EVALUATION_PICTURES`; None where it is not there.

    The folders have the layout that training reads: `images/<name>`. Evidence comes with artifacts, so a name is taken
    for a name and never for a path.
    """
    if Path(name).name != name or "\0" in name or "\\" in name or Path(name).suffix.lower() not in CONTENT_TYPES:
        return None
    candidates = (Path(folder) / "images" / name for folder in settings.EVALUATION_PICTURES)
    return next((path for path in candidates if path.is_file()), None)


def content_type_of(path: Path) -> str:
    return CONTENT_TYPES[path.suffix.lower()]
