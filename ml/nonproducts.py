"""Pictures of no product, drawn by code, and what a model says of them: it should leave their fields empty."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import pi
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Drawing = Callable[[Generator], Image.Image]

SHORTER_SIDE: Final = 192
"""In pixels: above any input size, so that every drawing is shrunk as a photo is."""
WORDS: Final = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "for",
    "it",
    "was",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
    "at",
    "be",
    "this",
    "from",
    "or",
    "one",
    "had",
    "by",
]
SKINS: Final[Sequence[Colour]] = ((246, 214, 190), (226, 178, 143), (190, 136, 98), (141, 92, 62), (92, 58, 40))
HAIRS: Final[Sequence[Colour]] = ((30, 24, 20), (84, 52, 30), (150, 104, 52), (208, 172, 110), (150, 150, 150))


def uniform_noise(random: Generator) -> Image.Image:
    return _picture(random.uniform(0, 255, _shape(random)))


def gaussian_noise(random: Generator) -> Image.Image:
    """Around one colour, more or less strong."""
    return _picture(random.normal(random.uniform(40, 215, 3), random.uniform(15, 80), _shape(random)))


def blocky_noise(random: Generator) -> Image.Image:
    """Squares of random colours, with hard or soft borders."""
    height, width, _ = _shape(random)
    count = int(random.integers(3, 16))
    blocks = _picture(random.uniform(0, 255, (count * height // width, count, 3)))
    return blocks.resize((width, height), Image.Resampling(int(random.choice([0, 2]))))


def gradient(random: Generator) -> Image.Image:
    """From one colour to another, along a line or around a point."""
    across, down = _grid(random)
    if random.random() < 0.5:
        angle = random.uniform(0, 2 * pi)
        share = 0.5 + (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    else:
        share = np.hypot(across - random.uniform(0, 1), down - random.uniform(0, 1))
    return _mixture(random, share.clip(0, 1))


def plain_colour(random: Generator) -> Image.Image:
    return _sheet(random, _colour(random))


def stripes(random: Generator) -> Image.Image:
    across, down = _grid(random)
    angle, count = random.uniform(0, pi), random.uniform(3, 25)
    return _mixture(random, np.sin((across * np.cos(angle) + down * np.sin(angle)) * 2 * pi * count) > 0)


def checks(random: Generator) -> Image.Image:
    across, down = _grid(random)
    count = random.uniform(2, 14)
    return _mixture(random, (np.floor(across * count) + np.floor(down * count)) % 2)


def page(random: Generator) -> Image.Image:
    """Black text on white paper: a heading and paragraphs."""
    sheet = _sheet(random, _grey(random, 235, 255))
    size = int(random.integers(8, 16))
    margin = int(random.integers(8, 24))
    _write(random, sheet, (margin, margin), 2 * size, 1)
    _write(random, sheet, (margin, margin + 3 * size), size, int(random.integers(6, 30)))
    return sheet


def screenshot(random: Generator) -> Image.Image:
    """A window: a bar, a column or cards, buttons, lines of text."""
    is_dark = random.random() < 0.4
    sheet = _sheet(random, _grey(random, 15, 50) if is_dark else _grey(random, 225, 255))
    ink = (225, 225, 225) if is_dark else (40, 40, 40)
    accent, pen = _colour(random), ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, sheet.width, 18), fill=accent)
    top = 26
    while top < sheet.height - 30:
        height = int(random.integers(24, 70))
        pen.rounded_rectangle((8, top, sheet.width - 8, top + height), 5, outline=accent)
        pen.rectangle((14, top + 6, 14 + height // 2, top + 6 + height // 2), fill=_colour(random))
        _write(random, sheet, (22 + height // 2, top + 4), 9, height // 14, ink)
        top += height + 8
    return sheet


def doodle(random: Generator) -> Image.Image:
    """Scribbled lines and outlines on a plain ground."""
    sheet = _sheet(random, _grey(random, 200, 255) if random.random() < 0.6 else _colour(random))
    pen = ImageDraw.Draw(sheet)
    for _ in range(int(random.integers(3, 12))):
        points = random.uniform(0, 1, (int(random.integers(3, 9)), 2)) * sheet.size
        colour, width = _colour(random), int(random.integers(1, 6))
        if random.random() < 0.6:
            pen.line([(x, y) for x, y in points.tolist()], colour, width, "curve")
        else:
            pen.ellipse((*points[:2].min(0).tolist(), *points[:2].max(0).tolist()), outline=colour, width=width)
    return sheet


def face(random: Generator) -> Image.Image:
    """Head and shoulders before a ground of one or two colours."""
    sheet = gradient(random) if random.random() < 0.5 else plain_colour(random)
    pen, unit = ImageDraw.Draw(sheet), sheet.width / 100
    x, y = sheet.width * random.uniform(0.4, 0.6), sheet.height * random.uniform(0.36, 0.5)
    wide, tall = unit * random.uniform(16, 26), unit * random.uniform(22, 32)
    skin, hair = _one_of(random, SKINS), _one_of(random, HAIRS)
    length = random.uniform(0.2, 1.6)
    pen.ellipse((x - 1.25 * wide, y - 1.3 * tall, x + 1.25 * wide, y + length * tall), fill=hair)
    pen.ellipse((x - 2.4 * wide, y + 1.2 * tall, x + 2.4 * wide, y + 5 * tall), fill=_colour(random))
    pen.rectangle((x - 0.4 * wide, y + 0.6 * tall, x + 0.4 * wide, y + 1.4 * tall), fill=skin)
    pen.ellipse((x - wide, y - tall, x + wide, y + tall), fill=skin)
    pen.chord((x - 1.05 * wide, y - 1.15 * tall, x + 1.05 * wide, y + 0.5 * tall), 200, 340, fill=hair)
    for side in (-1, 1):
        _eye(pen, x + side * 0.4 * wide, y - 0.1 * tall, 0.2 * wide, _colour(random, 20, 130))
    pen.line([(x, y), (x - 0.1 * wide, y + 0.3 * tall), (x + 0.1 * wide, y + 0.3 * tall)], fill=hair)
    smile = (x - 0.4 * wide, y + 0.2 * tall, x + 0.4 * wide, y + random.uniform(0.55, 0.75) * tall)
    pen.arc(smile, 20, 160, fill=(160, 50, 60), width=max(1, round(2 * unit)))
    return sheet.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.5)))


def _eye(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, iris: Colour) -> None:
    pen.ellipse((x - radius, y - 0.6 * radius, x + radius, y + 0.6 * radius), fill=(250, 250, 250))
    pen.ellipse((x - 0.5 * radius, y - 0.5 * radius, x + 0.5 * radius, y + 0.5 * radius), fill=iris)


def landscape(random: Generator) -> Image.Image:
    """Sky, sun, hills, grass, a house, trees."""
    height, width, _ = _shape(random)
    sky = np.linspace(random.uniform((60, 110, 180), (140, 190, 250)), random.uniform(170, 240, 3), height)
    sheet = _picture(np.broadcast_to(sky[:, None], (height, width, 3)))
    pen, horizon = ImageDraw.Draw(sheet), height * random.uniform(0.45, 0.75)
    x, y, radius = width * random.uniform(0.1, 0.9), horizon * random.uniform(0.15, 0.6), width * 0.07
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 225, 120))
    for _ in range(int(random.integers(1, 4))):
        x, reach = width * random.uniform(0, 1), width * random.uniform(0.25, 0.6)
        peak = horizon - height * random.uniform(0.08, 0.3)
        pen.polygon([(x - reach, horizon), (x, peak), (x + reach, horizon)], fill=_colour(random, 70, 150))
    red, blue = random.integers(40, 120, 2).tolist()
    pen.rectangle((0, horizon, width, height), fill=(red, int(random.integers(110, 190)), blue))
    x, size = width * random.uniform(0.1, 0.7), width * random.uniform(0.12, 0.28)
    pen.rectangle((x, horizon - size / 2, x + size, horizon + size / 2), fill=_colour(random, 120, 240))
    pen.polygon(
        [(x, horizon - size / 2), (x + size / 2, horizon - size), (x + size, horizon - size / 2)], (140, 60, 40)
    )
    for _ in range(int(random.integers(0, 4))):
        x, y, size = width * random.uniform(0, 1), horizon + height * random.uniform(0, 0.2), width * 0.1
        pen.rectangle((x - size / 8, y - size, x + size / 8, y), fill=(90, 60, 40))
        pen.ellipse((x - size / 2, y - 2 * size, x + size / 2, y - 0.7 * size), fill=(40, 110, 50))
    return sheet


KINDS: Final[Mapping[str, Drawing]] = {
    "uniform noise": uniform_noise,
    "gaussian noise": gaussian_noise,
    "blocky noise": blocky_noise,
    "gradient": gradient,
    "plain colour": plain_colour,
    "stripes": stripes,
    "checks": checks,
    "page": page,
    "screenshot": screenshot,
    "doodle": doodle,
    "face": face,
    "landscape": landscape,
}


def drawn(kind: str, count: int, seed: int = 1) -> Iterator[Image.Image]:
    """RGB pictures of one kind of `KINDS`; the same seed gives the same."""
    number = list(KINDS).index(kind)
    return (KINDS[kind](np.random.default_rng((seed, number, each))) for each in range(count))


def _shape(random: Generator) -> tuple[int, int, int]:
    """Height, width and channels: upright, square or lying, as phones photograph."""
    ratios = ((4, 3), (1, 1), (3, 4), (16, 9), (9, 16))
    down, across = ratios[int(random.integers(len(ratios)))]
    return SHORTER_SIDE * down // min(down, across), SHORTER_SIDE * across // min(down, across), 3


def _grid(random: Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places from left to right and from top to bottom, in shorter sides, float64 [H, W] each."""
    height, width, _ = _shape(random)
    down, across = np.mgrid[:height, :width] / SHORTER_SIDE
    return across, down


def _mixture(random: Generator, share: NDArray[np.generic]) -> Image.Image:
    """Two random colours, mixed by `share` [H, W] in [0, 1]."""
    first, second = random.uniform(0, 255, (2, 3))
    return _picture(first + np.asarray(share, np.float64)[..., None] * (second - first))


def _picture(pixels: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _sheet(random: Generator, colour: Colour) -> Image.Image:
    height, width, _ = _shape(random)
    return Image.new("RGB", (width, height), colour)


def _colour(random: Generator, low: int = 0, high: int = 256) -> Colour:
    red, green, blue = random.integers(low, high, 3).tolist()
    return red, green, blue


def _one_of(random: Generator, colours: Sequence[Colour]) -> Colour:
    return colours[int(random.integers(len(colours)))]


def _grey(random: Generator, low: int, high: int) -> Colour:
    return (int(random.integers(low, high + 1)),) * 3


def _write(
    random: Generator, sheet: Image.Image, place: tuple[int, int], size: int, lines: int, ink: Colour = (20, 20, 20)
) -> None:
    """Lines of words from `place` on, `size` pixels high."""
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size)
    for line in range(lines):
        words = " ".join(random.choice(WORDS, int(random.integers(3, 14))))
        pen.text((place[0], place[1] + round(1.4 * size * line)), words, ink, font)
