"""Uploads and what waits for tags."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.models import Listing, Photo
from onboarding.chunks import by_key
from onboarding.consistency.findings import Finding, Kind
from onboarding.models import Prediction, TagRequest, Upload, UploadedFile

LONG_PAST = timedelta(hours=1)
EMPTY_FOR = timedelta(days=1)


def upload_findings() -> Iterator[Finding]:
    """An upload's row comes before its files: one that was cut off at once may yet be sent again.

    A draft without photos is no finding: it is what remains when a seller removes the last one.
    """
    for kind, rows in (
        (Kind.NEVER_QUEUED, never_queued()),
        (Kind.LEASE_LONG_PAST, _long_past()),
        (Kind.EMPTY_UPLOAD, empty_uploads()),
    ):
        yield from (Finding(kind, row) for row in chain.from_iterable(by_key(rows)))


def never_queued() -> QuerySet[Photo]:
    """Photos of drafts that nobody looks at: without any request, finished ones too, and without predictions."""
    asked = TagRequest.objects.filter(photo=OuterRef("pk"))
    tagged = Prediction.objects.filter(photo=OuterRef("pk"))
    drafts = Photo.objects.filter(listing__state=Listing.State.DRAFT).select_related("listing")
    return drafts.exclude(Exists(asked)).exclude(Exists(tagged))


def _long_past() -> QuerySet[TagRequest]:
    """Any worker that claims takes back what ran out, so there seems to be none."""
    return TagRequest.objects.filter(state=TagRequest.State.LEASED, lease_until__lt=timezone.now() - LONG_PAST)


def empty_uploads() -> QuerySet[Upload]:
    files = UploadedFile.objects.filter(upload=OuterRef("pk"))
    return Upload.objects.filter(created_at__lt=timezone.now() - EMPTY_FOR).exclude(Exists(files))
