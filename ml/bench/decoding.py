"""Decoding at a fraction of the size, which JPEG allows, against decoding in full: both to the same derivative."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from ml.bench.timing import compare
from ml.pictures import SHORTER_SIDE_PIXELS, open_picture


def measure(photos: Sequence[bytes], repeats: int) -> dict[str, Any]:
    """One thread, whole files; `speedup` on the clock."""
    timings = compare(
        {
            "scaled": lambda: [open_picture(photo) for photo in photos],
            "plain": lambda: [plainly_decoded(photo) for photo in photos],
        },
        len(photos),
        repeats,
    )
    scaled, plain = timings["scaled"], timings["plain"]
    return {
        **{name: timing.as_json() for name, timing in timings.items()},
        "speedup": round(plain.wall / scaled.wall, 2),
        "speedup_in_cpu_time": round(plain.cpu / scaled.cpu, 2),
    }


def plainly_decoded(photo: bytes) -> Image.Image:
    """Every pixel decoded, then shrunk in the same way."""
    with Image.open(io.BytesIO(photo)) as image:
        picture = image.convert("RGB")
    scale = SHORTER_SIDE_PIXELS / min(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
