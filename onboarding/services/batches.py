"""Many listings decided by one press of a button, and all of it undone by another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Max, QuerySet, Sum

from catalog.models import Listing, ListingTag, Shop, TagField, Term
from catalog.selectors import Counted, ListCounts, count_by
from catalog.services.revisions import count_change_by_person
from onboarding.errors import CannotUndo
from onboarding.models import Confirmation, DoubtfulTag, Label
from onboarding.services.confirming import (
    Decision,
    confirm_listing,
    label_of,
    standing_decisions,
    undo_confirmation,
)
from onboarding.services.prefilling import prefill_listings, tags_by_listing
from onboarding.suggestions import suggestions_for

How = Confirmation.How
State = Listing.State
Source = ListingTag.Source

AT_ONCE = 250
"""Listings of one transaction: others wait for it."""


@dataclass(frozen=True)
class SureOnes:
    """Drafts of which everything suggested is sure: how many, the mistakes to expect among them, the newest's id."""

    count: int
    expected_mistakes: float
    last: int

    @property
    def mistakes(self) -> int:
        """A whole number for people: one where it is less, as no confidence is certainty."""
        return max(1, round(self.expected_mistakes))


SURE, MISTAKES, BATCH = "sure", "mistakes", "batch"


def counted_along(*, shop: Shop, actor: AbstractBaseUser) -> tuple[Counted, ...]:
    """For `list_counts`, which gives them to `sure_ones` and `latest_batch`."""
    latest = _standing_batches(shop, actor).order_by("-pk").values("pk")[:1]
    return (
        count_by(SURE, _sure(shop), Max("pk")),
        count_by(MISTAKES, _sure(shop), Sum("expected_mistakes")),
        count_by(BATCH, Confirmation.objects.filter(pk__in=latest), "batch"),
    )


def sure_ones(counts: ListCounts) -> SureOnes:
    for last, count in counts.others.get(SURE, {}).items():
        if count:
            (mistakes,) = counts.others[MISTAKES]
            return SureOnes(count, float(mistakes or 0), int(last))
    return SureOnes(0, 0.0, 0)


def latest_batch(counts: ListCounts) -> UUID | None:
    """What this person decided last in the shop many at once, as far as it stands: it can be undone."""
    return next((UUID(batch) for batch in counts.others.get(BATCH, {})), None)


def _sure(shop: Shop) -> QuerySet[Listing]:
    return Listing.objects.filter(shop=shop, state=State.DRAFT, is_sure=True)


def confirm_sure_ones(*, shop: Shop, actor: AbstractBaseUser, batch: UUID, up_to: int) -> int:
    """Confirms the sure drafts up to the id that was the last when they were counted; returns how many.

    Some at a time, each lot all or nothing. What is cut off can be repeated: those that are confirmed stay so, once.
    Nobody looked at each, so the labels are left out of training unless they are asked for.
    """
    count = 0
    while done := _confirm_lot(shop, actor, batch, up_to):
        count += done
    return count


@transaction.atomic
def _confirm_lot(shop: Shop, actor: AbstractBaseUser, batch: UUID, up_to: int) -> int:
    due = _sure(shop).filter(pk__lte=up_to).order_by("pk")
    listings = list(due.select_for_update(of=("self",))[:AT_ONCE])
    if not listings:
        return 0
    ids = [listing.pk for listing in listings]
    tags, suggestions = tags_by_listing(ids), suggestions_for(ids)
    made = Confirmation.objects.bulk_create(_confirmation(listing, actor, batch) for listing in listings)
    Label.objects.bulk_create(
        label_of(each, field, tag.term_id, suggestions.get(each.listing_id, {}).get(TagField(field)))
        for each in made
        for field, tag in tags.get(each.listing_id, {}).items()
        if tag.term_id is not None
    )
    _make_theirs(ids, tags, actor)
    DoubtfulTag.objects.filter(listing__in=ids).delete()
    Listing.objects.filter(pk__in=ids).update(state=State.CONFIRMED)
    count_change_by_person(*ids)
    return len(ids)


def _confirmation(listing: Listing, actor: AbstractBaseUser, batch: UUID) -> Confirmation:
    return Confirmation(
        listing=listing,
        actor_id=actor.pk,
        how=How.BULK,
        seen_revision=listing.revision,
        idempotency_key=f"{listing.pk}:{batch}",
        fields=[field.value for field in TagField],
        batch=batch,
    )


def _make_theirs(ids: Sequence[int], tags: Mapping[int, Collection[str]], actor: AbstractBaseUser) -> None:
    """What was suggested is somebody's decision from now on, an empty field too."""
    ListingTag.objects.filter(listing__in=ids, source=Source.MODEL).update(source=Source.PERSON, set_by_id=actor.pk)
    ListingTag.objects.bulk_create(
        ListingTag(listing_id=pk, field=field.value, source=Source.PERSON, set_by_id=actor.pk)
        for pk in ids
        for field in TagField
        if field not in tags.get(pk, {})
    )


@transaction.atomic
def set_value(
    *, listings: Sequence[Listing], field: TagField, term: Term | None, actor: AbstractBaseUser, batch: UUID
) -> int:
    """Gives all of them one value, or none of them; drafts stay drafts.

    Returns in how many it was not decided so already. Raises `ListingChanged` if somebody changed one meanwhile.
    """
    count = 0
    for listing in listings:
        decision = Decision(
            choices={field: term},
            seen_revision=listing.revision,
            idempotency_key=str(batch),
            how=How.BULK,
            is_whole=False,
            batch=batch,
        )
        count += confirm_listing(listing=listing, actor=actor, decision=decision) is not None
    return count


def _standing_batches(shop: Shop, actor: AbstractBaseUser) -> QuerySet[Confirmation]:
    return Confirmation.objects.filter(listing__shop=shop, actor=actor.pk, batch__isnull=False, withdrawn_by=None)


def undo_batch(*, batch: UUID, shop: Shop, actor: AbstractBaseUser) -> int:
    """Undoes what of a batch is still the latest decision of its listing; returns how many. Can be repeated."""
    decided = Confirmation.objects.filter(batch=batch, listing__shop=shop, withdrawn_by=None).order_by("pk")
    ids = list(decided.values_list("pk", flat=True))
    return sum(_undo_lot(ids[start : start + AT_ONCE], actor) for start in range(0, len(ids), AT_ONCE))


@transaction.atomic
def _undo_lot(ids: Sequence[int], actor: AbstractBaseUser) -> int:
    found = list(Confirmation.objects.filter(pk__in=ids, withdrawn_by=None))
    listing_ids = [each.listing_id for each in found]
    list(Listing.objects.filter(pk__in=listing_ids).select_for_update(of=("self",)).order_by("pk"))
    decisions: dict[int, list[int]] = {}
    for listing_id, pk in standing_decisions(listing_ids).values_list("listing_id", "pk"):
        decisions.setdefault(listing_id, []).append(pk)
    alone = [each for each in found if each.is_whole and decisions.get(each.listing_id) == [each.pk]]
    _back_to_drafts(alone, actor)
    return len(alone) + sum(_is_undone(each, actor) for each in found if each not in alone)


def _back_to_drafts(decided: Sequence[Confirmation], actor: AbstractBaseUser) -> None:
    """Of listings about which nothing else was decided: what `undo_confirmation` does, for many together."""
    ids = [each.listing_id for each in decided]
    Confirmation.objects.bulk_create(
        Confirmation(
            listing_id=each.listing_id,
            actor_id=actor.pk,
            how=How.UNDO,
            seen_revision=each.seen_revision,
            idempotency_key=f"undo:{each.pk}",
            withdraws=each,
        )
        for each in decided
    )
    ListingTag.objects.filter(listing__in=ids).delete()
    Listing.objects.filter(pk__in=ids).update(state=State.DRAFT)
    count_change_by_person(*ids)
    prefill_listings(ids)


def _is_undone(confirmation: Confirmation, actor: AbstractBaseUser) -> bool:
    try:
        undo_confirmation(confirmation=confirmation, actor=actor)
    except CannotUndo:  # somebody has decided something since, which stands
        return False
    return True
