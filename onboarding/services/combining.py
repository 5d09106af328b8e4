"""Making one product of several listings that show the same one."""

from collections.abc import Sequence
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from catalog.errors import OtherShop
from catalog.models import Listing, ListingTag, Photo, TagField, Term
from catalog.services.listings import DETAIL_NAMES, ListingDetails, describe_listing
from catalog.services.photos import place_last
from catalog.services.revisions import count_change_by_person
from catalog.signals import photos_regrouped
from onboarding.errors import NothingToCombine
from onboarding.models import Confirmation, Upload
from onboarding.services.confirming import Decision, confirm_listing

Source = ListingTag.Source


@transaction.atomic
def combine_listings(*, listings: Sequence[Listing], actor: AbstractBaseUser) -> Listing:
    """Moves all photos into one of the listings and deletes the others; returns the one that is kept.

    Kept is the first confirmed one, else the oldest. What it lacks (title, price, values that people set) comes from
    the others, the oldest first; where they differ, its own stays. What was decided about the others goes with them.
    Raises `NothingToCombine` for fewer than two that are still there, and `OtherShop`.
    """
    chosen = Listing.objects.filter(pk__in={each.pk for each in listings}).select_related("shop")
    locked = chosen.select_for_update(of=("self",)).order_by("pk")
    found = sorted(locked, key=lambda each: (each.state != Listing.State.CONFIRMED, each.pk))
    if len(found) < 2:
        raise NothingToCombine
    if len({each.shop_id for each in found}) > 1:
        raise OtherShop
    kept, *others = found
    _move_photos(others, kept)
    _fill_details(kept, others)
    count_change_by_person(kept.pk)
    _fill_tags(kept, others, actor)
    Upload.objects.filter(listing__in=others).update(listing=kept)
    Listing.objects.filter(pk__in=[each.pk for each in others]).delete()
    photos_regrouped.send(Listing, listing_ids=[kept.pk])
    return Listing.objects.select_related("shop").get(pk=kept.pk)


def _move_photos(others: Sequence[Listing], kept: Listing) -> None:
    for other in others:
        for photo in Photo.objects.filter(listing=other):
            place_last(photo=photo, listing=kept)


def _fill_details(kept: Listing, others: Sequence[Listing]) -> None:
    values = {}
    for name in DETAIL_NAMES:
        written = (value for each in (kept, *others) if (value := getattr(each, name)) not in ("", None))
        values[name] = next(written, getattr(kept, name))
    describe_listing(listing=kept, details=ListingDetails(**values))


def _fill_tags(kept: Listing, others: Sequence[Listing], actor: AbstractBaseUser) -> None:
    """A confirmed listing is decided in all its fields already."""
    decided = set(kept.tags.exclude(source=Source.MODEL).values_list("field", flat=True))
    choices: dict[TagField, Term] = {}
    for other in others:
        for tag in other.tags.exclude(source=Source.MODEL).exclude(term=None).select_related("term"):
            if tag.term and tag.field not in decided:
                choices.setdefault(TagField(tag.field), tag.term)
    if not choices or kept.state == Listing.State.CONFIRMED:
        return
    decision = Decision(
        choices=choices,
        seen_revision=Listing.objects.values_list("revision", flat=True).get(pk=kept.pk),
        idempotency_key=f"combined:{uuid4()}",
        how=Confirmation.How.BULK,
        is_whole=False,
    )
    confirm_listing(listing=kept, actor=actor, decision=decision)
