"""What makes a page hard for people who do not see, hear, point or read as others do: axe-core finds most."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TOUCH_PX = 44
TOO_SMALL = """
(least) => {
  const target = (each) => { // a card's link reaches as far as the card
    const isWhole = getComputedStyle(each, "::after").position === "absolute" && each.matches("a");
    return each.closest("label") ?? (isWhole ? each.offsetParent : each);
  };
  const isInSentence = (each) => {
    const isInline = getComputedStyle(each).display === "inline" || each.matches(".link-button");
    const around = each.closest("p, li, dd, td, th, h2, h3, div");
    return isInline && around.innerText.replace(each.innerText, "").trim() !== "";
  };
  return [...document.querySelectorAll("a[href], button, summary, input, select, textarea, label.chip")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !each.disabled)
    .filter((each) => !isInSentence(each) && !each.closest(".visually-hidden, svg"))
    .map((each) => [each, target(each).getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && height > 0 && Math.min(width, height) < least - 0.5)
    .map(([each, { width, height }]) => `${Math.round(width)} x ${Math.round(height)}: ${each.outerHTML.slice(0, 99)}`);
}
"""
LINES = """
async (options) => (await axe.run({ resultTypes: ["violations"], ...options })).violations
  .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)} (${help})`))
"""


def violations(page: Page, *, rule: str = "") -> list[str]:
    """One line for each rule, or for the one that is named, and element; nothing where nothing was found."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(LINES, {"runOnly": [rule]} if rule else {})
    return found


def too_small(page: Page) -> list[str]:
    """What a finger can miss, lower or narrower than it should be; links within running words may be."""
    found: list[str] = page.evaluate(TOO_SMALL, TOUCH_PX)
    return found
