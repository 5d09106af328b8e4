"""What a file is, by its first bytes. Names and declared types are never asked."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from onboarding.pictures.container import Container
from onboarding.pictures.heic import open_heic
from onboarding.pictures.jpeg import open_jpeg
from onboarding.pictures.png import SIGNATURE, open_png
from onboarding.pictures.refusals import PictureRefused, RefusalReason
from onboarding.pictures.webp import open_webp

_HEAD_BYTES: Final = 1024
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
_HEIC: Final = re.compile(
    rb"....ftyp(?:hei[cmsx]|hev[cmsx]|(?:mif[12]|msf1)....(?:....)*?(?:hei[cmsx]|hev[cmsx]))", re.DOTALL
)
"""By its brand, or one of those that it names further on, each of four bytes."""
_OTHER_HEIF: Final = re.compile(rb"....ftyp(?:mif[12]|msf1|avi[fs]|crx )", re.DOTALL)
"""AVIF and Canon's raw files. Films are made alike, with other brands."""

READS_HEIC: Final = find_spec("pillow_heif") is not None
"""Whether the optional decoder is installed; this process never loads it (see `decoding_apart`)."""


def open_container(data: bytes) -> Container:
    """Takes a JPEG, PNG, WebP or HEIC file apart; raises `PictureRefused` for anything else and for broken ones."""
    opener = _opener(data)
    if opener is None:
        other = _is_other_picture(data[:_HEAD_BYTES])
        raise PictureRefused(RefusalReason.UNSUPPORTED_FORMAT if other else RefusalReason.NOT_AN_IMAGE)
    if opener is open_heic and not READS_HEIC:
        raise PictureRefused(RefusalReason.HEIC)
    return opener(data)


def _opener(data: bytes) -> Callable[[bytes], Container] | None:
    if data.startswith(b"\xff\xd8\xff"):
        return open_jpeg
    if data.startswith(SIGNATURE):
        return open_png
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return open_webp
    if _HEIC.match(data[:_HEAD_BYTES]):
        return open_heic
    return None


def _is_other_picture(head: bytes) -> bool:
    is_bmp = head.startswith(b"BM") and head[6:10] == bytes(4)
    is_svg = b"<svg" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return head.startswith(_OTHER_PICTURES) or bool(_OTHER_HEIF.match(head)) or is_bmp or is_svg
