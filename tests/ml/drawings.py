"""Pictures and data folders drawn by code: tests use no picture of any data set."""

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SHIRT = ("Apparel", "Topwear", "Tshirts")
BLOUSE = ("Apparel", "Topwear", "Tops")
JEANS = ("Apparel", "Bottomwear", "Jeans")
SHOE = ("Footwear", "Shoes", "Casual Shoes")
PATHS = (SHIRT, BLOUSE, JEANS, SHOE)
COLOURS = {"Red": (200, 30, 30), "Blue": (30, 60, 200), "Navy Blue": (10, 10, 90)}
BOXES = {SHIRT: (0.2, 0.1, 0.8, 0.6), BLOUSE: (0.4, 0.1, 0.6, 0.9), JEANS: (0.2, 0.5, 0.8, 0.95)}

STYLES_HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


def draw(
    path: Sequence[str] = SHIRT,
    colour: str = "Red",
    size: tuple[int, int] = (60, 80),
    background: tuple[int, int, int] = (255, 255, 255),
    seed: int = 0,
) -> Image.Image:
    """A coloured box whose place tells the category, with a little noise so that no two are twins."""
    pixels = np.full((size[1], size[0], 3), background, dtype=np.float64)
    left, top, right, bottom = BOXES.get(tuple(path), (0.1, 0.7, 0.9, 0.9))
    rows = slice(int(top * size[1]), int(bottom * size[1]))
    columns = slice(int(left * size[0]), int(right * size[0]))
    pixels[rows, columns] = COLOURS[colour]
    pixels += np.random.default_rng(seed).normal(0, 3, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def encoded(picture: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def png_with_header(width: int, height: int) -> bytes:
    """A PNG whose header promises `width` x `height` px and whose body is a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def write_published(folder: Path, count: int, first: int = 0) -> Path:
    """`count` studio pictures in the published layout; categories and colours take turns."""
    (folder / "images").mkdir(parents=True)
    lines = [STYLES_HEADER]
    for number in range(first, first + count):
        path, colour = PATHS[number % len(PATHS)], list(COLOURS)[number % len(COLOURS)]
        draw(path, colour, seed=number).save(folder / "images" / f"{number}.png")
        season, usage = ("Summer", "Fall")[number % 2], ("Casual", "NA")[number % 2]
        lines.append(f"{number},Men,{','.join(path)},{colour},{season},2012,{usage},A {colour}, new {path[2]}")
    (folder / "styles.csv").write_text("\n".join(lines) + "\n")
    return folder


def write_phone(folder: Path, count: int) -> Path:
    """`count` phone photos on grey floors, three of each person."""
    (folder / "images").mkdir(parents=True)
    lines = ["id,label,kids,person"]
    for number in range(count):
        label, path = (("Longsleeve", SHIRT), ("Pants", JEANS))[number % 2]
        picture = draw(path, "Blue", size=(90, 80), background=(120, 110, 100), seed=10_000 + number)
        picture.save(folder / "images" / f"p{number}.jpg")
        lines.append(f"p{number},{label},False,{number // 3}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder
