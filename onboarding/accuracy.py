"""How often a shop's people agreed of late with what was suggested: the honest figure beside a suggestion."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, F, Q, Value, When, Window
from django.db.models.functions import RowNumber

from catalog.models import Shop, TagField
from onboarding.models import Confirmation, Label

LATEST = 50
LOOKED_THROUGH = 200  # confirmations
LEAST = 10
"""Of fewer decisions no share is told: one in two would say nothing."""

IS_RIGHT = Q(term=F("suggested")) | Q(term__parent=F("suggested")) | Q(term__parent__parent=F("suggested"))
"""Of labels: a suggestion higher up in the category tree was right if what was chosen lies below it."""


@dataclass(frozen=True)
class RecentAccuracy:
    """`right` of the latest `decided` values that somebody chose with a suggestion in view."""

    right: int
    decided: int


def recent_accuracy(shop: Shop) -> Mapping[TagField, RecentAccuracy]:
    """By field, where enough has been decided of late; one query.

    Values confirmed many at once were not looked at one by one.
    """
    shown = Confirmation.objects.filter(listing__shop=shop, how=Confirmation.How.SHOWN, withdrawn_by=None)
    some = shown.order_by("-pk").values("pk")[:LOOKED_THROUGH]
    looked_at = Label.objects.filter(confirmation__in=some, suggested__isnull=False)
    latest = looked_at.annotate(
        rank=Window(RowNumber(), partition_by=F("field"), order_by=F("pk").desc()),
        hit=Case(When(IS_RIGHT, Value(1)), default=Value(0)),
    ).filter(rank__lte=LATEST)
    hits: dict[TagField, list[int]] = {}
    for field, hit in latest.values_list("field", "hit"):
        hits.setdefault(TagField(field), []).append(hit)
    return {field: RecentAccuracy(sum(each), len(each)) for field, each in hits.items() if len(each) >= LEAST}
