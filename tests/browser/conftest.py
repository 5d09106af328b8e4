"""One browser and one site for all tests of a process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.artifacts import tiny_artifact
from tests.browser.watching import Complaints
from tests.flows.server import Server
from tests.services.binaries import find_binary

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
TIMEOUT_MS = 30_000
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@dataclass(frozen=True)
class Watched:
    """A browser of somebody's own, and what it complained about."""

    page: Page
    complaints: Complaints

    def another_tab(self) -> Page:
        page = self.page.context.new_page()
        self.complaints.listen_to(page)
        return page


NewBrowser = Callable[..., Watched]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_binary("chromium", "chromium-browser", "google-chrome")
    # Playwright keeps an event loop running in this thread, which Django takes for code that must not block.
    expect.set_options(timeout=TIMEOUT_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("site") / "var", artifact=tiny_artifact()) as running:
        yield running


@pytest.fixture
def new_browser(browser: Browser, server: Server) -> Iterator[NewBrowser]:
    """Opens a browser of somebody's own at the site. What it complains about fails the test in the end."""
    opened: list[Watched] = []

    def open_browser(**options: Any) -> Watched:
        context = browser.new_context(base_url=server.address, locale="en", **options)
        context.set_default_timeout(TIMEOUT_MS)
        complaints, page = Complaints(), context.new_page()
        complaints.listen_to(page)
        opened.append(Watched(page, complaints))
        return opened[-1]

    yield open_browser
    for each in opened:
        each.page.context.close()
    assert [found for each in opened for found in each.complaints.found] == []
