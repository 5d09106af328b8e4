"""The tagging queue: claim, give back, quarantine. The rows of `TagRequest` are the queue.

A claim is a lease with a token: whoever completes must still hold it. Attempts are counted at the claim, before any
decoding, so that a photo which kills its worker is counted too. After a crash the batch is retried in halves and then
one by one: the photo that did it ends alone and is quarantined, its neighbours get tagged.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from catalog.models import Listing, Photo
from onboarding import request_ids
from onboarding.models import TagRequest

State = TagRequest.State
Reason = TagRequest.Reason

MAX_FETCH_FAILURES = 10
MAX_FETCH_DELAY_SECONDS = 300.0


@dataclass(frozen=True)
class Lease:
    """The right to complete some requests, until a time, for whoever knows the token."""

    token: uuid.UUID
    until: datetime
    requests: Sequence[TagRequest]


def enqueue_photo(*, photo: Photo, priority: int = TagRequest.Priority.INTERACTIVE) -> TagRequest:
    """Queues a photo; a photo that already waits is not queued twice. The caller holds a transaction."""
    shop_id = photo.listing.shop_id
    new: dict[str, Any] = {
        "shop_id": shop_id,
        "priority": priority,
        "state": State.PENDING,
        "turn": partial(_next_turn, shop_id, priority),
        "request_id": request_ids.current(),
    }
    request, _created = TagRequest.objects.get_or_create(photo=photo, state__in=TagRequest.OPEN_STATES, defaults=new)
    return request


@transaction.atomic
def enqueue_again(photos: Iterable[Photo]) -> int:
    """Queues photos that have tags already, behind everything else; returns how many. Photos that wait are left.

    The photos come with their listings.
    """
    turns: dict[int, int] = {}
    priority = TagRequest.Priority.RETAG
    request_id = request_ids.current()
    requests = []
    for photo in photos:
        shop_id = photo.listing.shop_id
        turns[shop_id] = turns[shop_id] + 1 if shop_id in turns else _next_turn(shop_id, priority)
        new = TagRequest(photo=photo, shop_id=shop_id, priority=priority, turn=turns[shop_id], request_id=request_id)
        requests.append(new)
    waiting = TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES)
    before = waiting.count()
    TagRequest.objects.bulk_create(requests, batch_size=500, ignore_conflicts=True)  # of photos that wait already
    return waiting.count() - before


def _next_turn(shop_id: int, priority: int) -> int:
    """One after the shop's own last turn, but not before the turn that is being served now.

    So whoever sends one photo waits for one round of the other shops, however much they have waiting.
    """
    requests = TagRequest.objects.filter(priority=priority)
    last = requests.filter(shop=shop_id).aggregate(turn=Max("turn"))["turn"]
    served = requests.exclude(state=State.PENDING).aggregate(turn=Max("turn"))["turn"]
    return max(0 if last is None else last + 1, served or 0)


def claim_batch(*, limit: int, lease_seconds: float, leased_by: str) -> Lease | None:
    """Leases up to `limit` due requests, taking shops in turns; None if nothing is due for this worker."""
    with_piles = not leaves_piles_alone(leased_by)
    if not (_due(with_piles=with_piles).exists() or _leased().filter(lease_until__lt=timezone.now()).exists()):
        return None  # an idle worker takes no write lock
    with transaction.atomic():
        expire_leases()
        chosen = _choose(_due(with_piles=with_piles), limit)  # with what has just been taken back
        return _lease(chosen, lease_seconds, leased_by) if chosen else None


def leaves_piles_alone(leased_by: str) -> bool:
    """Whether as many workers as a host has cores work on piles already: the others are for what people wait for.

    More would make nothing faster, and a photo that came now would wait for the end of a batch, and share the cores.
    """
    host = leased_by.partition(":")[0]
    others = (
        _leased().filter(lease_until__gt=timezone.now(), leased_by__startswith=f"{host}:").exclude(leased_by=leased_by)
    )
    on_piles = others.exclude(priority=TagRequest.Priority.INTERACTIVE).order_by().values("leased_by").distinct()
    return on_piles.count() >= settings.TAGGING_PILE_WORKERS


def _leased() -> QuerySet[TagRequest]:
    return TagRequest.objects.filter(state=State.LEASED)


def _due(*, with_piles: bool = True) -> QuerySet[TagRequest]:
    """What waits, in the order of service."""
    due = TagRequest.objects.filter(state=State.PENDING, due_at__lte=timezone.now())
    wanted = due if with_piles else due.filter(priority=TagRequest.Priority.INTERACTIVE)
    return wanted.order_by("priority", "turn", "pk")


def _choose(due: QuerySet[TagRequest], limit: int) -> list[int]:
    """The next of the due requests that no other worker is claiming this moment.

    Requests that were in a crash stay among those with the same limit: they endanger no others. What a person waits
    for is not filled up with what can wait: the batch would take that much longer.
    """
    head = due.select_for_update(skip_locked=True).first()
    if head is None:
        return []
    alike = due.filter(batch_limit=head.batch_limit, priority=head.priority).select_for_update(skip_locked=True)
    return [request.pk for request in alike[: min(limit, head.batch_limit or limit)]]


def _lease(chosen: Sequence[int], seconds: float, leased_by: str) -> Lease:
    token, until = uuid.uuid4(), timezone.now() + timedelta(seconds=seconds)
    TagRequest.objects.filter(pk__in=chosen, state=State.PENDING).update(
        state=State.LEASED,
        lease_token=token,
        lease_until=until,
        leased_by=leased_by,
        claimed_at=timezone.now(),
        attempts=F("attempts") + 1,
    )
    claimed = TagRequest.objects.filter(lease_token=token).select_related("photo").order_by("pk")
    return Lease(token, until, list(claimed))


@transaction.atomic
def expire_leases(*, leased_by: str | None = None) -> int:
    """Takes back leases that ran out, or all that a worker known to be dead still holds; returns how many requests."""
    leased = _leased()
    lost = leased.filter(leased_by=leased_by) if leased_by else leased.filter(lease_until__lt=timezone.now())
    tokens = lost.order_by("lease_token").values_list("lease_token", flat=True).distinct()
    return sum(_take_back(token) for token in list(tokens) if token)


@transaction.atomic
def give_back(*, lease: Lease) -> int:
    """After an error that the batch itself may have caused: like a crash, without waiting for the lease to run out."""
    return _take_back(lease.token)


@transaction.atomic
def release(*, lease: Lease, delay_seconds: float) -> int:
    """After trouble that no photo has caused: the requests wait as if they had not been claimed."""
    rows = _held(lease.token)
    rows.update(attempts=F("attempts") - 1)
    return _release(rows, batch_limit=F("batch_limit"), delay_seconds=delay_seconds)


def _held(token: uuid.UUID) -> QuerySet[TagRequest]:
    return _leased().filter(lease_token=token)


def _take_back(token: uuid.UUID) -> int:
    """What a worker is completing at this moment is locked, and stays its own."""
    lost = list(_held(token).select_for_update(skip_locked=True).order_by("pk"))
    last = settings.TAGGING_MAX_ATTEMPTS
    _finish(_rows(each for each in lost if each.attempts >= last), State.FAILED, Reason.QUARANTINED)
    _release(_rows(each for each in lost if each.attempts == last - 1), batch_limit=1)
    _release(_rows(each for each in lost if each.attempts < last - 1), batch_limit=max(1, len(lost) // 2))
    return len(lost)


def _rows(requests: Iterable[TagRequest]) -> QuerySet[TagRequest]:
    return TagRequest.objects.filter(pk__in=[request.pk for request in requests])


def _release(rows: QuerySet[TagRequest], *, batch_limit: int | F | None, delay_seconds: float = 0.0) -> int:
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

    The fence: a worker that was slow or presumed dead finds its requests gone and writes nothing. Listings are locked
    first, as everybody does who changes a listing and what hangs on it: two of them cannot deadlock.
    """
    listings = Listing.objects.filter(photos__tag_requests__lease_token=lease.token).order_by().values("pk")
    list(Listing.objects.filter(pk__in=listings).select_for_update().order_by("pk").values_list("pk"))
    rows = _held(lease.token).select_for_update(of=("self",))
    return list(rows.select_related("photo__listing").order_by("pk"))


def mark_done(requests: Iterable[TagRequest]) -> None:
    _finish(_rows(requests), State.DONE)


def mark_failed(request: TagRequest, reason: Reason) -> None:
    """The photo cannot be tagged; its listing can be filled in by hand."""
    _finish(_rows([request]), State.FAILED, reason)


def retry_later(request: TagRequest, reason: Reason) -> None:
    """The file could not be fetched, which says nothing about the photo: later and later, finally failed.

    The claim ended in order, so it counts as no attempt. The last try is about a quarter of an hour after the first.
    """
    failures = request.fetch_failures + 1
    row = _rows([request])
    row.update(attempts=F("attempts") - 1, fetch_failures=failures)
    if failures >= MAX_FETCH_FAILURES:
        _finish(row, State.FAILED, reason)
    else:
        delay_seconds = min(MAX_FETCH_DELAY_SECONDS, 2.0**failures)
        _release(row, batch_limit=request.batch_limit, delay_seconds=delay_seconds)


@transaction.atomic
def retry_photo(*, photo: Photo) -> TagRequest:
    """Queues a photo again whose tagging failed; alone, in case it was the one that stopped a worker."""
    request = enqueue_photo(photo=photo)
    TagRequest.objects.filter(pk=request.pk, state=State.PENDING).update(batch_limit=1)
    return request
