"""How large a picture may be, judged by its header before anything is decoded."""

from dataclasses import dataclass

from onboarding.pictures.container import Container
from onboarding.pictures.refusals import PictureRefused, RefusalReason


@dataclass(frozen=True, kw_only=True)
class PictureLimits:
    """Chosen so that no file takes over 512 MB of memory or 2 seconds of an idle core; HEIC of ten bits takes 3."""

    max_bytes: int = 25 * 1024 * 1024
    max_pixels: int = 50_000_000
    """Times their weight: 37 million where a PNG has an alpha channel, 16 million in a WebP, 33 in a HEIC."""
    max_side_pixels: int = 16_000
    min_side_pixels: int = 32
    """Of the master's shorter side, so that a strip of 16,000 by 32 px is refused too."""


def judge(container: Container, limits: PictureLimits, *, longest_side: int) -> None:
    """Raises `PictureRefused` where the header alone tells that the picture is not wanted.

    `longest_side` is the master's, in pixels.
    """
    sides = container.width, container.height
    if min(sides) == 0:
        raise PictureRefused(RefusalReason.UNREADABLE)
    if _has_too_many_pixels(container, limits):
        raise PictureRefused(RefusalReason.TOO_MANY_PIXELS)
    if min(sides) * min(1, longest_side / max(sides)) < limits.min_side_pixels:
        raise PictureRefused(RefusalReason.TOO_SMALL)
    if container.is_animated:
        raise PictureRefused(RefusalReason.ANIMATED)
    if not container.is_complete:
        raise PictureRefused(RefusalReason.TRUNCATED)


def _has_too_many_pixels(container: Container, limits: PictureLimits) -> bool:
    pixels = container.width * container.height * container.weight
    return pixels > limits.max_pixels or max(container.width, container.height) > limits.max_side_pixels
