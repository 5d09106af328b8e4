"""Ordering, moving and removing photos; their files live exactly as long as their rows."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from catalog.errors import OtherShop, PhotoChanged
from catalog.models import Listing, Photo
from catalog.services import photos as services
from catalog.services.photos import reorder_photo, split_photo, transfer_photo
from catalog.signals import photos_regrouped
from tests.conftest import Cast, make_listing, make_photo, stored_files


@pytest.fixture
def regrouped() -> Iterator[list[list[int]]]:
    """What the catalogue tells others: the listings whose photos changed, one entry a signal."""
    heard: list[list[int]] = []

    def listen(listing_ids: list[int], **_kwargs: object) -> None:
        heard.append(listing_ids)

    photos_regrouped.connect(listen)
    yield heard
    photos_regrouped.disconnect(listen)


def order(listing: Listing) -> list[int]:
    return [photo.pk for photo in listing.photos.all()]


def revisions(*listings: Listing) -> list[int]:
    """The last change that a person made to each listing."""
    rows = Listing.objects.in_bulk([listing.pk for listing in listings])
    return [rows[each.pk].person_revision for each in listings]


def test_photos_keep_the_order_in_which_they_came(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=3)
    assert [photo.position for photo in listing.photos.all()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("place", "direction", "expected"),
    [(0, "later", [1, 0, 2]), (2, "earlier", [0, 2, 1]), (1, "earlier", [1, 0, 2]), (1, "later", [0, 2, 1])],
)
def test_a_photo_changes_places_with_its_neighbour(
    cast: Cast, place: int, direction: services.Direction, expected: list[int]
) -> None:
    listing = make_listing(cast.shop, photos=3)
    before = list(listing.photos.all())
    reorder_photo(photo=before[place], direction=direction)
    assert order(listing) == [before[each].pk for each in expected]
    assert revisions(listing) == [1]


@pytest.mark.parametrize(("place", "direction"), [(0, "earlier"), (1, "later")])
def test_at_the_end_of_the_row_nothing_happens(cast: Cast, place: int, direction: services.Direction) -> None:
    listing = make_listing(cast.shop, photos=2)
    before = list(listing.photos.all())
    reorder_photo(photo=before[place], direction=direction)
    assert (order(listing), revisions(listing)) == ([photo.pk for photo in before], [0])


def test_photos_that_share_a_position_can_still_be_put_in_order(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=3)
    listing.photos.update(position=0)
    first, second, third = order(listing)
    reorder_photo(photo=Photo.objects.get(pk=third), direction="earlier")
    assert order(listing) == [first, third, second]


def test_a_photo_moves_to_the_end_of_another_listing(cast: Cast, regrouped: list[list[int]]) -> None:
    source, target = make_listing(cast.shop, photos=2), make_listing(cast.shop, photos=2)
    moved, left = order(source)
    there = order(target)
    transfer_photo(photo=Photo.objects.get(pk=moved), listing=target)
    assert (order(source), order(target)) == ([left], [*there, moved])
    assert revisions(source, target) == [1, 1]
    assert regrouped == [[source.pk, target.pk]]


def test_moving_a_photo_to_where_it_is_changes_nothing(cast: Cast, regrouped: list[list[int]]) -> None:
    listing = make_listing(cast.shop)
    transfer_photo(photo=listing.photos.get(), listing=listing)
    assert (revisions(listing), regrouped) == ([0], [])


def test_a_photo_never_leaves_its_shop(cast: Cast, regrouped: list[list[int]]) -> None:
    listing, foreign = make_listing(cast.shop), make_listing(cast.strangers_shop)
    photo, there = listing.photos.get(), order(foreign)
    with pytest.raises(OtherShop, match=r"^A photo stays in its shop\.$"):
        transfer_photo(photo=photo, listing=foreign)
    assert (order(listing), order(foreign)) == ([photo.pk], there)
    assert (revisions(listing, foreign), regrouped) == ([0, 0], [])


def test_a_photo_gets_a_draft_of_its_own(cast: Cast, regrouped: list[list[int]]) -> None:
    listing = make_listing(cast.shop, photos=2, state="confirmed", title="Blue tee")
    first, second = order(listing)
    split = split_photo(photo=Photo.objects.get(pk=second))
    assert (order(listing), order(split)) == ([first], [second])
    assert (split.shop, split.state, split.title) == (cast.shop, "draft", "")
    assert regrouped == [[listing.pk, split.pk]]


def test_a_photo_that_is_alone_stays_where_it_is(cast: Cast, regrouped: list[list[int]]) -> None:
    listing = make_listing(cast.shop)
    assert split_photo(photo=listing.photos.get()) == listing
    assert (Listing.objects.count(), revisions(listing), regrouped) == (1, [0], [])


def test_a_double_click_splits_once(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    pk = order(listing)[1]
    first = split_photo(photo=Photo.objects.get(pk=pk))
    second = split_photo(photo=Photo.objects.get(pk=pk))
    assert (first, Listing.objects.count()) == (second, 2)


@pytest.mark.django_db(transaction=True)
def test_files_go_after_the_commit_that_took_the_row_away(cast: Cast, regrouped: list[list[int]]) -> None:
    listing = make_listing(cast.shop, photos=2)
    photo, other = listing.photos.all()
    kept = [name for name in stored_files() if str(photo.key) not in name]
    assert (len(kept), len(stored_files())) == (3, 6)
    with transaction.atomic():
        services.remove_photo(photo=photo)
        assert len(stored_files()) == 6
    assert (stored_files(), order(listing), revisions(listing)) == (kept, [other.pk], [1])
    assert regrouped == [[listing.pk]]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_keeps_row_and_files(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    before = stored_files()
    with transaction.atomic():
        services.remove_photo(photo=listing.photos.get())
        transaction.set_rollback(True)
    assert (stored_files(), listing.photos.count()) == (before, 1)


def test_a_listing_stays_without_its_last_photo(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    services.remove_photo(photo=listing.photos.get())
    assert (Listing.objects.get(), listing.photos.count()) == (listing, 0)


def change(photo: Photo, listing: Listing, what: str) -> None:
    match what:
        case "move":
            reorder_photo(photo=photo, direction="later")
        case "transfer":
            transfer_photo(photo=photo, listing=listing)
        case "split":
            split_photo(photo=photo)
        case "remove":
            services.remove_photo(photo=photo)


@pytest.mark.parametrize("what", ["move", "transfer", "split", "remove"])
@pytest.mark.parametrize("meanwhile", ["removed", "moved", "listing deleted"])
def test_what_somebody_else_moved_or_removed_meanwhile_is_said_and_left(
    cast: Cast, what: str, meanwhile: str, regrouped: list[list[int]]
) -> None:
    listing, other = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    as_seen = Photo.objects.select_related("listing__shop").get(pk=order(listing)[0])
    elsewhere = make_listing(cast.shop, photos=0)
    if meanwhile == "removed":
        Photo.objects.get(pk=as_seen.pk).delete()
    elif meanwhile == "moved":
        transfer_photo(photo=Photo.objects.get(pk=as_seen.pk), listing=elsewhere)
    else:
        Listing.objects.get(pk=listing.pk).delete()
    rows, heard = list(Photo.objects.order_by("pk").values()), list(regrouped)
    with pytest.raises(PhotoChanged):
        change(as_seen, other, what)
    assert (list(Photo.objects.order_by("pk").values()), regrouped) == (rows, heard)


def test_a_photo_that_is_placed_comes_after_gaps_too(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=3)
    middle = listing.photos.all()[1]
    services.remove_photo(photo=middle)
    added = make_photo(listing)
    assert (added.position, order(listing)[-1]) == (3, added.pk)
