"""Photos that nobody looks at, leases that nobody takes back, uploads without files."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Listing
from catalog.services.photos import remove_photo
from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.uploads import upload_findings
from onboarding.models import TagRequest, Upload
from onboarding.services import queue
from tests.conftest import Cast, make_listing, make_version, predict, term
from tests.onboarding.consistency.site import received

State = TagRequest.State


def test_photos_in_every_state_of_the_queue_are_clean(cast: Cast) -> None:
    photos = received(cast, 4)
    for photo, state in zip(photos, (State.DONE, State.FAILED), strict=False):
        TagRequest.objects.filter(photo=photo).update(state=state)
    queue.claim_batch(limit=1, lease_seconds=60, leased_by="here:1")
    assert sorted(TagRequest.objects.values_list("state", flat=True)) == ["done", "failed", "leased", "pending"]
    assert list(upload_findings()) == []


def test_a_drafts_photo_without_any_request_is_found(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    assert list(upload_findings()) == [Finding(Kind.NEVER_QUEUED, photo)]


def test_a_photo_that_has_its_tags_or_was_decided_needs_no_request(cast: Cast) -> None:
    make_listing(cast.shop, state=Listing.State.CONFIRMED)
    photo = make_listing(cast.shop).photos.get()
    predict(photo, make_version(), "colour", term("colour", "Red"))
    assert list(upload_findings()) == []


@pytest.mark.parametrize(("minutes", "kinds"), [(1, []), (59, []), (61, [Kind.LEASE_LONG_PAST])])
def test_a_lease_is_reported_when_it_is_long_past(cast: Cast, minutes: int, kinds: list[Kind]) -> None:
    received(cast)
    queue.claim_batch(limit=1, lease_seconds=60, leased_by="here:1")
    TagRequest.objects.update(lease_until=timezone.now() - timedelta(minutes=minutes))
    assert list(upload_findings()) == [Finding(kind, TagRequest.objects.get()) for kind in kinds]


@pytest.mark.parametrize(("hours", "kinds"), [(1, []), (23, []), (25, [Kind.EMPTY_UPLOAD])])
def test_an_upload_without_files_may_yet_be_sent_again_for_a_day(cast: Cast, hours: int, kinds: list[Kind]) -> None:
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller)
    received(cast)
    Upload.objects.update(created_at=timezone.now() - timedelta(hours=hours))
    assert list(upload_findings()) == [Finding(kind, upload) for kind in kinds]


def test_what_remains_when_a_seller_removes_photos_is_no_finding(cast: Cast) -> None:
    (photo,) = received(cast)
    remove_photo(photo=photo)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert list(upload_findings()) == []
    assert Listing.objects.get().photos.count() == 0
