"""Writing suggestions into listings. A prefill never overwrites a person, however late it comes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Listing, ListingTag, TagField
from catalog.services.revisions import count_change_by_model
from onboarding.models import Prediction
from onboarding.services.doubts import note_doubts
from onboarding.suggestions import Suggestion, suggestions_for

Band = Prediction.Band
Source = ListingTag.Source

Found = Mapping[int, Mapping[TagField, Suggestion]]
"""Suggestions by listing and field."""


@transaction.atomic
def prefill_listings(listing_ids: Iterable[int]) -> int:
    """Brings these listings up to date with their suggestions; returns in how many of them a tag changed.

    Tags are written into drafts only, and there only where no person or import has decided. Every listing, confirmed
    ones too, counts a change by the model, so that a form which is open already is known to show older suggestions.
    """
    listings = Listing.objects.filter(pk__in=set(listing_ids)).select_for_update().order_by("pk")
    states = dict(listings.values_list("pk", "state"))
    drafts = [pk for pk, state in states.items() if state == Listing.State.DRAFT]
    suggestions, present = suggestions_for(drafts), tags_by_listing(drafts)
    undecided = {pk: _undecided(present.get(pk, {}), suggestions.get(pk, {})) for pk in drafts}
    wanted = {pk: _confident(each) for pk, each in undecided.items()}
    changed = {pk: terms for pk, terms in wanted.items() if terms != _guessed(present.get(pk, {}))}
    _write(changed)
    note_doubts(undecided)
    _note_certainty(suggestions, undecided)
    count_change_by_model(states)
    return len(changed)


def prefill_regrouped_listings(listing_ids: list[int], **_kwargs: Any) -> None:
    """Receiver of `photos_regrouped`: what a listing is guessed to be follows its photos."""
    prefill_listings(listing_ids)


def renew_certainty(listing_ids: Iterable[int]) -> None:
    """After somebody has decided a part of these drafts."""
    ids = list(listing_ids)
    suggestions, present = suggestions_for(ids), tags_by_listing(ids)
    _note_certainty(suggestions, {pk: _undecided(present.get(pk, {}), suggestions.get(pk, {})) for pk in ids})


def _note_certainty(suggestions: Found, undecided: Found) -> None:
    """For the order of the review, and for confirming many at once what is sure."""
    Listing.objects.bulk_update(
        [
            Listing(
                pk=pk,
                is_sure=bool(suggestions.get(pk)) and all(each.band == Band.SURE for each in found.values()),
                expected_mistakes=sum(1 - each.confidence for each in found.values()) if suggestions.get(pk) else None,
            )
            for pk, found in undecided.items()
        ],
        ["is_sure", "expected_mistakes"],
    )


def tags_by_listing(listing_ids: Iterable[int]) -> dict[int, dict[str, ListingTag]]:
    """By listing and field; one query."""
    found: dict[int, dict[str, ListingTag]] = {}
    for tag in ListingTag.objects.filter(listing__in=listing_ids):
        found.setdefault(tag.listing_id, {})[tag.field] = tag
    return found


def _guessed(tags: Mapping[str, ListingTag]) -> dict[str, int | None]:
    return {field: tag.term_id for field, tag in tags.items() if tag.source == Source.MODEL}


def _undecided(
    tags: Mapping[str, ListingTag], suggestions: Mapping[TagField, Suggestion]
) -> dict[TagField, Suggestion]:
    """The suggestions for fields about which nobody has decided; a person's empty value is a decision."""
    decided = {field for field, tag in tags.items() if tag.source != Source.MODEL}
    return {field: each for field, each in suggestions.items() if field.value not in decided}


def _confident(suggestions: Mapping[TagField, Suggestion]) -> dict[str, int | None]:
    return {field.value: each.term_id for field, each in suggestions.items() if each.is_confident}


def _write(changed: Mapping[int, Mapping[str, int | None]]) -> None:
    ListingTag.objects.filter(listing__in=changed, source=Source.MODEL).delete()
    ListingTag.objects.bulk_create(
        ListingTag(listing_id=listing_id, field=field, term_id=term_id, source=Source.MODEL)
        for listing_id, terms in changed.items()
        for field, term_id in terms.items()
    )
    Listing.objects.filter(pk__in=changed).update(updated_at=timezone.now())
