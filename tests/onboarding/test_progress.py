"""How far an upload has come, as people and programs are told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Listing, Photo
from onboarding.models import TagRequest, Upload, UploadedFile
from onboarding.progress import SETTLING, is_waiting_for_tags, upload_status
from onboarding.services import queue
from tests.conftest import Cast, make_listing, make_photo

State, Reason = TagRequest.State, TagRequest.Reason


def make_upload(cast: Cast, photos: int = 0, refused: int = 0) -> Upload:
    """As receiving leaves it: a listing and a queued request for each photo, a reason for each refusal."""
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller)
    for number in range(photos):
        add_photo(upload, make_photo(Listing.objects.create(shop=cast.shop, title=f"Product {number}")))
    for number in range(refused):
        UploadedFile.objects.create(upload=upload, key=f"r{number}", name=f"{number}.txt", refused_because="empty")
    return upload


def add_photo(upload: Upload, photo: Photo) -> None:
    UploadedFile.objects.create(upload=upload, key=str(photo.pk), name="photo.jpg", photo=photo, had_location=True)
    queue.enqueue_photo(photo=photo)


def requests() -> list[TagRequest]:
    return list(TagRequest.objects.order_by("pk"))


def states(upload: Upload) -> list[str]:
    return [row.state for row in upload_status(upload).photos]


def test_waiting_leased_tagged_and_failed_photos_are_told_apart(cast: Cast) -> None:
    upload = make_upload(cast, photos=4, refused=1)
    first, second, third, _fourth = requests()
    queue.mark_done([first])
    queue.mark_failed(second, Reason.UNREADABLE)
    lease = queue.claim_batch(limit=1, lease_seconds=30, leased_by="here:1")
    assert lease is not None
    assert [request.pk for request in lease.requests] == [third.pk]
    status = upload_status(upload)
    assert [(row.state, row.reason, row.title) for row in status.photos] == [
        ("tagged", "", "Product 0"),
        ("failed", "The stored photo could not be read.", "Product 1"),
        ("waiting", "", "Product 2"),
        ("waiting", "", "Product 3"),
    ]
    assert (status.total, status.tagged, status.failed, status.waiting) == (4, 1, 1, 2)
    assert (status.is_finished, status.locations_removed, status.to_review) == (False, 4, 4)
    assert [file.name for file in status.refused] == ["0.txt"]


def test_programs_get_counts_refusals_and_waits_as_json(cast: Cast) -> None:
    upload = make_upload(cast, photos=2, refused=1)
    queue.mark_done(requests()[:1])
    TagRequest.objects.filter(state=State.DONE).update(created_at=timezone.now() - timedelta(seconds=3))
    answer = upload_status(upload).as_json()
    waits = answer.pop("seconds_to_tag")
    assert len(answer.pop("finished")) == 1
    assert answer.pop("seen") == requests()[0].finished_at.isoformat()
    assert answer == {
        "total": 2,
        "tagged": 1,
        "failed": 0,
        "waiting": 1,
        "look_alikes": 0,
        "refused": [{"name": "0.txt", "reason": "empty"}],
    }
    assert waits == [pytest.approx(3, abs=1)]


def test_programs_can_ask_for_what_ended_since_they_asked_last(cast: Cast) -> None:
    upload = make_upload(cast, photos=3)
    first, second, _third = requests()
    queue.mark_done([first])
    answer = upload_status(upload).as_json()
    assert answer["finished"] == [{"key": str(first.photo_id), "state": "tagged", "reason": ""}]
    queue.mark_failed(second, Reason.UNREADABLE)
    seen = datetime.fromisoformat(answer["seen"])
    TagRequest.objects.filter(pk=first.pk).update(finished_at=seen - SETTLING - timedelta(microseconds=1))
    later = upload_status(upload).as_json(seen)
    assert later["finished"] == [
        {"key": str(second.photo_id), "state": "failed", "reason": "The stored photo could not be read."}
    ]
    nothing = timezone.now() + SETTLING + timedelta(seconds=1)
    assert upload_status(upload).as_json(nothing)["finished"] == []
    assert upload_status(upload).as_json(nothing)["seen"] == nothing.isoformat()


def test_a_batch_that_is_committed_after_a_later_one_is_told_too(cast: Cast) -> None:
    upload = make_upload(cast, photos=2)
    slow, quick = requests()
    queue.mark_done([quick])
    seen = datetime.fromisoformat(upload_status(upload).as_json()["seen"])
    queue.mark_done([slow])  # its moment was noted before the quick one's
    TagRequest.objects.filter(pk=slow.pk).update(finished_at=seen - timedelta(seconds=30))
    told = upload_status(upload).as_json(seen)
    assert str(slow.photo_id) in [each["key"] for each in told["finished"]]
    assert told["seen"] == seen.isoformat()


def test_a_failed_photo_that_is_tried_again_waits_again(cast: Cast) -> None:
    upload = make_upload(cast, photos=1)
    queue.mark_failed(requests()[0], Reason.QUARANTINED)
    assert states(upload) == ["failed"]
    queue.retry_photo(photo=requests()[0].photo)
    assert states(upload) == ["waiting"]
    queue.mark_done(requests()[1:])
    assert states(upload) == ["tagged"]


def test_photos_that_were_deleted_are_not_counted(cast: Cast) -> None:
    upload = make_upload(cast, photos=2)
    requests()[0].photo.listing.delete()
    assert (upload_status(upload).total, upload_status(upload).to_review) == (1, 1)


def test_several_photos_of_one_listing_are_one_to_review(cast: Cast) -> None:
    upload, listing = make_upload(cast), make_listing(cast.shop, photos=3)
    for photo in listing.photos.all():
        add_photo(upload, photo)
    assert (upload_status(upload).total, upload_status(upload).to_review) == (3, 1)
    Listing.objects.update(state=Listing.State.CONFIRMED)
    assert upload_status(upload).to_review == 0


def test_an_upload_without_photos_is_finished(cast: Cast) -> None:
    status = upload_status(make_upload(cast, refused=2))
    assert (status.total, status.is_finished, status.is_stalled, len(status.refused)) == (0, True, False, 2)


def test_only_the_uploads_own_files_are_told(cast: Cast) -> None:
    make_upload(cast, photos=2, refused=2)
    other = upload_status(make_upload(cast, photos=1))
    assert (other.total, len(other.refused)) == (1, 0)


def age(upload: Upload, seconds: float) -> None:
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(seconds=seconds))
    upload.refresh_from_db()


def test_an_upload_for_which_nothing_moves_for_a_minute_is_stalled(cast: Cast) -> None:
    upload = make_upload(cast, photos=2)
    age(upload, 50)
    assert not upload_status(upload).is_stalled
    age(upload, 70)
    assert upload_status(upload).is_stalled


@pytest.mark.parametrize(("seconds", "is_stalled"), [(10, False), (70, True)])
def test_photos_of_others_that_get_tagged_are_movement(cast: Cast, seconds: float, is_stalled: bool) -> None:
    upload = make_upload(cast, photos=2)
    age(upload, 600)
    queue.mark_done(requests()[:1])
    TagRequest.objects.filter(state=State.DONE).update(finished_at=timezone.now() - timedelta(seconds=seconds))
    assert upload_status(upload).is_stalled == is_stalled


@pytest.mark.parametrize(("lease_seconds", "is_stalled"), [(30, False), (-30, True)])
def test_a_lease_that_runs_is_movement(cast: Cast, lease_seconds: float, is_stalled: bool) -> None:
    upload = make_upload(cast, photos=2)
    age(upload, 600)
    queue.claim_batch(limit=1, lease_seconds=lease_seconds, leased_by="here:1")
    assert upload_status(upload).is_stalled == is_stalled


def test_an_old_upload_that_is_finished_is_not_stalled(cast: Cast) -> None:
    upload = make_upload(cast, photos=1)
    age(upload, 6000)
    queue.mark_done(requests())
    TagRequest.objects.update(finished_at=timezone.now() - timedelta(seconds=5000))
    assert not upload_status(upload).is_stalled


def test_the_status_costs_four_queries_however_many_photos(cast: Cast, django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        upload = make_upload(cast, photos=count)
        age(upload, 600)
        with django_assert_num_queries(4):
            assert upload_status(upload).total == count


def test_a_listing_waits_for_tags_until_its_last_photo_is_through(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    assert not is_waiting_for_tags(listing)
    for photo in listing.photos.all():
        queue.enqueue_photo(photo=photo)
    queue.mark_done(requests()[:1])
    assert is_waiting_for_tags(listing)
    queue.mark_failed(requests()[1], Reason.MISSING)
    assert not is_waiting_for_tags(listing)
