"""The review by keyboard alone and by swiping."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_story import choose, send, sign_up
from tests.browser.test_upload import shop_of
from tests.drawing import as_jpeg, product
from tests.flows.server import Server

COUNT = 4


def drawn(folder: Path) -> list[Path]:
    files = [folder / f"{number}.jpg" for number in range(COUNT)]
    for number, file in enumerate(files):
        file.write_bytes(as_jpeg(product("shirt", "red", (300, 400), seed=number)))
    return files


def in_review(page: Page, files: Sequence[Path]) -> str:
    """Tagged listings, the first of them in review; returns the shop."""
    sign_up(page)
    choose(page, files)
    shop = shop_of(page)
    send(page)
    expect(page.get_by_role("heading", name=f"All {len(files)} photos are through")).to_be_visible()
    page.locator("#start-review").click()
    wait_for_keys(page)
    return shop


def wait_for_keys(page: Page) -> None:
    """Until the script has come."""
    expect(page.locator("[data-review=draft] .is-current")).to_be_visible()


def states(server: Server, shop: str) -> list[str]:
    return [row[0] for row in server.rows(f"select state from catalog_listing where shop_id = {shop} order by id")]


def value(server: Server, shop: str, field: str) -> list[str]:
    """Of the confirmed listings, in their order; what was left empty is an empty text."""
    rows = server.rows(
        "select coalesce(term.key, '') from catalog_listing l join catalog_listingtag tag on tag.listing_id = l.id"
        f" left join catalog_term term on term.id = tag.term_id where l.shop_id = {shop} and tag.field = '{field}'"
        " and l.state = 'confirmed' order by l.id"
    )
    return [row[0] for row in rows]


def seeded(server: Server, page: Page, count: int) -> str:
    """The shop of somebody new, with that many tagged drafts."""
    sign_up(page)
    shop = page.url.split("/shops/")[1].split("/")[0]
    server.run("tests/flows/seed_listings.py", shop, str(count))
    return shop


def in_review_of(server: Server, page: Page, count: int) -> str:
    shop = seeded(server, page, count)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    return shop


def listing_in_view(page: Page) -> str:
    return page.url.split("/listings/")[1].split("/")[0]


def test_enter_confirms_one_after_the_other_and_u_undoes_also_after_a_reload(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review(page, drawn(tmp_path))
    seen = []
    for left in range(COUNT - 1, 0, -1):
        wait_for_keys(page)
        seen.append(listing_in_view(page))
        page.keyboard.press("Enter")
        expect(page.locator(".review-count")).to_contain_text(f"of {left} to review")
    assert len(set(seen)) == COUNT - 1
    assert states(server, shop) == ["confirmed"] * (COUNT - 1) + ["draft"]
    page.reload()
    wait_for_keys(page)
    page.keyboard.press("u")
    expect(page.get_by_text("Undone. The listing is as it was before.")).to_be_visible()
    assert listing_in_view(page) == seen[-1]
    assert states(server, shop) == ["confirmed"] * (COUNT - 2) + ["draft"] * 2


def test_numbers_choose_in_the_field_that_arrows_lead_to(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review(page, drawn(tmp_path))
    legends = page.locator("[data-tag-field].is-current legend > span:first-child")
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    expect(legends).to_have_text("Category")
    page.keyboard.press("ArrowDown")
    expect(legends).to_have_text("Colour")
    second = page.locator("[data-tag-field].is-current .chip b").nth(1).inner_text()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".review-count")).to_contain_text(f"of {COUNT - 1} to review")
    assert value(server, shop, "colour") == [second]


def test_arrows_skip_and_go_back_and_the_keys_are_shown(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review(page, drawn(tmp_path))
    first = listing_in_view(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda address: f"/listings/{first}/" not in address)
    wait_for_keys(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/listings/{first}/review/")
    wait_for_keys(page)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Enter")  # closes them, and confirms nothing
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    assert states(server, shop) == ["draft"] * COUNT


def test_what_is_typed_into_a_title_is_no_command(new_browser: NewBrowser, server: Server, tmp_path: Path) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review(page, drawn(tmp_path))
    page.get_by_label("Title").fill("")
    page.get_by_label("Title").press_sequentially("u 1? tunic")
    expect(page.get_by_label("Title")).to_have_value("u 1? tunic")
    page.keyboard.press("Enter")
    expect(page.locator(".review-count")).to_contain_text(f"of {COUNT - 1} to review")
    assert server.rows(f"select title from catalog_listing where shop_id = {shop} order by id")[0][0] == "u 1? tunic"


def test_where_a_listing_is_edited_arrows_go_from_value_to_value_and_zero_empties(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review_of(server, page, 1)
    listing = listing_in_view(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to review")).to_be_visible()
    page.goto(f"/listings/{listing}/review/")
    expect(page.locator("[data-keys]")).to_be_visible()
    season = page.locator("input[name=season]")
    season.first.focus()
    for at in range(1, season.count()):
        page.keyboard.press("ArrowDown")
        expect(season.nth(at)).to_be_focused()
        expect(season.nth(at)).to_be_checked()
    page.keyboard.press("1")
    expect(season.first).to_be_checked()
    page.keyboard.press("0")
    expect(page.get_by_role("group", name="Season").get_by_label("Leave empty")).to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    expect(page.get_by_text("The field before, the next field")).to_have_count(0)
    assert page.url.endswith(f"/listings/{listing}/review/")
    assert states(server, shop) == ["confirmed"]


def test_keys_that_are_switched_off_are_the_browsers_on_every_page_until_they_are_on_again(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_browser(**DESKTOP).page
    shop = in_review_of(server, page, 3)
    switch(page)
    page.reload()
    wait_for_keys(page)
    at, season = page.url, page.locator("input[name=season]")
    season.first.focus()
    page.keyboard.press("ArrowRight")
    expect(season.nth(1)).to_be_checked()
    for key in ("1", "0", "?", "u", "w"):
        page.keyboard.press(key)
    expect(season.nth(1)).to_be_focused()
    expect(season.nth(1)).to_be_checked()
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    assert page.url == at
    page.keyboard.press("Enter")  # the browser's own way to send a form
    expect(page.locator(".review-count")).to_contain_text("1 of 2 to review")
    page.keyboard.press("Control+z")
    expect(page.locator(".review-count")).to_contain_text("1 of 3 to review")
    page.goto(f"/shops/{shop}/review/grid/")
    expect(page.locator("[data-all]")).to_be_visible()
    page.locator("input[name=listings]").first.focus()
    for key in ("ArrowRight", "?"):
        page.keyboard.press(key)
    expect(page.locator("input[name=listings]").first).to_be_focused()
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    switch(page)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()


def switch(page: Page) -> None:
    """All keys off, or on again."""
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use these keys").click()
    page.get_by_role("button", name="Close").click()


def test_keys_can_be_switched_off_by_touch_and_where_the_browser_keeps_nothing(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_browser(**PHONE).page
    page.add_init_script(
        "for (const each of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, each, { get() { throw new DOMException('denied', 'SecurityError'); } });"
    )
    in_review_of(server, page, 2)
    at = page.url
    switch(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
    assert page.url == at
    page.get_by_label("Title").fill("Kept")
    for name in ("Skip", "Skip"):
        at = page.url
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(lambda address, at=at: address != at)
    expect(page.get_by_label("Title")).to_have_value("Kept")


@pytest.mark.parametrize(("across", "scale", "moves"), [(-140, 1, True), (-30, 1, False), (-140, 2, False)])
def test_a_photo_that_is_wiped_aside_is_skipped_but_not_one_that_is_seen_large(
    new_browser: NewBrowser, server: Server, across: int, scale: int, moves: bool
) -> None:
    page = new_browser(**PHONE).page
    in_review_of(server, page, 2)
    first = page.url
    box = page.locator("[data-gallery-large] img").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": scale})
    page.wait_for_function("scale => window.visualViewport.scale === scale", arg=scale)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for share in (0.5, 1.0):
        point = {"x": x + share * across, "y": y}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    if moves:
        page.wait_for_url(lambda address: address != first)
    else:
        page.wait_for_timeout(500)
        assert page.url == first
