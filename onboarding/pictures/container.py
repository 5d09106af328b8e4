"""A picture file taken apart, before anything is decoded."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Container:
    """What a picture file says about itself, and a copy of it without anything but pixels.

    `pixels` is again a file of the same format: no metadata, no second picture, nothing behind its end.
    `profile` is the ICC profile, `exif` the TIFF structure of the EXIF block, both as found and unchecked.
    """

    format: Literal["JPEG", "PNG", "WEBP", "HEIF"]
    """As the decoder names it; of HEIF files only HEIC is read."""
    width: int
    height: int
    pixels: bytes
    is_complete: bool
    """False where the file ends before its last part does."""
    is_animated: bool = False
    weight: float = 1.0
    """How much dearer a pixel is to decode, in time or memory, than one of a plain JPEG or an RGB PNG."""
    profile: bytes | None = None
    exif: bytes | None = None
    has_location_note: bool = False
    """True where the XMP packet names a latitude or longitude."""


MAX_PROFILE_BYTES = 4 * 1024 * 1024
"""A larger ICC profile is ignored; those of displays and cameras have 1 to 10 kB, of printers up to 3 MB."""

MAX_PARTS = 10_000
"""Files in more pieces than this are refused: each piece costs interpreted code, however small it is."""


def names_location(xmp: bytes) -> bool:
    return b"exif:GPSLatitude" in xmp or b"exif:GPSLongitude" in xmp
