"""The photos that are timed: drawn with texture at every scale, as heavy as a phone's, or somebody's own."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from ml.errors import DataError
from ml.pictures import open_picture

SIZES: Final = {"12 MP": (4000, 3000), "2 MP": (1632, 1224), "derivative": (341, 256)}
"""Width and height in pixels; the derivative is what the app stores for the network."""

JPEG_QUALITY: Final = 85
OCTAVES: Final = ((512, 50.0), (128, 30.0), (32, 18.0), (8, 9.0), (2, 6.0))
"""Grain in pixels and its deviation in grey values: as heavy as a phone's photo."""


def photo_sets(folder: Path | None, count: int) -> dict[str, list[bytes]]:
    """`count` different JPEGs per size; those of a folder are enlarged or shrunk to the sizes."""
    sources = _own(folder, count) if folder else None
    return {
        name: [_encoded(sources[seed].resize(size) if sources else drawn(size, seed)) for seed in range(count)]
        for name, size in SIZES.items()
    }


def drawn(size: tuple[int, int], seed: int) -> Image.Image:
    """Coloured noise at every scale, RGB."""
    width, height = size
    draw = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128.0, dtype=np.float32)
    for grain, deviation in OCTAVES:
        coarse = draw.normal(0, deviation, (3, height // grain + 2, width // grain + 2)).astype(np.float32)
        planes = [Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR) for plane in coarse]
        pixels += np.stack([np.asarray(plane) for plane in planes], axis=2)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _own(folder: Path, count: int) -> Sequence[Image.Image]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
    if len(files) < count:
        raise DataError(f"{folder}: the bench needs {count} pictures.")
    return [open_picture(file, shorter_side_pixels=10_000) for file in files[:: len(files) // count][:count]]


def _encoded(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()
