"""Making, describing and deleting listings."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from catalog.models import Listing, Photo, TermName
from catalog.services.listings import (
    DETAIL_NAMES,
    ListingDetails,
    create_listing,
    delete_listing,
    describe_listing,
    take_back_details,
)
from tests.conftest import Cast, make_listing, stored_files

DETAILS = ListingDetails(title="Blue tee", brand="Asha", description="Soft.", sku="T-1", price=Decimal("499.00"))


def details_of(listing: Listing) -> ListingDetails:
    row = Listing.objects.get(pk=listing.pk)
    return ListingDetails(**{name: getattr(row, name) for name in DETAIL_NAMES})


def test_a_listing_starts_as_a_draft_with_what_was_written(cast: Cast) -> None:
    empty, written = create_listing(shop=cast.shop), create_listing(shop=cast.shop, details=DETAILS)
    assert (details_of(empty), details_of(written)) == (ListingDetails(), DETAILS)
    assert (written.state, written.shop, written.revision) == ("draft", cast.shop, 0)


def test_what_is_searched_follows_what_is_written(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=0, title="Camisón")
    changes = describe_listing(listing=listing, details=DETAILS)
    assert Listing.objects.get().search_text == " blue tee\n asha\n t 1\n soft"
    take_back_details(listing=listing, changes=changes)
    assert Listing.objects.get().search_text == " camison"


def test_what_was_written_before_there_was_a_search_text_gets_one(cast: Cast) -> None:
    listings = [make_listing(cast.shop, photos=0, title=title) for title in ("Camisón", "")]
    before = list(TermName.objects.values("pk", "search_text"))
    Listing.objects.update(search_text="")
    TermName.objects.update(search_text="")
    import_module("catalog.migrations.0014_fill_search_text").fill(apps, connection.schema_editor())
    assert [Listing.objects.get(pk=each.pk).search_text for each in listings] == [" camison", ""]
    assert list(TermName.objects.values("pk", "search_text")) == before


def test_describing_says_what_changed_and_can_be_taken_back(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=0, price=Decimal(5))
    changes = describe_listing(listing=listing, details=DETAILS)
    assert (changes["title"], changes["price"]) == (("", "Blue tee"), ("5.00", "499.00"))
    assert describe_listing(listing=listing, details=DETAILS) == {}
    assert details_of(listing) == DETAILS
    Listing.objects.filter(pk=listing.pk).update(title="Newer")
    take_back_details(listing=Listing.objects.get(pk=listing.pk), changes=changes)
    assert details_of(listing) == ListingDetails(title="Newer", price=Decimal("5.00"))


def test_describing_writes_details_only(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=0)
    Listing.objects.filter(pk=listing.pk).update(state="confirmed", revision=7)
    describe_listing(listing=listing, details=DETAILS)
    listing.refresh_from_db()
    assert (listing.state, listing.revision) == ("confirmed", 7)


def test_a_negative_price_is_refused_by_the_database(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        create_listing(shop=cast.shop, details=ListingDetails(price=Decimal("-0.01")))
    assert Listing.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_deleting_takes_photos_and_after_the_commit_their_files(cast: Cast) -> None:
    doomed, kept = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    with transaction.atomic():
        delete_listing(listing=doomed)
        assert len(stored_files()) == 9
    assert [photo.listing for photo in Photo.objects.all()] == [kept]
    folder = f"photos/{cast.shop.pk}/{kept.photos.get().key}"
    assert stored_files() == [f"{folder}/{kind}.jpg" for kind in ("derivative", "display", "master")]


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_is_rolled_back_keeps_every_file(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    with transaction.atomic():
        delete_listing(listing=listing)
        transaction.set_rollback(True)
    assert (Photo.objects.count(), len(stored_files())) == (2, 6)


def test_deleting_twice_is_deleting_once(cast: Cast) -> None:
    listing, other = make_listing(cast.shop, photos=0), make_listing(cast.shop, photos=0)
    stale = Listing.objects.get(pk=listing.pk)
    for each in (listing, stale):
        delete_listing(listing=each)
    assert list(Listing.objects.all()) == [other]


@pytest.mark.django_db(transaction=True)
def test_a_shop_that_goes_takes_its_files_with_it(cast: Cast) -> None:
    make_listing(cast.shop, photos=2)
    kept = make_listing(cast.strangers_shop)
    cast.shop.delete()
    assert ([photo.listing for photo in Photo.objects.all()], len(stored_files())) == ([kept], 3)
