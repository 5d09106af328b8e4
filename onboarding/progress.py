"""How far an upload has come, read from the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.look_alikes import open_questions
from catalog.models import Listing, Photo
from onboarding.models import TagRequest, Upload, UploadedFile

State = TagRequest.State

STALLED_AFTER = timedelta(seconds=60)
SETTLING = timedelta(minutes=2)
"""So much earlier than it can be read a photo's end may be: its moment is noted before its batch is committed."""


@dataclass(frozen=True)
class PhotoProgress:
    """`key`: the file's name within its upload. `finished_at`: None while it waits."""

    key: str
    photo: Photo
    state: str
    reason: str
    listing_id: int
    title: str
    finished_at: datetime | None
    seconds_to_tag: float | None


@dataclass(frozen=True)
class UploadStatus:
    """Counts and rows of one upload. `is_stalled`: photos wait, and nothing has moved for a minute.

    `look_alikes`: of the photos, those that may show a product which another listing shows.
    """

    photos: Sequence[PhotoProgress]
    refused: Sequence[UploadedFile]
    locations_removed: int
    is_stalled: bool
    to_review: int
    look_alikes: int

    def _count(self, state: str) -> int:
        return sum(each.state == state for each in self.photos)

    @property
    def total(self) -> int:
        return len(self.photos)

    @property
    def tagged(self) -> int:
        return self._count("tagged")

    @property
    def failed(self) -> int:
        return self._count("failed")

    @property
    def waiting(self) -> int:
        return self._count("waiting")

    @property
    def is_finished(self) -> bool:
        return not self.waiting

    def as_json(self, since: datetime | None = None) -> dict[str, Any]:
        """For programs: counts, refusals, and how many seconds each tagged photo waited since it was received.

        `finished`: the photos whose waiting ended, where `since` is given those that ended after it and shortly before;
        `seen` is what to give next.
        """
        after = since - SETTLING if since else None
        ended = [row for row in self.photos if row.finished_at and (after is None or row.finished_at >= after)]
        seen = max((row.finished_at for row in ended if row.finished_at), default=since)
        return {
            "total": self.total,
            "tagged": self.tagged,
            "failed": self.failed,
            "waiting": self.waiting,
            "look_alikes": self.look_alikes,
            "refused": [{"name": file.name, "reason": file.refused_because} for file in self.refused],
            "seconds_to_tag": [row.seconds_to_tag for row in self.photos if row.seconds_to_tag is not None],
            "finished": [{"key": row.key, "state": row.state, "reason": row.reason} for row in ended],
            "seen": seen.isoformat() if seen else "",
        }


def upload_status(upload: Upload) -> UploadStatus:
    """Four queries, however many photos."""
    files = list(upload.files.select_related("photo__listing").order_by("pk"))
    photos = [file.photo for file in files if file.photo]
    asked = _first_taggings().filter(photo__uploaded_file__upload=upload).order_by("pk")
    requests = {request.photo_id: request for request in asked}
    rows = [_progress(file.key, file.photo, requests.get(file.photo.pk)) for file in files if file.photo]
    drafts = {photo.listing_id for photo in photos if photo.listing.state == Listing.State.DRAFT}
    return UploadStatus(
        photos=rows,
        refused=[file for file in files if file.refused_because],
        locations_removed=sum(file.had_location for file in files),
        is_stalled=any(row.state == "waiting" for row in rows) and _is_stalled(upload),
        to_review=len(drafts),
        look_alikes=_look_alikes(upload),
    )


def _look_alikes(upload: Upload) -> int:
    pairs = open_questions().filter(photo__uploaded_file__upload=upload)
    return pairs.values("photo").distinct().count()


def _first_taggings() -> QuerySet[TagRequest]:
    """Not what a new model looks at again: those photos have their tags."""
    return TagRequest.objects.exclude(priority=TagRequest.Priority.RETAG)


def _progress(key: str, photo: Photo, request: TagRequest | None) -> PhotoProgress:
    if request is None or request.state == State.DONE:
        state = "tagged"
    else:
        state = "failed" if request.state == State.FAILED else "waiting"
    reason = str(request.get_reason_display()) if request and request.reason else ""
    finished_at = request.finished_at if request else photo.created_at
    tagged_at = finished_at if state == "tagged" else None
    seconds = (tagged_at - request.created_at).total_seconds() if request and tagged_at else None
    return PhotoProgress(key, photo, state, reason, photo.listing_id, str(photo.listing), finished_at, seconds)


def _is_stalled(upload: Upload) -> bool:
    """Measured over all shops: while photos of others are tagged, this upload's turn comes."""
    since = timezone.now() - STALLED_AFTER
    if upload.created_at > since:
        return False
    moved = Q(finished_at__gte=since) | Q(state=State.LEASED, lease_until__gte=timezone.now())
    return not TagRequest.objects.filter(moved).exists()


def is_waiting_for_tags(listing: Listing) -> bool:
    return _first_taggings().filter(photo__listing=listing, state__in=TagRequest.OPEN_STATES).exists()
