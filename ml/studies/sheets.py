"""Contact sheets: pictures of the data, each with what is said of it.

They are made of the data, which is never committed: they go to OUT/sheets, and nowhere at all under docs.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

log = logging.getLogger(__name__)

FOLDER: Final = "sheets"
PICTURE: Final = (108, 144)
"""Width and height of each picture in pixels."""
LINE: Final = 13
MARGIN: Final = 6


@dataclass(frozen=True)
class Tile:
    """One picture and the lines below it."""

    picture: Image.Image
    lines: Sequence[str]


class Sheets:
    """The sheets of one study, in `out`/sheets; under docs there are none, which is said once."""

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER
        self._is_told = False

    def save(self, name: str, tiles: Sequence[Tile], columns: int = 10) -> None:
        """As NAME.png, row after row; nothing for no tiles."""
        if is_documentation(self.folder):
            if not self._is_told:
                log.warning("%s: no sheets, they hold pictures of the data, which do not go under docs.", self.folder)
            self._is_told = True
        elif tiles:
            self.folder.mkdir(parents=True, exist_ok=True)
            draw(tiles, columns).save(self.folder / f"{name}.png")


def is_documentation(folder: Path) -> bool:
    """Whether what is written there would be committed."""
    return "docs" in folder.resolve().parts


def draw(tiles: Sequence[Tile], columns: int) -> Image.Image:
    """All tiles as one picture; each is shown whole."""
    font = ImageFont.load_default(LINE - 3)
    lines = max(len(tile.lines) for tile in tiles)
    width, height = PICTURE[0] + MARGIN, PICTURE[1] + lines * LINE + MARGIN
    size = min(columns, len(tiles)) * width, math.ceil(len(tiles) / columns) * height
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for number, tile in enumerate(tiles):
        left, top = number % columns * width, number // columns * height
        sheet.paste(ImageOps.pad(tile.picture, PICTURE, color="whitesmoke"), (left, top))
        for row, line in enumerate(tile.lines):
            pen.text((left + 2, top + PICTURE[1] + row * LINE), _fitting(line, font), fill="black", font=font)
    return sheet


def _fitting(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """As much of it as stands below one picture."""
    return next(line[:end] for end in range(len(line), -1, -1) if font.getlength(line[:end]) <= PICTURE[0])
