"""Files without rows, and rows without files."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Photo
from onboarding.consistency import photo_files
from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.photo_files import is_picture, names_in_use, photo_file_findings
from onboarding.consistency.stored_files import StoredFile, stored_files
from tests.conftest import Cast, jpeg
from tests.onboarding.consistency.site import HOUR, found, kinds, read, received, store

STRAY = f"photos/1/{uuid.UUID(int=7)}/master.jpg"


def test_a_healthy_site_is_clean_even_when_looked_at_thoroughly(cast: Cast) -> None:
    received(cast, 3)
    assert found(grace=timedelta(0)) == found(grace=timedelta(0), thorough=True) == []


@pytest.mark.parametrize("name", [STRAY, "photos/notes.txt", "photos/1/another/place.jpg"])
def test_a_file_that_no_row_names_is_found_once_it_is_old_enough(cast: Cast, name: str) -> None:
    received(cast)
    store(name, hours=2)
    assert found(grace=HOUR) == [Finding(Kind.UNNAMED_PHOTO_FILE, file=name)]
    store(name, hours=0.5)
    assert found(grace=HOUR) == []


def test_an_upload_that_has_stored_its_files_but_not_yet_its_row_is_left_alone(cast: Cast) -> None:
    store(STRAY, jpeg(), hours=0)
    assert found() == []


def test_other_files_of_a_photos_folder_are_not_its_own(cast: Cast) -> None:
    (photo,) = received(cast)
    name = f"photos/{cast.shop.pk}/{photo.key}/master_AbCdEfG.jpg"
    store(name)
    assert found() == [Finding(Kind.UNNAMED_PHOTO_FILE, file=name)]


def test_a_row_may_name_files_that_lie_elsewhere(cast: Cast) -> None:
    (photo,) = received(cast)
    store("photos/old/way.jpg", read(photo.display.name))
    default_storage.delete(photo.display.name or "")
    Photo.objects.filter(pk=photo.pk).update(display="photos/old/way.jpg")
    assert found() == []
    assert names_in_use(["photos/old/way.jpg", STRAY]) == {
        "photos/old/way.jpg": (photo.pk, "display"),
        photo.master.name: (photo.pk, "master"),
        photo.derivative.name: (photo.pk, "derivative"),
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("master", Kind.MASTER_MISSING), ("display", Kind.COPY_MISSING), ("derivative", Kind.COPY_MISSING)],
)
def test_a_file_that_is_gone_is_missed_by_its_row(cast: Cast, kind: str, expected: Kind) -> None:
    _other, photo = received(cast, 2)
    name = getattr(photo, kind).name
    default_storage.delete(name)
    assert found() == [Finding(expected, photo, name)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("master", Kind.MASTER_DAMAGED), ("display", Kind.COPY_DAMAGED), ("derivative", Kind.COPY_DAMAGED)],
)
@pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[:1], lambda content: content[:-100]])
def test_an_empty_or_cut_file_is_found_at_once(
    cast: Cast, kind: str, expected: Kind, damage: Callable[[bytes], bytes]
) -> None:
    photo, _other = received(cast, 2)
    name = getattr(photo, kind).name
    store(name, damage(read(name)))
    assert found() == [Finding(expected, photo, name)]


def test_damage_in_the_middle_is_found_only_thoroughly(cast: Cast) -> None:
    photo, _other = received(cast, 2)
    name = photo.display.name or ""
    content = read(name)
    store(name, content[:200] + content[-200:])
    assert found() == []
    assert found(thorough=True) == [Finding(Kind.COPY_DAMAGED, photo, name)]


@pytest.mark.parametrize("content", [b"", b"no picture \xff\xd9", jpeg()[:-2], jpeg() + b"more"])
def test_what_is_no_whole_jpeg_is_no_picture(content: bytes) -> None:
    assert (is_picture(content), is_picture(jpeg())) == (False, True)


def test_a_photo_that_came_or_went_meanwhile_is_no_finding(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, _stays = received(cast, 2)
    listed = list(stored_files("photos"))

    def listing(folder: str) -> list[StoredFile]:
        """Storage as it was a moment ago."""
        gone.delete()
        for name in (gone.master.name, gone.display.name, gone.derivative.name):
            default_storage.delete(name or "")
        received(cast)
        return [file for file in listed if str(gone.key) not in file.name]

    monkeypatch.setattr(photo_files, "stored_files", lambda folder: iter(listing(folder)))
    assert kinds(photo_file_findings(grace=timedelta(0), thorough=False)) == {}


def test_ten_times_the_photos_take_no_more_queries(cast: Cast) -> None:
    received(cast)
    with CaptureQueriesContext(connection) as few:
        list(photo_file_findings(grace=HOUR, thorough=False))
    received(cast, 9)
    with CaptureQueriesContext(connection) as many:
        list(photo_file_findings(grace=HOUR, thorough=False))
    assert len(few) == len(many) == 4
