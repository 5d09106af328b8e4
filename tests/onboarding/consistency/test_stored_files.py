"""Listing what lies in storage."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from onboarding.consistency.stored_files import StoredFile, content, stored_files
from tests.onboarding.consistency.site import HOUR, store


def test_every_file_is_listed_with_its_size_and_age() -> None:
    store("photos/1/a/master.jpg", b"123", hours=2)
    store("photos/top.txt", b"1", hours=0)
    store("models/x/card.json", b"{}")
    listed = sorted(stored_files("photos"), key=lambda file: file.name)
    assert [(file.name, file.size_bytes, file.is_older_than(HOUR)) for file in listed] == [
        ("photos/1/a/master.jpg", 3, True),
        ("photos/top.txt", 1, False),
    ]


def test_a_folder_that_was_never_made_is_empty() -> None:
    assert list(stored_files("photos")) == []


def test_a_file_that_goes_while_storage_is_listed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    store("photos/stays.jpg")
    store("photos/goes.jpg")
    size = FileSystemStorage.size

    def size_of_what_is_there(self: FileSystemStorage, name: str) -> int:
        self.delete("photos/goes.jpg")
        return int(size(self, name))

    monkeypatch.setattr(FileSystemStorage, "size", size_of_what_is_there)
    assert [file.name for file in stored_files("photos")] == ["photos/stays.jpg"]


def test_a_file_of_unknown_age_counts_as_young(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(self: FileSystemStorage, name: str) -> Any:
        raise NotImplementedError

    monkeypatch.setattr(FileSystemStorage, "get_modified_time", unknown)
    store("photos/a.jpg", b"12")
    (file,) = stored_files("photos")
    assert (file, file.is_older_than(timedelta(0))) == (StoredFile("photos/a.jpg", 2, None), False)


def test_what_is_not_there_has_no_content() -> None:
    store("photos/a.jpg", b"12")
    assert (content("photos/a.jpg"), content("photos/b.jpg")) == (b"12", None)
