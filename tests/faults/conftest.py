"""One site for all faults that run one after another: its web server and workers start once."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.flaky_storage import FlakyStorage
from tests.faults.site import Site, site_in
from tests.services.redis import Redis
from tests.settings import ON_SERVICES


@pytest.fixture(autouse=True)
def media() -> None:
    """Not a place for each test: the site's own."""


@pytest.fixture(scope="package")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """The site's own, which nobody else misses."""
    if not ON_SERVICES:
        pytest.skip("the site has no Redis: run it on services")
    with Redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="package")
def storage() -> Iterator[FlakyStorage]:
    """Healthy until a test says otherwise."""
    if not ON_SERVICES:
        pytest.skip("the site keeps its files in a folder: run it on services")
    with FlakyStorage(os.environ["AWS_S3_ENDPOINT_URL"]) as running:
        yield running


@pytest.fixture(scope="package")
def site(
    request: pytest.FixtureRequest, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Photos are received and tagged; whatever a test breaks it mends again."""
    values = {}
    if ON_SERVICES:
        redis, storage = request.getfixturevalue("redis"), request.getfixturevalue("storage")
        values = {"REDIS_URL": redis.url(), "AWS_S3_ENDPOINT_URL": storage.endpoint}
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        site = stack.enter_context(site_in(tmp_path_factory.mktemp("site"), **values))
        site.start_workers()
        site.start_web()
        yield site


def seeds() -> Iterator[random.Random]:
    """One generator of random numbers, or many for as long as FAULT_MINUTES says; the seed of each is printed."""
    end = time.monotonic() + 60 * float(os.environ.get("FAULT_MINUTES", "0"))
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    while True:
        print(f"FAULT_SEED={seed}")
        yield random.Random(seed)
        seed += 1
        if time.monotonic() >= end:
            return
