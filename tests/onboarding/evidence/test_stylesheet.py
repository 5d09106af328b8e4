"""The colours of the confusion matrix: one even scale, on which every number can be read."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static", "css")
EVIDENCE = (CSS / "evidence.css").read_text(encoding="utf-8")
LIGHT, _, DARK = (CSS / "tokens.css").read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
SCHEMES = {"light": LIGHT, "dark": DARK}
ON = re.findall(r"\.on-(\d)", EVIDENCE.partition("fill: var(--on-heat)")[0])
WITH_THE_OTHER_INK = {int(number) for number in ON} - {0}


def token(scheme: str, name: str) -> str:
    """As "#rrggbb"."""
    found = re.search(rf"--{name}: #(\w+)", SCHEMES[scheme])
    assert found, name
    return f"#{found[1] if len(found[1]) == 6 else ''.join(2 * each for each in found[1])}"


def shades(scheme: str) -> dict[int, str]:
    return {int(number): colour for number, colour in re.findall(r"--heat-(\d): (#\w{6})", SCHEMES[scheme])}


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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_there_are_seven_shades_and_one_for_the_diagonal(scheme: str) -> None:
    assert sorted(shades(scheme)) == list(range(8))


@pytest.mark.parametrize(("scheme", "direction"), [("light", 1), ("dark", -1)])
def test_shades_leave_the_ground_in_even_steps(scheme: str, direction: int) -> None:
    pairs = pairwise(shades(scheme)[number] for number in range(1, 8))
    steps = [direction * (lightness(one) - lightness(other)) for one, other in pairs]
    assert min(steps) > 0.08
    assert max(steps) < 0.13


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("shade", range(1, 8))
def test_the_number_on_every_shade_can_be_read(scheme: str, shade: int) -> None:
    written = token(scheme, "on-heat" if shade in WITH_THE_OTHER_INK else "ink")
    assert contrast(shades(scheme)[shade], written) >= 4.5


def test_the_other_ink_stands_on_the_last_three() -> None:
    assert {5, 6, 7} == WITH_THE_OTHER_INK
