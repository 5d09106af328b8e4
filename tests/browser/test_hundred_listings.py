"""A hundred listings reviewed by the keyboard alone and by touch alone: how often one presses, how long one waits.

Of ten listings eight are suggested rightly, one has another colour, which is offered, and one another season.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, quantiles

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_review_keys import wait_for_keys
from tests.browser.test_story import sign_up
from tests.flows.server import ROOT, Server
from tests.many_listings import RUNNER_UP

COUNT = 100
OTHER_COLOUR, OTHER_SEASON = 5, 7  # the last digit of a listing's number in the row
MOST_PRESSES = 1.3  # a listing that is suggested rightly
ROUNDS = 3
"""Others on the machine take the cores away; hardly each time."""
MOST_MS = 150  # of 95 in 100, from confirming until the next picture is there and can be confirmed
WATCH = """
window.waits = [];
const view = () => document.querySelector("form[data-review=draft]");
const photo = () => document.querySelector("[data-gallery-large] img");
const isReady = () => view()?.querySelector(".is-current") && photo()?.complete;
document.addEventListener("submit", ({ target }) => {
  if (target !== view()) return;
  const began = performance.now();
  const look = () => {
    if (view() !== target && isReady()) waits.push(performance.now() - began);
    else setTimeout(look, 1);
  };
  look();
}, true);
"""

IS_IN_REACH = """
(element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}
"""


@dataclass
class Hand:
    """Counts whatever it does."""

    page: Page
    presses: int = 0
    by_listing: list[int] = field(default_factory=list)

    def key(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)
        self.presses += len(names)

    def tap(self, place: Locator) -> None:
        """Where it is on the screen; what is not there, or covered, is wiped there first, which is one more.

        Nobody taps within 0.3 s of a listing that has just come.
        """
        self.page.wait_for_function("() => !document.body.classList.contains('is-settling')", polling=20)
        if not place.evaluate(IS_IN_REACH):
            place.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
            self.presses += 1
        box = place.bounding_box()
        assert box
        self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.presses += 1

    def next_listing(self) -> None:
        self.by_listing.append(self.presses - sum(self.by_listing))


def by_keyboard(hand: Hand, number: int) -> None:
    if number % 10 == OTHER_COLOUR:
        hand.key("2")  # one is in the field that is unsure
    if number % 10 == OTHER_SEASON:
        hand.key("ArrowDown", "ArrowDown", "3")
    hand.key("Enter")


def by_touch(hand: Hand, number: int) -> None:
    if number % 10 == OTHER_COLOUR:
        hand.tap(hand.page.locator(".chip").filter(has_text=RUNNER_UP))
    if number % 10 == OTHER_SEASON:
        hand.tap(hand.page.locator(".chip").filter(has_text="Autumn"))
    hand.tap(hand.page.get_by_role("button", name="Confirm", exact=True))


def seeded(server: Server, page: Page) -> str:
    """A shop with that many drafts, the first of them in view."""
    sign_up(page)
    shop = page.url.split("/shops/")[1].split("/")[0]
    server.run("tests/flows/seed_listings.py", shop, str(COUNT))
    page.add_init_script(WATCH)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    return shop


@pytest.mark.timed
@pytest.mark.parametrize("how", ["keyboard", "touch"])
def test_a_hundred_listings(new_browser: NewBrowser, server: Server, how: str) -> None:
    for left in range(ROUNDS, 0, -1):
        page = new_browser(**(PHONE if how == "touch" else DESKTOP)).page
        waits = reviewed(page, server, how)
        if quantiles(waits, n=20)[-1] <= MOST_MS or left == 1:
            break
    assert quantiles(waits, n=20)[-1] <= MOST_MS


def reviewed(page: Page, server: Server, how: str) -> list[float]:
    """All of them; returns how long each next one was waited for, in milliseconds."""
    review: Callable[[Hand, int], None] = by_touch if how == "touch" else by_keyboard
    shop, hand = seeded(server, page), Hand(page)
    for number in range(COUNT - 1):
        review(hand, number)
        hand.next_listing()
        page.wait_for_function("count => window.waits.length === count", arg=number + 1, polling=2)
    review(hand, COUNT - 1)
    hand.next_listing()
    expect(page.get_by_role("heading", name="Nothing left to review")).to_be_visible()
    waits: list[float] = page.evaluate("window.waits")
    right = [count for at, count in enumerate(hand.by_listing) if at % 10 not in (OTHER_COLOUR, OTHER_SEASON)]
    note(how, hand.by_listing, right, waits)
    assert decided(server, shop, "colour").count(RUNNER_UP) == COUNT // 10
    assert decided(server, shop, "season").count("Fall") == COUNT // 10
    assert len(decided(server, shop, "category")) == COUNT
    assert mean(right) <= MOST_PRESSES
    return waits


def decided(server: Server, shop: str, name: str) -> list[object]:
    rows = server.rows(
        "select term.key from catalog_listing l join catalog_listingtag tag on tag.listing_id = l.id"
        f" join catalog_term term on term.id = tag.term_id where l.shop_id = {shop} and l.state = 'confirmed'"
        f" and tag.source = 'person' and tag.field = '{name}' order by l.id"
    )
    return [row[0] for row in rows]


def note(how: str, presses: list[int], right: list[int], waits: list[float]) -> None:
    """What was measured, beside the screenshots."""
    figures = {
        "interactions per listing": mean(presses),
        "where the suggestion is right": mean(right),
        "milliseconds until the next": {"p50": quantiles(waits, n=2)[0], "p95": quantiles(waits, n=20)[-1]},
    }
    folder = Path(ROOT, "var")
    folder.mkdir(exist_ok=True)
    (folder / f"hundred-listings-{how}.json").write_text(json.dumps(figures, indent=2) + "\n")
