"""What somebody's review of today brought: for the page that comes when nothing is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils import timezone

from catalog.models import Shop, TagField
from catalog.vocabulary import Vocabulary
from onboarding.accuracy import IS_RIGHT
from onboarding.models import Confirmation, Label

TODAY: Final = timedelta(hours=12)
MOST_CORRECTIONS: Final = 3


@dataclass(frozen=True)
class Correction:
    """`chosen` was set `count` times where the network had suggested `suggested`; names for people."""

    label: str
    suggested: str
    chosen: str
    count: int


@dataclass(frozen=True)
class Learnt:
    """`listings` were confirmed, one by one or together; of `decided` values with a suggestion in view `right` agreed.

    `corrections` are the most frequent ones.
    """

    listings: int
    decided: int
    right: int
    corrections: Sequence[Correction]


def learnt_today(actor: Any, shop: Shop, vocabulary: Vocabulary) -> Learnt | None:
    """Of the last twelve hours; None where this person confirmed nothing. Two queries."""
    confirmed = Confirmation.objects.filter(
        listing__shop=shop,
        actor=actor.pk,
        is_whole=True,
        withdrawn_by=None,
        created_at__gte=timezone.now() - TODAY,
    ).exclude(how=Confirmation.How.UNDO)
    listings = confirmed.aggregate(count=Count("listing", distinct=True))["count"]
    if not listings:
        return None
    counts = _pairs(confirmed.filter(how=Confirmation.How.SHOWN))
    right = sum(each["right"] for each in counts)
    wrong = [each for each in counts if each["count"] > each["right"]]
    most = sorted(wrong, key=lambda each: each["right"] - each["count"])[:MOST_CORRECTIONS]
    return Learnt(
        listings=listings,
        decided=sum(each["count"] for each in counts),
        right=right,
        corrections=[_correction(each, vocabulary) for each in most],
    )


def _pairs(looked_at: QuerySet[Confirmation]) -> list[dict[str, Any]]:
    """How often each value was chosen where each was suggested, and how often that was right."""
    labels = Label.objects.filter(confirmation__in=looked_at, suggested__isnull=False)
    rows = labels.values("field", "term", "suggested").annotate(count=Count("pk"), right=Count("pk", filter=IS_RIGHT))
    return [dict(row) for row in rows.order_by("field", "term")]


def _correction(row: Mapping[str, Any], vocabulary: Vocabulary) -> Correction:
    suggested, chosen = (vocabulary.name(vocabulary.known(row[name])) for name in ("suggested", "term"))
    return Correction(str(TagField(row["field"]).label), suggested, chosen, row["count"] - row["right"])
