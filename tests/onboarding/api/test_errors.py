"""Errors have one shape, and no program ever gets a page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from onboarding.models import ApiToken
from tests.conftest import Cast, make_listing
from tests.onboarding.api.conftest import API, program


def content(answer: Any) -> tuple[int, str, str]:
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


def test_addresses_that_are_not_there_and_things_that_are_not_ones_own_are_not_found_alike(
    cast: Cast, api: APIClient
) -> None:
    foreign = make_listing(cast.strangers_shop)
    paths = ["/listings/0/", f"/listings/{foreign.pk}/", f"/listings/{10**20}/", "/nothing/", "/listings/x/"]
    for path in paths:
        assert content(api.get(f"{API}{path}")) == (404, "not_found", "Not found.")


def test_a_visitor_is_told_how_to_sign_in(cast: Cast) -> None:
    answer = program(None).get(f"{API}/shops/")
    assert content(answer) == (401, "not_authenticated", "Authentication credentials were not provided.")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_method_that_is_not_for_an_address_names_those_that_are(cast: Cast, api: APIClient) -> None:
    for answer in (api.delete(f"{API}/shops/"), api.options(f"{API}/shops/")):
        assert content(answer)[:2] == (405, "method_not_allowed")
        assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_writing_to_an_address_without_its_slash_is_no_redirect_to_reading(cast: Cast, api: APIClient) -> None:
    path = f"{API}/shops/{cast.shop.pk}/listings"
    for answer in (api.post(path, {}), api.put(path, {})):
        assert content(answer) == (404, "not_found", "Addresses of the API end with a slash.")
    assert api.get(path)["Location"] == f"{path}/"
    assert cast.shop.listings.count() == 0


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
@pytest.mark.parametrize("address", ["uploads", "labels", "listings"])
def test_a_request_without_content_is_answered(cast: Cast, api: APIClient, address: str, kind: str) -> None:
    answer = api.generic("POST", f"{API}/shops/{cast.shop.pk}/{address}/", b"", content_type=kind)
    assert answer["Content-Type"] == "application/json"
    assert answer.status_code < 500


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"values": NaN}', b'"text"', b"[]", b"null"])
def test_what_is_no_json_object_is_refused(cast: Cast, api: APIClient, body: bytes) -> None:
    path = f"{API}/shops/{cast.shop.pk}/listings/"
    answer = api.generic("POST", path, body, content_type="application/json")
    assert content(answer)[0] == 400


def test_too_much_json_is_refused_unread(cast: Cast, api: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = api.post(f"{API}/shops/{cast.shop.pk}/listings/", {"details": {"title": "x" * 100}})
    assert content(answer)[:2] == (413, "too_large")


def test_what_django_refuses_itself_is_json_too(cast: Cast) -> None:
    answer = Client(headers={"host": "evil.example"}).get(f"{API}/shops/")
    assert content(answer) == (400, "bad_request", "Bad Request.")


def test_a_failure_of_ours_is_json_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("onboarding.api.views.vocabulary._field", fail)
    answer = program(cast.seller, raise_request_exception=False).get(f"{API}/vocabulary/")
    assert content(answer) == (500, "internal_server_error", "Internal Server Error.")


def test_pages_keep_their_own_errors(cast: Cast) -> None:
    assert "text/html" in Client().get("/nothing/")["Content-Type"]


def test_whoever_asks_too_often_is_told_when_to_come_back(cast: Cast, generous_rate: Callable[[str], None]) -> None:
    generous_rate("2/minute")
    api, teammate = program(cast.seller), program(cast.teammate)
    answers = [api.get(f"{API}/shops/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert content(answers[2])[1] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert teammate.get(f"{API}/shops/").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer 123", "Bearer \xff", "bearer \x00", "Basic x", "Token x"]
)
def test_what_is_no_token_signs_nobody_in(cast: Cast, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get(f"{API}/shops/").status_code == 401


def test_a_token_works_until_it_expires_or_is_revoked_or_its_person_is_locked_out(cast: Cast) -> None:
    client, (row, token) = APIClient(), ApiToken.objects.create(user=cast.seller, name="till")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert client.get(f"{API}/shops/").status_code == 200
    cast.seller.is_active = False
    cast.seller.save()
    assert client.get(f"{API}/shops/").status_code == 401
    cast.seller.is_active = True
    cast.seller.save()
    row.expiry = row.created - timedelta(seconds=1)
    row.save()
    assert client.get(f"{API}/shops/").status_code == 401


def test_only_a_tokens_hash_is_stored(cast: Cast) -> None:
    row, token = ApiToken.objects.create(user=cast.seller, name="till")
    stored = ApiToken.objects.filter(pk=row.pk).values().get()
    assert not any(token in str(value) for value in stored.values())


def test_a_session_signs_in_and_needs_the_csrf_token_to_write(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.seller)
    assert browser.get(f"{API}/shops/").status_code == 200
    path = f"{API}/shops/{cast.shop.pk}/listings/"
    answer = browser.post(path, {}, content_type="application/json")
    assert content(answer)[:2] == (403, "permission_denied")
    assert cast.shop.listings.count() == 0


def test_a_visitor_is_counted_by_an_address_that_is_not_theirs_to_choose(
    cast: Cast, generous_rate: Callable[[str], None]
) -> None:
    generous_rate("1/minute")
    headers = [{"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2")]
    assert [program(None).get(f"{API}/schema/", headers=each).status_code for each in headers] == [200, 429]
