"""Every page as people see it, on a phone and on a desktop: nothing is cut off, and nothing complains.

Where LAPEL_SCREENSHOTS names a folder, their pictures come to lie there, with an `index.html` to leaf through them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import product as product_of
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import too_small, violations
from tests.browser.conftest import Watched
from tests.browser.pictures import FOLDER, keep_picture
from tests.browser.site import EVERYBODY, LANGUAGES, WIDTHS, Site
from tests.browser.site import site as site
from tests.browser.watching import Complaints
from tests.test_access import ACCOUNT_PAGES, ADMIN_MODELS, OUR_PATTERNS, PAGES

NO_PAGES = {
    "catalog:photo_file",
    "catalog:photo_card",
    "onboarding:staff_photo",
    "onboarding:staff_model_picture",
    "catalog:listing_export",
    "onboarding:upload_status",
    "script_words",
    "catalog:word_list",
}
"""Pictures, a download, a part of a page, and the words of its scripts."""
FIRST_PAGES = {"home", "account_login", "account_signup", "account_reset_password"}
"""What a visitor sees; the other account pages want somebody who is signed in."""
LEADS_ELSEWHERE = {"account_set_password", "account_confirm_login_code"}
"""Account pages that have nothing to say to whoever is signed in."""
LARGE = "200%"
"""Twice the size of writing, as WCAG 1.4.4 asks."""
CUT_OFF = """
() => [...document.querySelectorAll("main *, header *, nav *")]
  .filter((each) => each.checkVisibility())
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))
  .filter((each) => {
    const { overflowX, overflowY } = getComputedStyle(each);
    const hides = [overflowX, overflowY].some((flow) => flow === "hidden" || flow === "clip");
    const isTooTall = each.scrollHeight > each.clientHeight + 2;
    const isTooWide = each.scrollWidth > each.clientWidth + 2;
    return hides && each.clientWidth > 1 && (isTooTall || isTooWide) && !each.closest(".visually-hidden");
  })
  .map((each) => {
    const { textOverflow, webkitLineClamp } = getComputedStyle(each);
    return [textOverflow === "ellipsis" || webkitLineClamp !== "none", each.outerHTML.slice(0, 140)];
  })
"""
"""Each with whether it was meant to be shortened, by three dots."""
WRITTEN_OVER = """
() => {
  const isSeen = (each) => each.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true })
    && getComputedStyle(each).clipPath === "none"
    && !each.closest(".visually-hidden, .tabbar, .action-bar, svg, option");
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !isSeen(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const end = node.parentElement.getBoundingClientRect().bottom; // what is shortened goes on below it, unseen
    for (const line of range.getClientRects()) if (line.top < end - 2) lines.push([node.parentElement, line]);
  }
  for (const box of document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=file]), select")) {
    if (!isSeen(box)) continue;
    const { left, right, top, bottom } = box.getBoundingClientRect();
    const [above, after, below, before] = ["Top", "Right", "Bottom", "Left"]
      .map((side) => parseFloat(getComputedStyle(box)[`padding${side}`]));
    lines.push([box, { left: left + before, right: right - after, top: top + above, bottom: bottom - below }]);
  }
  lines.sort(([, one], [, other]) => one.top - other.top);
  const found = [];
  for (const [at, [one, first]] of lines.entries()) {
    for (const [other, second] of lines.slice(at + 1)) {
      if (second.top > first.bottom) break;
      const wide = Math.min(first.right, second.right) - Math.max(first.left, second.left);
      const high = first.bottom - second.top;
      if (one !== other && wide > 2 && high > 0.4 * Math.min(first.bottom - first.top, second.bottom - second.top))
        found.push(`${one.outerHTML.slice(0, 90)} and ${other.outerHTML.slice(0, 90)}`);
    }
  }
  return found;
}
"""
OUTSIDE_ITS_CHART = """
() => [...document.querySelectorAll("main svg text")]
  .filter((text) => {
    const [of, around] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
    return Math.max(around.left - of.left, of.right - around.right, around.top - of.top, of.bottom - around.bottom) > 1;
  })
  .map((text) => text.outerHTML.slice(0, 140))
"""
Tabs = dict[tuple[str, int, str], Watched]
ADMIN_PAGES = ("admin:index", *(f"admin:{model}_changelist" for model in ADMIN_MODELS))


@dataclass(frozen=True)
class Shown:
    """A page, and who looks at it."""

    name: str
    who: str

    @property
    def file(self) -> str:
        return f"{self.name.replace(':', '-')}-{self.who}"

    @property
    def is_djangos(self) -> bool:
        """A page of the admin: most of its looks are Django's, large and in the dark too."""
        return self.name.startswith("admin:")


def pages() -> list[Shown]:
    """Every address of ours that somebody may read, once for whoever it is meant for."""
    ours = [
        Shown(name, "superuser" if page.right else "owner")
        for name, page in PAGES.items()
        if 200 in page.get and name not in NO_PAGES and name != "home"
    ]
    accounts = [Shown(name, "visitor" if name in FIRST_PAGES else "owner") for name in ACCOUNT_PAGES]
    return [
        Shown("home", "visitor"),
        Shown("styleguide", "visitor"),
        *ours,
        *accounts,
        *(Shown(name, "superuser") for name in ADMIN_PAGES),
    ]


@pytest.fixture(scope="module")
def tabs(browser: Browser, site: Site) -> Iterator[Tabs]:
    """One of each kind of screen for everybody, who go from page to page in it."""
    opened = {}
    for who in EVERYBODY:
        for (width, options), language in product_of(WIDTHS.items(), LANGUAGES):
            context = site.opened(browser, who, language=language, **options)
            opened[who, width, language] = watched = Watched(context.new_page(), Complaints())
            watched.complaints.listen_to(watched.page)
    yield opened
    for watched in opened.values():
        watched.page.context.close()


def test_every_address_is_shown_or_no_page() -> None:
    readable = {name for name in OUR_PATTERNS if name in ACCOUNT_PAGES or 200 in PAGES[name].get}
    assert {shown.name for shown in pages()} == {*(readable - NO_PAGES), *ADMIN_PAGES, "styleguide"}


@pytest.mark.parametrize("shown", pages(), ids=lambda shown: shown.file)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_nothing_complains(tabs: Tabs, site: Site, shown: Shown, width: int, language: str) -> None:
    page, complaints = tabs[shown.who, width, language].page, tabs[shown.who, width, language].complaints
    path = site.path(shown.name)
    page.goto(path, wait_until="load")
    arrived = urlsplit(page.url).path
    keep_picture(page, f"{shown.file}-{width}-{language}")
    measured = measure(page)
    outside = page.evaluate(OUTSIDE_ITS_CHART)
    small = [] if shown.is_djangos else too_small(page)
    cut_off = [] if shown.is_djangos else lost_when_large(page)
    barriers = violations(page)
    if language == "en" and not shown.is_djangos:
        barriers += too_faint_in_the_dark(page)
    found, complaints.found = complaints.found, []
    assert (arrived == path) == (shown.name not in LEADS_ELSEWHERE), arrived
    assert (measured, found) == ({"too wide by": 0, "h1": 1}, [])
    assert barriers == []
    assert (outside, small) == ([], [])
    assert cut_off == []


def test_what_is_typed_into_a_box_of_the_queue_is_none_of_its_keys(tabs: Tabs, site: Site) -> None:
    page = tabs["superuser", 1280, "en"].page
    page.goto(site.path("onboarding:staff_queue_item"))
    path, box = page.url, page.get_by_role("combobox")
    expect(box).to_be_visible()
    box.press_sequentially("su01?")
    assert (box.input_value(), page.url) == ("su01?", path)
    box.fill("navy")
    box.press("Enter")
    assert (box.input_value(), page.url) == ("Navy blue", path)


def test_keys_of_the_queue_can_be_switched_off(tabs: Tabs, site: Site) -> None:
    page = tabs["superuser", 390, "en"].page
    page.goto(site.path("onboarding:staff_queue_item"))
    path = page.url
    page.get_by_text("Keys", exact=True).click()
    box = page.get_by_label("Use these keys")
    box.click()
    for key in ("0", "s", "u", "?"):
        page.keyboard.press(key)
    expect(box).to_be_visible()
    page.wait_for_timeout(300)
    assert page.url == path
    box.click()
    page.keyboard.press("?")
    expect(box).to_be_hidden()


@pytest.mark.parametrize(("language", "arrow"), [("en", "→"), ("ar", "←")])
def test_the_arrow_points_the_way_one_reads(tabs: Tabs, site: Site, language: str, arrow: str) -> None:
    page = tabs["visitor", 1280, language].page
    page.goto(site.path("styleguide"))
    before = "each => getComputedStyle(each, '::before').content"
    assert page.locator(".is-predicted").evaluate(before) == f'"{arrow} "'


def too_faint_in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = violations(page, rule="color-contrast")
    page.emulate_media(color_scheme="light")
    return found


def lost_when_large(page: Page) -> list[str]:
    """What is cut off, written over or runs over the edge with large writing, and is not with that of most."""
    short_anyway = [each for each in page.evaluate(CUT_OFF) if each[0]]
    resize_writing(page, LARGE)
    too_wide = measure(page)["too wide by"]
    found: list[str] = [each[1] for each in page.evaluate(CUT_OFF) if each not in short_anyway]
    found += page.evaluate(WRITTEN_OVER)
    resize_writing(page, "")
    return [*found, *([f"the page, by {too_wide} px"] if too_wide else [])]


def resize_writing(page: Page, size: str) -> None:
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)


def measure(page: Page) -> Any:
    return page.evaluate(
        """() => ({
            "too wide by": document.documentElement.scrollWidth - document.documentElement.clientWidth,
            "h1": document.querySelectorAll("h1").length,
        })"""
    )


@pytest.fixture(scope="module", autouse=True)
def _index() -> None:
    """So that a person can leaf through the pictures."""
    if FOLDER is None:
        return
    sheets = "".join(
        f"<h2>{escape(shown.name)} ({shown.who})</h2>"
        + "".join(
            f'<img src="{shown.file}-{width}-{language}.png" width="{width // 2}">'
            for width, language in product_of(WIDTHS, LANGUAGES)
        )
        for shown in pages()
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "index.html").write_text(f"<!doctype html><title>Lapel</title>{sheets}", encoding="utf-8")
