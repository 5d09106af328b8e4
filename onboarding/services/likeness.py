"""Noting which photos of a shop may show the same item, from what the network has just seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from catalog.models import LookAlike, Photo, PhotoEmbedding
from catalog.services.look_alikes import note_pairs
from onboarding.services.artifacts import whole_local_copy
from onboarding.tagging import Likeness, Tagger

COMPARED_PHOTOS = 1_000
"""The newest of a shop, so that tagging for a large shop stays as quick as for a small one."""


@dataclass(frozen=True)
class _Seen:
    photo_id: int
    listing_id: int
    variant_group: UUID | None
    vector: bytes

    def is_told_from(self, other: "_Seen", apart: set[frozenset[int]]) -> bool:
        """One listing, variants of one product, or a pair about which somebody has decided."""
        pair = frozenset((self.listing_id, other.listing_id))
        are_variants = self.variant_group is not None and self.variant_group == other.variant_group
        return len(pair) == 1 or are_variants or pair in apart


def note_same_items(*, tagger: Tagger, photos: Iterable[Photo]) -> None:
    """Notes for each photo the likest of another listing, if it is alike enough. Photos come with their listings.

    It is advice: a worker that ends in this moment notes nothing, and nobody does it later.
    """
    if tagger.likeness is None:  # when it is first needed: a worker's first tag does not wait for it
        tagger.likeness = Likeness(whole_local_copy(tagger.version))
    likeness = tagger.likeness
    by_shop = sorted(photos, key=lambda photo: photo.listing.shop_id)
    for shop_id, own in groupby(by_shop, key=lambda photo: photo.listing.shop_id):
        known = _newest(shop_id, tagger.trunk_hash)
        note_pairs(_pairs(likeness, known, {photo.pk for photo in own}), LookAlike.Kind.SIMILAR)


def _newest(shop_id: int, trunk_hash: str) -> list[_Seen]:
    stored = PhotoEmbedding.objects.filter(photo__listing__shop=shop_id, trunk_hash=trunk_hash).order_by("-photo")
    columns = ("photo_id", "photo__listing_id", "photo__listing__variant_group", "vector")
    rows = stored.values_list(*columns)[:COMPARED_PHOTOS]
    return [_Seen(photo, listing, group, bytes(vector)) for photo, listing, group, vector in rows]


def _pairs(likeness: Likeness, known: Sequence[_Seen], fresh_ids: set[int]) -> list[tuple[int, int]]:
    fresh = [each for each in known if each.photo_id in fresh_ids]
    apart = _told_apart({each.listing_id for each in fresh})
    rankings = likeness.same_items([each.vector for each in fresh], [each.vector for each in known])
    pairs = []
    for each, ranking in zip(fresh, rankings, strict=True):
        others = (known[place] for place in ranking)
        likest = next((other for other in others if not each.is_told_from(other, apart)), None)
        if likest:
            pairs.append((each.photo_id, likest.photo_id))
    return pairs


def _told_apart(listing_ids: set[int]) -> set[frozenset[int]]:
    """Pairs of listings with a decision, of which one is given."""
    answered = LookAlike.objects.exclude(answer="")
    found = answered.filter(photo__listing__in=listing_ids) | answered.filter(other__listing__in=listing_ids)
    return {frozenset(pair) for pair in found.values_list("photo__listing", "other__listing")}
