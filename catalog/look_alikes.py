"""Products that may be one: what a person is asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from catalog.models import LookAlike, Shop
from catalog.selectors import Counted, ListCounts, ListingCard, cards, count_by, in_brief, listings_of
from catalog.vocabulary import Vocabulary

MOST_IN_A_GROUP = 12
"""Chains of plain shirts grow long; what is beyond is asked about when these are settled."""


@dataclass(frozen=True)
class LookAlikeGroup:
    """Listings that are one product, variants, or just similar; `are_copies`: their photos are the same."""

    cards: Sequence[ListingCard]
    are_copies: bool

    @property
    def colours(self) -> set[str]:
        return {card.colour for card in self.cards if card.colour}


def open_questions() -> QuerySet[LookAlike]:
    """Pairs of photos about which nobody has decided: in two listings, which are no variants yet."""
    one_listing = Q(photo__listing=F("other__listing"))
    group = "listing__variant_group"
    variants = Q(**{f"photo__{group}": F(f"other__{group}"), f"photo__{group}__isnull": False})
    return LookAlike.objects.filter(answer="").exclude(one_listing).exclude(variants)


def photos_in_question(shop: Shop) -> int:
    """How many photos may show what another listing shows."""
    return open_questions().filter(photo__listing__shop=shop).values("photo").distinct().count()


QUESTIONS = "in question"


def count_questions(shop: Shop) -> Counted:
    """The same for `list_counts`, which gives it to `questions_in`."""
    return count_by(QUESTIONS, open_questions().filter(photo__listing__shop=shop), Count("photo", distinct=True))


def questions_in(counts: ListCounts) -> int:
    return sum(int(photos) for photos in counts.others.get(QUESTIONS, {}))


def look_alike_groups(shop: Shop, vocabulary: Vocabulary, *, limit: int) -> tuple[int, list[LookAlikeGroup]]:
    """How many groups wait, and the first of them, the newest photos first. A fixed number of queries."""
    rows = open_questions().filter(photo__listing__shop=shop).order_by("-photo_id", "-other_id")
    pairs = list(rows.values_list("photo__listing", "other__listing", "kind"))
    groups = _connected((one, other) for one, other, _kind in pairs)
    similar = {each for one, other, kind in pairs if kind == LookAlike.Kind.SIMILAR for each in (one, other)}
    chosen = [sorted(group)[:MOST_IN_A_GROUP] for group in groups[:limit]]
    shown = in_brief(listings_of(shop).filter(pk__in=[pk for group in chosen for pk in group]))
    by_listing = {card.listing.pk: card for card in cards(shown.prefetch_related("photos"), vocabulary)}
    present = [[by_listing[pk] for pk in group if pk in by_listing] for group in chosen]
    return len(groups), [LookAlikeGroup(each, similar.isdisjoint(_ids(each))) for each in present if len(each) > 1]


def _ids(cards: Sequence[ListingCard]) -> list[int]:
    return [card.listing.pk for card in cards]


def _connected(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Sets of what hangs together, in the order in which each was first met."""
    group_of: dict[int, set[int]] = {}
    for one, other in pairs:
        first, second = (group_of.setdefault(each, {each}) for each in (one, other))
        if first is second:
            continue
        fewer, more = sorted((first, second), key=len)  # else time grows with the square of the copies
        more |= fewer
        for each in fewer:
            group_of[each] = more
    return list({id(group): group for group in group_of.values()}.values())
