"""Keeping the queue of low-confidence tags in step with suggestions and decisions. The caller holds a transaction."""

from collections.abc import Iterable, Mapping

from catalog.models import Listing, TagField
from onboarding.models import DoubtfulTag, Prediction
from onboarding.suggestions import Suggestion

Band = Prediction.Band


def note_doubts(drafts: Mapping[int, Mapping[TagField, Suggestion]]) -> None:
    """Renews the rows of these drafts; the suggestions are those for fields that nobody has decided, by listing."""
    DoubtfulTag.objects.filter(listing__in=drafts).delete()
    DoubtfulTag.objects.bulk_create(
        DoubtfulTag(listing_id=listing_id, field=field.value, term_id=each.term_id, confidence=each.confidence)
        for listing_id, suggestions in drafts.items()
        for field, each in suggestions.items()
        if each.band != Band.SURE
    )


def settle_doubts(listing: Listing, fields: Iterable[TagField] | None = None) -> None:
    """Somebody has decided these fields, or all of the listing."""
    rows = DoubtfulTag.objects.filter(listing=listing.pk)
    (rows if fields is None else rows.filter(field__in=[field.value for field in fields])).delete()
