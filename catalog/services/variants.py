"""Products that differ in colour or size alone: each its own listing, and one group together."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction

from catalog.errors import OtherShop
from catalog.models import Listing
from catalog.services.revisions import count_change_by_person


@transaction.atomic
def group_as_variants(*, listings: Sequence[Listing]) -> None:
    """Puts the listings, and those already grouped with one of them, into one group. Raises `OtherShop`."""
    chosen = Listing.objects.filter(pk__in={each.pk for each in listings})
    groups = {group for group in chosen.values_list("variant_group", flat=True) if group}
    together = chosen | Listing.objects.filter(variant_group__in=groups)
    rows = list(together.select_for_update(of=("self",)).order_by("pk"))
    if len({row.shop_id for row in rows}) > 1:
        raise OtherShop
    if len(rows) < 2:
        return
    group = min(groups, default=uuid4())
    _put([row.pk for row in rows if row.variant_group != group], group)


@transaction.atomic
def leave_variants(*, listing: Listing) -> None:
    """Takes the listing out of its group; a group of one is none."""
    group = Listing.objects.select_for_update(of=("self",)).get(pk=listing.pk).variant_group
    if group is None:
        return
    rest = Listing.objects.filter(variant_group=group).exclude(pk=listing.pk)
    others = list(rest.values_list("pk", flat=True)[:2])
    _put([listing.pk, *(others if len(others) == 1 else ())], None)


def _put(listing_ids: Sequence[int], group: UUID | None) -> None:
    Listing.objects.filter(pk__in=listing_ids).update(variant_group=group)
    count_change_by_person(*listing_ids)
