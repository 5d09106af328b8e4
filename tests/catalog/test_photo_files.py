"""Files of photos: all of them or none, under keys that nobody chooses but us."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.storage.filesystem import FileSystemStorage
from django.db import transaction

from catalog.models import Listing, Photo
from catalog.photo_cards import open_card
from catalog.photo_files import delete_files, write_photo_files
from tests.conftest import Cast, jpeg, make_listing, stored_files

CONTENTS = {"master": b"large", "display": b"middle", "derivative": b"small"}


class FullDisk(FileSystemStorage):
    """Breaks off within the second file, as a full disk does, and leaves half of it."""

    def _save(self, name: str, content: Any) -> str:
        if name.endswith("display.jpg"):
            super()._save(name, ContentFile(b"mid"))
            raise OSError("No space left on device")
        return super()._save(name, content)


class Undeletable(FileSystemStorage):
    """Cannot delete now."""

    def delete(self, name: str) -> None:
        raise OSError("out of reach")


def store_with(settings: Any, backend: type[FileSystemStorage]) -> None:
    default = {**settings.STORAGES["default"], "BACKEND": f"{__name__}.{backend.__name__}"}
    settings.STORAGES = {**settings.STORAGES, "default": default}


def new_photo(cast: Cast) -> Photo:
    return Photo(listing=Listing(shop=cast.shop), sha256="0" * 64, width=1, height=1)


def test_each_size_is_stored_under_the_photos_own_key(cast: Cast) -> None:
    photo = new_photo(cast)
    write_photo_files(photo, contents=CONTENTS)
    names = {kind: f"photos/{cast.shop.pk}/{photo.key}/{kind}.jpg" for kind in CONTENTS}
    assert {kind: getattr(photo, kind).name for kind in CONTENTS} == names
    assert {kind: default_storage.open(name).read() for kind, name in names.items()} == CONTENTS


def test_a_storage_that_fails_on_the_second_file_leaves_nothing_behind(cast: Cast, settings: Any) -> None:
    other = make_listing(cast.shop)
    before = stored_files()
    store_with(settings, FullDisk)
    with pytest.raises(OSError, match="No space left"):
        write_photo_files(new_photo(cast), contents=CONTENTS)
    assert stored_files() == before
    assert list(Photo.objects.all()) == list(other.photos.all())


def test_a_size_that_is_missing_leaves_nothing_behind(cast: Cast) -> None:
    with pytest.raises(KeyError):
        write_photo_files(new_photo(cast), contents={"master": b"large"})
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_deleted_stops_neither_the_others_nor_the_person(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    photo = make_listing(cast.shop).photos.get()
    open_card(photo).close()
    store_with(settings, Undeletable)
    with transaction.atomic():
        photo.delete()
    assert (Photo.objects.count(), len(stored_files())) == (0, 4)
    said = sorted(record.message for record in caplog.records)
    assert said == [f"could not delete {name}" for name in stored_files()]


def test_deleting_what_is_gone_already_is_no_error(media: None) -> None:
    default_storage.save("photos/1/a.jpg", ContentFile(jpeg()))
    delete_files(["photos/1/none.jpg", "photos/1/a.jpg"])
    assert stored_files() == []


def test_stored_files_are_reachable_by_no_address_of_their_own(cast: Cast) -> None:
    make_listing(cast.shop)
    browser = cast.browser(cast.seller)
    for name in stored_files():
        assert [browser.get(f"{prefix}{name}").status_code for prefix in ("/", "/media/", "/static/")] == [404] * 3
