"""Reading, judging and re-encoding one uploaded file."""

import hashlib
import logging
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Protocol

from PIL import Image

from catalog.perceptual_hash import perceptual_hash
from catalog.photo_sizes import DISPLAY_LONGEST_PIXELS
from onboarding.pictures.container import Container
from onboarding.pictures.decoding import decode, fitted
from onboarding.pictures.formats import open_container
from onboarding.pictures.limits import PictureLimits, judge
from onboarding.pictures.metadata import has_location
from onboarding.pictures.refusals import PictureRefused, RefusalReason

log = logging.getLogger(__name__)

MASTER_LONGEST_PIXELS: Final = 2048
DERIVATIVE_SHORTEST_PIXELS: Final = 256
_BLOCK_BYTES: Final = 256 * 1024
_DEFAULT_LIMITS: Final = PictureLimits()


class SentBytes(Protocol):
    """What is used of a file: an open binary file will do, and an `UploadedFile` of Django's."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> object: ...


@dataclass(frozen=True, kw_only=True)
class PreparedPicture:
    """What is kept of an upload: JPEG files without any metadata, upright, RGB in sRGB, never enlarged.

    `sha256` (hexadecimal) is of the uploaded bytes, `width` and `height` are the master's in pixels.
    `master`: longer side at most 2,048 px. `display`: longer side at most 640 px, for lists and review.
    `derivative`: shorter side at most 256 px, uncropped, full chroma: what the network sees.
    `had_location`: the upload told where it was taken; nothing that is kept does.
    `perceptual_hash`: of what it looks like, see `catalog.perceptual_hash`.
    """

    sha256: str
    width: int
    height: int
    master: bytes
    display: bytes
    derivative: bytes
    had_location: bool
    perceptual_hash: str


def prepare_picture(file: SentBytes, *, limits: PictureLimits = _DEFAULT_LIMITS) -> PreparedPicture:
    """Judges one uploaded file by its content and re-encodes it. Reads a seekable file from its beginning.

    Raises `PictureRefused` for every file that is not an acceptable picture, whatever the decoder says about
    it; lets errors of reading the file itself pass.
    """
    data, sha256 = _read(file, limits.max_bytes)
    try:
        container = open_container(data)
        del data  # the container holds its own copy of the pixels
        judge(container, limits, longest_side=MASTER_LONGEST_PIXELS)
        return _render(container, sha256)
    except PictureRefused:
        raise
    except Exception as error:  # decoders raise anything at all on hostile bytes
        log.info("An upload cannot be decoded: %r", error, exc_info=True)
        raise PictureRefused(_reason_for(error)) from error


def _read(file: SentBytes, max_bytes: int) -> tuple[bytes, str]:
    """The bytes and their SHA-256; stops as soon as there are too many."""
    file.seek(0)
    digest, data = hashlib.sha256(), bytearray()
    while block := file.read(_BLOCK_BYTES):
        digest.update(block)
        data += block
        if len(data) > max_bytes:
            raise PictureRefused(RefusalReason.TOO_LARGE)
    if not data:
        raise PictureRefused(RefusalReason.EMPTY)
    return bytes(data), digest.hexdigest()


def _render(container: Container, sha256: str) -> PreparedPicture:
    master = decode(container, longest_side=MASTER_LONGEST_PIXELS)
    display = _resized(master, fitted(master.size, longest_side=DISPLAY_LONGEST_PIXELS), reducing_gap=1.5)
    derivative = _resized(master, derivative_size(master.size), reducing_gap=2.0)
    return PreparedPicture(
        sha256=sha256,
        width=master.width,
        height=master.height,
        master=_jpeg(master, quality=88),
        display=_jpeg(display, quality=80, progressive=True),
        derivative=_jpeg(derivative, quality=92, chroma="4:4:4"),
        had_location=has_location(container),
        perceptual_hash=perceptual_hash(derivative),
    )


def derivative_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height in pixels with the shorter side at most 256, at the same aspect; never enlarged."""
    scale = min(1.0, DERIVATIVE_SHORTEST_PIXELS / min(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resized(image: Image.Image, size: tuple[int, int], *, reducing_gap: float) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=reducing_gap)


def _jpeg(image: Image.Image, *, quality: int, chroma: str = "4:2:0", progressive: bool = False) -> bytes:
    image.info.clear()  # the encoder writes a comment that it finds there
    stream = BytesIO()
    image.save(stream, "JPEG", quality=quality, subsampling=chroma, progressive=progressive)
    return stream.getvalue()


def _reason_for(error: Exception) -> RefusalReason:
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return RefusalReason.TOO_MANY_PIXELS
    if isinstance(error, OSError) and "truncated" in str(error).lower():
        return RefusalReason.TRUNCATED
    return RefusalReason.UNREADABLE
