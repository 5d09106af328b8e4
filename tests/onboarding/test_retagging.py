"""Tagging unreviewed listings anew: behind everything else, and never over a person."""

from typing import Any
from uuid import uuid4

import pytest

from catalog.models import Listing, Shop, TagField
from onboarding.models import ModelVersion, TagRequest
from onboarding.services import queue
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.model_versions import activate_version, roll_back
from onboarding.services.prefilling import prefill_listings
from onboarding.services.retagging import Retagged, retag_drafts
from tests.conftest import Cast, make_listing, make_photo, make_version, predict, term

State, Priority = TagRequest.State, TagRequest.Priority


@pytest.fixture
def old(cast: Cast) -> ModelVersion:
    return activate_version(make_version("a" * 64, state="candidate"))


@pytest.fixture
def new(old: ModelVersion) -> ModelVersion:
    return activate_version(make_version("b" * 64, state="candidate"))


def tagged_listing(shop: Shop, version: ModelVersion, colour: str = "Red") -> Listing:
    listing = make_listing(shop)
    predict(listing.photos.get(), version, "colour", term("colour", colour))
    prefill_listings([listing.pk])
    return listing


def confirm(cast: Cast, listing: Listing) -> None:
    listing.refresh_from_db()
    decision = Decision(choices=dict.fromkeys(TagField), seen_revision=listing.revision, idempotency_key=str(uuid4()))
    confirm_listing(listing=listing, actor=cast.seller, decision=decision)


def colour_of(listing: Listing) -> str:
    tag = listing.tags.select_related("term").get(field="colour")
    assert tag.term is not None
    return tag.term.key


def test_drafts_that_an_older_model_tagged_are_queued_behind_everything_else(
    cast: Cast, old: ModelVersion, new: ModelVersion
) -> None:
    drafts = [tagged_listing(cast.shop, old) for _ in range(2)]
    waiting = make_photo(Listing.objects.create(shop=cast.shop))
    assert retag_drafts(new) == Retagged(queued=2, renewed=0)
    queue.enqueue_photo(photo=waiting, priority=Priority.BULK)
    lease = queue.claim_batch(limit=1, lease_seconds=60, leased_by="here:1")
    assert lease is not None
    assert [request.photo for request in lease.requests] == [waiting]
    again = TagRequest.objects.filter(priority=Priority.RETAG)
    assert {request.photo_id for request in again} == {listing.photos.get().pk for listing in drafts}


def test_confirmed_listings_untagged_photos_and_what_waits_are_left_alone(
    cast: Cast, old: ModelVersion, new: ModelVersion
) -> None:
    confirm(cast, tagged_listing(cast.shop, old))
    make_listing(cast.shop)  # never tagged: its own request sees to it
    waits = tagged_listing(cast.shop, old)
    queue.enqueue_photo(photo=waits.photos.get())
    before = list(TagRequest.objects.values()), list(Listing.objects.values())
    assert retag_drafts(new) == Retagged(queued=0, renewed=0)
    assert (list(TagRequest.objects.values()), list(Listing.objects.values())) == before


def test_asking_twice_queues_once(cast: Cast, old: ModelVersion, new: ModelVersion) -> None:
    tagged_listing(cast.shop, old)
    assert [retag_drafts(new).queued, retag_drafts(new).queued] == [1, 0]


def test_shops_take_turns_when_much_is_tagged_anew(cast: Cast, old: ModelVersion, new: ModelVersion) -> None:
    for shop in [*[cast.shop] * 4, *[cast.strangers_shop] * 2]:
        tagged_listing(shop, old)
    assert retag_drafts(new).queued == 6
    lease = queue.claim_batch(limit=4, lease_seconds=60, leased_by="here:1")
    assert lease is not None
    assert [request.shop_id for request in lease.requests].count(cast.strangers_shop.pk) == 2


def test_after_a_rollback_what_the_restored_model_said_is_back_at_once(cast: Cast, old: ModelVersion) -> None:
    listing, confirmed = tagged_listing(cast.shop, old, "Red"), tagged_listing(cast.shop, old, "Red")
    confirm(cast, confirmed)
    untouched = Listing.objects.filter(pk=confirmed.pk).values().get()
    new = activate_version(make_version("b" * 64, state="candidate"))
    predict(listing.photos.get(), new, "colour", term("colour", "Blue"))
    prefill_listings([listing.pk])
    assert colour_of(listing) == "Blue"
    restored = roll_back()
    assert retag_drafts(restored) == Retagged(queued=0, renewed=1)
    assert colour_of(listing) == "Red"
    assert Listing.objects.filter(pk=confirmed.pk).values().get() == untouched


def test_many_photos_are_queued_in_chunks_and_none_is_forgotten(
    cast: Cast, old: ModelVersion, new: ModelVersion, monkeypatch: Any
) -> None:
    monkeypatch.setattr("onboarding.chunks.CHUNK", 2)
    for _ in range(5):
        tagged_listing(cast.shop, old)
    assert retag_drafts(new).queued == 5
    turns = list(TagRequest.objects.order_by("pk").values_list("turn", flat=True))
    assert turns == [0, 1, 2, 3, 4]
