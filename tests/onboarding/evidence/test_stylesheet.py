"""The colours of the confusion matrix: one even scale, on which every number can be read."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static" / "css" / "evidence.css").read_text()
SHADES = {int(number): colour for number, colour in re.findall(r"--heat-(\d): (#\w{6})", CSS)}
INK, WHITE = "#1a2334", "#ffffff"
ON_WHITE = {int(number) for number in re.findall(r"\.on-(\d)", CSS.partition("fill: #fff")[0])} - {0}


def linear(colour: str) -> tuple[float, float, float]:
    """Linear red, green and blue in [0, 1] of "#rrggbb"."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def lightness(colour: str) -> float:
    """L of OKLab, in [0, 1]: equal steps look equal."""
    red, green, blue = linear(colour)
    long = 0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue
    medium = 0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue
    short = 0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue
    return float(0.2104542553 * long ** (1 / 3) + 0.793617785 * medium ** (1 / 3) - 0.0040720468 * short ** (1 / 3))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio."""
    lights = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(each), strict=True)) for each in (one, other)
    )
    return float((lights[1] + 0.05) / (lights[0] + 0.05))


def test_there_are_seven_shades_and_one_for_the_diagonal() -> None:
    assert sorted(SHADES) == list(range(8))


def test_shades_deepen_in_even_steps() -> None:
    steps = [lightness(one) - lightness(other) for one, other in pairwise(SHADES[n] for n in range(1, 8))]
    assert min(steps) > 0.08
    assert max(steps) < 0.13


@pytest.mark.parametrize("shade", range(1, 8))
def test_the_number_on_every_shade_can_be_read(shade: int) -> None:
    assert contrast(SHADES[shade], WHITE if shade in ON_WHITE else INK) >= 4.5


def test_white_numbers_stand_on_the_three_deepest() -> None:
    assert {5, 6, 7} == ON_WHITE
