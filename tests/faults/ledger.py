"""What was sent and acknowledged, beside what database and storage hold in the end. Reads only these two."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from PIL import Image

from catalog.models import Listing, ListingTag, Photo, TagField
from catalog.models.photos import FILE_KINDS
from onboarding.consistency.checkup import findings
from onboarding.consistency.photo_files import is_picture
from onboarding.consistency.stored_files import content, stored_files
from onboarding.models import ModelVersion, Prediction, TagRequest, UploadedFile
from onboarding.services.confirming import Decision, confirm_listing
from tests.conftest import term

PREDICTIONS_PER_PHOTO = 5
"""The tiny network has so many outputs."""


@dataclass(frozen=True)
class Sent:
    """One request of an upload, as its sender keeps it to send it again."""

    contents: Sequence[bytes]
    token: UUID = field(default_factory=uuid4)
    part: int = 0

    def file_keys(self) -> list[str]:
        seen: Counter[str] = Counter()
        keys = []
        for digest in map(sha256, self.contents):
            keys.append(f"{self.part}:{digest}:{seen[digest]}")
            seen[digest] += 1
        return keys


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Ledger:
    """Everything that a sender was told is in, and everything that a person has decided."""

    def __init__(self) -> None:
        self.acknowledged: list[Sent] = []
        self.decided: dict[int, dict[str, int | None]] = {}
        self.quarantined: set[str] = set()
        """SHA-256 of photos, as uploaded, that are meant to fail."""
        self._read: set[int] = set()  # photos whose files were whole: what is stored never changes

    def decide(self, listing: Listing, actor: AbstractBaseUser) -> None:
        """A person sets two fields, one of them empty, to what no network says of these drawings."""
        choices = {TagField.COLOUR: term("colour", "Pink"), TagField.GENDER: None}
        listing.refresh_from_db()
        decision = Decision(
            choices=choices, seen_revision=listing.revision, idempotency_key=str(uuid4()), is_whole=False
        )
        assert confirm_listing(listing=listing, actor=actor, decision=decision)
        self.decided[listing.pk] = {field.value: value.pk if value else None for field, value in choices.items()}

    def read_anew(self) -> None:
        """Takes no file for whole that was so at an earlier check."""
        self._read.clear()

    def check(self) -> None:
        """Fails with everything that is wrong."""
        wrong = [
            *self._wrong_files_of_uploads(),
            *self._wrong_photos(),
            *self._wrong_decisions(),
            *(f"fsck: {each.kind.label}: {each}" for each in findings(grace=timedelta(0), thorough=False)),
        ]
        if wrong:
            raise AssertionError("\n".join(wrong))

    def _wrong_files_of_uploads(self) -> list[str]:
        """Each acknowledged file is one row with one photo of its own, and there is nothing else."""
        expected = Counter((str(sent.token), key) for sent in self.acknowledged for key in sent.file_keys())
        rows = UploadedFile.objects.values_list("upload__token", "key", "photo__sha256")
        stored = Counter((str(token), key if digest else f"{key} without photo") for token, key, digest in rows)
        lost, more = expected - stored, stored - expected
        listings, photos = Listing.objects.count(), Photo.objects.count()
        return [
            *(f"lost: {each}" for each in lost),
            *(f"not acknowledged or doubled: {each}" for each in more),
            *([f"{photos} photos, {listings} listings"] if {photos, listings} != {expected.total()} else []),
        ]

    def _wrong_photos(self) -> list[str]:
        wrong = [each for photo in Photo.objects.order_by("pk") for each in self._wrong_with(photo)]
        named = {getattr(photo, kind).name for photo in Photo.objects.all() for kind in FILE_KINDS}
        stray = {file.name for file in stored_files("photos")} - named
        return wrong + [f"no row names {name}" for name in sorted(stray)]

    def _wrong_with(self, photo: Photo) -> list[str]:
        requests = list(TagRequest.objects.filter(photo=photo).values_list("state", "reason"))
        predictions = Counter(Prediction.objects.filter(photo=photo).values_list("model_version", flat=True))
        active = ModelVersion.objects.get(state=ModelVersion.State.ACTIVE).pk
        expected = [("done", "")], Counter({active: PREDICTIONS_PER_PHOTO})
        if photo.sha256 in self.quarantined:
            expected = [("failed", "quarantined")], Counter()
        wrong = [] if photo.pk in self._read else _unreadable(photo)
        self._read.add(photo.pk)
        if (requests, predictions) != expected:
            wrong.append(f"photo {photo.pk}: {requests}, {dict(predictions)}")
        return wrong

    def _wrong_decisions(self) -> list[str]:
        wrong = []
        for listing_id, decided in self.decided.items():
            by_people = ListingTag.objects.filter(listing=listing_id, source=ListingTag.Source.PERSON)
            shown = dict(by_people.values_list("field", "term"))
            if shown != decided:
                wrong.append(f"listing {listing_id}: a person said {decided}, it says {shown}")
        return wrong


def _unreadable(photo: Photo) -> list[str]:
    files = {kind: content(getattr(photo, kind).name) for kind in FILE_KINDS}
    wrong = [f"photo {photo.pk}: {kind} cannot be read" for kind, data in files.items() if not is_picture(data or b"")]
    if wrong:
        return wrong
    with Image.open(BytesIO(files["master"] or b"")) as image:
        is_its_own = image.size == (photo.width, photo.height)
    return [] if is_its_own else [f"photo {photo.pk}: the master has another size"]
