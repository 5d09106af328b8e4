"""What the reader's system asks for: little motion, the dark, colours of its own. States are told apart there too."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.site import Site
from tests.browser.site import site as site

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced, light": {"forced_colors": "active", "color_scheme": "light"},
    "forced, dark": {"forced_colors": "active", "color_scheme": "dark"},
}
LEAST_CONTRAST = 3  # WCAG 1.4.11
COLOUR = "each => getComputedStyle(each).color"
OUTLINED = "each => getComputedStyle(each).outlineStyle !== 'none'"
SHOWN_BY_THEIR_GROUND = {
    "owner": (".tabbar [aria-current]",),
    "visitor": (".tag-field.is-current", ".subnav [aria-current]", ".drop.is-over", ".files [aria-pressed=true]"),
}


@pytest.fixture(params=LOOKS)
def guide(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """The style guide in each of the looks."""
    context = site.opened(browser, "visitor", language="en", **DESKTOP, **LOOKS[request.param])
    page = context.new_page()
    page.goto(site.path("styleguide"))
    yield page
    context.close()


def luminance(colour: tuple[int, ...]) -> float:
    """As WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours_along(element: Locator, *shares: float) -> list[tuple[int, ...]]:
    """At these shares of its width, half-way up."""
    drawn = Image.open(BytesIO(element.screenshot(animations="disabled"))).convert("RGB")
    found = [drawn.getpixel((int(share * drawn.width), drawn.height // 2)) for share in shares]
    return [colour for colour in found if isinstance(colour, tuple)]


def test_how_far_it_is_can_be_told(guide: Page) -> None:
    done, rest = colours_along(guide.locator("progress.progress:not(.is-finished)"), 0.2, 0.9)
    assert contrast(done, rest) >= LEAST_CONTRAST


def test_with_little_motion_nothing_turns_for_ever(browser: Browser, site: Site) -> None:
    context = site.opened(browser, "visitor", language="en", reduced_motion="reduce", **DESKTOP)
    page = context.new_page()
    page.goto(site.path("styleguide"))
    page.locator(".button").first.evaluate("each => each.classList.add('is-busy')")
    times = "each => getComputedStyle(each, '::after').animationIterationCount"
    assert page.locator(".button.is-busy").first.evaluate(times) == "1"
    context.close()


@pytest.mark.parametrize("who", SHOWN_BY_THEIR_GROUND)
def test_with_colours_of_the_readers_own_what_is_chosen_is_outlined(browser: Browser, site: Site, who: str) -> None:
    context = site.opened(browser, who, language="en", forced_colors="active", **PHONE)
    page = context.new_page()
    page.goto(site.path("styleguide") if who == "visitor" else site.path("catalog:listing_list"))
    unmarked = [which for which in SHOWN_BY_THEIR_GROUND[who] if not page.locator(which).first.evaluate(OUTLINED)]
    assert unmarked == []
    context.close()


def test_all_words_of_what_is_chosen_have_the_readers_own_colour(browser: Browser, site: Site) -> None:
    context = site.opened(browser, "visitor", language="en", forced_colors="active", **DESKTOP)
    page = context.new_page()
    page.goto(site.path("styleguide"))
    for chosen, small in ((".chip > :checked + span", "small"), ("[role=option].is-active", ".combobox-words > small")):
        colours = [page.locator(which).first.evaluate(COLOUR) for which in (chosen, f"{chosen} {small}")]
        assert colours[0] == colours[1]
    assert page.locator("select").first.evaluate("each => getComputedStyle(each).appearance") == "auto"
    context.close()
