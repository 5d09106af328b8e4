"""By the Tab key alone one comes to everything that can be pressed, and sees where one is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import WIDTHS, Site
from tests.browser.site import site as site
from tests.browser.test_budgets import OWN
from tests.browser.test_pages import Shown

STEPS_AROUND = 10  # through what belongs to the browser
PRESSABLE = """
() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, summary, input, select, textarea, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.type !== "hidden")
    .filter((each) => each.tabIndex >= 0)
    .filter((each) => {
      if (each.type !== "radio") return true; // Tab comes to one of a group, arrows to the others
      const isKnown = groups.has(each.name);
      groups.add(each.name);
      return !isKnown;
    })
    .map((each, at) => { each.dataset.seen = at; return each.outerHTML.slice(0, 120); });
}
"""
FOCUSED = """
() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const around = [each.nextElementSibling, each.closest("label, li"), each.parentElement?.querySelector("label")];
  const marked = [each, ...around.filter(Boolean), ...(each.nextElementSibling?.querySelectorAll("*") ?? [])];
  const isMarked = marked.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const of = each.type === "radio" ? document.querySelector(`[data-seen][name="${each.name}"]`) ?? each : each;
  return { seen: of.dataset.seen ?? "", isMarked, html: each.outerHTML.slice(0, 120) };
}
"""


@pytest.fixture(scope="module")
def tabs(browser: Browser, site: Site) -> Iterator[dict[str, Page]]:
    with site.of_everybody(browser, language="en", **WIDTHS[1280]) as opened:
        yield opened


@pytest.mark.parametrize("shown", OWN, ids=lambda shown: shown.file)
def test_tab_leads_everywhere_and_shows_where(tabs: dict[str, Page], site: Site, shown: Shown) -> None:
    page = tabs[shown.who]
    page.goto(site.path(shown.name))
    page.evaluate("document.activeElement?.blur()")
    wanted = page.evaluate(PRESSABLE)
    missing = dict(enumerate(wanted))
    unmarked = []
    for _ in range(2 * len(wanted) + STEPS_AROUND):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is not None and missing.pop(int(at["seen"] or -1), None) and not at["isMarked"]:
            unmarked.append(at["html"])
        if not missing:
            break
    assert list(missing.values()) == []
    assert unmarked == []
