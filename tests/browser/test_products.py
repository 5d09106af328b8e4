"""Photos are put together into products: before sending, afterwards, by ticking, dragging, and as asked."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_story import choose, send, sign_up
from tests.browser.test_upload import shop_of, small_photos
from tests.drawing import as_jpeg, product
from tests.flows.server import Server

HOLD_MS = 500


def products(server: Server, shop: str) -> list[list[str]]:
    """The SHA-256 of the photos of each listing, in their order."""
    rows = server.rows(
        "select p.listing_id, p.sha256 from catalog_photo p join catalog_listing l on l.id = p.listing_id"
        f" where l.shop_id = {shop} order by p.listing_id, p.position"
    )
    found: dict[str, list[str]] = {}
    for listing, sha256 in rows:
        found.setdefault(listing, []).append(sha256)
    return list(found.values())


def digests(files: Sequence[Path]) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def drag(page: Page, source: Locator, target: Locator) -> None:
    """With the mouse, from the middle of one to the middle of the other."""
    target.scroll_into_view_if_needed()
    start, end = source.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=5)
    page.mouse.up()


def hold_and_drag(page: Page, source: Locator, target: Locator) -> None:
    """With a finger."""
    session = page.context.new_cdp_session(page)
    start, end = source.bounding_box(), target.bounding_box()
    assert start
    assert end
    first = {"x": start["x"] + start["width"] / 2, "y": start["y"] + start["height"] / 2}
    last = {"x": end["x"] + end["width"] / 2, "y": end["y"] + end["height"] / 2}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [first]})
    page.wait_for_timeout(HOLD_MS)
    for share in (0.3, 0.7, 1.0):
        point = {side: first[side] + share * (last[side] - first[side]) for side in ("x", "y")}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def chosen(page: Page, files: Sequence[Path]) -> Locator:
    choose(page, files)
    return rows_of(page, files)


def rows_of(page: Page, files: Sequence[Path]) -> Locator:
    """One for each file, when all are ready."""
    rows = page.locator("[data-rows] > li")
    expect(page.locator('[data-rows] > li[data-state="chosen"]')).to_have_count(len(files))
    return rows


def sent(page: Page, files: Sequence[Path]) -> None:
    send(page)
    words = "1 photo is through" if len(files) == 1 else f"All {len(files)} photos are through"
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def test_photos_are_put_together_by_one_touch_before_they_are_sent(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    files = small_photos(tmp_path, 5)
    page = new_browser(**PHONE).page
    sign_up(page)
    rows = chosen(page, files)
    shop = shop_of(page)
    expect(rows.nth(0).locator("[data-join]")).to_be_hidden()
    for number in (1, 2, 4):
        rows.nth(number).locator("[data-join]").click()
    expect(page.locator("[data-chosen-count]")).to_have_text("5 photos of 2 products")
    rows.nth(2).locator("[data-join]").click()
    expect(page.locator("[data-chosen-count]")).to_have_text("5 photos of 3 products")
    sent(page, files)
    names = digests(files)
    assert products(server, shop) == [names[:2], [names[2]], names[3:]]


def test_what_was_put_together_stays_so_over_a_reload_and_when_the_first_photo_is_removed(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    files = small_photos(tmp_path, 4)
    page = new_browser(**PHONE).page
    sign_up(page)
    rows = chosen(page, files)
    shop = shop_of(page)
    for number in (1, 2):
        rows.nth(number).locator("[data-join]").click()
    rows.nth(0).locator("[data-remove]").click()
    expect(rows).to_have_count(3)
    expect(rows.nth(0).locator("[data-join]")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-chosen-count]")).to_have_text("3 photos of 2 products")
    sent(page, files[1:])
    names = digests(files)
    assert products(server, shop) == [names[1:3], [names[3]]]


def test_photos_are_dragged_together_before_they_are_sent(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    files = small_photos(tmp_path, 4)
    page = new_browser(viewport={"width": 1280, "height": 1600}).page
    sign_up(page)
    rows = chosen(page, files)
    shop = shop_of(page)
    drag(page, rows.nth(3).locator("img"), rows.nth(0))
    expect(page.locator("[data-chosen-count]")).to_have_text("4 photos of 3 products")
    expect(rows.nth(1).locator("[data-name]")).to_have_text(files[3].name)
    sent(page, files)
    names = digests(files)
    assert products(server, shop) == [[names[0], names[3]], [names[1]], [names[2]]]


def wait_until_draggable(page: Page) -> None:
    """Each step loads the page anew, and the script comes after it."""
    page.locator("html.is-enhanced").wait_for(state="attached")


def arranged(page: Page, files: Sequence[Path]) -> tuple[str, Locator]:
    """The page on which the products of a finished upload are arranged."""
    sign_up(page)
    chosen(page, files)
    shop = shop_of(page)
    sent(page, files)
    page.goto(f"/shops/{shop}/arrange/")
    wait_until_draggable(page)
    return shop, page.locator("[data-listing]")


@pytest.mark.parametrize("finger", [False, True])
def test_products_are_dragged_together_and_photos_out_again(
    new_browser: NewBrowser, server: Server, tmp_path: Path, finger: bool
) -> None:
    files = small_photos(tmp_path, 3)
    names = digests(files)
    move = hold_and_drag if finger else drag
    page = new_browser(**(PHONE if finger else DESKTOP)).page
    shop, tiles = arranged(page, files)  # the newest first
    move(page, tiles.nth(1).locator(".product-pick"), tiles.nth(2).locator(".product-pick"))
    expect(tiles).to_have_count(2)
    wait_until_draggable(page)
    assert products(server, shop) == [names[:2], [names[2]]]
    inside = page.locator("[data-photo]")
    move(page, inside.nth(1).locator("img"), tiles.nth(0).locator(".product-pick"))
    expect(page.get_by_text("The photo was moved.")).to_be_visible()
    assert products(server, shop) == [[names[0]], [names[2], names[1]]]


def test_a_photo_dropped_beside_the_products_is_one_of_its_own(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    files = small_photos(tmp_path, 2)
    names = digests(files)
    page = new_browser(**DESKTOP).page
    shop, tiles = arranged(page, files)
    drag(page, tiles.nth(0).locator(".product-pick"), tiles.nth(1).locator(".product-pick"))
    expect(tiles).to_have_count(1)
    wait_until_draggable(page)
    assert products(server, shop) == [names]
    photo = page.locator("[data-photo]").nth(1).locator("img")
    box = photo.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 40, steps=3)
    out = page.locator("[data-drop-out]").bounding_box()
    assert out
    page.mouse.move(out["x"] + out["width"] / 2, out["y"] + out["height"] / 2, steps=3)
    page.mouse.up()
    expect(tiles).to_have_count(2)
    assert products(server, shop) == [[names[0]], [names[1]]]


@pytest.mark.parametrize("script", [True, False])
def test_ticked_products_become_one_with_the_keyboard_and_without_a_script(
    new_browser: NewBrowser, server: Server, tmp_path: Path, script: bool
) -> None:
    files = small_photos(tmp_path, 3)
    page = new_browser(**DESKTOP, java_script_enabled=script).page
    sign_up(page)
    choose(page, files)
    shop = shop_of(page)
    send(page)
    if script:
        expect(page.get_by_role("heading", name="All 3 photos are through")).to_be_visible()
    page.goto(f"/shops/{shop}/arrange/")
    for number in (0, 2):
        page.locator("input[name=listings]").nth(number).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Make one product").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-listing]")).to_have_count(2)
    assert sorted(map(len, products(server, shop))) == [1, 2]


def test_a_photo_that_comes_again_is_noticed_asked_about_and_removed(
    new_browser: NewBrowser, server: Server, tmp_path: Path
) -> None:
    shirt, smaller, shoe = (tmp_path / f"{name}.jpg" for name in ("shirt", "smaller", "shoe"))
    picture = product("shirt", "red", (600, 800), seed=1)
    shirt.write_bytes(as_jpeg(picture))
    smaller.write_bytes(as_jpeg(picture.resize((450, 600)), quality=70))
    shoe.write_bytes(as_jpeg(product("shoe", "blue", (600, 800), seed=2)))
    page = new_browser(**PHONE).page
    sign_up(page)
    chosen(page, [shirt, shoe])
    shop = shop_of(page)
    sent(page, [shirt, shoe])
    kept = products(server, shop)
    page.get_by_role("link", name="Upload more").click()
    page.locator("input[name=photos]").set_input_files(smaller)
    rows = rows_of(page, [smaller])
    sent(page, [smaller])
    expect(rows.first).to_contain_text("Your catalogue has this photo already.")
    page.get_by_role("link", name="1 photo looks like another").click()
    expect(page.get_by_role("heading", name="Is this the same photo?")).to_be_visible()
    page.get_by_role("button", name="Remove the copies").click()
    expect(page.get_by_role("heading", name="Nothing looks alike")).to_be_visible()
    assert products(server, shop) == kept
