"""The tagging queue: whose turn it is, who holds what, and what becomes of a photo that kills its worker."""

import multiprocessing
import sqlite3
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from catalog.models import Listing, Photo, Shop
from onboarding.models import TagRequest
from onboarding.services import queue
from tests.conftest import Cast, make_shop, make_user

State, Reason, Priority = TagRequest.State, TagRequest.Reason, TagRequest.Priority


def make_bare_photo(shop: Shop) -> Photo:
    """A photo without files: the queue never opens them."""
    listing = Listing.objects.create(shop=shop)
    return Photo.objects.create(listing=listing, sha256="0" * 64, width=3, height=4)


def enqueue(shop: Shop, count: int, priority: int = Priority.INTERACTIVE) -> list[TagRequest]:
    return [queue.enqueue_photo(photo=make_bare_photo(shop), priority=priority) for _ in range(count)]


def claim(limit: int = 32, *, by: str = "here:1", seconds: float = 30.0) -> queue.Lease:
    lease = queue.claim_batch(limit=limit, lease_seconds=seconds, leased_by=by)
    assert lease is not None
    return lease


def claim_nothing() -> bool:
    return queue.claim_batch(limit=32, lease_seconds=30.0, leased_by="here:1") is None


@transaction.atomic
def complete(lease: queue.Lease) -> list[int]:
    held = queue.hold(lease)
    queue.mark_done(held)
    return [request.pk for request in held]


def crash(lease: queue.Lease) -> None:
    """The worker is gone; its lease has run out."""
    past = timezone.now() - timedelta(seconds=1)
    TagRequest.objects.filter(lease_token=lease.token).update(lease_until=past)


def ids(lease: queue.Lease) -> list[int]:
    return [request.pk for request in lease.requests]


def row(request: TagRequest, *names: str) -> tuple[Any, ...]:
    return TagRequest.objects.values_list(*names).get(pk=request.pk)


# --- Whose turn it is ---------------------------------------------------------------------------------------------


def test_shops_take_turns_however_much_one_of_them_has_waiting(cast: Cast) -> None:
    many, few = enqueue(cast.shop, 5), enqueue(cast.strangers_shop, 2)
    assert ids(claim(4)) == [many[0].pk, many[1].pk, few[0].pk, few[1].pk]
    assert ids(claim(4)) == [request.pk for request in many[2:]]


def test_a_latecomer_waits_for_one_round_and_not_for_the_whole_pile(cast: Cast) -> None:
    many = enqueue(cast.shop, 10)
    claim(4)
    late = enqueue(cast.strangers_shop, 2)
    assert ids(claim(3)) == [many[4].pk, late[0].pk, late[1].pk]


def test_a_latecomer_gets_no_credit_for_having_been_away(cast: Cast) -> None:
    enqueue(cast.shop, 6)
    for _ in range(3):
        complete(claim(2))
    late, regular = enqueue(cast.strangers_shop, 4), enqueue(cast.shop, 4)
    served = [ids(claim(2)) for _ in range(4)]
    mine = {request.pk for request in regular}
    assert [len(mine.intersection(batch)) for batch in served] == [0, 1, 1, 2]
    assert sorted(pk for batch in served for pk in batch) == sorted(request.pk for request in (*late, *regular))


def test_more_shops_than_fit_into_a_batch_are_all_served_alike(db: None) -> None:
    shops = [make_shop(make_user(f"seller{n}@example.com"), f"Shop {n}") for n in range(5)]
    for shop in shops:
        enqueue(shop, 4)
    served = Counter(request.shop_id for _ in range(5) for request in claim(2).requests)
    assert served == {shop.pk: 2 for shop in shops}


def test_a_person_who_waits_comes_before_every_large_pile(cast: Cast) -> None:
    enqueue(cast.shop, 3, Priority.BULK)
    waiting = enqueue(cast.strangers_shop, 2)
    assert ids(claim(2)) == [request.pk for request in waiting]


def test_a_batch_holds_as_many_as_allowed_and_nothing_twice(cast: Cast) -> None:
    requests = enqueue(cast.shop, 5)
    batches = [ids(claim(2)) for _ in range(3)]
    assert batches == [[requests[0].pk, requests[1].pk], [requests[2].pk, requests[3].pk], [requests[4].pk]]
    assert claim_nothing()


def test_a_claim_counts_the_attempt_and_says_who_holds_it(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    lease = claim(by="host:77")
    assert row(request, "state", "attempts", "lease_token", "lease_until", "leased_by") == (
        State.LEASED,
        1,
        lease.token,
        lease.until,
        "host:77",
    )


def test_what_is_due_later_is_not_claimed_now(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    TagRequest.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    assert claim_nothing()
    assert row(request, "state", "attempts") == (State.PENDING, 0)


def test_a_claim_costs_the_same_whether_few_or_many_wait(cast: Cast, django_assert_num_queries: Any) -> None:
    for count in (1, 30):
        enqueue(cast.shop, count)
        with django_assert_num_queries(11):
            claim(32)


def test_the_order_of_service_and_the_next_turn_are_read_off_an_index(cast: Cast) -> None:
    enqueue(cast.shop, 1)
    served = TagRequest.objects.filter(priority=0).exclude(state=State.PENDING).order_by("-turn")[:1]
    own = TagRequest.objects.filter(priority=0, shop=cast.shop).order_by("-turn")[:1]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # on one row it would read the table
    plans = [rows.explain() for rows in (queue._due(), served, own)]
    assert [name for plan in plans for name in ("pending", "served", "by_shop") if f"tag_request_{name}" in plan] == [
        "pending",
        "served",
        "by_shop",
    ]
    assert [sorting for sorting in ("TEMP B-TREE", "Sort") if sorting in plans[0]] == []


# --- Leases -------------------------------------------------------------------------------------------------------


def test_a_lease_that_runs_is_nobody_elses(cast: Cast) -> None:
    enqueue(cast.shop, 1)
    claim()
    assert claim_nothing()


def test_a_lease_that_ran_out_is_claimed_by_another(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    crash(claim(by="dead:1"))
    lease = claim(by="alive:2")
    assert ids(lease) == [request.pk]
    assert row(request, "attempts", "leased_by") == (2, "alive:2")


def test_what_a_dead_worker_held_is_free_at_once_and_nothing_else(cast: Cast) -> None:
    requests = enqueue(cast.shop, 2)
    claim(1, by="dead:1")
    claim(1, by="alive:2")
    assert queue.expire_leases(leased_by="dead:1") == 1
    assert [row(each, "state")[0] for each in requests] == [State.PENDING, State.LEASED]


def test_who_lost_the_lease_holds_nothing(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    slow = claim()
    crash(slow)
    second = claim()
    assert complete(slow) == []
    assert row(request, "state", "lease_token") == (State.LEASED, second.token)
    assert complete(second) == [request.pk]
    assert row(request, "state", "lease_token", "leased_by") == (State.DONE, None, "")


def test_a_slow_worker_whose_lease_nobody_took_completes_it(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    lease = claim(seconds=-1.0)
    assert complete(lease) == [request.pk]


def test_a_photo_deleted_in_mid_batch_takes_nothing_of_the_others_away(cast: Cast) -> None:
    gone, stays = enqueue(cast.shop, 2)
    lease = claim()
    gone.photo.listing.delete()
    assert complete(lease) == [stays.pk]
    assert list(TagRequest.objects.values_list("pk", "state")) == [(stays.pk, State.DONE)]


# --- Crashes ------------------------------------------------------------------------------------------------------


def work(culprits: Sequence[TagRequest], limit: int = 32) -> list[int]:
    """Works off the queue with workers that die of the culprits; the sizes of the batches they died of."""
    deadly = {request.pk for request in culprits}
    fatal_sizes = []
    while lease := queue.claim_batch(limit=limit, lease_seconds=30, leased_by="here:1"):
        if deadly.intersection(ids(lease)):
            fatal_sizes.append(len(lease.requests))
            crash(lease)
        else:
            complete(lease)
    return fatal_sizes


@pytest.mark.parametrize("position", [0, 15, 16, 31])
def test_a_deadly_photo_ends_alone_in_quarantine_and_its_neighbours_are_tagged(cast: Cast, position: int) -> None:
    requests = enqueue(cast.shop, 32)
    culprit = requests.pop(position)
    assert work([culprit]) == [32, 16, 1]
    assert row(culprit, "state", "reason", "attempts") == (State.FAILED, Reason.QUARANTINED, 3)
    assert [row(each, "state")[0] for each in requests] == [State.DONE] * 31


@pytest.mark.parametrize(("count", "fatal_sizes"), [(1, [1, 1, 1]), (2, [2, 1, 1]), (3, [3, 1, 1]), (5, [5, 2, 1])])
def test_small_batches_are_halved_too(cast: Cast, count: int, fatal_sizes: list[int]) -> None:
    culprit, *neighbours = enqueue(cast.shop, count)
    assert work([culprit]) == fatal_sizes
    assert row(culprit, "state", "reason") == (State.FAILED, Reason.QUARANTINED)
    assert [row(each, "state")[0] for each in neighbours] == [State.DONE] * (count - 1)


def test_several_deadly_photos_take_none_of_their_neighbours_with_them(cast: Cast) -> None:
    requests = enqueue(cast.shop, 40) + enqueue(cast.strangers_shop, 24)
    culprits = requests[3::13]
    work(culprits)
    states = {request.pk: row(request, "state")[0] for request in requests}
    assert {pk for pk, state in states.items() if state == State.FAILED} == {each.pk for each in culprits}
    assert Counter(states.values()) == {State.DONE: 64 - len(culprits), State.FAILED: len(culprits)}


def test_what_was_in_a_crash_endangers_no_photo_that_was_not(cast: Cast) -> None:
    suspects = enqueue(cast.shop, 5)
    crash(claim())
    fresh = enqueue(cast.strangers_shop, 3)
    batches = [ids(claim()) for _ in range(4)]
    parts = (suspects[:2], suspects[2:4], suspects[4:], fresh)
    assert batches == [[each.pk for each in part] for part in parts]


def test_photos_that_were_in_no_crash_pass_by_those_that_were(cast: Cast) -> None:
    fresh = enqueue(cast.shop, 2)
    (suspect,) = enqueue(cast.strangers_shop, 1)
    TagRequest.objects.filter(pk=suspect.pk).update(batch_limit=8)
    assert [ids(claim()) for _ in range(2)] == [[each.pk for each in fresh], [suspect.pk]]


def test_an_error_in_a_batch_counts_like_a_crash_but_without_the_wait(cast: Cast) -> None:
    requests = enqueue(cast.shop, 4)
    assert queue.give_back(lease=claim()) == 4
    assert [row(each, "state", "attempts", "batch_limit") for each in requests] == [(State.PENDING, 1, 2)] * 4
    assert len(claim().requests) == 2


def test_trouble_that_no_photo_caused_counts_for_nothing(cast: Cast) -> None:
    requests = enqueue(cast.shop, 4)
    for _ in range(5):
        assert queue.release(lease=claim(), delay_seconds=0.0) == 4
    assert [row(each, "state", "attempts", "batch_limit") for each in requests] == [(State.PENDING, 0, None)] * 4


def test_a_released_batch_waits_as_long_as_it_was_told(cast: Cast) -> None:
    enqueue(cast.shop, 1)
    queue.release(lease=claim(), delay_seconds=5.0)
    assert claim_nothing()


# --- Storage out of reach -----------------------------------------------------------------------------------------


def fail_to_fetch(request: TagRequest) -> float:
    """One claim that ends without the file; seconds until the next."""
    TagRequest.objects.update(due_at=timezone.now())
    (held,) = queue.hold(claim())
    queue.retry_later(held, Reason.STORAGE)
    return float((row(request, "due_at")[0] - timezone.now()).total_seconds())


def test_storage_trouble_is_retried_later_and_later_and_is_no_attempt(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    delays = [fail_to_fetch(request) for _ in range(9)]
    assert [round(delay) for delay in delays] == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert row(request, "state", "attempts", "batch_limit") == (State.PENDING, 0, None)


def test_storage_trouble_that_stays_ends_as_a_failure_with_its_reason(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    for _ in range(queue.MAX_FETCH_FAILURES):
        fail_to_fetch(request)
    assert row(request, "state", "reason") == (State.FAILED, Reason.STORAGE)
    assert claim_nothing()


# --- Enqueueing ---------------------------------------------------------------------------------------------------


def test_a_photo_that_waits_is_not_queued_twice(cast: Cast) -> None:
    photo = make_bare_photo(cast.shop)
    first = queue.enqueue_photo(photo=photo)
    assert queue.enqueue_photo(photo=photo) == first
    claim()
    assert queue.enqueue_photo(photo=photo) == first
    assert TagRequest.objects.count() == 1


def test_a_photo_that_is_through_can_be_queued_anew(cast: Cast) -> None:
    photo = make_bare_photo(cast.shop)
    first = queue.enqueue_photo(photo=photo)
    complete(claim())
    second = queue.enqueue_photo(photo=photo)
    assert (second.pk != first.pk, second.state, second.attempts) == (True, State.PENDING, 0)


def test_a_failed_photo_is_retried_alone(cast: Cast) -> None:
    (culprit,) = enqueue(cast.shop, 1)
    work([culprit])
    retried = queue.retry_photo(photo=culprit.photo)
    others = enqueue(cast.shop, 2)
    assert [ids(claim()) for _ in range(2)] == [[retried.pk], [each.pk for each in others]]
    assert row(culprit, "state") == (State.FAILED,)


def test_retrying_a_photo_in_work_leaves_it_to_its_worker(cast: Cast) -> None:
    (request,) = enqueue(cast.shop, 1)
    lease = claim()
    assert queue.retry_photo(photo=request.photo) == request
    assert row(request, "state", "lease_token", "batch_limit") == (State.LEASED, lease.token, None)


# --- Side by side -------------------------------------------------------------------------------------------------


def claim_all(start: Any, found: Any) -> None:
    """One worker process: claims in small batches, completing each, until nothing is due."""
    connections.close_all()
    start.wait()
    mine: list[list[int]] = []
    while lease := queue.claim_batch(limit=7, lease_seconds=30, leased_by=str(uuid.uuid4())):
        mine.append(complete(lease))
    connections.close_all()
    found.put(mine)


def test_four_processes_claim_each_photo_once(live_database: Path) -> None:
    for n in range(3):
        shop = make_shop(make_user(f"seller{n}@example.com"), f"Shop {n}")
        listing = Listing.objects.create(shop=shop)
        photos = [Photo(listing=listing, sha256="0" * 64, width=3, height=4) for _ in range(200)]
        Photo.objects.bulk_create(photos)
        TagRequest.objects.bulk_create(TagRequest(photo=photo, shop=shop, turn=t) for t, photo in enumerate(photos))
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    start, found = fork.Event(), fork.Queue()
    workers = [fork.Process(target=claim_all, args=(start, found)) for _ in range(4)]
    for worker in workers:
        worker.start()
    start.set()
    claimed = [found.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    every = [pk for mine in claimed for batch in mine for pk in batch]
    assert sorted(every) == list(TagRequest.objects.order_by("pk").values_list("pk", flat=True))
    assert set(TagRequest.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


def test_an_idle_worker_waits_for_no_writer(live_database: Path) -> None:
    writer = sqlite3.connect(live_database / "lapel.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert claim_nothing()
    writer.rollback()
    writer.close()
