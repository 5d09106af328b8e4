"""Writing at twice its size, as WCAG 1.4.4 asks: nothing is cut off, covered by its neighbours or out of reach."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import WIDTHS, Site
from tests.browser.site import site as site
from tests.browser.test_budgets import OWN
from tests.browser.test_pages import FOLDER, Shown, measure

CUT_OFF = """
() => [...document.querySelectorAll("main *, header *, nav *")]
  .filter((each) => each.checkVisibility())
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
  .filter((each) => {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(each);
    const hides = [overflowX, overflowY].some((flow) => flow === "hidden" || flow === "clip");
    const isTooTall = each.scrollHeight > each.clientHeight + 2;
    const isTooWide = each.scrollWidth > each.clientWidth + 2;
    return hides && each.clientWidth > 1 && textOverflow !== "ellipsis" && (isTooTall || isTooWide)
      && !each.closest(".visually-hidden, h3");
  })
  .map((each) => each.outerHTML.slice(0, 140))
"""


@pytest.fixture(scope="module")
def tabs(browser: Browser, site: Site) -> Iterator[dict[tuple[str, int], Page]]:
    opened = {}
    for who in ("visitor", "owner", "superuser"):
        for width, options in WIDTHS.items():
            opened[who, width] = site.opened(browser, who, language="es", **options).new_page()
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("shown", OWN, ids=lambda shown: shown.file)
def test_twice_as_large_nothing_is_lost(tabs: dict[tuple[str, int], Page], site: Site, shown: Shown) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page = tabs[shown.who, width]
        page.goto(site.path(shown.name))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.screenshot(path=FOLDER / f"large-{shown.file}-{width}.png", full_page=True)
        assert (width, measure(page)["too wide by"]) == (width, 0)
        assert page.evaluate(CUT_OFF) == []
