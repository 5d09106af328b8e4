"""Open a stranger's picture safely: upright, sRGB, shorter side at most 256 px.

The result is what the app stores as a photo's derivative, so that a file and its derivative give the
same values. Every failure is one `UnreadablePicture`.
"""

import hashlib
import io
import warnings
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from ml.errors import UnreadablePicture

MAX_PIXELS: Final = 50_000_000
MAX_SIDE_PIXELS: Final = 16_000
SHORTER_SIDE_PIXELS: Final = 256
OPENED_FORMATS: Final = ("JPEG", "PNG", "WEBP")
ACCEPTED_FORMATS: Final = frozenset({"JPEG", "MPO", "PNG", "WEBP"})
"""Checked again after opening; MPO is how many phones write a JPEG with a preview inside."""

warnings.simplefilter("error", Image.DecompressionBombWarning)  # for the whole process: a warning is too late

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DIRECT_MODES: Final = frozenset({"L", "RGB", "RGBA", "CMYK"})


def open_picture(source: Path | bytes, *, shorter_side_pixels: int = SHORTER_SIDE_PIXELS) -> Image.Image:
    """The picture as upright sRGB, shrunk (never enlarged) to the given shorter side.

    Refuses by the header, before decoding, what has over 50 megapixels or a side over 16,000 px.
    """
    try:
        with _stream(source) as stream, Image.open(stream, formats=OPENED_FORMATS) as image:
            _check_header(image)
            return _read(image, shorter_side_pixels)
    except UnreadablePicture:
        raise
    except Exception as error:  # decoders raise anything at all on hostile bytes
        raise _explain(error) from error


def fingerprint(picture: Image.Image) -> str:
    """SHA-256 over size and RGB pixels: equal for pixel-identical pictures whatever their files."""
    size = f"{picture.width}x{picture.height}:".encode()
    return hashlib.sha256(size + picture.convert("RGB").tobytes()).hexdigest()


def _stream(source: Path | bytes) -> BinaryIO:
    """The bytes, not yet read: a huge file that is no picture costs nothing."""
    if isinstance(source, Path) and not source.is_file():
        raise UnreadablePicture("missing", "The file cannot be opened.")
    if not (source.stat().st_size if isinstance(source, Path) else len(source)):
        raise UnreadablePicture("empty", "The file is empty.")
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _check_header(image: Image.Image) -> None:
    if image.format not in ACCEPTED_FORMATS:
        raise UnreadablePicture("not_an_image", "The file is not a JPEG, PNG or WebP picture.")
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE_PIXELS:
        raise UnreadablePicture("too_many_pixels", "The picture has too many pixels.")


def _read(image: Image.Image, shorter_side_pixels: int) -> Image.Image:
    profile, orientation = image.info.get("icc_profile"), _orientation(image)
    image.draft(None, _shrunk_size(image.size, shorter_side_pixels))  # JPEG: decode at 1/2, 1/4 or 1/8
    image.load()
    upright = _shrink(_plain_mode(image), shorter_side_pixels)
    if orientation in _UPRIGHT:
        upright = upright.transpose(_UPRIGHT[orientation])
    return _flatten(upright, profile)


def _orientation(image: Image.Image) -> int | None:
    """EXIF orientation 1 to 8; None where the tags cannot be read."""
    try:
        return image.getexif().get(_ORIENTATION_TAG)
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return None


def _shrunk_size(size: tuple[int, int], shorter_side_pixels: int) -> tuple[int, int]:
    scale = min(1.0, shorter_side_pixels / min(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(image: Image.Image, shorter_side_pixels: int) -> Image.Image:
    size = _shrunk_size(image.size, shorter_side_pixels)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _plain_mode(image: Image.Image) -> Image.Image:
    """As L, RGB, RGBA or CMYK, 8 bits a channel."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if "transparency" in image.info or image.mode in {"LA", "PA", "La"}:
        return image.convert("RGBA")
    return image if image.mode in _DIRECT_MODES else image.convert("RGB")


def _flatten(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGB in sRGB, transparency over white."""
    if image.mode != "RGBA":
        return _to_srgb(image, profile)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(_to_srgb(image.convert("RGB"), profile), mask=image.getchannel("A"))
    return canvas


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken or foreign profile: the pixels as they are
    return image if image.mode == "RGB" else image.convert("RGB")


def _explain(error: Exception) -> UnreadablePicture:
    if isinstance(error, UnidentifiedImageError):
        return UnreadablePicture("not_an_image", "The file is not a JPEG, PNG or WebP picture.")
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadablePicture("too_many_pixels", "The picture has too many pixels.")
    if isinstance(error, FileNotFoundError | IsADirectoryError | PermissionError):
        return UnreadablePicture("missing", "The file cannot be opened.")
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return UnreadablePicture("truncated", "The picture is cut off.")
    return UnreadablePicture("broken", "The picture is damaged.")
