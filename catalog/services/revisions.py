"""Counting the changes of a listing, so that two people cannot overwrite each other unseen."""

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from catalog.models import Listing


def lock_listing(listing_id: int) -> Listing:
    """The listing's row as it is now, locked until the transaction ends (SQLite locks the whole database).

    Raises `Listing.DoesNotExist` if it has been deleted meanwhile.
    """
    return Listing.objects.select_for_update(of=("self",)).select_related("shop").get(pk=listing_id)


def count_change_by_person(*listing_ids: int) -> None:
    Listing.objects.filter(pk__in=listing_ids).update(
        revision=F("revision") + 1, person_revision=F("revision") + 1, updated_at=timezone.now()
    )


def count_change_by_model(listing_ids: Iterable[int]) -> None:
    """What is suggested for these listings changed: forms that are open now show something older."""
    Listing.objects.filter(pk__in=listing_ids).update(revision=F("revision") + 1, prefilled_revision=F("revision") + 1)
