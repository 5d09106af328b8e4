"""The tagging thread of a worker: it wakes, it waits, it survives, and it knows when to make way."""

import logging
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import OperationalError, ProgrammingError, connection

from catalog.models import Listing, Photo
from onboarding import worker
from onboarding.errors import ArtifactDamaged, ModelBroken, NoActiveModel
from onboarding.models import Prediction, TagRequest
from onboarding.services import queue
from onboarding.services.model_versions import register_artifact
from onboarding.worker import MemoryGuard, TaggerCache, TaggingThread, tag_next_batch
from tests.artifacts import tiny_artifact
from tests.conftest import make_photo, make_shop, make_user, make_version
from tests.drawing import as_jpeg, product
from tests.live import environment, parts_of, python, wait_until
from tests.settings import ON_SERVICES

State, Reason = TagRequest.State, TagRequest.Reason
MARK = b"a picture that the network trips over"


@pytest.fixture(autouse=True)
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TAGGING_POLL_SECONDS = 0.05
    settings.TAGGING_LEASE_SECONDS = 60
    monkeypatch.setattr(worker, "PAUSE_AFTER_ERROR_SECONDS", 0.05)


def queue_photos(count: int) -> list[Photo]:
    seller = make_user(f"seller{time.monotonic_ns()}@example.com")
    listing = Listing.objects.create(shop=make_shop(seller))
    photos = [make_photo(listing, as_jpeg(product("shirt", "red", (96, 128), seed=seed))) for seed in range(count)]
    for photo in photos:
        queue.enqueue_photo(photo=photo)
    return photos


def states() -> list[str]:
    return list(TagRequest.objects.order_by("pk").values_list("state", flat=True))


@contextmanager
def running() -> Iterator[TaggingThread]:
    thread = TaggingThread()
    thread.start()
    try:
        yield thread
    finally:
        thread.stop(timeout_seconds=30)
        assert not thread.is_alive()


@pytest.fixture
def sigterms() -> Iterator[list[int]]:
    """The requests to end that this process got, which Celery would answer."""
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    yield received
    signal.signal(signal.SIGTERM, before)


# --- Waking and waiting -------------------------------------------------------------------------------------------


def test_what_is_due_is_found_without_any_nudge(live_database: Path) -> None:
    register_artifact(tiny_artifact(), activate=True)
    with running():
        queue_photos(3)
        wait_until(lambda: states() == [State.DONE] * 3)
    assert Prediction.objects.values("photo").distinct().count() == 3


def test_a_nudge_wakes_it_before_its_timer(live_database: Path, settings: Any) -> None:
    settings.TAGGING_POLL_SECONDS = 3600
    register_artifact(tiny_artifact(), activate=True)
    with running() as thread:
        queue_photos(1)
        thread.nudge()
        wait_until(lambda: states() == [State.DONE])


def test_a_nudge_outside_a_worker_does_nothing() -> None:
    worker.nudge()
    assert worker._thread is None


def test_one_process_has_one_tagging_thread(live_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_thread", None)
    worker.start()
    first = worker._thread
    worker.start()
    assert worker._thread is first is not None
    worker.stop()
    assert not first.is_alive()


def test_it_works_off_everything_in_batches(live_database: Path, settings: Any) -> None:
    settings.TAGGING_BATCH_SIZE = 2
    register_artifact(tiny_artifact(), activate=True)
    queue_photos(5)
    taggers = TaggerCache()
    assert [tag_next_batch(taggers) for _ in range(4)] == [2, 2, 1, 0]


# --- Without a model ----------------------------------------------------------------------------------------------


def test_without_a_model_it_complains_once_and_the_photos_wait(
    live_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue_photos(2)
    with running():
        wait_until(lambda: caplog.messages)
        time.sleep(0.5)
        assert (states(), set(TagRequest.objects.values_list("attempts"))) == ([State.PENDING] * 2, {(0,)})
        register_artifact(tiny_artifact(), activate=True)
        wait_until(lambda: states() == [State.DONE] * 2)
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == [
        "No model is active. Register one with `manage.py register_model`. Photos wait until then."
    ]


@pytest.mark.parametrize(("has_row", "error"), [(False, NoActiveModel), (True, ArtifactDamaged)])
def test_nothing_is_claimed_before_a_model_is_loaded(db: None, has_row: bool, error: type[Exception]) -> None:
    queue_photos(1)
    if has_row:
        make_version()
    with pytest.raises(error):
        tag_next_batch(TaggerCache())
    assert list(TagRequest.objects.values_list("state", "attempts")) == [(State.PENDING, 0)]


# --- Errors, and whose fault they are -----------------------------------------------------------------------------


def rename_table(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_it_survives_a_database_that_fails(live_database: Path, caplog: pytest.LogCaptureFixture) -> None:
    register_artifact(tiny_artifact(), activate=True)
    queue_photos(2)
    rename_table("onboarding_tagrequest", "away")
    with running() as thread:
        wait_until(lambda: [each for each in caplog.records if each.levelno == logging.ERROR])
        assert thread.is_alive()
        rename_table("away", "onboarding_tagrequest")
        wait_until(lambda: states() == [State.DONE] * 2)


def test_an_error_of_the_database_is_held_against_no_photo(live_database: Path) -> None:
    register_artifact(tiny_artifact(), activate=True)
    queue_photos(2)
    rename_table("onboarding_prediction", "away")
    for _ in range(4):
        TagRequest.objects.update(due_at="2000-01-01T00:00Z")
        with pytest.raises((OperationalError, ProgrammingError)):
            tag_next_batch(TaggerCache())
    assert set(TagRequest.objects.values_list("state", "attempts", "batch_limit")) == {(State.PENDING, 0, None)}


def test_a_photo_that_the_network_trips_over_ends_alone_and_the_others_are_tagged(
    live_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ml import predictor

    def tripping(source: bytes, **options: Any) -> Any:
        if source.endswith(MARK):
            raise RuntimeError("tripped")
        return original(source, **options)

    original = predictor.open_picture
    monkeypatch.setattr(predictor, "open_picture", tripping)
    register_artifact(tiny_artifact(), activate=True)
    photos = queue_photos(6)
    culprit = make_photo(photos[0].listing, as_jpeg(product()) + MARK)
    queue.enqueue_photo(photo=culprit)
    taggers = TaggerCache()
    while tag_next_batch(taggers):
        pass
    failed = TagRequest.objects.exclude(state=State.DONE).get()
    assert (failed.photo, failed.state, failed.reason) == (culprit, State.FAILED, Reason.QUARANTINED)
    assert [photo.predictions.count() for photo in photos] == [5] * 6


def broken_taggers() -> TaggerCache:
    """A loaded network that fails from now on whatever it sees, as after the loss of a GPU."""
    register_artifact(tiny_artifact(), activate=True)
    taggers = TaggerCache()
    taggers.active()._predictor._network.trunk = None
    return taggers


def test_a_machine_that_fails_is_held_against_no_photo(live_database: Path) -> None:
    taggers = broken_taggers()
    queue_photos(3)
    for _ in range(4):
        with pytest.raises(ModelBroken):
            tag_next_batch(taggers)
    assert set(TagRequest.objects.values_list("state", "attempts", "batch_limit")) == {(State.PENDING, 0, None)}


def test_a_worker_whose_network_fails_makes_way_for_a_fresh_one(live_database: Path, sigterms: list[int]) -> None:
    thread = TaggingThread()
    thread._taggers = broken_taggers()
    queue_photos(1)
    thread.start()
    thread.join(30)
    assert (thread.is_alive(), sigterms, states()) == (False, [signal.SIGTERM], [State.PENDING])


# --- Growing, and hanging -----------------------------------------------------------------------------------------


def test_memory_has_grown_too_far_past_the_limit_and_half_again_the_first_reading() -> None:
    guard = MemoryGuard(limit_bytes=0)
    assert [guard.has_grown_too_far(), guard.has_grown_too_far()] == [False, False]
    first = guard._first_bytes
    assert first is not None
    ballast = b"\1" * (first // 2 + 50_000_000)
    assert (guard.has_grown_too_far(), len(ballast) > 0) == (True, True)
    roomy = MemoryGuard(limit_bytes=10 * first)
    roomy._first_bytes = 1
    assert not roomy.has_grown_too_far()


def test_a_worker_that_has_grown_makes_way_after_its_batch(
    live_database: Path, settings: Any, sigterms: list[int]
) -> None:
    settings.TAGGING_BATCH_SIZE, settings.WORKER_MAX_RSS_BYTES = 2, 1
    register_artifact(tiny_artifact(), activate=True)
    queue_photos(4)
    thread = TaggingThread()
    thread._memory._first_bytes = 1
    thread.start()
    thread.join(30)
    assert (thread.is_alive(), sigterms) == (False, [signal.SIGTERM])
    assert states() == [State.DONE] * 2 + [State.PENDING] * 2


def test_a_batch_that_outlasts_its_lease_ends_the_process(tmp_path: Path) -> None:
    code = (
        "import django, time; django.setup(); from onboarding import worker\nwith worker.watchdog(0.3): time.sleep(60)"
    )
    log = tmp_path / "log"
    process = python("-c", code, env=environment(tmp_path), log=log)
    assert process.wait(30) == worker.STALLED_EXIT_STATUS
    assert "a batch took longer than its lease of 0.3 s; this worker ends" in log.read_text()


def test_a_batch_in_time_is_left_alone() -> None:
    with worker.watchdog(0.2):
        pass
    time.sleep(0.4)


# --- Nudges -------------------------------------------------------------------------------------------------------

NUDGE = """
import django, time
django.setup()
from onboarding.tasks import send_nudge
began = time.monotonic()
send_nudge()
print("took", round(time.monotonic() - began, 1))
"""


def nudge_without(tmp_path: Path, address: str) -> tuple[int, str]:
    log = tmp_path / "log"
    process = python("-c", NUDGE, env=environment(tmp_path, REDIS_URL=address), log=log)
    return process.wait(60), log.read_text()


def test_without_a_broker_a_nudge_is_a_line_in_the_log(tmp_path: Path) -> None:
    status, said = nudge_without(tmp_path, "redis://127.0.0.1:1/0")
    assert (status, said.count("no nudge was sent")) == (0, 1)
    assert float(said.split("took ")[1]) < 2


def test_a_broker_that_never_answers_is_given_up_soon(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        status, said = nudge_without(tmp_path, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
    assert (status, said.count("no nudge was sent")) == (0, 1)
    assert float(said.split("took ")[1]) < 10


def nudges_that_wait(data_dir: Path) -> int:
    if ON_SERVICES:
        with redis.Redis.from_url(parts_of(data_dir)["REDIS_URL"]) as broker:
            return int(broker.llen("celery"))
    return len(list((data_dir / "broker").iterdir()))


def test_a_nudge_lies_with_the_broker_until_a_worker_comes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = python("-c", NUDGE, env=environment(tmp_path), log=log)
    assert process.wait(60) == 0, log.read_text()
    assert nudges_that_wait(tmp_path) == 1
