"""The tagging queue: claim, give back, quarantine. The rows of `TagRequest` are the queue.

A claim is a lease with a token: whoever completes must still hold it. Attempts are counted at the claim, before any
decoding, so that a photo which kills its worker is counted too. After a crash the batch is retried in halves and then
one by one: the photo that did it ends alone and is quarantined, its neighbours get tagged.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from catalog.models import Photo
from onboarding.models import TagRequest

State = TagRequest.State
Reason = TagRequest.Reason


@dataclass(frozen=True)
class Lease:
    """The right to complete some requests, until a time, for whoever knows the token."""

    token: uuid.UUID
    until: datetime
    requests: Sequence[TagRequest]


def enqueue_photo(*, photo: Photo, priority: int = TagRequest.Priority.INTERACTIVE) -> TagRequest:
    """Queues a photo; a photo that already waits is not queued twice. The caller holds a transaction."""
    request, _created = TagRequest.objects.get_or_create(
        photo=photo,
        state__in=TagRequest.OPEN_STATES,
        defaults={"shop_id": photo.listing.shop_id, "priority": priority, "state": State.PENDING},
    )
    return request


@transaction.atomic
def claim_batch(*, limit: int, lease_seconds: float, leased_by: str) -> Lease | None:
    """Leases up to `limit` due requests, taking shops in turns; None if nothing is due."""
    expire_leases()
    chosen = _compatible(_lockable(_due_in_turns(limit * 4)), limit)
    if not chosen:
        return None
    token, until = uuid.uuid4(), timezone.now() + timedelta(seconds=lease_seconds)
    TagRequest.objects.filter(pk__in=chosen, state=State.PENDING).update(
        state=State.LEASED,
        lease_token=token,
        lease_until=until,
        leased_by=leased_by,
        attempts=F("attempts") + 1,
    )
    claimed = TagRequest.objects.filter(lease_token=token).select_related("photo").order_by("pk")
    return Lease(token, until, list(claimed))


def _due_in_turns(limit: int) -> list[int]:
    """Ids of what is due: first each shop's first, then each shop's second, and so on."""
    turn = Window(RowNumber(), partition_by="shop_id", order_by=("priority", "due_at", "pk"))
    due = TagRequest.objects.filter(state=State.PENDING, due_at__lte=timezone.now()).annotate(turn=turn)
    return list(due.order_by("priority", "turn", "due_at", "pk").values_list("pk", flat=True)[:limit])


def _lockable(ids: Sequence[int]) -> list[TagRequest]:
    """The rows that no other worker is claiming this moment, in the order of `ids`."""
    rows = TagRequest.objects.filter(pk__in=ids, state=State.PENDING)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return sorted(rows, key=lambda row: ids.index(row.pk))


def _compatible(candidates: Iterable[TagRequest], limit: int) -> list[int]:
    """As many as fit together: a request that was in a crash joins no batch above its own limit."""
    chosen: list[int] = []
    for request in candidates:
        allowed = min(limit, request.batch_limit or limit)
        if len(chosen) < allowed:
            chosen.append(request.pk)
            limit = allowed
    return chosen


@transaction.atomic
def expire_leases(*, leased_by: str | None = None) -> int:
    """Takes back leases that ran out, or all that a worker known to be dead still holds; returns how many requests."""
    leased = TagRequest.objects.filter(state=State.LEASED)
    lost = leased.filter(leased_by=leased_by) if leased_by else leased.filter(lease_until__lt=timezone.now())
    batches = lost.values("lease_token").annotate(size=Count("pk")).order_by("lease_token")
    return sum(_take_back(token, size) for token, size in batches.values_list("lease_token", "size") if token)


@transaction.atomic
def give_back(*, lease: Lease) -> int:
    """After an error in the whole batch: like a crash, without waiting for the lease to run out."""
    return _take_back(lease.token, len(lease.requests))


def _take_back(token: uuid.UUID, batch_size: int) -> int:
    rows = TagRequest.objects.filter(state=State.LEASED, lease_token=token)
    worn_out = rows.filter(attempts__gte=settings.TAGGING_MAX_ATTEMPTS)
    finished = _finish(worn_out, State.FAILED, Reason.QUARANTINED)
    alone_next = rows.filter(attempts=settings.TAGGING_MAX_ATTEMPTS - 1)
    released = _release(alone_next, batch_limit=1)
    return finished + released + _release(rows, batch_limit=max(1, batch_size // 2))


def _release(rows: QuerySet[TagRequest], *, batch_limit: int | None, delay_seconds: float = 0.0) -> int:
    return rows.update(
        state=State.PENDING,
        lease_token=None,
        lease_until=None,
        leased_by="",
        batch_limit=batch_limit,
        due_at=timezone.now() + timedelta(seconds=delay_seconds),
    )


def _finish(rows: QuerySet[TagRequest], state: State, reason: str = "") -> int:
    return rows.update(
        state=state,
        reason=reason,
        lease_token=None,
        lease_until=None,
        leased_by="",
        finished_at=timezone.now(),
    )


def hold(lease: Lease) -> list[TagRequest]:
    """Locks and returns the requests that the lease still holds; the caller's transaction completes them.

    The fence: a worker that was slow or presumed dead finds its requests gone and writes nothing.
    """
    rows = TagRequest.objects.filter(state=State.LEASED, lease_token=lease.token)
    return list(rows.select_for_update(of=("self",)).select_related("photo").order_by("pk"))


def mark_done(requests: Iterable[TagRequest]) -> None:
    _finish(TagRequest.objects.filter(pk__in=[request.pk for request in requests]), State.DONE)


def mark_failed(request: TagRequest, reason: Reason) -> None:
    """The photo cannot be tagged; its listing can be filled in by hand."""
    _finish(TagRequest.objects.filter(pk=request.pk), State.FAILED, reason)


def retry_later(request: TagRequest, reason: Reason) -> None:
    """After trouble that is not the photo's fault (storage out of reach): later and later, finally failed."""
    row = TagRequest.objects.filter(pk=request.pk)
    if request.attempts >= settings.TAGGING_MAX_ATTEMPTS:
        _finish(row, State.FAILED, reason)
    else:
        _release(row, batch_limit=request.batch_limit, delay_seconds=2.0**request.attempts)


@transaction.atomic
def retry_photo(*, photo: Photo) -> TagRequest:
    """Queues a photo again whose tagging failed; alone, in case it was the one that stopped a worker."""
    request = enqueue_photo(photo=photo)
    TagRequest.objects.filter(pk=request.pk, state=State.PENDING).update(batch_limit=1)
    return request
