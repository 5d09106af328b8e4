"""Style sheets: one palette, one type scale, one spacing scale, sides that turn with the writing, no syntax too new."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static", "css")
TOKENS = CSS / "tokens.css"
OWN = sorted(
    file for file in CSS.glob("*.css") if file.name not in ("admin.css", "tokens.css", "swatches.css", "site.css")
)
"""Without the tokens themselves, the colours of goods, and the admin's sheet, which speaks Django's variables."""
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
DECLARATION = re.compile(r"(?<![\w-])([\w-]+):\s*([^;{}]+)[;}]")
SIDES = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear):\s*(?:left|right)"
)
SIDES_THAT_MAY_STAY = {"float: left", "left:"}
"""A legend that fills its line whole, and a ghost that follows the pointer's coordinates."""
SPACE = re.compile(r"(?:row-|column-)?gap|(?:padding|margin)(?:-(?:block|inline))?(?:-(?:start|end))?")
PIXELS = re.compile(r"(?<![\w.-])-?(\d+)px\b")
BESIDE_THE_SCALE = {1, 2, 40, 42, 44, 68, 86, 96}
"""Hairlines, and room that is left for something of that very size: an icon, a button, a bar."""
TOO_NEW = re.compile(
    r":has\(|light-dark\(|calc-size\(|anchor\(|contrast-color\(|@(?:starting-style|scope|position-try|property|function)\b"
    r"|\b(?:field-sizing|interpolate-size|anchor-name|position-anchor|animation-timeline|text-wrap|zoom)\s*:"
)
"""What Chrome 119, Firefox 119 or Safari 17, all of autumn 2023, do not know (MDN's browser-compat-data).

esbuild writes what it can for them, which is all of the scripts' syntax, but leaves selectors and names as they are.
"""


def source(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)


def declarations(file: Path) -> Iterator[tuple[str, str]]:
    for name, value in DECLARATION.findall(source(file)):
        yield name, value.strip()


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_colours_come_from_the_palette(file: Path) -> None:
    assert [line for line in source(file).splitlines() if COLOUR.search(line)] == []


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_sizes_of_writing_come_from_the_scale(file: Path) -> None:
    sizes = {value for name, value in declarations(file) if name == "font-size"}
    if file.stem == "evidence":
        sizes -= {"11px", "12px"}  # in charts, whose units are their own
    assert {size for size in sizes if not re.fullmatch(r"var\(--text-\w+\)|inherit|[\d.]+em", size)} == set()


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_room_between_things_comes_from_the_scale(file: Path) -> None:
    wrong = [
        f"{name}: {value}"
        for name, value in declarations(file)
        if SPACE.fullmatch(name)
        and "(" not in value.replace("var(", "").replace("calc(-1 * var(", "")
        and {int(size) for size in PIXELS.findall(value)} - BESIDE_THE_SCALE - {0}
    ]
    assert wrong == []


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_sides_turn_with_the_writing(file: Path) -> None:
    found = {match.strip() for match in SIDES.findall(source(file))}
    assert found - SIDES_THAT_MAY_STAY == set()
    uneven = [
        f"{name}: {value}"
        for name, value in declarations(file)
        if name in ("padding", "margin", "inset") and len(parts := value.split()) == 4 and parts[1] != parts[3]
    ]
    assert [each for each in uneven if "-42px" not in each] == []  # the ghost again


@pytest.mark.parametrize("file", [*OWN, TOKENS, CSS / "admin.css"], ids=lambda file: file.stem)
def test_browsers_of_three_years_ago_know_all_of_it(file: Path) -> None:
    assert TOO_NEW.findall(source(file)) == []


def test_every_token_is_used_and_every_used_one_is_there() -> None:
    light, _, dark = source(TOKENS).partition("@media")
    tokens = set(re.findall(r"^\s+(--[\w-]+):", light, re.MULTILINE))
    used = set(re.findall(r"var\((--[\w-]+)", "".join(source(file) for file in OWN if file.stem != "guide")))
    own = set(re.findall(r"(--[\w-]+):", "".join(source(file) for file in OWN)))
    assert used - tokens - own - {"--swatch"} == set()
    assert tokens - used - {"--space-14"} == set()
    assert set(re.findall(r"^\s+(--[\w-]+):", dark, re.MULTILINE)) <= tokens
