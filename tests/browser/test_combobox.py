"""Values of long lists are typed into: with the keyboard alone, with a finger, with mistakes, and without a script."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from catalog.folding import folded
from catalog.vocabulary import TERMS_DIR
from tests.browser.conftest import DESKTOP, PHONE, NewBrowser
from tests.browser.test_story import sign_up
from tests.browser.test_upload import PAGE_BYTES
from tests.browser.watching import weigh
from tests.flows.server import Server

TOUCH_PX = 44
KEYBOARD_PX = 380  # of the 844 that a phone's screen has
LONGEST_MS = 50
SLOWDOWN = 4  # of the processor: about a phone of a hundred euros
ROUNDS = 5
"""Other processes take the cores away; hardly each time."""
WORDS = "**/vocabulary.json*"
WITH_A_KEYBOARD = f"""
const view = new EventTarget();
Object.assign(view, {{ offsetTop: 0, height: window.innerHeight, scale: 1 }});
Object.defineProperty(window, "visualViewport", {{ value: view }});
document.addEventListener("focusin", (event) => setTimeout(() => {{
  view.height = window.innerHeight - (event.target.matches("input[type=text]") ? {KEYBOARD_PX} : 0);
  view.dispatchEvent(new Event("resize"));
}}, 50));
"""
MISLEADING = """
async () => {
  const { folded, makeIndex, find } = await import("/static/js/matching.js");
  const { words } = await (await fetch("/vocabulary.json")).json();
  const index = makeIndex(words.map(([id, , name, ...synonyms]) => ({ id, name, synonyms, above: [], depth: 0 })));
  const isCalled = ({ name, synonyms }, word) =>
    [name, ...synonyms].some(({ whole, joined }) => [whole, joined].includes(word));
  return words.flatMap(([id, , , ...synonyms]) => synonyms.filter((synonym) => {
    const count = index.filter((term) => isCalled(term, folded(synonym))).length;
    const { found, isNear, isWhole } = find(index, synonym);
    return isNear || !isWhole || !found.slice(0, count).some(({ entry }) => entry.id === id);
  }));
}
"""
FOLDED = "async (texts) => texts.map((await import('/static/js/matching.js')).folded)"
FOUND = """
async ([language, typed]) => {
  const { makeIndex, find } = await import("/static/js/matching.js");
  document.cookie = `django_language=${language};path=/`;
  const answer = await fetch(`/vocabulary.json?${language}`);
  document.cookie = "django_language=;path=/;max-age=0";
  const { words } = await answer.json();
  const index = makeIndex(words.map(([id, , name, ...synonyms]) => ({ id, name, synonyms, above: [], depth: 0 })));
  return find(index, typed).found.slice(0, 4).map(({ entry }) => entry.name);
}
"""
TIMES = """
async (typed) => {
  const input = document.querySelector("#id_category_other_box");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const press = (key) => input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const took = async (act) => {
    await frame();
    const began = performance.now();
    act();
    document.body.getBoundingClientRect(); // the page is laid out too
    return performance.now() - began;
  };
  input.focus();
  const times = { "the list opens": await took(() => press("ArrowDown")) };
  for (const text of typed) {
    times[text] = await took(() => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  press("Escape");
  return times;
}
"""


def new_listing(page: Page) -> Page:
    sign_up(page)
    found = re.search(r"/shops/(\d+)/", page.url)
    assert found, page.url
    page.goto(f"/shops/{found[1]}/listings/new/", wait_until="networkidle")
    return page


def box(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def active(page: Page, of: Locator) -> Locator:
    return page.locator(f"[id='{of.get_attribute('aria-activedescendant')}']")


def labels(page: Page) -> Sequence[str]:
    return options(page).locator("b").all_inner_texts()


def chosen(page: Page, field: str) -> str:
    """What is going to be sent."""
    select = page.locator(f"select[name={field}_other]")
    return str(select.evaluate("(select) => select.selectedOptions[0].text"))


def saved(server: Server, page: Page) -> Mapping[str, str]:
    """The keys that the listing on the page is tagged with."""
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    found = re.search(r"/listings/(\d+)/", page.url)
    assert found, page.url
    rows = server.rows(
        "select t.field, t.key from catalog_listingtag g join catalog_term t on t.id = g.term_id"
        f" where g.listing_id = {found[1]}"
    )
    return {str(field): str(key) for field, key in rows}


def test_a_category_is_picked_by_another_word_for_it_with_the_keyboard_alone(
    new_browser: NewBrowser, server: Server
) -> None:
    page = new_listing(new_browser(**DESKTOP).page)
    category = box(page, "Category")
    for _ in range(20):
        page.keyboard.press("Tab")
        if category.evaluate("(input) => input === document.activeElement"):
            break
    expect(category).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("sneakers")
    expect(category).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="2 results")).to_be_attached()
    assert labels(page) == ["Casual shoes", "Sports shoes"]
    expect(active(page, category)).to_have_attribute("aria-label", "Casual shoes, sneakers, Footwear › Shoes")
    expect(active(page, category)).to_contain_text("Footwear › Shoes")
    for key, label in (("ArrowDown", "Sports"), ("ArrowDown", "Casual"), ("End", "Sports"), ("Home", "Casual")):
        page.keyboard.press(key)
        expect(active(page, category)).to_contain_text(f"{label} shoes")
    page.keyboard.press("Enter")
    expect(category).to_have_value("Casual shoes")
    expect(category).to_have_attribute("aria-expanded", "false")
    expect(page).to_have_title(re.compile("New listing"))  # Enter did not send the form
    page.keyboard.press("Tab")
    page.keyboard.type("navy")
    page.keyboard.press("Control+Enter")
    assert saved(server, page) == {"category": "Casual Shoes", "colour": "Navy Blue"}


def test_arrows_open_the_list_at_what_is_chosen_and_go_around(new_browser: NewBrowser) -> None:
    page = new_listing(new_browser(**DESKTOP).page)
    colour = box(page, "Colour")
    colour.fill("turquoise")
    colour.press("Enter")
    colour.press("ArrowDown")
    expect(options(page)).to_have_count(46)
    expect(active(page, colour)).to_have_attribute("aria-selected", "true")
    expect(active(page, colour)).to_be_in_viewport()
    colour.press("End")
    expect(active(page, colour)).to_contain_text("Yellow")
    colour.press("ArrowDown")
    expect(active(page, colour)).to_contain_text("Beige")
    colour.press("ArrowUp")
    expect(active(page, colour)).to_contain_text("Yellow")
    colour.press("PageUp")
    colour.press("Tab")
    assert chosen(page, "colour") == "Steel"


def test_a_colour_is_picked_with_a_finger_above_the_phones_keyboard(new_browser: NewBrowser, server: Server) -> None:
    page = new_browser(**PHONE).page
    page.add_init_script(WITH_A_KEYBOARD)
    new_listing(page)
    colour = box(page, "Colour")
    assert colour.evaluate("(input) => parseFloat(getComputedStyle(input).fontSize)") >= 16  # iPhones zoom in on less
    colour.tap()
    expect(options(page)).to_have_count(46)
    page.wait_for_timeout(200)
    shown = page.locator(".combobox-popup:visible").bounding_box()
    assert shown
    assert shown["y"] + shown["height"] <= PHONE["viewport"]["height"] - KEYBOARD_PX
    assert shown["height"] >= 4 * TOUCH_PX
    heights = options(page).evaluate_all("(found) => found.map((each) => each.getBoundingClientRect().height)")
    assert min(heights) >= TOUCH_PX
    colour.press_sequentially("navy")
    navy = options(page).first
    swatch = navy.locator("[data-swatch]")
    assert swatch.evaluate("(each) => getComputedStyle(each).backgroundColor") == "rgb(28, 43, 87)"
    navy.tap()
    expect(colour).to_have_value("Navy blue")
    expect(colour).not_to_be_focused()
    expect(options(page)).to_have_count(0)
    page.get_by_role("button", name="Save").tap()
    assert saved(server, page) == {"colour": "Navy Blue"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("snekaers", "Casual shoes"),  # two letters swapped
        ("seakers", "Casual shoes"),  # one too few
        ("swweater", "Sweaters"),  # one too many
        ("jumpur", "Sweaters"),  # one wrong, of another word for it
        ("KÛRTA", "Kurtas"),
        ("tshirt", "T-shirts"),
        ("shoes sports", "Sports shoes"),
        ("jewelry ring", "Rings"),
        ("chunni", "Dupatta"),
        ("sari", "Sarees"),
        ("shalwar kameez", "Kurta sets"),
        ("togs", "Swimwear"),
    ],
)
def test_what_people_type_leads_to_what_they_mean(typing_page: Page, typed: str, expected: str) -> None:
    category = box(typing_page, "Category")
    category.fill(typed)
    assert labels(typing_page)[0] == expected
    category.press("Escape")


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("es", "camison", "Camisones"),
        ("es", "PANTALON", "Pantalones"),
        ("hi", "joota", "जूते"),
        ("ar", "احمر", "أحمر"),
    ],
)
def test_words_of_other_languages_are_found_without_their_marks(
    typing_page: Page, language: str, typed: str, expected: str
) -> None:
    named = typing_page.evaluate(FOUND, [language, typed])
    assert expected in named, named


def test_the_browser_folds_every_name_as_the_server_does(typing_page: Page) -> None:
    names = [json.loads(text) for file in TERMS_DIR.glob("*.json") for text in re.findall(r'"[^"]+"', file.read_text())]
    texts = [*names, "Men's “T-shirt”, 100 % كُحلي", "İLK ΣΑΣ ﬁt 2½"]
    assert typing_page.evaluate(FOLDED, texts) == [folded(text) for text in texts]


def test_beginnings_come_before_the_middle_of_words_and_names_before_other_words(typing_page: Page) -> None:
    category, colour = box(typing_page, "Category"), box(typing_page, "Colour")
    category.fill("top")
    found = labels(typing_page)
    assert found[:2] == ["Tops", "Tops and jackets (in general)"]
    assert found.index("Tops") < found.index("Camisoles") < found.index("Laptop bags")
    category.press("Escape")
    colour.fill("grey")
    assert labels(typing_page)[:2] == ["Grey", "Grey mélange"]
    colour.fill("gray")
    assert labels(typing_page)[0] == "Grey"
    colour.press("Escape")


def test_escape_and_leaving_otherwise_bring_back_what_was_chosen(typing_page: Page) -> None:
    colour = box(typing_page, "Colour")
    colour.fill("red")
    colour.press("Enter")
    colour.fill("blu")
    colour.press("ArrowDown")
    colour.press("Escape")
    expect(colour).to_have_value("Red")
    expect(colour).to_have_attribute("aria-expanded", "false")
    colour.fill("blu")
    typing_page.get_by_role("heading", name="New listing").click()
    expect(colour).to_have_value("Red")
    assert chosen(typing_page, "colour") == "Red"


def test_a_name_that_is_typed_in_full_counts_however_the_box_is_left_and_an_emptied_box_is_empty(
    typing_page: Page,
) -> None:
    colour = box(typing_page, "Colour")
    colour.fill("navy")
    typing_page.get_by_role("heading", name="New listing").click()
    expect(colour).to_have_value("Navy blue")
    assert chosen(typing_page, "colour") == "Navy blue"
    colour.fill("")
    colour.press("Tab")
    assert chosen(typing_page, "colour") == "Empty"
    colour.fill("teal")
    colour.press("Enter")
    typing_page.get_by_role("button", name="Clear").click()
    assert (colour.input_value(), chosen(typing_page, "colour")) == ("", "Empty")


def test_an_unknown_word_is_said_to_be_one_and_what_is_near_is_offered_but_not_chosen(typing_page: Page) -> None:
    category = box(typing_page, "Category")
    category.fill("ladies purse")
    expect(typing_page.get_by_text("Nothing is called “ladies purse”. These are near:").first).to_be_visible()
    assert labels(typing_page)[:2] == ["Handbags", "Wallets"]
    expect(category).not_to_have_attribute("aria-activedescendant", re.compile("."))
    category.press("Enter")
    assert chosen(typing_page, "category") == "Empty"
    category.fill("xqxqxq")
    expect(typing_page.get_by_text("Nothing is called “xqxqxq”. Try a more general word.").first).to_be_visible()
    expect(typing_page.get_by_role("status").filter(has_text="xqxqxq")).to_be_attached()
    expect(category).to_have_attribute("aria-expanded", "false")
    category.press("Tab")
    expect(category).to_have_value("")


def test_every_other_word_leads_to_its_term_before_all_that_are_not_called_so(typing_page: Page) -> None:
    assert typing_page.evaluate(MISLEADING) == []


@pytest.mark.parametrize("answer", ["none", "without the term"])
def test_names_are_found_and_shown_where_the_words_do_not_know_them(new_browser: NewBrowser, answer: str) -> None:
    seller = new_browser(**DESKTOP)
    page = seller.page

    def reply(route: Route) -> None:
        if answer == "none":
            route.fulfill(status=503)
        else:
            route.fulfill(body=json.dumps({"words": [[999_999, 0, "Elsewhere"]]}))

    page.route(WORDS, reply)
    new_listing(page)
    category = box(page, "Category")
    category.fill("casual sh")
    expect(options(page).first).to_contain_text("Footwear › Shoes")
    category.press("Enter")
    expect(category).to_have_value("Casual shoes")
    assert seller.complaints.take("503") == (2 if answer == "none" else 0)


def test_without_a_script_the_lists_are_what_they_were(new_browser: NewBrowser, server: Server) -> None:
    page = new_listing(new_browser(**DESKTOP, java_script_enabled=False).page)
    page.get_by_label("Category").select_option(label="Casual shoes")
    page.get_by_label("Colour").select_option(label="Navy blue")
    page.get_by_role("button", name="Save").click()
    assert saved(server, page) == {"category": "Casual Shoes", "colour": "Navy Blue"}


@pytest.mark.timed
def test_the_list_opens_and_narrows_at_once_on_a_slow_phone(new_browser: NewBrowser) -> None:
    page = new_listing(new_browser(**PHONE).page)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    rounds: list[dict[str, float]] = [
        page.evaluate(TIMES, ["s", "sn", "sneakers", "snekaers", "xqxqxq", ""]) for _ in range(ROUNDS)
    ]
    best = {what: min(times[what] for times in rounds) for what in rounds[0]}
    assert max(best.values()) < LONGEST_MS, best


def test_the_page_weighs_little_with_all_words(new_browser: NewBrowser) -> None:
    page = new_browser(**PHONE).page
    sizes = weigh(page)
    new_listing(page)  # the pages before it are counted with it
    assert [address for address in sizes if "vocabulary.json" in address]
    assert sum(size for address, size in sizes.items() if "/accounts/" not in address) < PAGE_BYTES, sizes


@pytest.fixture(scope="module")
def signed_in(browser: Any, server: Server) -> Any:
    context = browser.new_context(base_url=server.address, locale="en", **DESKTOP)
    page = new_listing(context.new_page())
    yield page
    context.close()


@pytest.fixture
def typing_page(signed_in: Page) -> Page:
    """The form of a new listing, empty; one seller's for many tests."""
    signed_in.reload(wait_until="networkidle")
    return signed_in
