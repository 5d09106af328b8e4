"""What runs inside a Celery worker: one thread that tags whatever is due.

It wakes at its start, at each nudge, and on a timer; each time it asks the database. So a lost message, a broker that
is down or a worker that died costs time, never a photo.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, close_old_connections

from onboarding import worker_metrics
from onboarding.batch_size import BatchSize
from onboarding.errors import ModelBroken, OnboardingError
from onboarding.heartbeat import Heartbeat
from onboarding.models import TagRequest
from onboarding.processes import process_name
from onboarding.services import queue
from onboarding.services.likeness import note_same_items
from onboarding.services.loading import load_tagger
from onboarding.services.model_versions import active_version
from onboarding.services.tagging_batches import tag_batch
from onboarding.tagging import Tagger

logger = logging.getLogger(__name__)

STALLED_EXIT_STATUS = 75
PAUSE_AFTER_ERROR_SECONDS = 5.0
ATTENTIVE_POLL_SECONDS = 0.1
REQUEST_IDS_LOGGED = 10
# The third is what PostgreSQL says of a table that a migration under way has not made yet.
DATABASE_TROUBLE = (OperationalError, InterfaceError, ProgrammingError, InternalError)


class TaggerCache:
    """Keeps the active version loaded; loads another one when another is active, between batches."""

    def __init__(self) -> None:
        self._tagger: Tagger | None = None
        self.batch_size = BatchSize(largest=settings.TAGGING_BATCH_SIZE, seconds=settings.TAGGING_BATCH_SECONDS)

    def active(self) -> Tagger:
        """Raises `NoActiveModel` or `ArtifactDamaged`."""
        version = active_version()
        if self._tagger is None or self._tagger.version.pk != version.pk:
            began = time.monotonic()
            self._tagger = load_tagger(version)
            took, device = time.monotonic() - began, self._tagger.device
            worker_metrics.count_model_load(version.name, device, seconds=took)
            logger.info("tagging with %s on %s, loaded in %.2f s", version.name, device, took)
        return self._tagger


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """Ends the process if the block outlasts its lease: by then another worker has taken over.

    Celery's own time limits do nothing in a solo pool.
    """
    timer = threading.Timer(seconds, _give_up, (seconds,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(seconds: float) -> None:
    try:
        logger.critical("a batch took longer than its lease of %s s; this worker ends", seconds)
    finally:
        os._exit(STALLED_EXIT_STATUS)


def tag_next_batch(taggers: TaggerCache) -> int:
    """Claims and tags one batch; returns how many requests it handled, 0 if nothing is due.

    Raises `NoActiveModel` or `ArtifactDamaged` before anything is claimed.
    """
    tagger = taggers.active()
    seconds = settings.TAGGING_LEASE_SECONDS
    limit = taggers.batch_size.limit
    lease = queue.claim_batch(limit=limit, lease_seconds=seconds, leased_by=process_name())
    if lease is None:
        return 0
    began = time.monotonic()
    with watchdog(seconds):
        _tag(tagger, lease)
    took = time.monotonic() - began
    taggers.batch_size.learn(photos=len(lease.requests), seconds=took)
    worker_metrics.BATCH_SECONDS.observe(took)
    _look_for_same_items(tagger, lease)
    return len(lease.requests)


def _look_for_same_items(tagger: Tagger, lease: queue.Lease) -> None:
    """Among photos that are tagged for the first time. They have their tags: nothing here may fail them."""
    fresh = [each.photo for each in lease.requests if each.priority != TagRequest.Priority.RETAG]
    try:
        note_same_items(tagger=tagger, photos=fresh)
    except Exception:
        logger.exception("could not look for photos of the same item", extra=_origin(lease))


def _tag(tagger: Tagger, lease: queue.Lease) -> None:
    """Whose fault an error is decides what it costs: only one that the photos may have caused counts as an attempt.

    Raises `ModelBroken`, and the database's own errors.
    """
    began = time.monotonic()
    try:
        tagged = tag_batch(tagger, lease)
    except DATABASE_TROUBLE:
        worker_metrics.BATCHES_FAILED.labels("database").inc()
        queue.release(lease=lease, delay_seconds=PAUSE_AFTER_ERROR_SECONDS)
        raise
    except Exception as error:
        if not tagger.works():
            worker_metrics.BATCHES_FAILED.labels("model").inc()
            queue.release(lease=lease, delay_seconds=0.0)
            raise ModelBroken from error
        worker_metrics.BATCHES_FAILED.labels("photo").inc()
        logger.exception("a batch of %s failed; it is retried in halves", len(lease.requests), extra=_origin(lease))
        queue.give_back(lease=lease)
    else:
        worker_metrics.PHOTOS_TAGGED.inc(tagged)
        took = time.monotonic() - began
        logger.info("tagged %s of %s photos in %.2f s", tagged, len(lease.requests), took, extra=_origin(lease))


def _origin(lease: queue.Lease) -> dict[str, list[str]]:
    """Which web requests the photos came with, for a log line."""
    ids = dict.fromkeys(each.request_id for each in lease.requests if each.request_id)
    return {"request_ids": list(ids)[:REQUEST_IDS_LOGGED]} if ids else {}


class MemoryGuard:
    """Says when resident memory has grown too far: past the limit, and past one and a half times the first reading.

    The second spares a worker whose libraries alone are larger than the limit, as with CUDA: it would end for ever.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._first_bytes: int | None = None

    def has_grown_too_far(self) -> bool:
        rss: int = psutil.Process().memory_info().rss
        if self._first_bytes is None:
            self._first_bytes = rss
        return rss > max(self._limit_bytes, 1.5 * self._first_bytes)


class TaggingThread(threading.Thread):
    """Tags in the background of a worker until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="tagging", daemon=True)
        self._wake = threading.Event()
        self._stop_requested = threading.Event()
        self._taggers = TaggerCache()
        self._memory = MemoryGuard(settings.WORKER_MAX_RSS_BYTES)
        self._complaint = ""
        self._is_kept_free = False
        self._heartbeat = Heartbeat(settings.WORKER_HEARTBEAT_FILE)

    def nudge(self) -> None:
        self._wake.set()

    def stop(self, *, timeout_seconds: float) -> None:
        """Lets the batch in hand finish, within the timeout; its lease covers whatever does not."""
        self._stop_requested.set()
        self._wake.set()
        self.join(timeout_seconds)

    def run(self) -> None:
        while not self._stop_requested.is_set():
            pause = self._poll_seconds() if self._has_tagged_all_due() else PAUSE_AFTER_ERROR_SECONDS
            self._heartbeat.beat()  # whatever came of it: a fresh start would not bring a database back
            self._wake.wait(pause)
            self._wake.clear()

    def _poll_seconds(self) -> float:
        """A worker that is kept free looks often: the nudge may have gone to one that is busy."""
        return ATTENTIVE_POLL_SECONDS if self._is_kept_free else settings.TAGGING_POLL_SECONDS

    def _has_tagged_all_due(self) -> bool:
        """Whether all went well. Whatever happens, the thread lives on."""
        try:
            self._tag_all_due()
        except OnboardingError as error:
            self._complain_once(str(error))
            if isinstance(error, ModelBroken):
                self._make_way(str(error))
            return False
        except Exception:
            logger.exception("tagging was interrupted; it goes on in %s s", PAUSE_AFTER_ERROR_SECONDS)
            return False
        self._complaint = ""
        return True

    def _tag_all_due(self) -> None:
        close_old_connections()
        try:
            while not self._stop_requested.is_set() and tag_next_batch(self._taggers):
                self._heartbeat.beat()
                if self._memory.has_grown_too_far():
                    self._make_way("resident memory has grown too far")
            self._is_kept_free = queue.leaves_piles_alone(process_name())
        finally:
            close_old_connections()

    def _complain_once(self, complaint: str) -> None:
        if complaint != self._complaint:
            logger.error("%s Photos wait until then.", complaint)
        self._complaint = complaint

    def _make_way(self, why: str) -> None:
        """Asks Celery to end this worker in order; whoever keeps workers running starts a fresh one."""
        logger.warning("%s: this worker makes way for a fresh one", why)
        self._stop_requested.set()
        os.kill(os.getpid(), signal.SIGTERM)


_thread: TaggingThread | None = None


def start() -> None:
    """Starts tagging in this process, once."""
    global _thread
    if _thread is None or not _thread.is_alive():
        if settings.WORKER_METRICS_PORT:
            worker_metrics.serve(settings.WORKER_METRICS_PORT)
        _thread = TaggingThread()
        _thread.start()


def nudge() -> None:
    """Something may be due: look now. Does nothing outside a worker."""
    if _thread is not None:
        _thread.nudge()


def stop() -> None:
    if _thread is not None:
        _thread.stop(timeout_seconds=settings.TAGGING_LEASE_SECONDS)
