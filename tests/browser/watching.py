"""A page that is watched: whatever the browser complains about fails the test."""

import gzip

from playwright.sync_api import ConsoleMessage, Page, Request, Response

CANCELLED = "net::ERR_ABORTED"
"""A request that the page itself gave up, by going elsewhere or by starting a download."""


class Complaints:
    """What went wrong that nobody announced."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def listen_to(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("requestfailed", self._miss)
        page.on("response", self._look)

    def _hear(self, message: ConsoleMessage) -> None:
        """Violations of the content security policy come this way too."""
        if message.type in ("error", "warning"):
            self.found.append(f"console: {message.text}")

    def _miss(self, request: Request) -> None:
        if request.failure != CANCELLED:
            self.found.append(f"request: {request.url} {request.failure}")

    def _look(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"response: {response.url} {response.status}")

    def take(self, part: str) -> int:
        """Takes away the complaints that were meant to happen; returns how many."""
        announced = [each for each in self.found if part in each]
        self.found = [each for each in self.found if part not in each]
        return len(announced)


def weigh(page: Page) -> dict[str, int]:
    """Bytes of all that comes from now on, by address: compressed what the site sends so, a page itself as it is."""
    sizes: dict[str, int] = {}

    def add(response: Response) -> None:
        if 300 <= response.status < 400:
            return  # has no body
        body = response.body()
        is_page = response.request.resource_type == "document"
        sizes[response.url] = len(body) if is_page else len(gzip.compress(body))

    page.on("response", add)
    return sizes
