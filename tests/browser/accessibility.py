"""What axe-core finds wrong with a page for people who do not see, hear, point or read as others do."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

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
