"""A batch holds what is tagged within its seconds, never more than the largest."""

import pytest

from onboarding.batch_size import SMALLEST_PHOTOS, BatchSize


def after(*batches: tuple[int, float]) -> int:
    """The limit after batches of so many photos that took so many seconds."""
    size = BatchSize(largest=32, seconds=0.25)
    for photos, seconds in batches:
        size.learn(photos=photos, seconds=seconds)
    return size.limit


def test_the_first_batch_is_small() -> None:
    assert after() == SMALLEST_PHOTOS


@pytest.mark.parametrize(("photos_per_second", "limit"), [(1, 8), (40, 10), (80, 20), (127, 32), (10_000, 32)])
def test_it_settles_at_what_is_tagged_within_its_seconds(photos_per_second: float, limit: int) -> None:
    size = BatchSize(largest=32, seconds=0.25)
    for _ in range(30):
        size.learn(photos=size.limit, seconds=size.limit / photos_per_second)
    assert size.limit == limit


def test_a_worker_that_gets_less_of_the_cores_takes_less() -> None:
    fast = [(20, 0.25)] * 8
    assert (after(*fast), after(*fast, *[(20, 0.5)] * 8)) == (20, 10)


def test_one_slow_photo_does_not_shrink_what_follows() -> None:
    fast = [(20, 0.25)] * 8
    assert after(*fast, (1, 0.2)) == 19


def test_what_every_batch_costs_does_not_make_the_batches_ever_smaller() -> None:
    size = BatchSize(largest=32, seconds=0.25)
    for _ in range(30):
        size.learn(photos=size.limit, seconds=0.8 + size.limit / 100)
    assert size.limit == SMALLEST_PHOTOS


def test_the_largest_batch_may_be_smaller_still() -> None:
    assert BatchSize(largest=3, seconds=0.25).limit == 3


def test_a_batch_that_took_no_time_is_no_error() -> None:
    assert after((8, 0.0)) == 32
