"""Pages after something was pressed: open menus, refused forms, dialogs, lists that are typed into, error pages.

In every state axe-core finds nothing, nothing is cut off, and after a refusal the first wrong field has the focus.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.models import Photo
from tests.browser.accessibility import too_small, violations
from tests.browser.pictures import keep_picture
from tests.browser.site import EVERYBODY, LANGUAGES, WIDTHS, Site
from tests.browser.site import site as site
from tests.browser.test_budgets import MOST_BYTES
from tests.browser.test_pages import measure
from tests.drawing import as_jpeg
from tests.drawing import product as drawn
from tests.many_listings import make_busy_shop

Act = Callable[[Page, Site], None]


@dataclass(frozen=True)
class State:
    name: str
    who: str
    act: Act
    is_refused: bool = False  # the first wrong field has the focus


def shop_path(site: Site, rest: str) -> str:
    return f"/shops/{site.world.cast.shop.pk}/{rest}"


def account_menu(page: Page, site: Site) -> None:
    page.goto(shop_path(site, "listings/"))
    page.locator(".header-end > details.menu:not(.shop-menu) > summary").click()


def shop_menu(page: Page, site: Site) -> None:
    page.goto(shop_path(site, "listings/"))
    page.locator(".shop-menu > summary").click()


def language_menu(page: Page, site: Site) -> None:
    page.goto("/")
    page.locator("details.menu > summary").click()


def wrong_password(page: Page, site: Site) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("seller@example.com")
    page.locator("input[name=password]").fill("not this one")
    page.locator("main form button:not([type=button])").click()
    page.wait_for_load_state()


def bad_sign_up(page: Page, site: Site) -> None:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill("new@example.com")
    page.locator("input[name=password1]").fill("12345")
    page.locator("main form button:not([type=button])").click()
    page.wait_for_load_state()


def shop_without_name(page: Page, site: Site) -> None:
    page.goto(shop_path(site, ""))
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.locator("input[name=name]").fill("")
    page.locator("main form button:not([type=button])").click()
    page.wait_for_load_state()


def listing_with_a_bad_price(page: Page, site: Site) -> None:
    page.goto(f"/listings/{site.world.sure_listing.pk}/review/")
    page.locator("form[data-review]").evaluate("form => { form.noValidate = true; }")
    for details in page.locator("form[data-review] details:not([open]) > summary").all():
        details.click()
    page.locator("input[name=price]").evaluate("input => { input.type = 'text'; input.value = '-7'; }")
    page.locator("form[data-review] .action-bar .button-primary").click()
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()


def keys_of_the_review(page: Page, site: Site) -> None:
    page.goto(f"/listings/{site.world.sure_listing.pk}/review/")
    page.locator("[data-keys]:not([hidden])").wait_for(state="attached")
    page.evaluate("document.getElementById('keys').showModal()")


def keys_of_the_grid(page: Page, site: Site) -> None:
    page.goto(shop_path(site, "review/grid/"))
    page.evaluate("document.getElementById('keys').showModal()")


def words_typed(page: Page, site: Site, typed: str) -> None:
    page.goto(shop_path(site, "listings/new/"))
    page.locator("[role=combobox]").first.fill(typed)
    expect(page.locator("[data-popup]:not([hidden])")).to_be_visible()


def filters_open(page: Page, site: Site) -> None:
    page.goto(shop_path(site, "listings/?q=tee&state=draft"))
    if (summary := page.locator(".filters > summary")).is_visible():
        expect(page.locator(".listing-card")).to_be_in_viewport()  # what was found is not below all filters
        summary.click()


def nothing_found(page: Page, site: Site) -> None:
    page.goto(shop_path(site, "listings/?q=xqxqxq"))


def empty_shop(page: Page, site: Site, rest: str) -> None:
    page.goto(f"/shops/{site.world.cast.strangers_shop.pk}/{rest}")
    expect(page.locator(".empty")).to_be_visible()


def photo_tools(page: Page, site: Site) -> None:
    page.goto(f"/listings/{site.world.listing.pk}/")
    page.locator(".photo-tools details > summary").first.click()


def missing_page(page: Page, site: Site) -> None:
    page.goto("/listings/987654321/")


def forged_form(page: Page, site: Site) -> None:
    page.goto("/accounts/login/")
    page.locator("main input[name=csrfmiddlewaretoken]").evaluate("input => { input.value = 'x'.repeat(64); }")
    page.locator("input[name=login]").fill("seller@example.com")
    page.locator("input[name=password]").fill("not this one")
    page.locator("main form button:not([type=button])").click()
    page.wait_for_load_state()


def choose_drawn(page: Page, names: str) -> None:
    pictures = [as_jpeg(drawn("shirt", "red", (300, 400), seed=ord(name))) for name in names]
    files = zip(names, pictures, strict=True)
    page.locator("input[name=photos]").set_input_files(
        [{"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": content} for name, content in files]
    )
    for name in names:
        expect(page.locator("[data-rows] li").filter(has_text=f"{name}.jpg")).to_be_visible()


def upload_page(page: Page, site: Site) -> None:
    page.goto(f"/shops/{site.world.cast.strangers_shop.pk}/upload/")
    expect(page.locator("html.is-enhanced")).to_be_visible()


def send(page: Page) -> None:
    """What is added to a pile that is under way goes by itself."""
    if (button := page.locator("[data-actions] button")).is_visible():
        button.click()


def photos_chosen(page: Page, site: Site) -> None:
    upload_page(page, site)
    choose_drawn(page, "ab")


def photos_refused(page: Page, site: Site) -> None:
    upload_page(page, site)
    choose_drawn(page, "c")
    page.route("**/upload/", lambda route: route.fulfill(status=409, json={"errors": ["The shop is full."]}))
    send(page)
    expect(page.get_by_text("The shop is full.").first).to_be_visible()


def no_network(page: Page, site: Site) -> None:
    upload_page(page, site)
    page.context.set_offline(True)
    choose_drawn(page, "d")
    send(page)
    expect(page.locator("[data-network]")).to_be_visible()


STATES = [
    State("account menu", "owner", account_menu),
    State("shop menu", "owner", shop_menu),
    State("language menu", "visitor", language_menu),
    State("wrong password", "visitor", wrong_password),
    State("bad sign-up", "visitor", bad_sign_up, is_refused=True),
    State("shop without a name", "owner", shop_without_name, is_refused=True),
    State("bad price", "owner", listing_with_a_bad_price, is_refused=True),
    State("keys of the review", "owner", keys_of_the_review),
    State("keys of the grid", "owner", keys_of_the_grid),
    State("list of words", "owner", lambda page, site: words_typed(page, site, "a")),
    State("unknown word", "owner", lambda page, site: words_typed(page, site, "xqxqxq")),
    State("filters", "owner", filters_open),
    State("nothing found", "owner", nothing_found),
    State("empty catalogue", "stranger", lambda page, site: empty_shop(page, site, "listings/")),
    State("empty review", "stranger", lambda page, site: empty_shop(page, site, "review/")),
    State("empty grid", "stranger", lambda page, site: empty_shop(page, site, "review/grid/")),
    State("nothing to arrange", "stranger", lambda page, site: empty_shop(page, site, "arrange/")),
    State("no look-alikes", "stranger", lambda page, site: empty_shop(page, site, "look-alikes/")),
    State("photo tools", "owner", photo_tools),
    State("photos chosen", "stranger", photos_chosen),
    State("photos refused", "stranger", photos_refused),
    State("no network", "stranger", no_network),
    State("missing page", "owner", missing_page),
    State("missing page", "visitor", missing_page),
    State("forged form", "visitor", forged_form),
]


MANY = 5_000
BUSY = [
    ("owner", "/shops/{shop}/listings/"),
    ("owner", "/shops/{shop}/listings/?page=100"),
    ("owner", "/shops/{shop}/review/"),
    ("owner", "/shops/{shop}/review/grid/"),
    ("owner", "/shops/{shop}/arrange/"),
    ("owner", "/shops/{shop}/look-alikes/"),
    ("owner", "/shops/{shop}/members/"),
    ("owner", "/shops/{shop}/upload/"),
    ("owner", "/uploads/{upload}/"),
    ("owner", "/photos/{photo}/transfer/"),
    ("owner", "/account/api-tokens/"),
    ("superuser", "/staff/queue/"),
    ("superuser", "/staff/models/"),
]


@pytest.fixture(scope="module")
def busy(site: Site, django_db_blocker: Any) -> dict[str, int]:
    """What stands in the addresses of a shop with very many photos, all of which wait for their tags."""
    with django_db_blocker.unblock():
        upload = make_busy_shop(site.world.cast.seller, MANY)
        return {"shop": upload.shop_id, "upload": upload.pk, "photo": Photo.objects.latest("pk").pk}


@pytest.fixture(scope="module")
def tabs(browser: Browser, site: Site) -> Iterator[dict[tuple[str, int, str], Page]]:
    opened = {}
    for who, (width, options), language in product((*EVERYBODY, "stranger"), WIDTHS.items(), LANGUAGES):
        context = site.opened(browser, who, language=language, reduced_motion="reduce", **options)
        opened[who, width, language] = context.new_page()
    yield opened
    for page in opened.values():
        page.context.close()


def assert_no_barrier(page: Page) -> None:
    assert measure(page)["too wide by"] == 0
    assert violations(page) == []
    assert too_small(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{state.name}, {state.who}")
def test_a_state_has_no_barrier(
    tabs: dict[tuple[str, int, str], Page], site: Site, state: State, width: int, language: str
) -> None:
    page = tabs[state.who, width, language]
    page.unroute_all()  # as the state before may have left it
    page.context.set_offline(False)
    state.act(page, site)
    keep_picture(page, f"state-{state.name.replace(' ', '-')}-{state.who}-{width}-{language}")
    assert_no_barrier(page)
    if state.is_refused:
        assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


@pytest.mark.parametrize(("who", "address"), BUSY)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_of_a_busy_shop_has_no_barrier_and_stays_light(
    tabs: dict[tuple[str, int, str], Page],
    busy: dict[str, int],
    who: str,
    address: str,
    width: int,
    language: str,
) -> None:
    page = tabs[who, width, language]
    answer = page.goto(address.format(**busy))
    assert answer
    assert answer.ok
    keep_picture(page, f"busy{re.sub('[^a-z0-9]+', '-', address)}{width}-{language}")
    assert_no_barrier(page)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize") <= MOST_BYTES
