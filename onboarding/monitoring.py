"""What an operator wants to know of a running site: is it ready, and do photos get tagged?"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from onboarding.models import ModelVersion, TagRequest

PART_SECONDS = 3.0
"""How long the parts may take to answer, all together; what has not answered by then counts as out of reach."""

State = TagRequest.State


@dataclass(frozen=True)
class Waiting:
    """Photos of one priority that no worker has taken yet."""

    photos: int = 0
    due: int = 0
    """Those that a worker may take now; the others are to be tried again later."""
    oldest_due_seconds: float = 0.0
    """How long the oldest of them has been due; 0 where none is."""


@dataclass(frozen=True)
class Tagging:
    """The queue at one moment, by a few queries that indexes answer."""

    waiting: Mapping[str, Waiting]
    """By the name of the priority: interactive, bulk, retag."""
    leased: int
    failed_last_hour: int
    last_claim_at: datetime | None
    last_tagged_at: datetime | None
    active_model: ModelVersion | None

    @property
    def oldest_due_seconds(self) -> float:
        return max(each.oldest_due_seconds for each in self.waiting.values())

    @property
    def is_stalled(self) -> bool:
        """Photos are due, and for long no worker has taken any: there is none, or none that works."""
        limit = settings.TAGGING_STALLED_SECONDS
        long_ago = timezone.now() - timedelta(seconds=limit)
        return self.oldest_due_seconds > limit and (self.last_claim_at is None or self.last_claim_at < long_ago)


def watch_tagging() -> Tagging:
    failed = TagRequest.objects.filter(state=State.FAILED, finished_at__gt=timezone.now() - timedelta(hours=1))
    return Tagging(
        waiting=_waiting(),
        leased=TagRequest.objects.filter(state=State.LEASED).count(),
        failed_last_hour=failed.count(),
        last_claim_at=_latest(TagRequest.objects.all(), "claimed_at"),
        last_tagged_at=_latest(TagRequest.objects.filter(state=State.DONE), "finished_at"),
        active_model=ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).defer("card").first(),
    )


def _waiting() -> dict[str, Waiting]:
    now = timezone.now()
    is_due = Q(due_at__lte=now)
    pending = TagRequest.objects.filter(state=State.PENDING).values_list("priority").order_by()
    rows = pending.annotate(photos=Count("pk"), due=Count("pk", filter=is_due), oldest=Min("due_at", filter=is_due))
    found = {
        priority: Waiting(photos, due, (now - oldest).total_seconds() if oldest else 0.0)
        for priority, photos, due, oldest in rows
    }
    return {each.name.lower(): found.get(each, Waiting()) for each in TagRequest.Priority}


def _latest(requests: QuerySet[TagRequest], field: str) -> datetime | None:
    """Read off the end of an index, whatever has piled up before it."""
    latest: datetime | None = requests.filter(**{f"{field}__isnull": False}).aggregate(at=Max(field))["at"]
    return latest


def tagging_in_time() -> Tagging | None:
    """None where the database does not answer within PART_SECONDS."""
    answer = _answers({"database": watch_tagging})["database"]
    return answer if isinstance(answer, Tagging) else None


# --- Readiness ----------------------------------------------------------------------------------------------------


class Status(StrEnum):
    OK = "ok"
    STALLED = "stalled"
    """Pages work, but photos that are due are not tagged."""
    DEGRADED = "degraded"
    """Pages work, but a part is out of reach that some of them need."""
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Readiness:
    parts: Mapping[str, str]
    """Each part with "ok", or what is wrong with it."""
    tagging: Tagging | None
    """None where the database cannot be asked."""

    @property
    def status(self) -> Status:
        if self.tagging is None or self.parts["migrations"] != "ok":
            return Status.UNAVAILABLE
        if any(each != "ok" for each in self.parts.values()):
            return Status.DEGRADED
        return Status.STALLED if self.tagging.is_stalled else Status.OK


def check_readiness() -> Readiness:
    answers = _answers(
        {
            "database": watch_tagging,
            "migrations": _check_migrations,
            "storage": lambda: default_storage.exists("readiness"),
            "broker": _check_broker,
        }
    )
    tagging = answers["database"]
    parts = {name: _what(answer) if isinstance(answer, Exception) else "ok" for name, answer in answers.items()}
    return Readiness(parts, tagging if isinstance(tagging, Tagging) else None)


_asked: dict[str, Future[Any]] = {}
_asking = Lock()


def _answers(questions: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What comes back from each part within the time, be it an error. They are asked side by side."""
    asked = {name: _ask(name, question) for name, question in questions.items()}
    wait(asked.values(), timeout=PART_SECONDS)
    return {name: future.result() if future.done() else TimeoutError() for name, future in asked.items()}


def _ask(name: str, question: Callable[[], Any]) -> Future[Any]:
    """A part is asked once at a time, however many want to know: whoever comes meanwhile gets the same answer.

    So nobody can overrun it with probes, and while it hangs only one thread hangs on it.
    """
    with _asking:
        future = _asked.get(name)
        if future is None or future.done():
            future = _asked[name] = Future()
            Thread(target=_put, args=(question, future), name=f"ask-{name}", daemon=True).start()
        return future


def _put(question: Callable[[], Any], future: Future[Any]) -> None:
    try:
        with closing(connection):  # this thread's own
            answer = question()
    except Exception as error:  # whatever a driver raises: it is the answer
        answer = error
    future.set_result(answer)


class MigrationsMissing(Exception):
    pass


_migrations_are_applied = False


def _check_migrations() -> None:
    """Costs a good part of a second, and what has been applied stays so."""
    global _migrations_are_applied
    if not _migrations_are_applied:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise MigrationsMissing
        _migrations_are_applied = True


def _check_broker() -> None:
    from onboarding.config.celery import app

    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _what(error: Exception) -> str:
    """Which kind of trouble; its text may name hosts or people."""
    if isinstance(error, MigrationsMissing):
        return "not applied"
    return "no answer" if isinstance(error, TimeoutError) else type(error).__name__
