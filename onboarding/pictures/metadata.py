"""What the EXIF block of a picture says that matters here: which way is up, and whether it tells where."""

import logging
from typing import Final

from PIL import ExifTags, Image

from onboarding.pictures.container import Container

log = logging.getLogger(__name__)

_LOCATION_TAGS: Final = frozenset(
    {
        ExifTags.GPS.GPSLatitude,
        ExifTags.GPS.GPSLongitude,
        ExifTags.GPS.GPSDestLatitude,
        ExifTags.GPS.GPSDestLongitude,
    }
)


def orientation(container: Container) -> int:
    """EXIF orientation, 1 to 8; 1, upright, where nothing sensible is said, and where the decoder turns the picture.

    HEIF files say it in a way of their own, which their decoder follows, and most of them in EXIF once more.
    """
    if container.format == "HEIF":
        return 1
    value = _exif(container).get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def has_location(container: Container) -> bool:
    """Whether the file tells where the photo was taken (EXIF or XMP).

    A GPS block without a position, as cameras write it with the service switched off, is no location.
    """
    return container.has_location_note or not _LOCATION_TAGS.isdisjoint(_gps_tags(container))


def _gps_tags(container: Container) -> set[int]:
    try:
        return set(_exif(container).get_ifd(ExifTags.IFD.GPSInfo))
    except Exception as error:
        log.info("GPS block ignored: %r", error)
        return set()


def _exif(container: Container) -> Image.Exif:
    """Empty where there is none, or where it is broken: no reason to refuse the picture."""
    exif = Image.Exif()
    try:
        exif.load(container.exif or b"")
        exif.get(ExifTags.Base.Orientation)
    except Exception as error:
        log.info("EXIF block ignored: %r", error)
        return Image.Exif()
    return exif
