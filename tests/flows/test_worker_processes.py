"""Tagging by real Celery workers: without a broker, killed in mid-batch, poisoned, grown too large, stopped."""

import hashlib
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from catalog.models import Listing, Photo
from onboarding.models import Prediction, TagRequest
from onboarding.services import queue
from tests.artifacts import drawn
from tests.conftest import make_photo, make_shop, make_user
from tests.drawing import as_jpeg, product
from tests.flows.workers import Workers
from tests.flows.workers import workers as workers
from tests.live import environment, python

State, Reason = TagRequest.State, TagRequest.Reason


def queue_photos(count: int) -> list[Photo]:
    shop = make_shop(make_user(f"seller{Photo.objects.count()}@example.com"))
    pictures = [as_jpeg(each.picture) for each in drawn(range(-(-count // 12)))[:count]]
    photos = [make_photo(Listing.objects.create(shop=shop), content) for content in pictures]
    for photo in photos:
        queue.enqueue_photo(photo=photo)
    return photos


def states() -> Counter[str]:
    return Counter(TagRequest.objects.values_list("state", flat=True))


def predictions_of(photos: list[Photo]) -> list[int]:
    return [Prediction.objects.filter(photo=photo).count() for photo in photos]


def test_photos_are_tagged_without_a_broker_and_the_worker_ends_in_order(workers: Workers) -> None:
    worker = workers.start(REDIS_URL="redis://127.0.0.1:1/0")
    photos = queue_photos(12)
    workers.wait_until(lambda: states() == {State.DONE: 12})
    assert predictions_of(photos) == [5] * 12
    assert worker.poll() is None
    assert workers.end(worker) == 0, workers.log.read_text()


def test_what_a_killed_worker_held_is_tagged_by_another_and_nothing_twice(workers: Workers) -> None:
    slow = workers.start_odd(1, PICTURE_SECONDS="0.7")
    photos = queue_photos(20)
    workers.wait_until(lambda: State.LEASED in states())
    held = set(TagRequest.objects.filter(state=State.LEASED).values_list("pk", flat=True))
    pid = int(TagRequest.objects.filter(state=State.LEASED)[0].leased_by.partition(":")[2])
    assert slow.poll() is None
    slow.kill()  # so that nobody frees the lease: it has to run out
    os.kill(pid, signal.SIGKILL)
    workers.start()
    workers.wait_until(lambda: states() == {State.DONE: 20})
    attempts = dict(TagRequest.objects.values_list("pk", "attempts"))
    assert {pk for pk, count in attempts.items() if count == 2} == held
    assert set(attempts.values()) == {1, 2}
    assert predictions_of(photos) == [5] * 20


def test_a_photo_that_kills_every_worker_is_quarantined_and_its_neighbours_are_tagged(workers: Workers) -> None:
    poison = as_jpeg(product("dress", "yellow", (48, 64)))
    photos = queue_photos(7)
    culprit = make_photo(photos[3].listing, poison)
    queue.enqueue_photo(photo=culprit)
    workers.start_odd(4, DEADLY_SHA256=hashlib.sha256(poison).hexdigest())
    workers.wait_until(lambda: states() == {State.DONE: 7, State.FAILED: 1})
    assert predictions_of([*photos, culprit]) == [5] * 7 + [0]
    failed = TagRequest.objects.get(photo=culprit)
    assert (failed.state, failed.reason, failed.attempts) == (State.FAILED, Reason.QUARANTINED, 3)
    assert workers.log.read_text().count("a worker ended with -9") == 3


def test_a_worker_that_has_grown_too_far_ends_in_order_and_the_next_goes_on(workers: Workers) -> None:
    photos = queue_photos(24)
    workers.start_odd(9, LEAK_BYTES="60000000", WORKER_MAX_RSS_MB="1", TAGGING_BATCH_SIZE="3")
    workers.wait_until(lambda: states() == {State.DONE: 24})
    said = workers.log.read_text()
    assert said.count("this worker makes way for a fresh one") >= 1
    assert "a worker ended with -" not in said
    assert predictions_of(photos) == [5] * 24
    assert set(TagRequest.objects.values_list("attempts", flat=True)) == {1}


def test_a_nudge_by_the_file_broker_wakes_a_worker(workers: Workers) -> None:
    workers.start(TAGGING_POLL_SECONDS="3600")
    workers.wait_until(lambda: "ready" in workers.log.read_text())
    queue_photos(1)
    nudge = "import django; django.setup(); from onboarding.tasks import send_nudge; send_nudge()"
    python("-c", nudge, env=environment(workers.data_dir), log=workers.log).wait(30)
    workers.wait_until(lambda: states() == {State.DONE: 1})


@pytest.mark.parametrize("pool", ["processes", "threads"])  # Celery takes "prefork" for "as the settings say": solo
def test_other_pools_are_refused_with_a_clear_sentence(live_database: Path, pool: str) -> None:
    workers = Workers(live_database)
    assert workers.start("--pool", pool).wait(60) == 1
    assert workers.log.read_text().strip().splitlines()[-1] == (
        "Run Lapel's workers with --pool=solo: one process per GPU, or per few cores."
    )
