"""What a page costs on a slow phone, first time: its weight, its requests, and nothing moves when photos come late."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import PHONE
from tests.browser.site import Site
from tests.browser.site import site as site
from tests.browser.test_pages import Shown, pages

MOST_BYTES = 100_000
MOST_REQUESTS = 10
MOST_SHIFT = 0.02  # cumulative layout shift; Web Vitals calls 0.1 good
PHOTOS = "**/photos/*/*"
PHOTOS_LATE_S = 0.3
OWN = [shown for shown in pages() if not shown.is_djangos]
SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
LOADED = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])
"""


def late(route: Route) -> None:
    time.sleep(PHOTOS_LATE_S)
    route.continue_()


@pytest.fixture(scope="module")
def phones(browser: Browser, site: Site) -> Iterator[dict[str, Page]]:
    """Phones that keep nothing, in Arabic: its sentences are the longest."""
    with site.of_everybody(browser, language="ar", **PHONE) as opened:
        for page in opened.values():
            page.add_init_script(SHIFTS)
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.setCacheDisabled", {"cacheDisabled": True})
            page.route(PHOTOS, late)
        yield opened


@pytest.mark.parametrize("shown", OWN, ids=lambda shown: shown.file)
def test_a_page_is_light_and_stays_where_it_is(phones: dict[str, Page], site: Site, shown: Shown) -> None:
    page = phones[shown.who]
    page.goto(site.path(shown.name), wait_until="networkidle")
    loaded = page.evaluate(LOADED)
    own = [(address, size) for address, size in loaded if "photo" not in address]
    assert sum(size for _, size in own) <= MOST_BYTES, own
    assert len(own) <= MOST_REQUESTS, own
    assert page.evaluate("window.shift") <= MOST_SHIFT
