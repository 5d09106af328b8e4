"""What an operator is told of the site: the queue at this moment, and whether its parts answer."""

import re
import threading
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Listing, Shop
from onboarding import monitoring
from onboarding.models import TagRequest
from onboarding.monitoring import (
    Status,
    Tagging,
    Waiting,
    check_readiness,
    tagging_in_time,
    watch_tagging,
)
from onboarding.services import queue
from tests.conftest import Cast, make_photo, make_shop, make_user, make_version

State = TagRequest.State
Priority = TagRequest.Priority


def enqueue(shop: Shop, count: int = 1, priority: int = Priority.INTERACTIVE) -> list[TagRequest]:
    listing = Listing.objects.create(shop=shop)
    return [queue.enqueue_photo(photo=make_photo(listing), priority=priority) for _ in range(count)]


def claim() -> queue.Lease:
    lease = queue.claim_batch(limit=1, lease_seconds=30.0, leased_by="here:1")
    assert lease is not None
    return lease


# --- The queue ----------------------------------------------------------------------------------------------------


def test_an_empty_site_has_nothing_to_tell(cast: Cast) -> None:
    tagging = watch_tagging()
    assert tagging == Tagging(
        waiting={"interactive": Waiting(), "bulk": Waiting(), "retag": Waiting()},
        leased=0,
        failed_last_hour=0,
        last_claim_at=None,
        last_tagged_at=None,
        active_model=None,
    )
    assert (tagging.oldest_due_seconds, tagging.is_stalled) == (0, False)


def test_what_waits_is_counted_by_who_waits_for_it(cast: Cast) -> None:
    enqueue(cast.shop, 3)
    enqueue(cast.shop, 2, Priority.BULK)
    claim()
    tagging = watch_tagging()
    photos = {priority: waiting.photos for priority, waiting in tagging.waiting.items()}
    assert (photos, tagging.leased) == ({"interactive": 2, "bulk": 2, "retag": 0}, 1)


def test_the_age_is_that_of_the_oldest_request_that_is_due(cast: Cast) -> None:
    old, new, later = enqueue(cast.shop, 3)
    (bulk,) = enqueue(cast.shop, 1, Priority.BULK)
    now = timezone.now()
    for request, due in ((old, -100), (new, -10), (later, 1000), (bulk, -500)):
        TagRequest.objects.filter(pk=request.pk).update(due_at=now + timedelta(seconds=due))
    tagging = watch_tagging()
    interactive, large = tagging.waiting["interactive"], tagging.waiting["bulk"]
    assert (interactive.photos, interactive.due, large.photos, large.due) == (3, 2, 1, 1)
    assert interactive.oldest_due_seconds == pytest.approx(100, abs=5)
    assert large.oldest_due_seconds == tagging.oldest_due_seconds == pytest.approx(500, abs=5)


def test_it_stays_known_when_a_worker_last_took_photos_and_when_it_tagged_some(cast: Cast) -> None:
    tagged, failed = enqueue(cast.shop, 2)
    queue.mark_done(claim().requests)
    queue.mark_failed(claim().requests[0], TagRequest.Reason.MISSING)
    tagged.refresh_from_db()
    failed.refresh_from_db()
    tagging = watch_tagging()
    assert tagging.last_claim_at == failed.claimed_at is not None
    assert tagging.last_tagged_at == tagged.finished_at is not None


def test_a_claim_that_was_given_back_was_a_claim(cast: Cast) -> None:
    (request,) = enqueue(cast.shop)
    queue.release(lease=claim(), delay_seconds=0.0)
    request.refresh_from_db()
    assert watch_tagging().last_claim_at == request.claimed_at is not None


def test_failures_count_for_an_hour(cast: Cast) -> None:
    for request, minutes in zip(enqueue(cast.shop, 2), (59, 61), strict=True):
        queue.mark_failed(request, TagRequest.Reason.MISSING)
        TagRequest.objects.filter(pk=request.pk).update(finished_at=timezone.now() - timedelta(minutes=minutes))
    assert watch_tagging().failed_last_hour == 1


@pytest.mark.parametrize(
    ("due_seconds", "claimed_seconds", "is_stalled"),
    [(400, None, True), (400, 400, True), (400, 10, False), (200, None, False), (200, 400, False)],
)
def test_tagging_is_stalled_when_photos_are_due_and_nobody_takes_any(
    cast: Cast, due_seconds: int, claimed_seconds: int | None, is_stalled: bool
) -> None:
    waiting, taken = enqueue(cast.shop, 2)
    now = timezone.now()
    TagRequest.objects.filter(pk=waiting.pk).update(due_at=now - timedelta(seconds=due_seconds))
    claimed_at = None if claimed_seconds is None else now - timedelta(seconds=claimed_seconds)
    TagRequest.objects.filter(pk=taken.pk).update(state=State.DONE, claimed_at=claimed_at)
    assert watch_tagging().is_stalled is is_stalled


def test_the_figures_cost_the_same_however_much_waits(cast: Cast, django_assert_num_queries: Any) -> None:
    make_version()
    for count in (1, 30):
        enqueue(cast.shop, count)
        with django_assert_num_queries(6):
            active = watch_tagging().active_model
        assert active is not None
        assert (active.name, active.sha256) == ("model-aaaaaaaa", "a" * 64)


def test_what_is_through_is_never_read_for_the_figures(cast: Cast) -> None:
    """There are millions of such rows; all that is asked of them stands at the end of an index."""
    enqueue(cast.shop)
    with CaptureQueriesContext(connection) as queries:
        watch_tagging()
    assert [_index_read_by(query["sql"]) for query in queries.captured_queries[:-1]] == [
        ANY_OF_PENDING,
        "tag_request_leased",
        "tag_request_finished",
        "tag_request_claimed",
        "tag_request_finished",
    ]


ANY_OF_PENDING = "tag_request_pending or tag_request_open_once_per_photo"


def _index_read_by(query: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # on one row it would read the table
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {query}")
        (name,) = set(re.findall(r"tag_request_\w+", str(cursor.fetchall())))
    return ANY_OF_PENDING if name in ANY_OF_PENDING.split(" or ") else name


# --- The parts ----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "_migrations_are_applied", False)
    monkeypatch.setattr(monitoring, "PART_SECONDS", 10.0)


@pytest.fixture
def shop(live_database: Path) -> Shop:
    """On a database that other threads see."""
    return make_shop(make_user("seller@example.com"))


def test_a_site_whose_parts_answer_is_ready(shop: Shop) -> None:
    readiness = check_readiness()
    assert dict(readiness.parts) == dict.fromkeys(("database", "migrations", "storage", "broker"), "ok")
    assert readiness.status == Status.OK


def test_photos_that_nobody_takes_do_not_make_the_pages_unready(shop: Shop) -> None:
    enqueue(shop)
    TagRequest.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert check_readiness().status == Status.STALLED


def test_a_missing_migration_makes_the_site_unready(shop: Shop) -> None:
    (latest,) = (name for _app, name in MigrationLoader(connection).graph.leaf_nodes("onboarding"))
    MigrationRecorder(connection).record_unapplied("onboarding", latest)
    readiness = check_readiness()
    assert (readiness.parts["migrations"], readiness.status) == ("not applied", Status.UNAVAILABLE)


def test_a_database_that_cannot_be_reached_makes_the_site_unready(shop: Shop) -> None:
    connection.settings_dict["NAME"] = "/nowhere/lapel.sqlite3" if connection.vendor == "sqlite" else "nowhere"
    readiness = check_readiness()
    assert (readiness.parts["database"], readiness.tagging) == ("OperationalError", None)
    assert readiness.status == Status.UNAVAILABLE


def test_a_storage_that_is_away_degrades_the_site(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: Any) -> bool:
        raise ConnectionError("host secret.example.com is away")

    monkeypatch.setattr(type(storages["default"]), "exists", away)
    readiness = check_readiness()
    assert (readiness.parts["storage"], readiness.status) == ("ConnectionError", Status.DEGRADED)


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """Ends whatever hangs, and waits for it: it must not reach into the next test."""
    event = threading.Event()
    yield event
    event.set()
    futures.wait(monitoring._asked.values(), timeout=30)


def test_parts_that_hang_hold_the_answer_up_no_longer_than_the_time_for_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, go_on: threading.Event
) -> None:
    for place, name in ((type(storages["default"]), "exists"), (monitoring, "_check_broker")):
        monkeypatch.setattr(place, name, lambda *_arguments: go_on.wait(60))
    monkeypatch.setattr(monitoring, "PART_SECONDS", 2.0)
    check_readiness()  # what is loaded once
    began = timezone.now()
    answers = [check_readiness() for _ in range(2)]
    took = timezone.now() - began
    found = [(each.parts["storage"], each.parts["broker"], each.status) for each in answers]
    assert found == [("no answer", "no answer", Status.DEGRADED)] * 2
    assert timedelta(seconds=4) <= took < timedelta(seconds=6)
    assert threads_asking() == ["ask-broker", "ask-storage"]


def threads_asking() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("ask-"))


def test_a_database_that_hangs_makes_the_site_unready_in_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, go_on: threading.Event
) -> None:
    monkeypatch.setattr(monitoring, "watch_tagging", lambda: go_on.wait(60))
    monkeypatch.setattr(monitoring, "PART_SECONDS", 1.0)
    readiness = check_readiness()
    assert (readiness.parts["database"], readiness.status) == ("no answer", Status.UNAVAILABLE)
    assert (tagging_in_time(), threads_asking()) == (None, ["ask-database"])


def test_a_crowd_of_probes_asks_each_part_once_at_a_time_and_all_are_answered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever floods the address must not make the site look unready to the probe that counts."""
    asked: list[int] = []

    def exists(*_arguments: Any) -> bool:
        asked.append(threading.get_ident())
        assert threads_asking().count("ask-storage") == 1
        return threading.Event().wait(0.3)

    monkeypatch.setattr(type(storages["default"]), "exists", exists)
    with ThreadPoolExecutor(30) as crowd:
        answers = list(crowd.map(lambda _number: check_readiness(), range(30)))
    assert {each.status for each in answers} == {Status.OK}
    assert len(asked) < 10
