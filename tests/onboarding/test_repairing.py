"""Repairs: each mends what it is for, and touches nothing that is as it should be."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from catalog.models import Listing, Photo
from onboarding.consistency.findings import Finding, Kind
from onboarding.models import RetrainRun, TagRequest, Upload
from onboarding.services import queue
from onboarding.services.artifacts import storage_key
from onboarding.services.model_versions import register_artifact
from onboarding.services.repairing import REPAIRS, repair
from onboarding.services.retrain_runs import begin_run
from tests.artifacts import tiny_artifact
from tests.conftest import Cast, make_listing, make_version, stored_files
from tests.onboarding.consistency.site import everything, found, kinds, read, received, store

State, Reason = TagRequest.State, TagRequest.Reason


def size_of(name: str | None) -> tuple[int, int]:
    with Image.open(BytesIO(read(name))) as image:
        return image.size


def test_files_that_no_row_names_are_deleted_and_nothing_else(cast: Cast) -> None:
    received(cast, 2)
    kept = everything()
    store("photos/1/stray.jpg")
    store(f"photos/{cast.shop.pk}/{'0' * 8}-0000-0000-0000-{'0' * 12}/master.jpg")
    assert [repair(each) for each in found()] == [True, True]
    assert everything() == kept


def test_a_file_whose_row_came_since_is_left(cast: Cast) -> None:
    (photo,) = received(cast)
    kept = everything()
    assert repair(Finding(Kind.UNNAMED_PHOTO_FILE, file=photo.master.name or "")) is False
    assert everything() == kept


@pytest.mark.parametrize("kind", ["display", "derivative"])
@pytest.mark.parametrize("left", [None, b"", b"\xff\xd8\xff cut"])
def test_a_smaller_copy_is_made_anew_from_the_master(cast: Cast, kind: str, left: bytes | None) -> None:
    photo, _other = received(cast, 2)
    name = getattr(photo, kind).name
    before, kept = size_of(name), everything()
    default_storage.delete(name)
    if left is not None:
        store(name, left)
    assert [repair(each) for each in found()] == [True]
    after = everything()
    assert size_of(name) == before
    assert {**after["files"], name: b""} == {**kept["files"], name: b""}
    assert after["photos"] == kept["photos"]
    assert found(thorough=True) == []


def test_both_copies_of_a_photo_are_made_anew(cast: Cast) -> None:
    (photo,) = received(cast)
    for name in (photo.display.name, photo.derivative.name):
        default_storage.delete(name or "")
    assert [repair(each) for each in found()] == [True, True]
    assert found(thorough=True) == []


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_without_its_master_a_photo_can_only_be_reported(cast: Cast, damage: str) -> None:
    (photo,) = received(cast)
    default_storage.delete(photo.display.name or "")
    default_storage.delete(photo.master.name or "")
    if damage == "damaged":
        store(photo.master.name or "", b"\xff\xd8\xff no picture")
    kept = everything()
    assert [each.kind.value for each in found()] == [f"master-{damage}", "copy-missing"]
    assert [repair(each) for each in found()] == [False, False]
    assert everything() == kept


def test_a_photo_that_was_deleted_meanwhile_gets_no_file(cast: Cast) -> None:
    (photo,) = received(cast)
    default_storage.delete(photo.display.name or "")
    (finding,) = found()
    Photo.objects.all().delete()
    for name in stored_files():
        default_storage.delete(name)
    assert (repair(finding), stored_files()) == (False, [])


@pytest.mark.parametrize(
    ("reason", "is_queued_again"),
    [(Reason.MISSING, True), (Reason.UNREADABLE, True), (Reason.STORAGE, True), (Reason.QUARANTINED, False)],
)
def test_a_photo_that_failed_for_want_of_its_derivative_is_queued_again(
    cast: Cast, reason: TagRequest.Reason, is_queued_again: bool
) -> None:
    (photo,) = received(cast)
    queue.mark_failed(TagRequest.objects.get(), reason)
    default_storage.delete(photo.derivative.name or "")
    assert [repair(each) for each in found()] == [True]
    expected = [State.FAILED, State.PENDING] if is_queued_again else [State.FAILED]
    assert list(TagRequest.objects.order_by("pk").values_list("state", flat=True)) == expected


def test_files_that_no_model_needs_are_deleted_and_no_others(db: None) -> None:
    version = register_artifact(tiny_artifact(), activate=True)
    kept = everything()
    store(storage_key("0" * 64, "weights.safetensors"))
    store(storage_key(version.sha256, "evidence_AbCdEfG.json"))
    assert [repair(each) for each in found()] == [True, True]
    assert everything() == kept


def test_a_model_that_was_registered_since_keeps_its_files(db: None) -> None:
    version = register_artifact(tiny_artifact(), activate=True)
    kept = everything()
    key = storage_key(version.sha256, "weights.safetensors")
    assert repair(Finding(Kind.UNNAMED_MODEL_FILE, file=key)) is False
    assert everything() == kept


def test_a_photo_that_was_never_queued_is_queued_once(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    (finding,) = found()
    assert [repair(finding), repair(finding)] == [True, False]
    request = TagRequest.objects.get()
    assert (request.photo, request.shop, request.state, request.priority) == (photo, cast.shop, State.PENDING, 10)


def test_a_photo_that_was_decided_meanwhile_is_not_queued(cast: Cast) -> None:
    make_listing(cast.shop)
    (finding,) = found()
    Listing.objects.update(state=Listing.State.CONFIRMED)
    assert (repair(finding), TagRequest.objects.count()) == (False, 0)


def test_an_upload_of_which_nothing_came_is_deleted_unless_it_was_sent_again(cast: Cast) -> None:
    received(cast)
    Upload.objects.create(shop=cast.shop, user=cast.seller)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=2))
    (finding,) = found()
    assert [repair(finding), repair(finding)] == [True, False]
    full = Upload.objects.get()
    assert (repair(Finding(Kind.EMPTY_UPLOAD, full)), Upload.objects.get()) == (False, full)


def test_a_run_that_died_is_said_to_have_died(db: None) -> None:
    begin_run(make_version())
    RetrainRun.objects.update(lease_until=timezone.now() - timedelta(minutes=5))
    finding = next(each for each in found() if each.kind == Kind.RETRAINING_DIED)
    assert repair(finding) is True
    assert RetrainRun.objects.get().state == RetrainRun.State.DIED


def test_what_only_a_person_can_decide_is_never_repaired(cast: Cast) -> None:
    reported = set(Kind) - set(REPAIRS)
    assert {kind.value for kind in reported} == {
        "master-missing",
        "master-damaged",
        "model-file-missing",
        "model-file-damaged",
        "no-active-model",
        "lease-long-past",
        "decision-overwritten",
    }
    received(cast)
    kept = everything()
    assert [repair(Finding(kind)) for kind in reported] == [False] * 7
    assert everything() == kept


def test_after_a_repair_the_site_is_clean(cast: Cast, tmp_path: Path) -> None:
    photos = received(cast, 3)
    default_storage.delete(photos[0].derivative.name or "")
    store(photos[1].display.name or "", b"")
    store("photos/stray.jpg")
    make_listing(cast.shop)
    before = found()
    assert kinds(before) == {"copy-missing": 1, "copy-damaged": 1, "unnamed-photo-file": 1, "never-queued": 1}
    assert [repair(each) for each in before] == [True] * 4
    assert found(thorough=True) == []
