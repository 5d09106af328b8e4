"""Variants of one product share a group; a group of one is none."""

import pytest

from catalog.errors import OtherShop
from catalog.models import Listing
from catalog.services.variants import group_as_variants, leave_variants
from tests.conftest import Cast, make_listing


def groups(*listings: Listing) -> list[object]:
    rows = Listing.objects.in_bulk([each.pk for each in listings])
    return [rows[each.pk].variant_group for each in listings]


def revisions(*listings: Listing) -> list[int]:
    rows = Listing.objects.in_bulk([each.pk for each in listings])
    return [rows[each.pk].person_revision for each in listings]


def test_listings_become_variants_and_others_stay_as_they_are(cast: Cast) -> None:
    red, blue, other = (make_listing(cast.shop, photos=0) for _ in range(3))
    group_as_variants(listings=[red, blue])
    first, second, third = groups(red, blue, other)
    assert first is not None
    assert (second, third) == (first, None)
    assert revisions(red, blue, other) == [1, 1, 0]


def test_groups_that_meet_become_one(cast: Cast) -> None:
    listings = [make_listing(cast.shop, photos=0) for _ in range(4)]
    group_as_variants(listings=listings[:2])
    group_as_variants(listings=listings[2:])
    group_as_variants(listings=listings[1:3])
    assert len(set(groups(*listings))) == 1


def test_repeating_it_changes_nothing(cast: Cast) -> None:
    listings = [make_listing(cast.shop, photos=0) for _ in range(2)]
    for _ in range(2):
        group_as_variants(listings=listings)
    assert revisions(*listings) == [1, 1]


def test_a_single_listing_is_no_variant(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=0)
    group_as_variants(listings=[listing])
    assert (groups(listing), revisions(listing)) == ([None], [0])


def test_listings_of_two_shops_are_never_variants(cast: Cast) -> None:
    own, strangers = make_listing(cast.shop, photos=0), make_listing(cast.strangers_shop, photos=0)
    with pytest.raises(OtherShop):
        group_as_variants(listings=[own, strangers])
    assert groups(own, strangers) == [None, None]


def test_one_that_leaves_takes_the_last_other_along(cast: Cast) -> None:
    listings = [make_listing(cast.shop, photos=0) for _ in range(3)]
    group_as_variants(listings=listings)
    leave_variants(listing=listings[0])
    kept = groups(listings[1])[0]
    assert kept is not None
    assert groups(*listings) == [None, kept, kept]
    leave_variants(listing=listings[1])
    assert groups(*listings) == [None, None, None]
    leave_variants(listing=listings[2])
    assert revisions(*listings) == [2, 2, 2]
