"""The drawing kit: every picture that a test or a demonstration needs is drawn here by code.

`product()` draws a garment or accessory that a person recognises; the other functions turn a picture into
files of every kind that a seller, or somebody worse, may send.
"""

import math
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import pairwise
from random import Random
from typing import Any, Final, Literal

from PIL import ExifTags, Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

Point = tuple[float, float]
Colour = tuple[int, int, int]
Kind = Literal["shirt", "trousers", "shoe", "bag", "dress", "watch"]

KINDS: Final[tuple[Kind, ...]] = ("shirt", "trousers", "shoe", "bag", "dress", "watch")
SHEET: Final = (100.0, 133.0)
"""Shapes are given on a sheet of this width and height; x = 50 is its middle."""
SMALL_PIXELS: Final = 256
"""Pictures with no longer side are remembered by the hundred: what teaches a network is drawn for many tests."""


# --- Shapes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fill:
    """An area in the product's colour, or in its own; `path` is one half where `mirrored`."""

    path: str
    mirrored: bool = False
    colour: str | None = None
    tone: float = 1.0
    """Brightness relative to the product's colour."""


@dataclass(frozen=True)
class Line:
    """A seam, crease or strap; `width` on the sheet, `tone` as in `Fill`."""

    path: str
    mirrored: bool = False
    colour: str | None = None
    tone: float = 0.62
    width: float = 0.5
    dash: float = 0.0
    """Length of a stitch; 0 for a line without gaps."""


def _circle(x: float, y: float, radius: float) -> str:
    k = radius * 0.5523
    return (
        f"M{x},{y - radius} C{x + k},{y - radius} {x + radius},{y - k} {x + radius},{y}"
        f" C{x + radius},{y + k} {x + k},{y + radius} {x},{y + radius}"
        f" C{x - k},{y + radius} {x - radius},{y + k} {x - radius},{y}"
        f" C{x - radius},{y - k} {x - k},{y - radius} {x},{y - radius}"
    )


def _watch_marks() -> Iterator[Line]:
    for hour in range(12):
        across, down = math.sin(hour * math.pi / 6), -math.cos(hour * math.pi / 6)
        inner, width = (13.2, 1.3) if hour % 3 == 0 else (14.6, 0.7)
        path = f"M{50 + inner * across},{66 + inner * down} L{50 + 17 * across},{66 + 17 * down}"
        yield Line(path, colour="#3a3d42", width=width)


_SHIRT: Final = (
    Fill("M50,23.5 Q57,23.5 61,20.5 L60,30 Q55,36 50,36", mirrored=True, tone=0.6),
    Fill(
        "M50,33.5 Q58,33 61.5,20.5 Q70,23.5 77,28 Q85,36 93.5,54.5 Q87,60 79,62.5"
        " Q75.5,55 73,49.5 C72.4,68 73,92 74.5,113 Q62,115.8 50,115.8",
        mirrored=True,
    ),
    Line("M50,36.6 Q60.6,36 64.4,22", mirrored=True, tone=0.78, width=0.5),
    Line("M50,33.5 Q58,33 61.5,20.5", mirrored=True, tone=0.55, width=0.5),
    Line("M74.5,27 Q71,38 73,49.5", mirrored=True, tone=0.7, width=0.5),
    Line("M91.7,51 Q85.6,56.6 77.6,59.2", mirrored=True, tone=0.72, width=0.4, dash=1.1),
    Line("M50,112.4 Q62,112.4 74.3,109.8", mirrored=True, tone=0.72, width=0.4, dash=1.1),
    Fill("M47.6,24.6 L52.4,24.6 L52.4,28 L47.6,28", colour="#f4f2ec"),
)
_TROUSERS: Final = (
    Fill("M50,15.5 L66,14.5 L66,18 Q58,20 50,20", mirrored=True, tone=0.6),
    Fill(
        "M50,19 Q59,19 66,15 Q67,20 67.6,26 C70.8,38 72,50 71.4,62 L67,120 Q60,121.6 53.4,120.6 L50.4,59",
        mirrored=True,
    ),
    Line("M50,24.6 Q60,24.4 67.4,22", mirrored=True, tone=0.66, width=0.45),
    Line("M50,25.8 Q60,25.6 67.6,23.2", mirrored=True, tone=1.35, width=0.35, dash=1.1),
    Line("M50,19.5 L50,58.5", tone=0.6, width=0.5),
    Line("M53.4,25.6 L53.4,40 Q53.2,45.4 50,47", tone=1.35, width=0.35, dash=1.1),
    Line("M57.6,25 C58.4,32 62,36.4 69.6,37", mirrored=True, tone=0.62, width=0.5),
    Line("M56.6,25 C57.4,33 61.4,37.6 69.8,38.2", mirrored=True, tone=1.35, width=0.35, dash=1.1),
    Line("M61.6,44 C61.8,70 61,95 60.4,117", mirrored=True, tone=0.86, width=0.7),
    Line("M67.2,117.4 Q60,119 53.3,118", mirrored=True, tone=1.35, width=0.35, dash=1.1),
    Line("M58.4,17.4 L58.8,25.4", mirrored=True, tone=0.72, width=1.7),
    Fill(_circle(50, 22.2, 1.3), colour="#c2a878"),
)
_DRESS: Final = (
    Fill("M50,21 Q55,21 60.4,15.2 L60,24 Q56,34 50,34", mirrored=True, tone=0.6),
    Fill(
        "M50,31 Q57.4,30 60,15 L65,14 Q65.4,24 70,31.5 C68.8,41 64.4,50 63,58.5"
        " C67,76 79,98 85,112.5 Q80,116.6 74,116.4 Q68,119.6 62,118.6 Q56,121 50,120",
        mirrored=True,
    ),
    Fill("M50,57.4 Q57,57.4 63.2,55.6 L63,60.6 Q57,62.4 50,62.4", mirrored=True, tone=0.74),
    Line("M50,31 Q57.4,30 60,15", mirrored=True, tone=0.6, width=0.5),
    Line("M65,14 Q65.4,24 70,31.5", mirrored=True, tone=0.6, width=0.4),
    Line("M57.4,63 C60,82 67,102 69.4,116", mirrored=True, tone=0.8, width=1.1),
    Line("M53.2,63 C54.4,84 57.4,104 58.4,118", mirrored=True, tone=0.84, width=0.9),
    Line("M57.8,57 C57.4,50 58.8,44 62.4,40", mirrored=True, tone=0.74, width=0.45),
    Line(
        "M84,110 Q80,113.6 73.6,113.4 Q68,116.6 61.8,115.6 Q56,118 50,117",
        mirrored=True,
        tone=0.74,
        width=0.35,
    ),
)
_SHOE: Final = (
    Fill("M40,49 C43,45 48,44.4 52,47.4 L56,56 L42,57", tone=0.72),
    Fill(
        "M12,52.5 C11,62 7.4,73 9.4,87 L92,87 C93.4,79 87,75 77,73 C67,70.4 59,61 52.6,50.6"
        " C48,54.4 43,53.4 40.4,48.4 C33,55.6 22,57.4 12,52.5"
    ),
    Fill("M75,87 C71.6,80 73.4,74.6 78.4,73.2 C88,75.2 93.4,79.4 92,87", tone=0.84),
    Fill("M10.4,66 C18,66.6 25,74 25.6,87 L9.4,87 C8.2,79 9.2,72 10.4,66", tone=0.84),
    Line("M40.4,48.4 C33,55.6 22,57.4 12,52.5", tone=0.55, width=0.9),
    Line("M44.6,56 C50,62 56,72 72,76", tone=0.7, width=0.45, dash=1.2),
    Line("M27.6,80.6 C36,80 46,76.6 54.4,70.6", colour="#f7f5f0", width=2.4),
    Line("M47.4,58.4 L56.4,54", colour="#f7f5f0", width=1.5),
    Line("M51,62.8 L60,58.4", colour="#f7f5f0", width=1.5),
    Line("M55,67 L63.8,62.8", colour="#f7f5f0", width=1.5),
    Line("M59.8,70.6 L68.2,66.8", colour="#f7f5f0", width=1.5),
    Fill("M8.4,85 L93,85 Q94.4,89.6 92.6,92.4 Q90.6,95 86,95 L15,95 Q8,95 8,89 Z", colour="#f4f1ea"),
    Line("M8.2,89.6 L93.4,89.6", colour="#d9d3c7", width=0.5),
)
_BAG: Final = (
    Line("M33,62 C32,20 68,20 67,62", tone=0.7, width=3.2),
    Line("M33,62 C32,20 68,20 67,62", tone=1.2, width=0.4, dash=1.3),
    Fill("M50,57 L79,57 Q82.4,57 83,60.4 L88.4,108 Q88.6,114.6 82,114.6 L50,114.6", mirrored=True),
    Fill("M50,57 L79,57 Q82.4,57 83,60.4 L84.4,72.6 Q66,78.6 50,78.6", mirrored=True, tone=0.86),
    Line("M50,77 Q66,77 83.4,71.4", mirrored=True, tone=1.25, width=0.4, dash=1.3),
    Line("M50,111.6 L81,111.6 Q85.4,111.4 85.2,107.4 L83,84", mirrored=True, tone=0.74, dash=1.3),
    Fill("M64.6,57 L69.4,57 L69.4,66 Q67,68 64.6,66", mirrored=True, tone=0.66),
    Fill(_circle(67, 63.6, 1.1), mirrored=True, colour="#d3b36b"),
    Fill(
        "M46,73.4 L54,73.4 Q55,73.4 55,74.4 L55,83 Q55,84 54,84 L46,84 Q45,84 45,83 L45,74.4 Z",
        colour="#d3b36b",
    ),
    Fill("M48.4,77.4 L51.6,77.4 L51.6,81 L48.4,81", colour="#8d7440"),
)
_WATCH: Final[tuple[Fill | Line, ...]] = (
    Fill("M50,10 L57.4,10 Q59.6,10 60,12.4 L63.4,46 L50,46", mirrored=True),
    Fill("M50,86 L63.4,86 L60.4,120 Q60,124.6 55,124.6 L50,124.6", mirrored=True),
    Line("M57.8,13 L60.8,42", mirrored=True, tone=1.3, width=0.4, dash=1.2),
    Line("M60.8,90 L58.2,119 Q57.4,122 54,122 L50,122", mirrored=True, tone=1.3, width=0.4, dash=1.2),
    *(Fill(_circle(50, y, 0.9), tone=0.4) for y in (104, 109.5, 115)),
    Fill("M75,63 L78.6,63 Q79.4,63 79.4,64 L79.4,68 Q79.4,69 78.6,69 L75,69", colour="#aab0b8"),
    Fill(_circle(50, 66, 25.4), colour="#c3c8cf"),
    Fill(_circle(50, 66, 22.4), colour="#8f959e"),
    Fill(_circle(50, 66, 21), colour="#f6f5f1"),
    *_watch_marks(),
    Fill(_circle(50, 75.4, 3.6), colour="#e3e1da"),
    Line("M50,66 L41.4,59.4", colour="#2b2e33", width=1.9),
    Line("M50,66 L59.4,54", colour="#2b2e33", width=1.3),
    Line("M50,66 L50,79", colour="#c0392b", width=0.5),
    Fill(_circle(50, 66, 1.5), colour="#2b2e33"),
)
_SHAPES: Final[dict[str, tuple[Fill | Line, ...]]] = {
    "shirt": _SHIRT,
    "trousers": _TROUSERS,
    "shoe": _SHOE,
    "bag": _BAG,
    "dress": _DRESS,
    "watch": _WATCH,
}
_BACKGROUNDS: Final = (
    ("#f6f2ec", "#e2dad0"),
    ("#f1f4f5", "#d9e0e4"),
    ("#f6f0ef", "#e5d7d4"),
    ("#f2f4ee", "#dbe1d3"),
)


# --- Drawing ----------------------------------------------------------------------------------------------


def product(
    kind: Kind = "shirt",
    colour: str = "red",
    size: tuple[int, int] = (300, 400),
    background: str | None = None,
    seed: int = 0,
) -> Image.Image:
    """An RGB picture of one product; `seed` varies its place, folds, light and (unless given) background.

    The same arguments give the same pixels. `colour` and `background` are names or #rrggbb.
    """
    kept = _large if max(size) > SMALL_PIXELS else _small
    return kept(kind, colour, size, background, seed).copy()


@lru_cache(maxsize=32)
def _large(kind: str, colour: str, size: tuple[int, int], background: str | None, seed: int) -> Image.Image:
    return _drawn(kind, colour, size, background, seed)


@lru_cache(maxsize=1024)
def _small(kind: str, colour: str, size: tuple[int, int], background: str | None, seed: int) -> Image.Image:
    return _drawn(kind, colour, size, background, seed)


def _drawn(kind: str, colour: str, size: tuple[int, int], background: str | None, seed: int) -> Image.Image:
    random = Random(f"{kind} {colour} {seed}")
    finest = min(2.5, 1600 / max(size))  # drawn larger and shrunk, for smooth edges; large ones are enlarged
    canvas = (round(size[0] * finest), round(size[1] * finest))
    artist = _Artist(canvas, _dyed(colour), random)
    picture = artist.draw(_SHAPES[kind], background)
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


class _Artist:
    """Draws shapes on a canvas of `size` px: soft shadow below, folds and rounded edges inside."""

    def __init__(self, size: tuple[int, int], colour: Colour, random: Random) -> None:
        self.size, self.colour, self.random = size, colour, random
        self.unit = min(size[0] / SHEET[0], size[1] / SHEET[1]) * random.uniform(0.93, 1.0)
        self.turn = math.radians(random.uniform(-2.5, 2.5))
        self.cloth = self._cloth()

    def draw(self, shapes: tuple[Fill | Line, ...], background: str | None) -> Image.Image:
        masks = [self._mask(shape) for shape in shapes]
        canvas = self._background(background)
        self._cast_shadow(canvas, masks)
        for shape, mask in zip(shapes, masks, strict=True):
            box = mask.getbbox()
            if box is not None:
                paint = self._paint(shape, mask, box) if isinstance(shape, Fill) else self._colour(shape)
                canvas.paste(paint, box, mask.crop(box))
        return canvas

    def _mask(self, shape: Fill | Line) -> Image.Image:
        mask = Image.new("L", self.size)
        pen = ImageDraw.Draw(mask)
        halves = _halves(shape)
        if isinstance(shape, Fill):
            for area in halves if len(halves) == 1 or _is_apart(halves[0]) else [halves[0] + halves[1][::-1]]:
                pen.polygon([self._place(point) for point in area], fill=255)
            return mask
        for half in halves:
            for stroke in _strokes(half, shape.dash):
                self._stroke(pen, [self._place(point) for point in stroke], shape.width * self.unit)
        return mask

    @staticmethod
    def _stroke(pen: ImageDraw.ImageDraw, points: list[Point], width: float) -> None:
        pen.line(points, fill=255, width=max(1, round(width)), joint="curve")
        if width > 4:
            for x, y in (points[0], points[-1]):
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)

    def _place(self, point: Point) -> Point:
        """From the sheet to the canvas."""
        x, y = (point[0] - SHEET[0] / 2) * self.unit, (point[1] - SHEET[1] / 2) * self.unit
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        return self.size[0] / 2 + x * cosine - y * sine, self.size[1] / 2 + x * sine + y * cosine

    def _background(self, colour: str | None) -> Image.Image:
        chosen = self.random.choice(_BACKGROUNDS)
        light, dark = chosen if colour is None else (_toned(colour, 1.12), _toned(colour, 0.92))
        return ImageOps.colorize(self._slope(self.random.uniform(-25, 25)), light, dark)

    def _slope(self, degrees: float) -> Image.Image:
        """Grey levels from nearly black at the top to nearly white at the bottom, turned."""
        slope = Image.linear_gradient("L").rotate(degrees, Image.Resampling.BICUBIC)
        return slope.crop((54, 54, 202, 202)).resize(self.size, Image.Resampling.BILINEAR)

    def _cast_shadow(self, canvas: Image.Image, masks: list[Image.Image]) -> None:
        whole = Image.new("L", self.size)
        for mask in masks:
            whole.paste(255, mask.getbbox(), mask.crop(mask.getbbox()))
        for drop, blur, strength in ((3.4, 3.6, 0.34), (0.9, 0.9, 0.30)):
            moved = Image.new("L", self.size)
            moved.paste(whole, (round(drop * self.unit * 0.5), round(drop * self.unit)))
            soft = _blurred(moved, blur * self.unit)
            canvas.paste((52, 44, 40), mask=soft.point([int(level * strength) for level in range(256)]))

    def _cloth(self) -> Image.Image:
        """Grey levels around 128: light from one side, and soft folds."""
        folds = Image.new("L", self.size, 128)
        pen = ImageDraw.Draw(folds)
        for _ in range(11):
            x, y = self.random.uniform(20, 80), self.random.uniform(15, 100)
            end = (x + self.random.uniform(-12, 12), y + self.random.uniform(14, 40))
            level = 128 + self.random.choice((-75, -55, 45, 65))
            pen.line([self._place((x, y)), self._place(end)], fill=level, width=round(3 * self.unit))
        light = self._slope(self.random.uniform(30, 60)).point([152 - level // 5 for level in range(256)])
        return ImageChops.add(_blurred(folds, 3 * self.unit), light, offset=-128)

    def _paint(self, shape: Fill, mask: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
        """The colour within `box`, with light and folds, darker towards the edges as if it were round."""
        edge = _blurred(mask.crop(box), 2.4 * self.unit)
        softened = edge.point([255 - (255 - level) // 2 for level in range(256)])
        grey = ImageChops.multiply(self.cloth.crop(box), softened)
        colour = self._colour(shape)
        return ImageOps.colorize(grey, _toned(colour, 0.3), _mixed(colour, (255, 255, 255), 0.6), mid=colour)

    def _colour(self, shape: Fill | Line) -> Colour:
        if shape.colour is not None:
            return ImageColor.getrgb(shape.colour)[:3]
        if shape.tone > 1:  # light stitching; on very dark cloth it has to be lighter still
            return _mixed(self.colour, (255, 250, 240), 0.45)
        if max(self.colour) < 60:  # on black, darker cannot be seen
            return _mixed(self.colour, (255, 255, 255), 0.35 * (1 - shape.tone))
        return _toned(self.colour, shape.tone)


def _dyed(colour: str) -> Colour:
    """The colour as cloth has it: less pure than light, neither quite black nor quite white."""
    red, green, blue = ImageColor.getrgb(colour)[:3]
    grey = round(0.3 * red + 0.59 * green + 0.11 * blue)
    return _mixed(_mixed((red, green, blue), (grey, grey, grey), 0.16), (128, 128, 128), 0.12)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur, at a quarter of the size where that cannot be seen."""
    step = 4 if radius >= 6 and min(image.size) >= 16 else 1
    soft = image.reduce(step).filter(ImageFilter.GaussianBlur(radius / step))
    return soft.resize(image.size, Image.Resampling.BILINEAR) if step > 1 else soft


def _toned(colour: str | Colour, tone: float) -> Colour:
    red, green, blue = ImageColor.getrgb(colour)[:3] if isinstance(colour, str) else colour
    return min(255, int(red * tone)), min(255, int(green * tone)), min(255, int(blue * tone))


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _halves(shape: Fill | Line) -> list[list[Point]]:
    points = _points(shape.path)
    return [points, [(100 - x, y) for x, y in points]] if shape.mirrored else [points]


def _is_apart(half: list[Point]) -> bool:
    """Whether the mirrored halves of an area are two areas, since they do not touch the middle."""
    return min(x for x, _ in half) > 50.5


@cache
def _points(path: str) -> list[Point]:
    """The corners of a path in SVG's notation (M, L, Q, C, Z; absolute), its curves in short steps."""
    points: list[Point] = []
    for command, numbers in re.findall(r"([MLQCZ])([^MLQCZ]*)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", numbers)]
        stops = list(zip(values[::2], values[1::2], strict=True))
        if command in "QC":
            stops = _curve([points[-1], *stops])
        points += stops or points[:1]
    return points


def _curve(stops: list[Point]) -> list[Point]:
    """A Bézier curve of any degree, without its first point."""
    curve = []
    for step in range(1, 17):
        at, layer = step / 16, stops
        while len(layer) > 1:
            layer = [(a + (c - a) * at, b + (d - b) * at) for (a, b), (c, d) in pairwise(layer)]
        curve.append(layer[0])
    return curve


def _strokes(points: list[Point], dash: float) -> Iterator[list[Point]]:
    """The line itself, or its stitches: every second piece of length `dash`."""
    if not dash:
        yield points
        return
    travelled = 0.0
    for start, end in pairwise(points):
        length = math.dist(start, end)
        pieces = max(1, round(length / 0.3))
        for piece in range(pieces):
            if int((travelled + length * piece / pieces) / dash) % 2 == 0:
                yield [_between(start, end, piece / pieces), _between(start, end, (piece + 1) / pieces)]
        travelled += length


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


# --- Files as sellers send them ---------------------------------------------------------------------------


def _encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    if format == "HEIF":
        return as_heic(image, **options)
    stream = BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def as_jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    return _encoded(image or product(), "JPEG", **{"quality": 90, **options})


def reopened(image: Image.Image, quality: int) -> Image.Image:
    """As it comes back from a JPEG."""
    return Image.open(BytesIO(as_jpeg(image, quality=quality)))


def as_png(image: Image.Image | None = None, **options: Any) -> bytes:
    return _encoded(image or product(), "PNG", **{"compress_level": 1, **options})


def as_webp(image: Image.Image | None = None, **options: Any) -> bytes:
    return _encoded(image or product(), "WEBP", **{"quality": 85, "method": 0, **options})


def as_heic(image: Image.Image | None = None, **options: Any) -> bytes:
    """As an iPhone's photo. `exif` as bytes also turns the picture the format's own way; `dpi` has no place in it."""
    import pillow_heif  # an extra: the drawings of the demonstration do without

    stream, kept = BytesIO(), {name: value for name, value in options.items() if name != "dpi"}
    pictures = pillow_heif.from_pillow(image or product())
    pictures.save(stream, **{"quality": 90, "enc_params": {"preset": "ultrafast"}, **kept})
    return stream.getvalue()


_STORED_AS: Final = {  # how a picture has to be stored so that the orientation turns it upright again
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def with_orientation(image: Image.Image, orientation: int, format: str = "JPEG") -> bytes:
    """The picture stored turned or mirrored, with the EXIF orientation (1 to 8) that undoes it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = image.transpose(_STORED_AS[orientation]) if orientation in _STORED_AS else image
    return _encoded(stored, format, exif=exif.tobytes(), quality=95)


CAMERA: Final = "Lapel Test Camera"
"""The maker in the EXIF block of `with_gps`: a string to look for where no metadata may be."""


def with_gps(image: Image.Image | None = None, format: str = "JPEG") -> bytes:
    """With a full set of metadata: a position, the camera, a thumbnail's worth of EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = CAMERA
    exif[ExifTags.Base.DateTime] = "2024:05:06 07:08:09"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (18.0, 58.0, 30.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (72.0, 49.0, 33.0),
        }
    )
    options = {"comment": CAMERA} if format == "JPEG" else {}
    return _encoded(image or product(), format, exif=exif, xmp=xmp_with_location(), dpi=(300, 300), **options)


def xmp_with_location() -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="18,58.5N"'
        b' exif:GPSLongitude="72,49.5E"/></rdf:RDF></x:xmpmeta>'
    )


def cmyk_jpeg(image: Image.Image | None = None) -> bytes:
    return as_jpeg((image or product()).convert("CMYK"))


def sixteen_bit_png(image: Image.Image | None = None) -> bytes:
    """Grey, 16 bits a pixel."""
    grey = (image or product()).convert("L").convert("I")
    return as_png(grey.point(lambda level: level * 257).convert("I;16"))


def palette_png_with_transparency(image: Image.Image | None = None) -> bytes:
    """Few colours; the first of them, at the top left corner, fully transparent."""
    few = (image or product()).quantize(16, dither=Image.Dither.NONE)
    corner = few.getpixel((0, 0))
    return as_png(few, transparency=corner)


def mpo(image: Image.Image | None = None) -> bytes:
    """A phone's JPEG with a second, smaller picture inside."""
    first = image or product()
    second = first.reduce(4)
    return _encoded(first, "MPO", save_all=True, append_images=[second], quality=90)


def animated_gif(frames: int = 3) -> bytes:
    return _animation("GIF", frames)


def animated_png(frames: int = 3) -> bytes:
    return _animation("PNG", frames)


def animated_webp(frames: int = 3) -> bytes:
    return _animation("WEBP", frames)


def _animation(format: str, frames: int) -> bytes:
    images = [product(size=(60, 80), seed=seed) for seed in range(frames)]
    return _encoded(images[0], format, save_all=True, append_images=images[1:], duration=100)


# --- Files as nobody should send them ---------------------------------------------------------------------


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_png_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """The PNG with one more chunk right behind its header."""
    return png[:33] + png_chunk(kind, body) + png[33:]


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A well-formed file of under 200 bytes that promises width x height RGB pixels and brings a few."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def clear_png(width: int, height: int) -> bytes:
    """A small file that decodes to width x height wholly transparent pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    deflater, row = zlib.compressobj(1), bytes(1 + 4 * width)
    pixels = b"".join(deflater.compress(row) for _ in range(height)) + deflater.flush()
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def bomb_jpeg(side: int = 60_000, **options: Any) -> bytes:
    """A small JPEG whose header promises side x side pixels; decoders paint what is missing grey."""
    jpeg = as_jpeg(product(size=(60, 80)), **options)
    return jpeg.replace(struct.pack(">HH", 80, 60), struct.pack(">HH", side, side), 1)


def bomb_webp(side: int = 16_383) -> bytes:
    """A small WebP whose header promises side x side pixels; its decoder would allocate them on opening."""
    webp = as_webp(product(size=(60, 80)))
    canvas = bytes(4) + 2 * (side - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas + webp[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def scan_bomb_jpeg(image: Image.Image, scans: int = 2_000) -> bytes:
    """A progressive JPEG whose last scan comes again and again: little to send, much to decode."""
    jpeg = as_jpeg(image, progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + b"\xff\xd9"


def text_bomb_png() -> bytes:
    """A small picture with texts and a colour profile that inflate to 100 MB each."""
    deflater = zlib.compressobj()
    deflated = b"".join(deflater.compress(bytes(1_000_000)) for _ in range(100)) + deflater.flush()
    png = with_png_chunk(as_png(product(size=(60, 80))), b"zTXt", b"Comment\0\0" + deflated)
    return with_png_chunk(png, b"iCCP", b"profile\0\0" + deflated)


def truncated(data: bytes, share: float = 0.5) -> bytes:
    """The first part of a file; `share` of its bytes, but never all."""
    return data[: min(int(len(data) * share), len(data) - 1)]


def polyglot() -> bytes:
    """A whole JPEG that is a web page and an archive too."""
    page = b"<html><script>alert(document.domain)</script></html>"
    archive_end = b"PK\x05\x06" + bytes(18)
    return as_jpeg() + page + archive_end


def text_named_jpg() -> bytes:
    """What is in a file `photo.jpg` that was never a photo."""
    return b"This is not a photo, whatever its name says.\n" * 20


def svg() -> bytes:
    return (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400">'
        b"<script>alert(document.domain)</script></svg>"
    )


def heic_like(brand: bytes = b"heic") -> bytes:
    """The first bytes of an iPhone's photo (or, with brand avif, of an AVIF file), and then nothing."""
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(2000)
