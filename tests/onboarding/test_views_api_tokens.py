"""The page of a person's API tokens."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from onboarding.models import ApiToken
from tests.conftest import Cast

PAGE = "/account/api-tokens/"


def make(cast: Cast, **fields: Any) -> HttpResponse:
    return cast.browser(cast.seller).post(PAGE, {"name": "Till", "days": "90", **fields})


def test_a_new_token_is_shown_once_and_works(cast: Cast) -> None:
    page = make(cast)
    token = page.context["new_token"]
    assert (page.status_code, f"<code>{token}</code>" in page.content.decode()) == (200, True)
    assert "no-store" in page["Cache-Control"]
    again = cast.browser(cast.seller).get(PAGE).content.decode()
    assert (token in again, "Till" in again) == (False, True)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert program.get("/api/v1/shops/").status_code == 200


@pytest.mark.parametrize(("days", "lifetime"), [("30", timedelta(days=30)), ("", None)])
def test_a_token_is_valid_as_long_as_was_chosen(cast: Cast, days: str, lifetime: timedelta | None) -> None:
    make(cast, days=days)
    row = ApiToken.objects.get()
    assert (row.user, row.name) == (cast.seller, "Till")
    assert (row.expiry and round((row.expiry - timezone.now()) / timedelta(days=1))) == (lifetime and lifetime.days)


def test_a_form_that_arrives_twice_makes_one_token_and_says_so(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    key = str(browser.get(PAGE).context["form"]["idempotency_key"].value())
    form = {"name": "Till", "days": "90", "idempotency_key": key}
    assert browser.post(PAGE, form).context["new_token"]
    again = browser.post(PAGE, form, follow=True)
    assert (again.redirect_chain, again.context["new_token"], ApiToken.objects.count()) == ([(PAGE, 302)], "", 1)
    assert "This token exists already, and is shown only once." in again.content.decode()
    assert str(again.context["form"]["idempotency_key"].value()) != key


def test_a_key_stands_in_nobody_elses_way(cast: Cast) -> None:
    form = {"name": "Till", "days": "90", "idempotency_key": str(uuid4())}
    for person in (cast.seller, cast.teammate):
        assert cast.browser(person).post(PAGE, form).context["new_token"]


def test_the_page_with_a_new_token_makes_another_one(cast: Cast) -> None:
    browser, page = cast.browser(cast.seller), make(cast, idempotency_key=str(uuid4()))
    key = str(page.context["form"]["idempotency_key"].value())
    assert f'value="{key}"' in page.content.decode()
    assert browser.post(PAGE, {"name": "Second", "days": "90", "idempotency_key": key}).context["new_token"]


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 81}, {"days": "7"}])
def test_a_wrong_form_makes_no_token(cast: Cast, fields: dict[str, str]) -> None:
    page = make(cast, **fields)
    assert (page.status_code, page.context["new_token"], ApiToken.objects.count()) == (400, "", 0)


def test_nobody_has_more_tokens_than_the_limit(cast: Cast, settings: Any) -> None:
    settings.API_TOKENS_PER_PERSON = 1
    make(cast)
    page = make(cast, name="Second")
    assert (page.status_code, ApiToken.objects.count()) == (400, 1)
    assert "You have as many tokens as one person can have. Revoke one first." in page.content.decode()


def test_a_revoked_token_does_not_work_any_more(cast: Cast) -> None:
    token = make(cast).context["new_token"]
    row = ApiToken.objects.get()
    answer = cast.browser(cast.seller).post(f"{PAGE}{row.pk}/revoke/", follow=True)
    assert "The token “Till” is revoked. It does not work any more." in answer.content.decode()
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert program.get("/api/v1/shops/").status_code == 401


def test_the_page_shows_ones_own_tokens_only_and_whether_they_are_valid(cast: Cast) -> None:
    ApiToken.objects.create(user=cast.teammate, name="Not yours", expiry=None)
    ApiToken.objects.create(user=cast.seller, name="Old", expiry=-timedelta(days=1))
    ApiToken.objects.create(user=cast.seller, name="Everlasting", expiry=None)
    page = cast.browser(cast.seller).get(PAGE)
    assert [token.name for token in page.context["tokens"]] == ["Everlasting", "Old"]
    shown = page.content.decode()
    assert all(words in shown for words in ("Valid until revoked", "Expired"))


def test_a_page_of_many_tokens_takes_as_many_queries_as_one_of_a_single(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    browser = cast.browser(cast.seller)
    for missing in (1, 2):
        for _ in range(missing):
            ApiToken.objects.create(user=cast.seller, name="Till")
        with django_assert_num_queries(5):
            browser.get(PAGE)


def test_nobody_revokes_somebody_elses_token(cast: Cast) -> None:
    row, _token = ApiToken.objects.create(user=cast.seller, name="Till")
    assert cast.browser(cast.teammate).post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert cast.browser().post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert ApiToken.objects.count() == 1
