"""Making, describing and deleting listings. Tags are set in `onboarding`, by confirmations only."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.models import Listing, Shop
from catalog.services.revisions import lock_listing

PRICE = "price"
DETAIL_NAMES = ("title", "brand", "description", "sku", PRICE)


@dataclass(frozen=True, kw_only=True)
class ListingDetails:
    """What a person writes about a product, beside its tags. `price` is in the shop's currency."""

    title: str = ""
    brand: str = ""
    description: str = ""
    sku: str = ""
    price: Decimal | None = None


def create_listing(*, shop: Shop, details: ListingDetails | None = None) -> Listing:
    return Listing.objects.create(shop=shop, **asdict(details or ListingDetails()))


Changes = Mapping[str, tuple[Any, Any]]
"""By a detail's name: what stood before, and after; texts and prices as texts, or None."""


def describe_listing(*, listing: Listing, details: ListingDetails) -> Changes:
    """Writes the details; returns those that changed. The caller counts the revision."""
    before = {name: getattr(listing, name) for name in DETAIL_NAMES}
    changed = {name: getattr(details, name) for name in DETAIL_NAMES if before[name] != getattr(details, name)}
    _write(listing, changed)
    return {name: (_kept(before[name]), _kept(value)) for name, value in changed.items()}


def take_back_details(*, listing: Listing, changes: Changes) -> None:
    """What stood before them, where nobody has written something else since. The caller counts the revision."""
    still = {name: before for name, (before, after) in changes.items() if _kept(getattr(listing, name)) == after}
    _write(listing, {name: Decimal(value) if name == PRICE and value else value for name, value in still.items()})


def _write(listing: Listing, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(listing, name, value)
    if values:
        listing.save(update_fields=[*values, "search_text", "updated_at"])


def _kept(value: str | Decimal | None) -> str | None:
    """A price of 5 is the same as one of 5.00."""
    return f"{value:.2f}" if isinstance(value, Decimal) else value


@transaction.atomic
def delete_listing(*, listing: Listing) -> None:
    """Deletes the listing, its photos and what was decided about it; the files go after the commit.

    The lock keeps photos from being added meanwhile. Repeating it changes nothing.
    """
    with suppress(Listing.DoesNotExist):
        lock_listing(listing.pk).delete()
