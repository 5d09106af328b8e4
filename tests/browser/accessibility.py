"""What axe-core finds wrong with a page for people who do not see, hear, point or read as others do."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
OPTIONS = {"resultTypes": ["violations"]}


def violations(page: Page) -> list[str]:
    """One line for each rule and element; nothing where nothing was found."""
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]} ({rule['help']})" for rule in found for node in rule["nodes"]]
