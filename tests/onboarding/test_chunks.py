"""Large queries piece by piece."""

import pytest

from catalog.models import Listing
from onboarding import chunks
from onboarding.chunks import by_key
from tests.conftest import Cast, make_listing


def test_every_row_comes_once_in_the_order_of_keys(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    made = [make_listing(cast.shop, photos=0) for _ in range(5)]
    assert list(by_key(Listing.objects.order_by("-pk"))) == [made[0:2], made[2:4], made[4:]]
    assert list(by_key(Listing.objects.none())) == []


def test_rows_that_go_or_come_meanwhile_disturb_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    made = [make_listing(cast.shop, photos=0) for _ in range(4)]
    found = []
    for chunk in by_key(Listing.objects.all()):
        found += [listing.pk for listing in chunk]
        Listing.objects.filter(pk__in=found).delete()
        if len(found) == 2:
            made.append(make_listing(cast.shop, photos=0))
    assert found == [listing.pk for listing in made]
