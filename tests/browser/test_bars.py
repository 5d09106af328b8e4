"""The bars at the bottom of a page hide nothing: neither what has the focus nor each other's buttons."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHONE
from tests.browser.site import LANGUAGES, Site
from tests.browser.site import site as site
from tests.browser.test_pages import LARGE, resize_writing
from tests.many_listings import make_busy_shop

COUNT = 20
MOST_IN_A_HEADER = 8
ENLARGED: dict[str, Any] = {"viewport": {"width": 640, "height": 450}}
"""What a desktop of 1280 by 900 shows at 200 %."""
SCREENS = {"phone": (PHONE, ""), "phone, large writing": (PHONE, LARGE), "enlarged": (ENLARGED, "")}
ADDRESSES = {
    "grid": "/shops/{busy}/review/grid/",
    "arranging": "/shops/{busy}/arrange/",
    "catalogue": "/shops/{busy}/listings/",
    "review": "/listings/{listing}/review/",
    "new listing": "/shops/{busy}/listings/new/",
}
FOCUSED = """
() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const seen = (each.closest("label") ?? each).getBoundingClientRect();
  const across = Math.min(Math.max(seen.left + seen.width / 2, 0), innerWidth - 1);
  const above = document.elementFromPoint(across, Math.max(seen.top + 2, 0))?.closest(".action-bar, .tabbar");
  const isLost = seen.bottom <= 0 || seen.top >= innerHeight || (above && !above.contains(each));
  return { isLost, html: each.outerHTML.slice(0, 120) };
}
"""
COVERED = """
() => [...document.querySelectorAll(".action-bar :is(button, a, input)")]
  .filter((each) => each.checkVisibility())
  .filter((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    const found = [top + 2, bottom - 2].map((y) => document.elementFromPoint((left + right) / 2, y));
    return found.some((one) => one?.closest(".tabbar"));
  })
  .map((each) => each.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def addresses(site: Site, django_db_blocker: Any) -> dict[str, str]:
    with django_db_blocker.unblock():
        busy = make_busy_shop(site.world.cast.seller, COUNT).shop_id
    return {name: path.format(busy=busy, listing=site.world.sure_listing.pk) for name, path in ADDRESSES.items()}


@pytest.fixture(scope="module")
def tabs(browser: Browser, site: Site) -> Iterator[dict[tuple[str, str], Page]]:
    opened = {}
    for (screen, (options, _)), language in product(SCREENS.items(), LANGUAGES):
        opened[screen, language] = site.opened(browser, "owner", language=language, **options).new_page()
    yield opened
    for page in opened.values():
        page.context.close()


def come_to(page: Page, address: str, screen: str) -> None:
    page.goto(address, wait_until="load")
    resize_writing(page, SCREENS[screen][1])


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("screen", SCREENS)
def test_what_has_the_focus_is_under_no_bar(
    tabs: dict[tuple[str, str], Page], addresses: dict[str, str], screen: str, name: str
) -> None:
    page = tabs[screen, "en"]
    come_to(page, addresses[name], screen)
    page.evaluate("document.activeElement?.blur()")
    lost, steps = [], 0
    page.keyboard.press("Tab")
    while focused := page.evaluate(FOCUSED):
        steps += 1
        lost += [focused["html"]] if focused["isLost"] else []
        page.keyboard.press("Tab")
    assert steps > MOST_IN_A_HEADER
    assert lost == []


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_bar_covers_the_buttons_of_another(
    tabs: dict[tuple[str, str], Page], addresses: dict[str, str], screen: str, language: str, name: str
) -> None:
    page = tabs[screen, language]
    come_to(page, addresses[name], screen)
    page.evaluate("document.querySelector('.action-bar')?.closest('form').scrollIntoView({ block: 'start' })")
    assert page.evaluate(COVERED) == []


def test_the_page_stays_where_it_is_when_a_bar_is_come_to(
    tabs: dict[tuple[str, str], Page], addresses: dict[str, str]
) -> None:
    page = tabs["enlarged", "en"]
    come_to(page, addresses["review"], "enlarged")
    page.evaluate("scrollTo(0, 200)")
    page.locator(".action-bar button").first.focus()
    assert page.evaluate("scrollY") == 200
