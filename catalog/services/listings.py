"""Making, describing and deleting listings. Tags are set in `onboarding`, by confirmations only."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.db import transaction

from catalog.models import Listing, Shop
from catalog.services.revisions import lock_listing

DETAIL_NAMES = ("title", "brand", "description", "sku", "price")


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


def describe_listing(*, listing: Listing, details: ListingDetails) -> bool:
    """Writes the details; says whether anything changed. The caller counts the revision."""
    changed = [name for name in DETAIL_NAMES if getattr(listing, name) != getattr(details, name)]
    for name in changed:
        setattr(listing, name, getattr(details, name))
    if changed:
        listing.save(update_fields=[*changed, "updated_at"])
    return bool(changed)


@transaction.atomic
def delete_listing(*, listing: Listing) -> None:
    """Deletes the listing, its photos and what was decided about it; the files go after the commit.

    The lock keeps photos from being added meanwhile. Repeating it changes nothing.
    """
    with suppress(Listing.DoesNotExist):
        lock_listing(listing.pk).delete()
