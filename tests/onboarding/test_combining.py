"""Several listings become one: no photo, word or person's value is lost, and what is kept is foreseeable."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from catalog.errors import OtherShop
from catalog.models import Listing, TagField
from onboarding.errors import NothingToCombine
from onboarding.models import Confirmation, Label, Prediction, Upload
from onboarding.services.combining import combine_listings
from onboarding.services.confirming import Decision, confirm_listing
from tests.conftest import Cast, make_listing, make_version, predict, stored_files, term


def decide(cast: Cast, listing: Listing, *, is_whole: bool = False, **values: tuple[str, ...]) -> None:
    choices = {TagField(field): term(field, *path) for field, path in values.items()}
    revision = Listing.objects.get(pk=listing.pk).revision
    decision = Decision(choices=choices, seen_revision=revision, idempotency_key=str(uuid.uuid4()), is_whole=is_whole)
    confirm_listing(listing=listing, actor=cast.seller, decision=decision)


def tags(listing: Listing) -> dict[str, Any]:
    return {tag.field: (tag.term.key if tag.term else None, tag.source) for tag in listing.tags.all()}


def test_photos_follow_in_their_order_and_their_files_stay(cast: Cast) -> None:
    listings = [make_listing(cast.shop, photos=count) for count in (2, 1, 3)]
    photos = [photo for listing in listings for photo in listing.photos.all()]
    files = stored_files("photos")
    kept = combine_listings(listings=[listings[2], listings[0], listings[1]], actor=cast.seller)
    assert kept == listings[0]
    assert list(kept.photos.all()) == photos
    assert list(Listing.objects.filter(shop=cast.shop)) == [kept]
    assert stored_files("photos") == files


def test_what_the_first_lacks_comes_from_the_others(cast: Cast) -> None:
    first = make_listing(cast.shop, title="Tee")
    second = make_listing(cast.shop, title="Shirt", brand="Asha", price=Decimal("499.00"))
    third = make_listing(cast.shop, brand="Other", description="Soft cotton.", price=Decimal("1.00"))
    kept = combine_listings(listings=[first, second, third], actor=cast.seller)
    assert (kept.title, kept.brand, kept.price, kept.description) == ("Tee", "Asha", Decimal("499.00"), "Soft cotton.")


def test_a_price_of_zero_is_a_price(cast: Cast) -> None:
    free, other = make_listing(cast.shop, price=Decimal(0)), make_listing(cast.shop, price=Decimal(5))
    assert combine_listings(listings=[free, other], actor=cast.seller).price == Decimal(0)


def test_the_confirmed_one_is_kept_with_its_values_and_its_confirmation(cast: Cast) -> None:
    draft, confirmed = make_listing(cast.shop), make_listing(cast.shop)
    decide(cast, draft, season=("Winter",))
    decide(cast, confirmed, is_whole=True, season=("Summer",), colour=("Blue",))
    kept = combine_listings(listings=[draft, confirmed], actor=cast.seller)
    assert (kept, kept.state, kept.photos.count()) == (confirmed, "confirmed", 2)
    assert tags(kept) == {"season": ("Summer", "person"), "colour": ("Blue", "person")}
    assert list(Confirmation.objects.values_list("listing", flat=True)) == [confirmed.pk]


def test_a_persons_values_fill_a_draft_without_becoming_lessons(cast: Cast) -> None:
    first, second = make_listing(cast.shop), make_listing(cast.shop)
    decide(cast, first, season=("Summer",))
    decide(cast, second, season=("Winter",), gender=("Women",))
    kept = combine_listings(listings=[first, second], actor=cast.seller)
    assert tags(kept) == {"season": ("Summer", "person"), "gender": ("Women", "person")}
    assert kept.state == "draft"
    assert list(Label.objects.filter(field="gender").values_list("confirmation__how", flat=True)) == ["bulk"]


def test_all_photos_speak_in_the_suggestion(cast: Cast) -> None:
    version = make_version()
    unsure, sure = make_listing(cast.shop), make_listing(cast.shop)
    predict(unsure.photos.get(), version, "colour", term("colour", "Red"), band=Prediction.Band.UNSURE, confidence=0.3)
    predict(sure.photos.get(), version, "colour", term("colour", "Blue"))
    kept = combine_listings(listings=[unsure, sure], actor=cast.seller)
    assert tags(kept) == {"colour": ("Blue", "model")}


def test_whoever_has_the_kept_listing_open_is_told_that_it_changed(cast: Cast) -> None:
    first, second = make_listing(cast.shop), make_listing(cast.shop)
    kept = combine_listings(listings=[first, second], actor=cast.seller)
    assert kept.person_revision > first.person_revision


def test_an_upload_under_way_goes_on_into_the_kept_listing(cast: Cast) -> None:
    first, second = make_listing(cast.shop), make_listing(cast.shop)
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller, listing=second)
    kept = combine_listings(listings=[first, second], actor=cast.seller)
    upload.refresh_from_db()
    assert upload.listing == kept


def test_listings_of_two_shops_stay_where_they_are(cast: Cast) -> None:
    own, strangers = make_listing(cast.shop), make_listing(cast.strangers_shop)
    with pytest.raises(OtherShop):
        combine_listings(listings=[own, strangers], actor=cast.seller)
    assert (own.photos.count(), strangers.photos.count()) == (1, 1)


def test_one_alone_or_one_that_is_gone_is_nothing_to_combine(cast: Cast) -> None:
    listing, gone = make_listing(cast.shop), make_listing(cast.shop)
    Listing.objects.filter(pk=gone.pk).delete()
    for chosen in ([listing], [listing, listing], [listing, gone]):
        with pytest.raises(NothingToCombine):
            combine_listings(listings=chosen, actor=cast.seller)
    assert listing.photos.count() == 1
