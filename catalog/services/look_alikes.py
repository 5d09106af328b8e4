"""Noting which photos look alike, and what a person says of it."""

from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from catalog.errors import NoCopyToDiscard
from catalog.models import Listing, LookAlike, Photo, Shop
from catalog.perceptual_hash import looks_same
from catalog.services.listings import delete_listing
from catalog.services.photos import remove_photo

COMPARED_PHOTOS = 5_000
"""The newest of a shop: comparing the 20 photos of a request with so many takes 0.04 s of a core."""


def note_copies(*, shop: Shop, photos: Collection[Photo]) -> None:
    """Notes for each photo the oldest one, in another listing, of which it is a copy."""
    if not photos:
        return
    known = Photo.objects.filter(listing__shop=shop).order_by("-pk")
    rows = list(known.values_list("pk", "listing_id", "sha256", "perceptual_hash")[:COMPARED_PHOTOS])
    pairs = []
    for photo in photos:
        older = (row for row in reversed(rows) if row[0] < photo.pk and row[1] != photo.listing_id)
        copied = (row[0] for row in older if row[2] == photo.sha256 or looks_same(row[3], photo.perceptual_hash))
        if first := next(copied, None):
            pairs.append((photo.pk, first))
    note_pairs(pairs, LookAlike.Kind.COPY)


def note_pairs(pairs: Iterable[tuple[int, int]], kind: LookAlike.Kind) -> None:
    """Each pair of photo ids is noted once, whatever the order; what was noted of it first stays."""
    ordered = {(max(pair), min(pair)) for pair in pairs}
    rows = [LookAlike(photo_id=newer, other_id=older, kind=kind) for newer, older in sorted(ordered)]
    LookAlike.objects.bulk_create(rows, ignore_conflicts=True)


def answer_look_alikes(*, listings: Sequence[Listing], answer: LookAlike.Answer, actor: AbstractBaseUser) -> None:
    """Settles what is open between photos of these listings."""
    _open_between(listings).update(answer=answer, answered_by_id=actor.pk)


def _open_between(listings: Sequence[Listing]) -> QuerySet[LookAlike]:
    return LookAlike.objects.filter(answer="", photo__listing__in=listings, other__listing__in=listings)


@transaction.atomic
def discard_copies(*, listings: Sequence[Listing]) -> int:
    """Removes one photo of each pair of copies in these listings; returns how many went.

    The newer one goes, or the one whose listing is a draft; a draft that has no other photo goes too. Raises
    `NoCopyToDiscard` where all are confirmed.
    """
    pairs = _open_between(listings).filter(kind=LookAlike.Kind.COPY)
    going = set()
    for pair in pairs.select_related("photo__listing", "other__listing").order_by("pk"):
        drafts = [each for each in (pair.photo, pair.other) if each.listing.state == Listing.State.DRAFT]
        going.update(drafts[:1])
    if not going:
        raise NoCopyToDiscard
    for photo in sorted(going, key=lambda each: each.pk):
        if photo.listing.photos.count() == 1:
            delete_listing(listing=photo.listing)
        else:
            remove_photo(photo=photo)
    return len(going)
