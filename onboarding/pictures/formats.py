"""What a file is, by its first bytes. Names and declared types are never asked."""

import re
from collections.abc import Callable
from typing import Final

from onboarding.pictures.container import Container
from onboarding.pictures.jpeg import open_jpeg
from onboarding.pictures.png import SIGNATURE, open_png
from onboarding.pictures.refusals import PictureRefused, RefusalReason
from onboarding.pictures.webp import open_webp

_OTHER_PICTURES: Final = (
    b"GIF87a",
    b"GIF89a",
    b"II*\0",  # TIFF, and most camera raw files
    b"MM\0*",
    b"II+\0",  # TIFF of over 4 GB
    b"MM\0+",
    b"8BPS",  # Photoshop
    b"\0\0\1\0",  # icon
    b"\xff\x0a",  # JPEG XL
    b"\0\0\0\x0cJXL ",
    b"\xff\x4f\xff\x51",  # JPEG 2000
    b"\0\0\0\x0cjP  ",
    b"FUJIFILMCCD-RAW",
)
_HEIF: Final = re.compile(rb"....ftyp(?:hei[cmsx]|hev[cmsx]|mif[12]|msf1|avi[fs]|crx )", re.DOTALL)
"""HEIC, AVIF and Canon's raw files. Films are made alike, with other brands."""


def open_container(data: bytes) -> Container:
    """Takes a JPEG, PNG or WebP file apart; raises `PictureRefused` for anything else and for broken ones."""
    opener = _opener(data)
    if opener is None:
        other = _is_other_picture(data[:1024])
        raise PictureRefused(RefusalReason.UNSUPPORTED_FORMAT if other else RefusalReason.NOT_AN_IMAGE)
    return opener(data)


def _opener(data: bytes) -> Callable[[bytes], Container] | None:
    if data.startswith(b"\xff\xd8\xff"):
        return open_jpeg
    if data.startswith(SIGNATURE):
        return open_png
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return open_webp
    return None


def _is_other_picture(head: bytes) -> bool:
    is_bmp = head.startswith(b"BM") and head[6:10] == bytes(4)
    is_svg = b"<svg" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return head.startswith(_OTHER_PICTURES) or bool(_HEIF.match(head)) or is_bmp or is_svg
