"""What lies in storage, by listing it: no request for each file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone


@dataclass(frozen=True)
class StoredFile:
    """`modified` is None where the storage does not say."""

    name: str
    size_bytes: int
    modified: datetime | None

    def is_older_than(self, age: timedelta) -> bool:
        """A file of unknown age counts as young: whoever wrote it may be about to write its row."""
        return self.modified is not None and self.modified < timezone.now() - age


def stored_files(folder: str) -> Iterator[StoredFile]:
    """All files in a folder and below it, in no particular order. A bucket answers with 1,000 at a time."""
    return _in_bucket(folder) if hasattr(default_storage, "bucket") else _in_folder(folder)


def _in_bucket(folder: str) -> Iterator[StoredFile]:
    storage: Any = default_storage
    location = f"{storage.location.strip('/')}/".lstrip("/")
    for each in storage.bucket.objects.filter(Prefix=f"{location}{folder}/"):
        yield StoredFile(each.key.removeprefix(location), each.size, each.last_modified)


def _in_folder(folder: str) -> Iterator[StoredFile]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored in it
        return
    for name in folders:
        yield from _in_folder(f"{folder}/{name}")
    for name in names:
        try:
            yield _described(f"{folder}/{name}")
        except FileNotFoundError:  # deleted in this moment
            continue


def _described(name: str) -> StoredFile:
    try:
        modified = default_storage.get_modified_time(name)
    except NotImplementedError:
        modified = None
    return StoredFile(name, default_storage.size(name), modified)


def is_local() -> bool:
    """Whether looking into a file costs no request."""
    return isinstance(default_storage, FileSystemStorage)


def content(name: str) -> bytes | None:
    """None where there is no such file. Raises whatever a storage raises that does not answer."""
    try:
        with default_storage.open(name) as stored:
            return bytes(stored.read())
    except FileNotFoundError:
        return None
