"""Photo files over HTTP, and the tools of a listing's page."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse

from catalog.models import Listing, Photo
from tests.conftest import Cast, jpeg, make_listing, make_photo


def file_of(cast: Cast, photo: Photo, kind: str = "display", method: str = "get") -> Any:
    return getattr(cast.browser(cast.seller), method)(f"/photos/{photo.pk}/{kind}.jpg")


@pytest.mark.parametrize("kind", ["display", "master"])
def test_a_photo_is_sent_as_what_it_is_and_may_be_kept_by_this_browser_only(cast: Cast, kind: str) -> None:
    content = jpeg("teal")
    photo = make_photo(make_listing(cast.shop, photos=0), content)
    response = file_of(cast, photo, kind)
    assert (response.status_code, b"".join(response)) == (200, content)
    names = ("Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options", "Content-Disposition", "Vary")
    assert [response[name] for name in names] == [
        "image/jpeg",
        str(len(content)),
        "private, max-age=604800, immutable",
        "nosniff",
        f'inline; filename="{kind}.jpg"',
        "Accept-Language, Cookie",
    ]


def test_the_head_of_a_photo_is_all_but_the_photo(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    whole, head = file_of(cast, photo), file_of(cast, photo, method="head")
    assert (head.status_code, b"".join(head)) == (200, b"")
    alike = [name for name in whole.headers if name != "X-Request-ID"]
    assert {name: head[name] for name in alike} == {name: whole[name] for name in alike}


@pytest.mark.parametrize("kind", ["derivative", "original", "sha256", "listing", "pk", "__class__"])
def test_only_the_sizes_for_people_can_be_fetched(cast: Cast, kind: str) -> None:
    assert file_of(cast, make_listing(cast.shop).photos.get(), kind).status_code == 404


def test_a_photo_whose_file_is_missing_is_not_found(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    default_storage.delete(photo.display.name or "")
    assert file_of(cast, photo).status_code == 404


def order(listing: Listing) -> list[int]:
    return [photo.pk for photo in listing.photos.all()]


def use(cast: Cast, photo_pk: int, tool: str, **data: Any) -> HttpResponse:
    return cast.browser(cast.seller).post(f"/photos/{photo_pk}/{tool}/", data, follow=True)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_photos_change_places(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    first, second = order(listing)
    response = use(cast, first, "move", direction="later")
    assert response.redirect_chain == [(f"/listings/{listing.pk}/", 302)]
    assert order(listing) == [second, first]


@pytest.mark.parametrize("direction", ["up", "", "LATER"])
def test_a_direction_that_there_is_not_moves_nothing(cast: Cast, direction: str) -> None:
    listing = make_listing(cast.shop, photos=2)
    before = order(listing)
    assert use(cast, before[0], "move", direction=direction).status_code == 404
    assert order(listing) == before


def test_a_photo_gets_a_listing_of_its_own(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    first, second = order(listing)
    response = use(cast, second, "split")
    split = Listing.objects.exclude(pk=listing.pk).get()
    assert response.redirect_chain == [(f"/listings/{split.pk}/", 302)]
    assert said(response) == ["The photo now has a listing of its own."]
    assert (order(listing), order(split)) == ([first], [second])


def test_a_photo_moves_to_the_chosen_listing(cast: Cast) -> None:
    source, target = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    first, second = order(source)
    there = order(target)
    response = use(cast, first, "transfer", listing=target.pk)
    assert response.redirect_chain == [(f"/listings/{target.pk}/", 302)]
    assert said(response) == ["The photo was moved."]
    assert (order(source), order(target)) == ([second], [*there, first])


@pytest.mark.parametrize("target", ["foreign", "itself", "none"])
def test_a_listing_that_cannot_be_chosen_is_said_and_nothing_moves(cast: Cast, target: str) -> None:
    source, foreign = make_listing(cast.shop), make_listing(cast.strangers_shop)
    (photo,) = order(source)
    keys = {"foreign": str(foreign.pk), "itself": str(source.pk), "none": ""}
    response = use(cast, photo, "transfer", listing=keys[target])
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["listing"])
    assert (order(source), len(order(foreign))) == ([photo], 1)


def test_the_page_to_choose_from_takes_the_same_queries_for_one_listing_and_for_three(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    photo = make_listing(cast.shop).photos.get()
    browser = cast.browser(cast.seller)
    for count in (1, 2):
        for _ in range(count):
            make_listing(cast.shop, photos=0)
        with django_assert_num_queries(6):
            browser.get(f"/photos/{photo.pk}/transfer/")


def test_a_removed_photo_leaves_its_listing(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    response = use(cast, order(listing)[0], "remove")
    assert response.redirect_chain == [(f"/listings/{listing.pk}/", 302)]
    assert said(response) == ["The photo is removed."]
    assert (Photo.objects.count(), Listing.objects.get()) == (0, listing)


def test_a_photo_that_goes_while_its_page_is_open_is_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalog.services import photos as services

    listing, elsewhere = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    pk = order(listing)[0]
    reorder = services.reorder_photo

    def after_a_teammate(*, photo: Photo, direction: services.Direction) -> None:
        services.transfer_photo(photo=Photo.objects.get(pk=pk), listing=elsewhere)
        reorder(photo=photo, direction=direction)

    monkeypatch.setattr(services, "reorder_photo", after_a_teammate)
    response = use(cast, pk, "move", direction="later")
    assert response.redirect_chain == [(f"/listings/{listing.pk}/", 302)]
    assert said(response) == ["Somebody moved or removed this photo meanwhile. Please look again."]


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
def test_tools_take_a_sent_form_and_nothing_else(cast: Cast, method: str) -> None:
    listing = make_listing(cast.shop, photos=2)
    before = order(listing)
    for tool in ("move", "split", "remove"):
        response = getattr(cast.browser(cast.seller), method)(f"/photos/{before[0]}/{tool}/")
        assert response.status_code == 405
    assert (order(listing), Listing.objects.count()) == (before, 1)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_files_can_only_be_read(cast: Cast, method: str) -> None:
    assert file_of(cast, make_listing(cast.shop).photos.get(), method=method).status_code == 405
