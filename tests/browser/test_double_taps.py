"""Two taps on a slow phone do what one does; a form that stays where it is can be sent again."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, NewBrowser
from tests.browser.test_story import sign_up

TOKENS = "/account/api-tokens/"
RELEASED_MS = 8000
SENT_MS = 300


class SlowForm:
    """A form that changes something, filled in. What it sends is kept until it is let go."""

    def __init__(self, page: Page) -> None:
        self.page, self.kept = page, list[Route]()
        page.route(f"**{TOKENS}", self._keep)
        page.get_by_label("Name").fill("Till")
        button = page.get_by_role("button", name="Make the token")
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        self._middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _keep(self, route: Route) -> None:
        if route.request.method == "POST":
            self.kept.append(route)
        else:
            route.continue_()

    def tap(self) -> None:
        """With a finger: a locator would wait for the page that is under way."""
        self.page.touchscreen.tap(*self._middle)
        self.page.wait_for_timeout(SENT_MS)


@pytest.fixture
def form(new_browser: NewBrowser) -> SlowForm:
    page = new_browser(**PHONE).page
    sign_up(page)
    page.clock.install()
    page.goto(TOKENS)
    return SlowForm(page)


def test_the_second_tap_sends_nothing(form: SlowForm) -> None:
    form.tap()
    form.tap()
    assert len(form.kept) == 1
    form.kept[0].continue_()
    expect(form.page.get_by_role("heading", name="Your new token")).to_be_visible()
    expect(form.page.locator(".people li")).to_have_count(1)


def test_a_form_that_another_script_keeps_can_be_sent_afterwards(form: SlowForm) -> None:
    form.page.evaluate("() => document.addEventListener('submit', (event) => event.preventDefault(), { once: true })")
    form.tap()
    assert form.kept == []
    expect(form.page.locator(".is-busy")).to_have_count(0)
    form.tap()
    assert len(form.kept) == 1
    form.kept[0].continue_()
    expect(form.page.get_by_role("heading", name="Your new token")).to_be_visible()


def test_a_form_whose_answer_is_a_file_can_be_sent_again(form: SlowForm) -> None:
    form.tap()
    form.kept[0].fulfill(body="a,b", headers={"Content-Disposition": 'attachment; filename="x.csv"'})
    expect(form.page.locator(".is-busy")).to_have_count(1)
    form.tap()
    assert len(form.kept) == 1
    form.page.clock.run_for(RELEASED_MS)
    expect(form.page.locator(".is-busy")).to_have_count(0)
    form.tap()
    assert len(form.kept) == 2
    form.kept[1].continue_()
    expect(form.page.get_by_role("heading", name="Your new token")).to_be_visible()


def test_a_page_that_is_come_back_to_is_fresh(form: SlowForm) -> None:
    form.tap()
    form.kept[0].fulfill(status=204)  # the page stays as it is
    form.page.evaluate("() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    form.tap()
    assert len(form.kept) == 2
    form.kept[1].continue_()
    expect(form.page.get_by_role("heading", name="Your new token")).to_be_visible()
