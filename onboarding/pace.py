"""How long a review will take at the pace of the person who does it."""

from datetime import timedelta
from itertools import pairwise
from statistics import median

from django.utils import timezone

from catalog.models import Shop
from onboarding.models import Confirmation

LOOKED_BACK = timedelta(minutes=30)
LATEST = 20
LEAST = 5
LONGEST_SECONDS = 180.0
"""A longer gap was a pause, not a listing."""


def seconds_left(person: object, shop: Shop, remaining: int) -> float | None:
    """None where the person has not confirmed enough of late, one after the other, to tell."""
    decided = Confirmation.objects.filter(
        listing__shop=shop,
        actor=getattr(person, "pk", None),
        how=Confirmation.How.SHOWN,
        is_whole=True,
        created_at__gte=timezone.now() - LOOKED_BACK,
    )
    moments = list(decided.order_by("-pk").values_list("created_at", flat=True)[:LATEST])
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    counted = [gap for gap in gaps if gap <= LONGEST_SECONDS]
    return remaining * median(counted) if len(counted) >= LEAST else None
