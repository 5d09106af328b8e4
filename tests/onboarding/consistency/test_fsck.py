"""`manage.py fsck` as an operator runs it."""

import json
import tracemalloc
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from onboarding.consistency.photo_files import photo_file_findings
from tests.conftest import Cast, make_listing, stored_files
from tests.onboarding.consistency.site import HOUR, everything, received, store


def fsck(*arguments: str) -> tuple[int, str]:
    """Exit status, and what was said."""
    said, status = StringIO(), 0
    try:
        call_command("fsck", *arguments, stdout=said)
    except SystemExit as end:
        status = int(str(end.code))
    return status, said.getvalue()


def test_a_site_that_is_in_order_is_said_to_be(cast: Cast) -> None:
    received(cast, 2)
    assert fsck() == fsck("--thorough") == fsck("--repair") == (0, "Database and storage agree.\n")


def test_an_empty_site_is_in_order(db: None) -> None:
    assert fsck("--json") == (0, json.dumps({"clean": True, "findings": []}, indent=1) + "\n")


def test_without_repair_nothing_is_changed(cast: Cast) -> None:
    photo, _other = received(cast, 2)
    default_storage.delete(photo.display.name or "")
    store("photos/stray.jpg")
    never_queued = make_listing(cast.shop).photos.get()
    kept = everything()
    status, said = fsck()
    assert (status, everything()) == (1, kept)
    assert said.splitlines() == [
        "1 files of photos that no row names – photos/stray.jpg",
        f"1 smaller copies of photos that are missing in storage – photo {photo.pk}: {photo.display.name}",
        f"1 photos of drafts that were never queued and have no suggestions – photo {never_queued.pk}",
    ]


def test_what_can_be_repaired_is_and_the_next_look_is_clean(cast: Cast) -> None:
    photo, _other = received(cast, 2)
    default_storage.delete(photo.display.name or "")
    store("photos/stray.jpg")
    status, said = fsck("--repair")
    assert (status, said.count("(1 repaired)")) == (0, 2)
    assert fsck("--thorough") == (0, "Database and storage agree.\n")


def test_what_cannot_be_repaired_is_said_again(cast: Cast) -> None:
    photo, _other = received(cast, 2)
    default_storage.delete(photo.master.name or "")
    status, said = fsck("--repair", "--json")
    assert (status, json.loads(said)) == (
        1,
        {
            "clean": False,
            "findings": [
                {
                    "kind": "master-missing",
                    "count": 1,
                    "repaired": 0,
                    "examples": [f"photo {photo.pk}: {photo.master.name}"],
                }
            ],
        },
    )


@pytest.mark.parametrize(("minutes", "status"), [("30", 1), ("60", 0), ("600", 0)])
def test_the_grace_can_be_chosen(cast: Cast, minutes: str, status: int) -> None:
    store("photos/stray.jpg", hours=0.75)
    assert fsck("--repair", "--grace-minutes", minutes)[0] == 0
    assert stored_files() == ([] if status else ["photos/stray.jpg"])


@pytest.mark.parametrize("minutes", ["-1", "soon"])
def test_a_grace_that_is_none_is_refused(cast: Cast, minutes: str) -> None:
    with pytest.raises(CommandError):
        fsck("--grace-minutes", minutes)


def test_beside_the_wrong_database_nothing_is_deleted_unless_forced(cast: Cast) -> None:
    received(cast)
    for number in range(101):
        store(f"photos/9/{number}.jpg")
    kept = everything()
    with pytest.raises(CommandError, match="104 files of photos are stored, and the database names 3") as refusal:
        fsck("--repair")
    assert (refusal.value.returncode, everything()) == (2, kept)
    assert fsck()[0] == 1
    assert fsck("--repair", "--force")[0] == 0
    assert len(stored_files()) == 3


def test_a_storage_that_does_not_answer_ends_it_with_a_status_of_its_own(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(cast)

    def away(self: FileSystemStorage, name: str) -> Any:
        raise ConnectionError("storage is away")

    monkeypatch.setattr(FileSystemStorage, "listdir", away)
    with pytest.raises(CommandError, match="storage is away") as end:
        fsck()
    assert end.value.returncode == 2


def test_many_photos_take_little_memory(cast: Cast) -> None:
    """What is kept of each photo is one byte; everything else lasts for one chunk."""
    received(cast)
    list(photo_file_findings(grace=HOUR, thorough=False))
    make_listing(cast.shop, photos=400)
    tracemalloc.start()
    found = sum(1 for _finding in photo_file_findings(grace=HOUR, thorough=False))
    _now, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 0
    assert peak_bytes < 4_000_000
