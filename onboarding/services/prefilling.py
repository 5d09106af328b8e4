"""Writing suggestions into listings. A prefill never overwrites a person, however late it comes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from catalog.models import Listing, ListingTag, TagField
from catalog.services.revisions import count_change_by_model
from onboarding.suggestions import Suggestion, suggestions_for

Source = ListingTag.Source


@transaction.atomic
def prefill_listings(listing_ids: Iterable[int]) -> int:
    """Brings the suggested tags of these listings up to date; returns how many listings changed.

    Only drafts are touched, and in them only fields that no person or import has set.
    """
    drafts = Listing.objects.filter(pk__in=set(listing_ids), state=Listing.State.DRAFT)
    locked = [listing.pk for listing in drafts.select_for_update().order_by("pk")]
    suggestions = suggestions_for(locked)
    tags = _tags_by_listing(locked)
    return sum(_prefill(pk, tags.get(pk, {}), suggestions.get(pk, {})) for pk in locked)


def prefill_regrouped_listings(listing_ids: list[int], **_kwargs: Any) -> None:
    """Receiver of `photos_regrouped`: what a listing is guessed to be follows its photos."""
    prefill_listings(listing_ids)


def _tags_by_listing(listing_ids: list[int]) -> dict[int, dict[str, ListingTag]]:
    found: dict[int, dict[str, ListingTag]] = {}
    for tag in ListingTag.objects.filter(listing__in=listing_ids):
        found.setdefault(tag.listing_id, {})[tag.field] = tag
    return found


def _prefill(listing_id: int, tags: Mapping[str, ListingTag], suggestions: Mapping[TagField, Suggestion]) -> bool:
    wanted = {field.value: each.term_id for field, each in suggestions.items() if each.is_confident}
    guessed = {field: tag.term_id for field, tag in tags.items() if tag.source == Source.MODEL}
    free = {field: term for field, term in wanted.items() if field not in tags or field in guessed}
    if guessed == free:
        return False
    ListingTag.objects.filter(listing=listing_id, source=Source.MODEL).delete()
    ListingTag.objects.bulk_create(
        ListingTag(listing_id=listing_id, field=field, term_id=term, source=Source.MODEL)
        for field, term in free.items()
    )
    count_change_by_model(listing_id)
    return True
