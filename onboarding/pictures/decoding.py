"""From a picture file to upright sRGB pixels: decoded once, no larger than asked for."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from onboarding.pictures.container import Container
from onboarding.pictures.decoding_apart import shrunk_apart
from onboarding.pictures.metadata import orientation
from onboarding.pictures.refusals import PictureRefused, RefusalReason

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_STRIP_ROWS: Final = 512
_REDUCING_GAP: Final = 1.4
"""What the slow, sharp filter has left to do after the fast one."""
_DRAFT_SLACK: Final = 0.93
"""A JPEG may decode to this share of the size asked for if that saves decoding twice as large: the usual
12-megapixel photo, 4,032 px wide, becomes 2,016 px wide straight from its coefficients."""


def decode(container: Container, *, longest_side: int) -> Image.Image:
    """The picture as RGB in sRGB, upright, transparency over white.

    Its longer side has at most `longest_side` px; it is never enlarged. Raises whatever the decoder raises,
    and `PictureRefused`, unreadable, where the decoder sees another format or size than the header promised.
    """
    shrink = shrunk_apart if container.format == "HEIF" else shrunk
    rgb = _to_srgb(shrink(container, longest_side=longest_side), container.profile)
    method = _UPRIGHT.get(orientation(container))
    return rgb if method is None else rgb.transpose(method)


def shrunk(container: Container, *, longest_side: int) -> Image.Image:
    """The picture as it was stored, as L, RGB or CMYK, its longer side at most `longest_side` px."""
    with Image.open(BytesIO(container.pixels), formats=(container.format,)) as image:
        if (image.format, *image.size) != (container.format, container.width, container.height):
            raise PictureRefused(RefusalReason.UNREADABLE)
        image.draft(None, _draft_size(image.size, longest_side))
        image.load()
        small = _reduced(image, longest_side)
    return small.resize(fitted(small.size, longest_side=longest_side), Image.Resampling.LANCZOS)


def fitted(size: tuple[int, int], *, longest_side: int) -> tuple[int, int]:
    """The size in pixels, its longer side at most `longest_side`, at the same aspect; never enlarged."""
    scale = min(1.0, longest_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _draft_size(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """The size divided by the largest of 8, 4, 2 and 1 that leaves enough pixels."""
    enough = longest_side * _DRAFT_SLACK
    divisor = next((each for each in (8, 4, 2) if max(size) / each >= enough), 1)
    return max(1, size[0] // divisor), max(1, size[1] // divisor)


def _reduced(image: Image.Image, longest_side: int) -> Image.Image:
    """L, RGB or CMYK, shrunk by a whole number (mostly 1) that leaves 1.4 times `longest_side` or more.

    Goes in strips: a second copy of a picture of 50 megapixels would take another 200 MB.
    """
    factor = max(1, int(max(image.size) / (_REDUCING_GAP * longest_side)))
    if factor == 1 and _is_flat(image):
        return image
    rows = _STRIP_ROWS // factor * factor
    boxes = ((0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows))
    strips = [_flat(image.crop(box)).reduce(factor) for box in boxes]
    canvas = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for number, strip in enumerate(strips):
        canvas.paste(strip, (0, number * rows // factor))
    return canvas


def _flat(image: Image.Image) -> Image.Image:
    """L, RGB or CMYK with 8 bits a channel, transparency over white."""
    if image.mode.startswith("I"):  # 16 bits: Pillow's own conversion would clip instead of scaling
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if _is_flat(image):
        return image
    if image.has_transparency_data:
        sheet, layer = Image.new("RGB", image.size, "white"), image.convert("RGBA")
        sheet.paste(layer, mask=layer)
        return sheet
    return image.convert("L" if image.mode == "1" else "RGB")


def _is_flat(image: Image.Image) -> bool:
    return image.mode in ("L", "RGB", "CMYK") and not image.has_transparency_data


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # a broken or foreign profile: the pixels as they are
        if converted is not None:
            return converted
    return image.convert("RGB")
