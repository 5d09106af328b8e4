"""PostgreSQL connections terminated while photos are received and tagged."""

import threading
import time

import pytest
from django.db import connection

from onboarding.models import TagRequest
from tests.faults.conftest import seeds
from tests.faults.site import Site
from tests.settings import ON_SERVICES

TERMINATIONS = 8
TRIES = 40

pytestmark = pytest.mark.skipif(not ON_SERVICES, reason="SQLite has no connections to lose: run it on services")


def terminate_all() -> int:
    """Ends all connections to the site's database but the test's own; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_lost_connections_in_mid_batch_and_in_uploads_lose_and_double_nothing(site: Site) -> None:
    for random in seeds():
        uploads = [threading.Thread(target=site.upload, args=(6,), kwargs={"tries": TRIES}) for _ in range(2)]
        for each in uploads:
            each.start()
        terminated = 0
        for _ in range(TERMINATIONS):
            time.sleep(random.uniform(0.05, 0.5))
            terminated += terminate_all()
        for each in uploads:
            each.join(120)
        assert terminated > 0
        site.upload(8)
        site.wait_until(TagRequest.objects.filter(state=TagRequest.State.LEASED).exists)
        terminate_all()
        site.decide()
        site.settle()
