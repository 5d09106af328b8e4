"""Putting products together and apart, and answering what looks alike, through the pages."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.urls import reverse

from catalog.models import Listing, LookAlike, Photo
from catalog.services.look_alikes import note_pairs
from onboarding.models import Upload, UploadedFile
from tests.conftest import Cast, make_listing

Kind = LookAlike.Kind


def address(cast: Cast, page: str = "arrange") -> str:
    return reverse(f"onboarding:{page}", args=[cast.shop.pk])


def post(cast: Cast, page: str = "arrange", **data: Any) -> tuple[HttpResponse, list[str]]:
    response = cast.browser(cast.seller).post(address(cast, page), data)
    return response, [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def ids(listings: Sequence[Listing]) -> list[int]:
    return [listing.pk for listing in listings]


def all_listings(cast: Cast) -> list[Listing]:
    return list(Listing.objects.filter(shop=cast.shop).order_by("pk"))


def test_chosen_listings_become_one_and_the_page_comes_back_as_it_was(cast: Cast) -> None:
    listings = [make_listing(cast.shop, title=title) for title in ("Tee", "Back of it", "Shoe")]
    browser = cast.browser(cast.seller)
    page = f"{address(cast)}?page=1"
    response = browser.post(page, {"listings": ids(listings[:2]), "action": "combine"}, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert all_listings(cast) == [listings[0], listings[2]]
    assert listings[0].photos.count() == 2
    assert "2 products are one now: Tee." in response.content.decode()


def test_chosen_listings_become_variants_and_are_no_question_any_more(cast: Cast) -> None:
    red, blue = make_listing(cast.shop), make_listing(cast.shop)
    note_pairs([(red.photos.get().pk, blue.photos.get().pk)], Kind.SIMILAR)
    _response, said = post(cast, listings=ids([red, blue]), action="variants")
    assert said == ["They are kept as variants of one product."]
    assert len(set(Listing.objects.filter(shop=cast.shop).values_list("variant_group", flat=True)) - {None}) == 1
    assert LookAlike.objects.get().answer == "variants"


def test_what_stays_apart_is_not_asked_again(cast: Cast) -> None:
    red, blue = make_listing(cast.shop), make_listing(cast.shop)
    note_pairs([(red.photos.get().pk, blue.photos.get().pk)], Kind.SIMILAR)
    response, said = post(cast, "look_alikes", listings=ids([red, blue]), action="apart")
    assert (response.status_code, said) == (302, ["They stay apart."])
    assert "Nothing looks alike" in cast.browser(cast.seller).get(address(cast, "look_alikes")).content.decode()
    assert all_listings(cast) == [red, blue]


def test_copies_are_removed(cast: Cast) -> None:
    listing, copy = make_listing(cast.shop), make_listing(cast.shop)
    note_pairs([(copy.photos.get().pk, listing.photos.get().pk)], Kind.COPY)
    page = cast.browser(cast.seller).get(address(cast, "look_alikes")).content.decode()
    assert "Is this the same photo?" in page
    _response, said = post(cast, "look_alikes", listings=ids([listing, copy]), action="discard")
    assert (said, all_listings(cast)) == (["1 copy is removed."], [listing])


def test_a_photo_gets_a_listing_of_its_own_or_goes_into_another(cast: Cast) -> None:
    two, other = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    first, second = two.photos.all()
    post(cast, photo=second.pk)
    assert [listing.photos.count() for listing in all_listings(cast)] == [1, 1, 1]
    _response, said = post(cast, photo=second.pk, to=other.pk)
    assert (said, Photo.objects.get(pk=second.pk).listing) == (["The photo was moved."], other)
    assert first.listing == two


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"action": "combine"}, "Choose at least two products."),
        ({"action": "combine", "listings": ["own"]}, "Choose at least two products."),
        ({"action": "combine", "listings": ["own", "own"]}, "Choose at least two products."),
        ({"action": "combine", "listings": ["own", "strangers"]}, "A product is gone."),
        ({"action": "combine", "listings": ["own", "999999"]}, "A product is gone."),
        ({"action": "combine", "listings": ["own", "x"]}, "“x” is not a valid value."),
        ({"action": "explode", "listings": ["own", "own two"]}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(cast: Cast, data: dict[str, Any], sentence: str) -> None:
    named = {
        "own": make_listing(cast.shop),
        "own two": make_listing(cast.shop),
        "strangers": make_listing(cast.strangers_shop),
    }
    chosen = [named[name].pk if name in named else name for name in data.get("listings", ())]
    _response, said = post(cast, **{**data, "listings": chosen})
    assert len(said) == 1
    assert said[0].startswith(sentence)
    assert [listing.photos.count() for listing in named.values()] == [1, 1, 1]


@pytest.mark.parametrize("data", [{"photo": "theirs"}, {"photo": "own", "to": "theirs"}, {"photo": "x"}, {"photo": ""}])
def test_photos_and_listings_of_other_shops_are_not_there(cast: Cast, data: dict[str, str]) -> None:
    own, theirs = make_listing(cast.shop, photos=2), make_listing(cast.strangers_shop, photos=2)
    pks = {
        "photo": {"own": own.photos.all()[0].pk, "theirs": theirs.photos.all()[0].pk},
        "to": {"theirs": theirs.pk},
    }
    sent = {name: pks[name].get(value, value) for name, value in data.items()}
    assert cast.browser(cast.seller).post(address(cast), sent).status_code == 404
    assert (own.photos.count(), theirs.photos.count(), Listing.objects.count()) == (2, 2, 2)


def test_an_upload_narrows_the_page_to_its_own(cast: Cast) -> None:
    inside, _outside = make_listing(cast.shop, title="Inside"), make_listing(cast.shop, title="Outside")
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller)
    UploadedFile.objects.create(upload=upload, key="1", photo=inside.photos.get())
    browser = cast.browser(cast.seller)
    page = browser.get(address(cast), {"upload": upload.pk}).content.decode()
    assert ("Inside" in page, "Outside" in page) == (True, False)
    theirs = Upload.objects.create(shop=cast.strangers_shop, user=cast.stranger)
    assert browser.get(address(cast), {"upload": theirs.pk}).status_code == 404


@pytest.mark.parametrize(("page", "queries"), [("arrange", 6), ("look_alikes", 7)])
def test_pages_cost_as_many_queries_for_many_products_as_for_few(
    cast: Cast, django_assert_num_queries: Any, page: str, queries: int
) -> None:
    browser = cast.browser(cast.seller)
    browser.get(address(cast, page))
    for count in (2, 20):
        listings = [make_listing(cast.shop, photos=2) for _ in range(count)]
        photos = [listing.photos.all()[0].pk for listing in listings]
        note_pairs(zip(photos[::2], photos[1::2], strict=True), Kind.SIMILAR)
        with django_assert_num_queries(queries):
            assert browser.get(address(cast, page)).status_code == 200


@pytest.mark.parametrize("name", ["arrange", "review_next"])
def test_pages_on_the_way_lead_to_open_questions(cast: Cast, name: str) -> None:
    first, second = (make_listing(cast.shop, state=Listing.State.CONFIRMED) for _ in range(2))
    browser = cast.browser(cast.seller)
    assert "looks like another" not in browser.get(address(cast, name)).content.decode()
    note_pairs([(first.photos.get().pk, second.photos.get().pk)], Kind.SIMILAR)
    assert "1 photo looks like another" in browser.get(address(cast, name)).content.decode()
