"""How long a page takes to be usable on a slow phone, the first time and when most of it is kept.

    python -m tests.benchmarks.slow_phone --out tests/benchmarks/results/slow_phone.json

A real site and Chromium as a phone of 390 px: 64 kB a second down and 16 up, 300 ms there and back, a processor four
times slower. Usable: the page is laid out and its scripts have run (`load`, and for photos of the first screen
`largest-contentful-paint`). First: nothing is kept; again: what the browser keeps from the visit before. Medians of
rounds; a catalogue of 24 listings whose photos are drawn, of 240 × 320 px.
"""

import argparse
import json
import os
import re
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop running

import django

django.setup()

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright  # noqa: E402 (Django first)

from ml.bench import machine  # noqa: E402
from tests.artifacts import tiny_artifact  # noqa: E402
from tests.browser.conftest import FLAGS, PHONE  # noqa: E402
from tests.browser.test_story import sign_up  # noqa: E402
from tests.flows.server import Server  # noqa: E402
from tests.services.binaries import look_for  # noqa: E402

DOWN_BYTES, UP_BYTES, LATENCY_MS, SLOWER = 64 * 1024, 16 * 1024, 300, 4
LISTINGS: Final = 24
PAINTED: Final = """
window.painted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.painted = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
TIMES: Final = """
() => {
  const [page] = performance.getEntriesByType("navigation");
  const loaded = [page, ...performance.getEntriesByType("resource")];
  return {
    "usable ms": page.loadEventEnd,
    "largest paint ms": window.painted,
    kB: loaded.reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000,
    requests: loaded.filter(({ transferSize }) => transferSize > 0).length,
  };
}
"""


def slow(page: Page) -> CDPSession:
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")
    speed = {"downloadThroughput": DOWN_BYTES, "uploadThroughput": UP_BYTES, "latency": LATENCY_MS}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def visited(page: Page, path: str) -> dict[str, float]:
    page.goto(path, wait_until="load", timeout=120_000)
    page.wait_for_timeout(3_000)  # until the last paint is known
    found: dict[str, float] = page.evaluate(TIMES)
    return found


def measured(browser: Browser, server: Server, cookies: Any, path: str, rounds: int) -> dict[str, dict[str, float]]:
    """First and second visits, a fresh browser each round."""
    first, again = [], []
    for _ in range(rounds):
        context = browser.new_context(base_url=server.address, locale="en", **PHONE)
        context.add_init_script(PAINTED)
        context.add_cookies(cookies)
        page = context.new_page()
        slow(page)
        first.append(visited(page, path))
        page.goto("about:blank")
        again.append(visited(page, path))
        context.close()
    return {name: {key: round(median(each[key] for each in runs), 1) for key in runs[0]} for name, runs in
            (("first", first), ("again", again))}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    chromium = look_for("chromium", "chromium-browser", "google-chrome")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        with Server(Path(folder, "var"), artifact=tiny_artifact()) as server:
            results = {
                "machine": machine.describe(),
                "profile": f"{DOWN_BYTES} B/s, {LATENCY_MS} ms, processor / {SLOWER}",
            }
            results["pages"] = pages(browser, server, given.rounds)
        browser.close()
    given.out.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results["pages"], indent=2))


def pages(browser: Browser, server: Server, rounds: int) -> dict[str, Any]:
    context = browser.new_context(base_url=server.address, locale="en", **PHONE)
    page = context.new_page()
    sign_up(page)
    found = re.search(r"/shops/(\d+)/", page.url)
    assert found, page.url
    shop = found[1]
    server.run("tests/flows/seed_listings.py", shop, str(LISTINGS))
    cookies = context.cookies()
    paths = {
        "sign in": "/accounts/login/",
        "upload": f"/shops/{shop}/upload/",
        "review": f"/shops/{shop}/review/",
        "grid": f"/shops/{shop}/review/grid/",
        "catalogue": f"/shops/{shop}/listings/",
    }
    return {
        name: measured(browser, server, [] if name == "sign in" else cookies, path, rounds)
        for name, path in paths.items()
    }


if __name__ == "__main__":
    main()
