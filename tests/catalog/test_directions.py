"""What reads from left to right stays whole on pages that read from right to left, and the other way round."""

from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from catalog.directions import isolated
from tests.conftest import Cast
from tests.test_access import PAGES, World, make_world

VOID = {"input", "img", "meta", "link", "hr", "br", "use", "source"}
NOT_SHOWN = {"title", "script", "option"}
SKU, TITLE, BRAND = "12-AB-34", "1. Kurta (red)", "4 U (new)"
EMAIL, TEAMMATES = "9876543210@gmail.com", "12.34@gmail.com"
VALUES = (SKU, EMAIL, TEAMMATES, TITLE, BRAND)
INPUTS = ("text", "email", "search")
ELSEWHERE = ("onboarding:review",)


class Reader(HTMLParser):
    """Finds where a value stands among words of the page's own direction."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []
        self.found: set[str] = set()
        self.wrong: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        is_apart = tag == "bdi" or ("dir" in found and tag != "html")
        if tag not in VOID:
            self._open.append((tag, is_apart))
        elif tag == "input" and found.get("type") in INPUTS and "name" in found and not is_apart:
            self.wrong.append(f"input {found['name']}")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """SVG's; they hold nothing."""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in NOT_SHOWN for tag, _is_apart in self._open):
            return
        for value in VALUES:
            if value in data:
                self.found.add(value)
                if not any(is_apart for _tag, is_apart in self._open) and f"\u2068{value}\u2069" not in data:
                    self.wrong.append(data.strip())


@pytest.fixture
def world(cast: Cast) -> World:
    """Its seller, its teammate and a listing have what Arabic words would tear apart."""
    for person, email in ((cast.seller, EMAIL), (cast.teammate, TEAMMATES)):
        person.email = email
        person.save()
    world = make_world(cast)
    for listing in cast.shop.listings.all():
        listing.title, listing.sku, listing.brand = TITLE, SKU, BRAND
        listing.save()
    return world


def read(browser: Client, path: str) -> Reader | None:
    page = browser.get(path, headers={"Accept-Language": "ar"})
    if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
        return None
    html = page.content.decode()
    assert 'dir="rtl"' in html or "<html" not in html
    return Reader(html)


def test_on_every_page_of_a_shop_values_stand_apart_from_the_words(world: World) -> None:
    browser = world.cast.browser(world.cast.seller)
    browser.cookies["django_language"] = "ar"
    names = [name for name in PAGES if not PAGES[name].right and not name.startswith(ELSEWHERE)]
    paths = [reverse(name, kwargs=world.arguments(name)) for name in names]
    found = {path: page for path in (*paths, "/accounts/email/", "/accounts/login/") if (page := read(browser, path))}
    assert {path: page.wrong for path, page in found.items() if page.wrong} == {}
    assert set.union(*(page.found for page in found.values())) == set(VALUES)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_who_types_an_address_sees_it_as_it_is(db: None, path: str) -> None:
    page = read(Client(), path)
    assert page
    assert page.wrong == []


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [
        ("en", "Kurta (red)", "Kurta (red)"),
        ("en", "قميص (أحمر)", "\u2068قميص (أحمر)\u2069"),
        ("ar", "Kurta (red)", "\u2068Kurta (red)\u2069"),
        ("hi", "कुर्ता!", "कुर्ता!"),
    ],
)
def test_a_value_is_set_apart_where_it_could_fall_apart(language: str, value: str, expected: str) -> None:
    with override(language):
        assert isolated(value) == expected


def test_a_message_keeps_an_address_whole(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    browser.cookies["django_language"] = "ar"
    page = browser.post(f"/shops/{cast.shop.pk}/members/", {"email": EMAIL}, follow=True)
    assert f"\u2068{EMAIL}\u2069" in "".join(map(str, page.context["messages"]))
