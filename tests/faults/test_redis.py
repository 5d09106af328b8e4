"""The broker restarted, emptied, and away."""

import time
from functools import partial

from onboarding.models import TagRequest
from tests.faults.site import Site
from tests.services.redis import Redis

QUICK_SECONDS = 10.0


def restart(redis: Redis) -> None:
    """It keeps nothing."""
    redis.stop()
    redis.start()


def test_a_broker_that_restarts_and_is_emptied_costs_no_photo(site: Site, redis: Redis) -> None:
    for break_it in (redis.flush, partial(restart, redis)):
        site.upload(8)
        break_it()
        site.upload(8)
        site.decide()
        site.settle()


def test_while_the_broker_is_away_uploads_are_quick_and_photos_are_tagged(site: Site, redis: Redis) -> None:
    redis.stop()
    try:
        began = time.monotonic()
        site.upload(4)
        assert time.monotonic() - began < QUICK_SECONDS
        site.settle()
    finally:
        redis.start()
    site.upload(4)
    site.settle()
    assert TagRequest.objects.filter(state=TagRequest.State.FAILED, reason="storage").count() == 0
