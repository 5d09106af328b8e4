"""What people decided, beside what their listings say now."""

from collections.abc import Iterator

from django.db import transaction

from catalog.models import Listing, ListingTag
from catalog.services.revisions import lock_listing
from onboarding.chunks import by_key
from onboarding.consistency.findings import Finding, Kind
from onboarding.models import Confirmation
from onboarding.services.confirming import standing_decisions

Values = dict[int, dict[str, int | None]]
"""Term by field (None: left empty on purpose), by listing."""


def decision_findings() -> Iterator[Finding]:
    """Which of two is right only a person can say: nothing repairs these."""
    for listings in by_key(Listing.objects.only("pk", "title")):
        ids = [listing.pk for listing in listings]
        decided, shown = _decided(ids), _shown(ids)
        for listing in listings:
            if decided[listing.pk] != shown[listing.pk] and _still_differs(listing):
                yield Finding(Kind.DECISION_OVERWRITTEN, listing)


def _decided(listing_ids: list[int]) -> Values:
    """Decisions that are not undone, in their order: a later one goes over an earlier one, field by field."""
    found: Values = {pk: {} for pk in listing_ids}
    for decision in standing_decisions(listing_ids).prefetch_related("labels"):
        found[decision.listing_id].update(_chosen(decision))
    return found


def _chosen(decision: Confirmation) -> dict[str, int | None]:
    return {**dict.fromkeys(decision.fields), **{label.field: label.term_id for label in decision.labels.all()}}


def _shown(listing_ids: list[int]) -> Values:
    found: Values = {pk: {} for pk in listing_ids}
    by_people = ListingTag.objects.filter(listing__in=listing_ids).exclude(source=ListingTag.Source.MODEL)
    for listing_id, field, term_id in by_people.values_list("listing", "field", "term"):
        found[listing_id][field] = term_id
    return found


def _still_differs(listing: Listing) -> bool:
    """Under the lock that every decision takes: somebody may have decided between the two queries."""
    with transaction.atomic():
        try:
            lock_listing(listing.pk)
        except Listing.DoesNotExist:
            return False
        return _decided([listing.pk]) != _shown([listing.pk])
