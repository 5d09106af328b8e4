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


@pytest.mark.parametrize(("across", "scale", "moves"), [(-140, 1, True), (-30, 1, False), (-140, 2, False)])
def test_a_photo_that_is_wiped_aside_is_skipped_but_not_one_that_is_seen_large(
    new_browser: NewBrowser, server: Server, across: int, scale: int, moves: bool
) -> None:
    page = new_browser(**PHONE).page
    shop = seeded(server, page, 2)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
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
