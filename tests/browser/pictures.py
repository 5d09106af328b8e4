"""Pictures of pages for people to look at: they take as long as a test does, so they are drawn on request only."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(folder) if (folder := os.environ.get("LAPEL_SCREENSHOTS")) else None


def keep_picture(page: Page, name: str) -> None:
    """All of the page, down to its end, in the folder that LAPEL_SCREENSHOTS names."""
    if FOLDER:
        FOLDER.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
