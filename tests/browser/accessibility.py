"""What axe-core finds wrong with a page for people who do not see, hear, point or read as others do."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()


def violations(page: Page, *, rule: str = "") -> list[str]:
    """One line for each rule, or for the one that is named, and element; nothing where nothing was found."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rule:
        options["runOnly"] = [rule]
    found = AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} ({rule['help']})" for rule in found for node in rule["nodes"]]
