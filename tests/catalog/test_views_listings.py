"""The list, a product's page, deleting, the download."""

import csv
import io
from typing import Any

import pytest
from django.http import HttpResponse

from catalog.models import Listing, ListingTag, Photo
from catalog.services.variants import group_as_variants
from catalog.views import listings as views
from tests.conftest import Cast, make_listing, make_photo, term
from tests.many_listings import make_drafts


def page(cast: Cast, query: str = "") -> HttpResponse:
    response = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/listings/{query}")
    assert response.status_code == 200
    return response


def shown(cast: Cast, query: str = "") -> list[Listing]:
    return [card.listing for card in page(cast, query).context["page_obj"]]


def tag(listing: Listing, field: str, *path: str) -> None:
    ListingTag.objects.create(listing=listing, field=field, term=term(field, *path), source="person")


def test_the_newest_listing_comes_first(cast: Cast) -> None:
    first, second = make_listing(cast.shop), make_listing(cast.shop)
    make_listing(cast.strangers_shop)
    assert shown(cast) == [second, first]


def test_an_empty_shop_says_so(cast: Cast) -> None:
    context = page(cast).context
    assert (context["total"], context["is_filtered"], list(context["page_obj"])) == (0, False, [])


def test_filters_narrow_the_list_and_are_counted(cast: Cast) -> None:
    shirt, jeans = (make_listing(cast.shop, photos=0) for _ in range(2))
    tag(shirt, "category", "Apparel", "Topwear", "Tshirts")
    tag(jeans, "category", "Apparel", "Bottomwear", "Jeans")
    tag(shirt, "colour", "Blue")
    query = f"?category={term('category', 'Apparel').pk}&colour={term('colour', 'Blue').pk}"
    context = page(cast, query).context
    assert ([card.listing for card in context["page_obj"]], context["total"]) == ([shirt], 1)
    assert context["is_filtered"] is True
    assert shown(cast, f"?category={term('category', 'Apparel').pk}") == [jeans, shirt]


@pytest.mark.parametrize("query", ["?state=sold", "?colour=999999", "?category=x", "?season=-1", "?sort=worst", "?q="])
def test_an_unknown_value_filters_nothing(cast: Cast, query: str) -> None:
    listing = make_listing(cast.shop, photos=0)
    response = page(cast, query)
    assert [card.listing for card in response.context["page_obj"]] == [listing]
    assert response.context["is_filtered"] is False


def test_by_price_what_has_none_comes_last(cast: Cast) -> None:
    dear, unknown, cheap = (make_listing(cast.shop, photos=0, price=price) for price in (30, None, 4))
    assert shown(cast, "?sort=price") == [cheap, dear, unknown]
    assert shown(cast, "?sort=oldest") == [dear, unknown, cheap]


def test_pages_follow_each_other_and_keep_the_filters(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    made = [make_listing(cast.shop, photos=0, title=f"Tee {number}") for number in range(5)]
    make_listing(cast.shop, photos=0, title="Scarf")
    pages = [shown(cast, f"?q=tee&sort=oldest&page={number}") for number in (1, 2, 3)]
    assert pages == [made[:2], made[2:4], made[4:]]
    context = page(cast, "?q=tee&sort=oldest&page=2").context
    assert (context["querystring"], context["total"]) == ("q=tee&sort=oldest", 5)


@pytest.mark.parametrize(("asked", "expected"), [("0", 3), ("-1", 3), ("99", 3), ("x", 1), ("9" * 5000, 1), ("", 1)])
def test_a_page_that_is_not_there_leads_to_one_that_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, asked: str, expected: int
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 1)
    for _ in range(3):
        make_listing(cast.shop, photos=0)
    assert page(cast, f"?page={asked}").context["page_obj"].number == expected


@pytest.mark.parametrize("query", ["", "?q=blue&state=draft&page=2"])
def test_the_list_takes_five_queries_for_three_listings_and_for_three_hundred(
    cast: Cast, django_assert_num_queries: Any, query: str
) -> None:
    browser = cast.browser(cast.seller)
    path = f"/shops/{cast.shop.pk}/listings/{query}"
    browser.get(path)  # remembers the shop in the session
    for count in (3, 297):
        make_drafts(cast.shop, count)
        with django_assert_num_queries(5):
            browser.get(path)


def test_a_page_shows_photos_in_order_and_every_field(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2, title="<b>Tee</b>", price="499.50")
    tag(listing, "colour", "Navy Blue")
    response = cast.browser(cast.teammate).get(f"/listings/{listing.pk}/")
    assert response.status_code == 200
    assert response.context["photos"] == list(listing.photos.all())
    assert [(row.label, row.name) for row in response.context["rows"]] == [
        ("Category", ""),
        ("Colour", "Navy blue"),
        ("Season", ""),
        ("For", ""),
        ("Occasion", ""),
    ]
    assert b"<b>Tee" not in response.content


def test_a_page_takes_the_same_queries_for_one_photo_and_for_three(cast: Cast, django_assert_num_queries: Any) -> None:
    listing = make_listing(cast.shop)
    browser = cast.browser(cast.seller)
    browser.get(f"/listings/{listing.pk}/")
    for _ in range(2):
        with django_assert_num_queries(9):
            browser.get(f"/listings/{listing.pk}/")
        make_photo(listing)
        make_photo(listing)


def test_a_page_shows_the_other_variants_until_the_listing_leaves_them(cast: Cast) -> None:
    red, blue, other = (make_listing(cast.shop, title=title) for title in ("Red tee", "Blue tee", "Shoe"))
    group_as_variants(listings=[red, blue])
    browser = cast.browser(cast.seller)
    page = browser.get(f"/listings/{red.pk}/")
    assert [card.listing for card in page.context["variants"]] == [blue]
    assert "Variants of it" in page.content.decode()
    response = browser.post(f"/listings/{red.pk}/variants/leave/")
    assert response["Location"] == f"/listings/{red.pk}/"
    assert "Variants of it" not in browser.get(f"/listings/{red.pk}/").content.decode()
    assert "Variants of it" not in browser.get(f"/listings/{other.pk}/").content.decode()


def test_asking_before_deleting_deletes_nothing(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    response = cast.browser(cast.seller).get(f"/listings/{listing.pk}/delete/")
    assert (response.status_code, response.context["photo_count"]) == (200, 2)
    assert (Listing.objects.count(), Photo.objects.count()) == (1, 2)


def test_a_deleted_listing_is_gone_and_the_list_says_so(cast: Cast) -> None:
    listing, kept = make_listing(cast.shop, title="Tee"), make_listing(cast.shop)
    response = cast.browser(cast.seller).post(f"/listings/{listing.pk}/delete/", follow=True)
    assert response.redirect_chain == [(f"/shops/{cast.shop.pk}/listings/", 302)]
    assert [str(message) for message in response.context["messages"]] == ["Tee is deleted."]
    assert [photo.listing for photo in Photo.objects.all()] == [kept]


def exported(cast: Cast, query: str = "") -> list[dict[str, str]]:
    response = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/listings.csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[call-overload]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_holds_what_the_same_filters_show(cast: Cast) -> None:
    shirt, scarf = make_listing(cast.shop, title="Tee", price="5"), make_listing(cast.shop, photos=0, title="=Scarf")
    make_listing(cast.strangers_shop, title="Tee")
    assert [row["id"] for row in exported(cast)] == [str(scarf.pk), str(shirt.pk)]
    assert [(row["title"], row["price"], row["photos"]) for row in exported(cast, "?q=tee")] == [("Tee", "5.00", "1")]
    assert [row["title"] for row in exported(cast, "?sort=oldest&page=7")] == ["Tee", "'=Scarf"]
    assert exported(cast, "?q=nothing+like+it") == []


def test_the_file_speaks_the_shops_language(cast: Cast) -> None:
    tag(make_listing(cast.shop, photos=0), "colour", "Navy Blue")
    term("colour", "Navy Blue").names.create(language="sw", text="bluu iliyokolea")
    cast.shop.language = "sw"
    cast.shop.save()
    assert [row["colour"] for row in exported(cast)] == ["bluu iliyokolea"]


@pytest.mark.parametrize(
    ("name", "start"), [("Asha's Boutique", "ashas-boutique"), ("आशा", "lapel"), ('a"\r\nb', "a-b")]
)
def test_the_file_is_named_after_the_shop(cast: Cast, name: str, start: str) -> None:
    cast.shop.name = name
    cast.shop.save()
    response = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/listings.csv")
    file_name = response["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')
    assert file_name.removeprefix(f"{start}-").count("-") == 2


def test_the_file_takes_the_same_queries_for_one_listing_and_for_three(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    browser = cast.browser(cast.seller)
    for count in (1, 2):
        for _ in range(count):
            tag(make_listing(cast.shop), "colour", "Blue")
        with django_assert_num_queries(7):
            b"".join(browser.get(f"/shops/{cast.shop.pk}/listings.csv"))  # type: ignore[call-overload]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_addresses_take_no_other_method(cast: Cast, method: str) -> None:
    listing = make_listing(cast.shop)
    browser = cast.browser(cast.seller)
    for path in (f"/shops/{cast.shop.pk}/listings/", f"/shops/{cast.shop.pk}/listings.csv", f"/listings/{listing.pk}/"):
        assert getattr(browser, method)(path).status_code == 405
    assert Listing.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_deleting_takes_a_sent_form_and_nothing_else(cast: Cast, method: str) -> None:
    listing = make_listing(cast.shop)
    assert getattr(cast.browser(cast.seller), method)(f"/listings/{listing.pk}/delete/").status_code == 405
    assert Listing.objects.count() == 1
