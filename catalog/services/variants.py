"""Products that differ in colour or size alone: each its own listing, and one group together."""

from collections.abc import Sequence
from uuid import uuid4

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
    for row in rows:
        if row.variant_group != group:
            Listing.objects.filter(pk=row.pk).update(variant_group=group)
            count_change_by_person(row.pk)


@transaction.atomic
def leave_variants(*, listing: Listing) -> None:
    """Takes the listing out of its group; a group of one is none."""
    group = Listing.objects.select_for_update(of=("self",)).get(pk=listing.pk).variant_group
    if group is None:
        return
    rest = Listing.objects.filter(variant_group=group).exclude(pk=listing.pk)
    leaving = [listing.pk, *(rest.values_list("pk", flat=True) if rest.count() == 1 else ())]
    for pk in leaving:
        Listing.objects.filter(pk=pk).update(variant_group=None)
        count_change_by_person(pk)
