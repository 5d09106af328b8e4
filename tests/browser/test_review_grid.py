"""Many listings reviewed on one page, with the keyboard and with a finger."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_review_keys import seeded
from tests.flows.server import Server

COUNT = 12


def on_grid(server: Server, page: Page) -> str:
    shop = seeded(server, page, COUNT)
    page.goto(f"/shops/{shop}/review/grid/?order=uploaded")
    expect(page.locator("[data-all]")).to_be_visible()  # the script has come
    return shop


def seasons(server: Server, shop: str) -> list[object]:
    rows = server.rows(
        "select term.key from catalog_listing l join catalog_listingtag tag on tag.listing_id = l.id"
        " join catalog_term term on term.id = tag.term_id where tag.field = 'season'"
        f" and l.shop_id = {shop} order by l.id"
    )
    return [row[0] for row in rows]


def count_of_chosen(page: Page) -> Locator:
    """On the button, as one sees it."""
    return page.locator("[data-chosen-count]:visible")


def test_some_get_one_value_with_the_keyboard_alone_and_lose_it_again(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    shop = on_grid(server, page)
    page.locator("input[name=listings]").first.focus()
    for key in ("Space", "ArrowRight", "Space", "ArrowDown", "Space", "ArrowUp", "ArrowLeft", "Space"):
        page.keyboard.press(key)  # the first is left out again; there are five in a row
    expect(count_of_chosen(page)).to_have_text("2")
    page.get_by_role("combobox", name="Value").focus()
    page.keyboard.type("fall")
    expect(page.get_by_role("option", name="Autumn")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 listings: Season is Autumn.")).to_be_visible()
    assert seasons(server, shop) == ["Fall" if at in (1, 6) else "Summer" for at in range(COUNT)]
    page.reload()
    expect(page.locator("[data-all]")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Undone for 2 listings.")).to_be_visible()
    assert seasons(server, shop) == ["Summer"] * COUNT


def test_without_a_value_the_box_itself_asks_for_one(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    on_grid(server, page)
    page.locator("input[name=listings]").first.check()
    page.get_by_role("button", name="Set for the chosen").click()
    box = page.get_by_role("combobox", name="Value")
    expect(box).to_be_focused()
    assert box.evaluate("input => input.validity.valueMissing")


def test_shift_reaches_from_one_to_another_and_the_keys_are_shown(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    on_grid(server, page)
    boxes = page.locator("input[name=listings]")
    boxes.nth(2).click()
    boxes.nth(7).click(modifiers=["Shift"])
    expect(count_of_chosen(page)).to_have_text("6")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()


def test_the_keys_take_no_row_of_their_own_from_a_phone(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    on_grid(server, page)
    names = ("Set for the chosen", "Keys")
    boxes = [page.get_by_role("button", name=name, exact=True).bounding_box() for name in names]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] <= boxes[1]["y"] < boxes[0]["y"] + boxes[0]["height"]
    assert boxes[0]["x"] < boxes[1]["x"]


def test_all_sure_ones_are_confirmed_and_given_back_with_a_finger(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    shop = on_grid(server, page)
    expect(page.get_by_role("heading", name="9 listings are sure")).to_be_visible()
    page.get_by_role("button", name="Confirm all sure ones").tap()
    expect(page.get_by_text("9 listings are confirmed.")).to_be_visible()
    count = f"select count(*) from catalog_listing where shop_id = {shop} and state = 'confirmed'"
    assert server.rows(count) == [(9,)]
    page.reload()
    page.get_by_role("button", name="Undo the last step").tap()
    expect(page.get_by_text("Undone for 9 listings.")).to_be_visible()
    assert server.rows(count) == [(0,)]
