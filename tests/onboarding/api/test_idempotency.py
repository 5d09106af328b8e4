"""Idempotency keys: what comes twice is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Listing, Membership, Photo
from onboarding.models import Confirmation, IdempotentRequest, TagRequest, Upload
from tests.conftest import Cast, jpeg, make_listing, make_shop, make_user, sent_file
from tests.onboarding.api.conftest import API, program


def create(api: APIClient, shop_id: int, title: str = "Scarf", key: str = "k-1") -> Any:
    body = {"details": {"title": title}}
    return api.post(f"{API}/shops/{shop_id}/listings/", body, headers={"Idempotency-Key": key})


def test_the_first_answer_is_given_again(cast: Cast, api: APIClient) -> None:
    first = create(api, cast.shop.pk)
    Listing.objects.update(title="Changed meanwhile")
    again = create(api, cast.shop.pk)
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert "Idempotent-Replayed" not in first
    assert Listing.objects.count() == 1


def test_the_same_key_with_other_content_or_another_address_is_refused(cast: Cast, api: APIClient) -> None:
    create(api, cast.shop.pk)
    listing = Listing.objects.get()
    undo = api.post(f"{API}/listings/{listing.pk}/undo/", {}, headers={"Idempotency-Key": "k-1"})
    for answer in (create(api, cast.shop.pk, "Hat"), undo):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert (Listing.objects.count(), Confirmation.objects.count()) == (1, 1)


def test_a_key_is_its_persons_own(cast: Cast, api: APIClient) -> None:
    first, second = create(api, cast.shop.pk), create(program(cast.teammate), cast.shop.pk)
    assert first.json()["id"] != second.json()["id"]


def test_without_a_key_each_request_counts(cast: Cast, api: APIClient) -> None:
    for _ in range(2):
        api.post(f"{API}/shops/{cast.shop.pk}/listings/", {})
    assert (Listing.objects.count(), IdempotentRequest.objects.count()) == (2, 0)


def test_a_refusal_is_not_remembered(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    Listing.objects.update(revision=2, person_revision=2)
    path, headers = f"{API}/listings/{listing.pk}/confirm/", {"Idempotency-Key": "k-1"}
    assert api.post(path, {"values": {}, "seen_revision": 1}, headers=headers).status_code == 409
    assert IdempotentRequest.objects.count() == 0
    assert api.post(path, {"values": {}, "seen_revision": 2}, headers=headers).status_code == 200


@pytest.mark.parametrize("key", ["", "two words", "ключ", "k" * 201, "a\x7f"])
def test_a_key_that_cannot_be_used_is_named_and_nothing_is_done(cast: Cast, api: APIClient, key: str) -> None:
    answer = create(api, cast.shop.pk, key=key)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])
    assert Listing.objects.count() == 0


def test_a_key_is_forgotten_after_a_day(cast: Cast, api: APIClient) -> None:
    create(api, cast.shop.pk)
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert create(api, cast.shop.pk, "Hat").status_code == 201
    assert (Listing.objects.count(), IdempotentRequest.objects.count()) == (2, 1)


def test_whoever_left_the_shop_gets_no_stored_answer(cast: Cast) -> None:
    teammate = program(cast.teammate)
    create(teammate, cast.shop.pk)
    Membership.objects.get(user=cast.teammate).delete()
    assert create(teammate, cast.shop.pk).status_code == 404


def test_effect_and_answer_are_stored_together_or_not_at_all(
    cast: Cast, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: Any) -> None:
        raise RuntimeError("out of disk")

    with monkeypatch.context() as patch:
        patch.setattr("onboarding.api.idempotency._remember", die)
        with pytest.raises(RuntimeError):
            create(api, cast.shop.pk)
    assert (Listing.objects.count(), IdempotentRequest.objects.count()) == (0, 0)
    assert create(api, cast.shop.pk).status_code == 201


def at_once(clients: list[APIClient], ask: Callable[[APIClient], Any]) -> list[Any]:
    """The answers to all of them, who start together."""
    start = Barrier(len(clients))

    def wait_and_ask(client: APIClient) -> Any:
        try:
            start.wait(10)
            return ask(client)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(wait_and_ask, clients))


def test_requests_at_once_do_it_once_and_get_the_same_answer(live_database: Path) -> None:
    seller = make_user("seller@example.com")
    shop = make_shop(seller)
    answers = at_once([program(seller) for _ in range(4)], lambda client: create(client, shop.pk))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert [answer.json() for answer in answers] == [answers[0].json()] * 4
    assert (Listing.objects.count(), Confirmation.objects.count()) == (1, 1)


def test_uploads_at_once_bring_each_photo_in_once(live_database: Path) -> None:
    seller = make_user("seller@example.com")
    path = f"{API}/shops/{make_shop(seller).pk}/uploads/"

    def send(client: APIClient) -> Any:
        photos = {"photos": [sent_file(jpeg("red")), sent_file(jpeg("blue"))]}
        return client.post(path, photos, format="multipart", headers={"Idempotency-Key": "pile-1"})

    answers = at_once([program(seller) for _ in range(4)], send)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert {answer.json()["id"] for answer in answers} == {Upload.objects.get().pk}
    assert (Photo.objects.count(), Listing.objects.count(), TagRequest.objects.count()) == (2, 2, 2)
