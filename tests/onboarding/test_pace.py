"""How long a review takes, told from how long the latest listings took."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from onboarding.models import Confirmation, User
from onboarding.pace import LEAST, seconds_left
from tests.conftest import Cast, make_listing


def confirm(cast: Cast, *seconds_ago: float, actor: User | None = None, **fields: Any) -> None:
    for ago in seconds_ago:
        made = Confirmation.objects.create(
            listing=make_listing(cast.shop, photos=0, state="confirmed"),
            actor=actor or cast.seller,
            how="shown",
            seen_revision=0,
            idempotency_key=f"{Confirmation.objects.count()}",
            **fields,
        )
        Confirmation.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(seconds=ago))


def test_the_median_of_the_latest_gaps_is_the_pace(cast: Cast) -> None:
    confirm(cast, 66, 64, 62, 60, 20, 18)  # gaps of 2, 2, 2, 40 and 2 seconds
    assert seconds_left(cast.seller, cast.shop, 100) == pytest.approx(200, abs=1)


def test_a_pause_is_no_listing(cast: Cast) -> None:
    confirm(cast, 1010, 1008, 1006, 10, 8, 6, 4)
    assert seconds_left(cast.seller, cast.shop, 10) == pytest.approx(20, abs=1)


def test_too_few_tell_nothing(cast: Cast) -> None:
    confirm(cast, *range(LEAST, 0, -1))
    assert seconds_left(cast.seller, cast.shop, 10) is None


def test_others_and_older_ones_and_those_that_nobody_looked_at_do_not_count(cast: Cast) -> None:
    confirm(cast, *range(20, 0, -2), actor=cast.teammate)
    confirm(cast, *range(9000, 8980, -2))
    confirm(cast, *range(20, 0, -2), is_whole=False)
    assert seconds_left(cast.seller, cast.shop, 10) is None
    assert seconds_left(cast.seller, cast.strangers_shop, 10) is None


@pytest.mark.parametrize(("count", "words"), [(3, "less than a minute left"), (55, "about 2 minutes left")])
def test_the_review_says_how_long_it_takes(cast: Cast, count: int, words: str) -> None:
    confirm(cast, *range(15, 1, -2))
    drafts = [make_listing(cast.shop, photos=0) for _ in range(count)]
    assert words in cast.browser(cast.seller).get(f"/listings/{drafts[0].pk}/review/").content.decode()
