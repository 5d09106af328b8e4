"""From one listing to the next without loading a page: a broken line, going back, two tabs, very many listings."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_review_keys import listing_in_view, seeded, states, wait_for_keys
from tests.browser.test_story import PASSWORD
from tests.flows.server import Server

MANY = 5_000
LONGEST_MS = 200  # without an answer to a finger
ROUNDS = 3
"""Other processes take the cores away; hardly each time."""
LONG_TASKS = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
}).observe({ type: "longtask", buffered: true });
"""


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Confirm", exact=True).click()


def test_what_was_chosen_stays_while_there_is_no_connection(new_browser: NewBrowser, server: Server) -> None:
    watched = new_browser(**PHONE)
    page = watched.page
    shop = seeded(server, page, 2)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    first = listing_in_view(page)
    page.get_by_label("Title").fill("Written on the train")
    page.context.set_offline(True)
    confirm(page)
    expect(page.get_by_text("There is no connection at the moment.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Written on the train")
    assert states(server, shop) == ["draft", "draft"]
    page.context.set_offline(False)
    confirm(page)
    page.wait_for_url(lambda address: f"/listings/{first}/" not in address)
    wait_for_keys(page)
    rows = server.rows(f"select title, state from catalog_listing where shop_id = {shop} order by id")
    assert rows[0] == ("Written on the train", "confirmed")
    assert watched.complaints.take("ERR_INTERNET_DISCONNECTED") >= 1


def with_a_title(page: Page, shop: str, title: str) -> None:
    """The first draft in review, with something typed."""
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    page.get_by_label("Title").fill(title)


def test_what_was_typed_stays_while_one_is_signed_out_and_is_sent_once_one_is_back(
    new_browser: NewBrowser, server: Server
) -> None:
    watched = new_browser(**PHONE)
    page = watched.page
    shop = seeded(server, page, 2)
    email = server.rows("select email from onboarding_user order by id desc limit 1")[0][0]
    with_a_title(page, shop, "Typed before lunch")
    page.context.clear_cookies(name="sessionid")
    confirm(page)
    expect(page.get_by_text("You are not signed in any more.")).to_be_visible()
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_function("() => !document.querySelector('main').inert")
    expect(page.get_by_label("Title")).to_have_value("Typed before lunch")
    with page.expect_popup() as opened:
        page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    opened.value.get_by_label("Email").fill(str(email))
    opened.value.get_by_label("Password", exact=True).fill(PASSWORD)
    opened.value.locator("main").get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_role("heading", name="Catalogue")).to_be_visible()
    confirm(page)
    expect(page.locator(".review-count")).to_contain_text("1 of 1 to review")
    assert states(server, shop) == ["confirmed", "draft"]
    assert server.rows(f"select title from catalog_listing where shop_id = {shop} order by id")[0] == (
        "Typed before lunch",
    )
    assert watched.complaints.take("404") == 4  # the console and the network say so, of confirming and of skipping
    assert watched.complaints.take("403") == 2  # whoever signs in gets another token


def test_what_was_typed_stays_while_the_site_has_a_problem(new_browser: NewBrowser, server: Server) -> None:
    watched = new_browser(**DESKTOP)
    page = watched.page
    shop = seeded(server, page, 2)
    with_a_title(page, shop, "Typed in between")
    page.route("**/review/**", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    confirm(page)
    expect(page.get_by_text("The site has a problem at the moment.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Typed in between")
    expect(page.get_by_role("alert").get_by_role("link", name="Sign in")).to_be_hidden()
    page.unroute_all()
    confirm(page)
    expect(page.locator(".review-count")).to_contain_text("1 of 1 to review")
    assert states(server, shop) == ["confirmed", "draft"]
    assert watched.complaints.take("502") == 2


def test_what_was_typed_into_a_listing_that_is_gone_stays_until_one_goes_on(
    new_browser: NewBrowser, server: Server
) -> None:
    watched = new_browser(**DESKTOP)
    page, other = watched.page, watched.another_tab()
    shop = seeded(server, page, 2)
    with_a_title(page, shop, "To be copied")
    gone = listing_in_view(page)
    other.goto(f"/listings/{gone}/delete/")
    other.locator("main form button").click()
    other.wait_for_url("**/listings/")
    confirm(page)
    expect(page.get_by_text("This listing was deleted")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("To be copied")
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_url(lambda address: f"/listings/{gone}/" not in address)
    expect(page.locator(".review-count")).to_contain_text("1 of 1 to review")
    assert watched.complaints.take("404") == 2


def test_what_was_entered_is_there_again_after_skipping_and_after_a_reload_until_it_is_sent(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_browser(**DESKTOP).page
    shop = seeded(server, page, 2)
    with_a_title(page, shop, "Half done")
    first = listing_in_view(page)
    winter = page.locator(".chip").filter(has_text="Winter")
    winter.click()
    colour = page.get_by_role("combobox", name="Colour: another value")
    colour.fill("turquoise")
    colour.press("Enter")
    winter.click()
    for key in ("ArrowRight", "ArrowLeft"):
        at = page.url
        page.keyboard.press(key)
        page.wait_for_url(lambda address, at=at: address != at)
        wait_for_keys(page)
    assert listing_in_view(page) == first
    expect(page.get_by_label("Title")).to_have_value("Half done")
    page.reload()
    wait_for_keys(page)
    expect(page.get_by_label("Title")).to_have_value("Half done")
    expect(winter.locator("input")).to_be_checked()
    expect(colour).to_have_value("Turquoise")
    assert page.locator("input[name=colour]:checked").count() == 0
    confirm(page)
    expect(page.locator(".review-count")).to_contain_text("1 of 1 to review")
    rows = server.rows(
        "select tag.field, term.key from catalog_listingtag tag join catalog_term term on term.id = tag.term_id"
        f" where tag.listing_id = {first} and tag.field in ('colour', 'season') order by tag.field"
    )
    assert rows == [("colour", "Turquoise Blue"), ("season", "Winter")]
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_url(f"**/listings/{first}/review/")
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_ring_turns_where_the_answer_takes_its_time_and_goes_with_it(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    shop = seeded(server, page, 3)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    held: list[Route] = []
    page.route("**/review/", lambda route: held.append(route))
    confirm(page)
    ring = page.locator("main .button.is-busy")
    expect(ring).to_have_text("Confirm")
    held.pop().continue_()
    expect(page.locator(".review-count")).to_contain_text("1 of 2 to review")
    expect(ring).to_have_count(0)


def test_the_photo_of_the_next_listing_is_there_before_it(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    shop = seeded(server, page, 4)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/display.jpg" in request.url else None)
    page.goto(f"/shops/{shop}/review/")
    for left in (3, 2, 1):
        wait_for_keys(page)
        page.wait_for_function("() => document.querySelector('[data-gallery-large] img').complete")
        page.wait_for_load_state("networkidle")
        known = set(asked)
        confirm(page)
        expect(page.locator(".review-count")).to_contain_text(f"of {left} to review")
        shown = page.locator("[data-gallery-large] img").evaluate("photo => photo.src")
        assert shown in known
    page.wait_for_load_state("networkidle")
    assert len(set(asked)) == 4


def test_the_way_to_the_content_leads_to_no_listing(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    shop = seeded(server, page, 2)
    with_a_title(page, shop, "Still here")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Skip to the content").press("Enter")
    page.wait_for_url("**/#main")
    page.go_back()
    page.wait_for_url(lambda address: not address.endswith("#main"))
    page.wait_for_timeout(300)
    assert [address for address in asked if "/review/" in address] == []
    expect(page.get_by_label("Title")).to_have_value("Still here")


def test_a_double_click_and_a_key_held_down_decide_one_listing(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    shop = seeded(server, page, 4)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    button = page.get_by_role("button", name="Confirm", exact=True)
    box = button.bounding_box()
    assert box
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(*place)
    expect(page.locator(".review-count")).to_contain_text("of 3 to review")
    page.mouse.click(*place)  # its second half, when the next listing is there already
    page.wait_for_timeout(500)
    assert states(server, shop) == ["confirmed", "draft", "draft", "draft"]
    for _ in range(5):
        page.keyboard.down("Enter")  # without letting it go
        page.wait_for_timeout(200)
    page.keyboard.up("Enter")
    assert states(server, shop) == ["confirmed", "confirmed", "draft", "draft"]


def test_the_browsers_own_way_back_leads_back(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**DESKTOP).page
    shop = seeded(server, page, 3)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    first = listing_in_view(page)
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_url(lambda address: f"/listings/{first}/" not in address)
    page.go_back()
    page.wait_for_url(f"**/listings/{first}/review/")
    wait_for_keys(page)
    confirm(page)
    expect(page.locator(".review-count")).to_contain_text("of 2 to review")
    assert states(server, shop) == ["confirmed", "draft", "draft"]


def test_what_happened_is_said_once_and_reading_goes_on_from_the_listing(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_browser(**PHONE).page
    shop = seeded(server, page, 2)
    with_a_title(page, shop, "Kurta")
    said = page.locator("main > [role=status]")
    confirm(page)
    expect(said).to_have_text(re.compile("^“Kurta” is confirmed. 1 of 1 to review.* Review .+$"))
    assert_read_from_the_top(page)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(said).to_have_text(re.compile("^Undone. The listing is as it was before. 1 of 2 to review"))
    assert_read_from_the_top(page)
    for left in ("1 of 1", None):
        page.wait_for_function("() => !document.body.classList.contains('is-settling')")
        confirm(page)
        expect(said).to_contain_text(f"{left} to review" if left else "Nothing left to review")
    assert_read_from_the_top(page)


def assert_read_from_the_top(page: Page) -> None:
    """What is read aloud next is the page's content, which nobody sees a frame around."""
    main = page.locator("main")
    expect(main).to_be_focused()
    assert main.evaluate("main => getComputedStyle(main).outlineStyle") == "none"
    assert page.evaluate("window.scrollY") == 0


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_second_of_two_tabs_sees_what_changed_and_chooses(
    new_browser: NewBrowser, server: Server, device: dict[str, object]
) -> None:
    watched = new_browser(**device)
    page, other = watched.page, watched.another_tab()
    shop = seeded(server, page, 1)
    page.goto(f"/shops/{shop}/review/")
    wait_for_keys(page)
    other.goto(page.url)
    wait_for_keys(other)
    other.get_by_label("Title").fill("Kurta")
    confirm(other)
    expect(other.get_by_role("heading", name="Nothing left to review")).to_be_visible()
    page.get_by_label("Title").fill("Tunic")
    page.locator(".chip").filter(has_text="Winter").click()
    confirm(page)
    expect(page.get_by_role("heading", name="This listing was changed meanwhile")).to_be_visible()
    title, season = (page.locator("fieldset").filter(has_text=name) for name in ("Title", "Season"))
    for side in ("Kurta", "Tunic"):
        expect(title.locator(".chip").filter(has_text=side)).to_be_visible()
    assert server.rows(f"select title from catalog_listing where shop_id = {shop}") == [("Kurta",)]
    season.locator(".chip").filter(has_text="Winter").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/listings/\d+/$"))
    found = server.rows(
        "select l.title, term.key from catalog_listing l join catalog_listingtag tag on tag.listing_id = l.id"
        f" join catalog_term term on term.id = tag.term_id where l.shop_id = {shop} and tag.field = 'season'"
    )
    assert found == [("Kurta", "Winter")]
    assert watched.complaints.take("409") == 2  # the console and the network say so


@pytest.mark.timed
def test_five_thousand_listings_stay_smooth(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    shop = seeded(server, page, MANY)
    page.add_init_script(LONG_TASKS)
    for address in (f"/shops/{shop}/listings/", f"/shops/{shop}/review/grid/", f"/shops/{shop}/review/"):
        longest = [leafed_through(page, address) for _ in range(ROUNDS)]
        assert min(longest) <= LONGEST_MS, (address, longest)
    expect(page.locator(".review-count")).to_contain_text(f"of {MANY:,} to review")


def leafed_through(page: Page, address: str) -> float:
    """Loads a page and wipes through all of it; the longest time that it answered nothing, in milliseconds."""
    page.goto(address)
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 600):
        page.evaluate("top => window.scrollTo(0, top)", top)
    page.wait_for_timeout(100)
    return float(page.evaluate("window.longest"))
