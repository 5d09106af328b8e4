"""What the staff should look at."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Listing
from onboarding.attention import Attention, attention
from onboarding.models import DoubtfulTag, ModelVersion, RetrainRun, TagRequest
from tests.conftest import Cast, make_listing, make_version, term


def tagging(listing: Listing, state: str) -> TagRequest:
    return TagRequest.objects.create(photo=listing.photos.all()[0], shop=listing.shop, state=state)


def running(version: ModelVersion, **fields: Any) -> RetrainRun:
    values = {"base": version, "host": "here:1", "lease_until": timezone.now() + timedelta(minutes=1), **fields}
    return RetrainRun.objects.create(**values)


def test_in_a_new_installation_there_is_nothing(db: None) -> None:
    found = attention()
    assert found == Attention(
        doubtful_tags=0, waiting_photos=0, overdue_photos=0, failed_photos=0, active_model=None, run=None
    )
    assert (found.run_is_under_way, found.run_is_stalled) == (False, False)


def test_what_waits_and_what_went_wrong_is_counted(cast: Cast) -> None:
    pending, done, failed, other = (make_listing(cast.shop) for _ in range(4))
    for listing, state in ((pending, "pending"), (done, "done"), (failed, "failed"), (other, "failed")):
        tagging(listing, state)
    DoubtfulTag.objects.create(listing=done, field="colour", term=term("colour", "Red"), confidence=0.3)
    found = attention()
    assert (found.doubtful_tags, found.waiting_photos, found.failed_photos) == (1, 1, 2)


@pytest.mark.parametrize(("later", "expected"), [("pending", (1, 0)), ("done", (0, 0)), ("failed", (0, 1))])
def test_a_failure_counts_until_somebody_tries_again(cast: Cast, later: str, expected: tuple[int, int]) -> None:
    listing = make_listing(cast.shop)
    tagging(listing, "failed")
    tagging(listing, later)
    found = attention()
    assert (found.waiting_photos, found.failed_photos) == expected


def test_photos_that_nobody_comes_for_are_overdue(cast: Cast) -> None:
    before = timezone.now() - timedelta(minutes=6)
    waiting, again, _just_come = (tagging(make_listing(cast.shop), "pending") for _ in range(3))
    TagRequest.objects.filter(pk__in=[waiting.pk, again.pk]).update(due_at=before)
    TagRequest.objects.filter(pk=again.pk).update(priority=TagRequest.Priority.RETAG)  # those have tags already
    found = attention()
    assert (found.waiting_photos, found.overdue_photos) == (3, 1)


def test_the_model_at_work_and_the_newest_retraining_are_named(db: None) -> None:
    make_version("b" * 64, state="retired")
    active = make_version()
    running(active, state="failed")
    newest = running(active)
    found = attention()
    assert (found.active_model, found.run, found.run_is_under_way, found.run_is_stalled) == (
        active,
        newest,
        True,
        False,
    )


def test_a_retraining_without_a_sign_of_life_is_stalled(db: None) -> None:
    run = running(make_version(), lease_until=timezone.now() - timedelta(seconds=1))
    assert attention().run_is_stalled
    RetrainRun.objects.filter(pk=run.pk).update(state="kept")
    assert not attention().run_is_stalled


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_four_queries_whatever_there_is(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    version = make_version()
    for _ in range(count):
        tagging(make_listing(cast.shop), "failed")
        running(version, state="kept")
    with django_assert_num_queries(4):
        attention()
