"""What is refused as a whole says so on a page, in the reader's language."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.conftest import Cast

POST_ONLY = "/photos/5/remove/"


def test_a_form_with_too_many_fields_is_too_much_at_once(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    seller, path = cast.browser(cast.seller), f"/shops/{cast.shop.pk}/"
    answer = seller.post(path, {f"field{number}": "x" for number in range(9)})
    assert answer.status_code == 413
    assert "That is too much at once" in answer.content.decode()


def test_a_form_with_too_many_bytes_is_too_much_at_once(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = cast.browser(cast.seller).post(f"/shops/{cast.shop.pk}/", {"name": "x" * 1_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(("language", "said"), [("es", 'lang="es"'), ("ar", 'dir="rtl"')])
def test_an_address_that_cannot_be_read_is_a_bad_request(db: None, settings: Any, language: str, said: str) -> None:
    browser = Client(HTTP_HOST="elsewhere.example", HTTP_ACCEPT_LANGUAGE=language)
    answer = browser.get("/")
    assert answer.status_code == 400
    assert said in answer.content.decode()


def next_of(page: Any) -> list[str]:
    """Where its form for the language and its link to sign in lead back to."""
    html = page.content.decode()
    return [
        *re.findall(r'name="next" value="([^"]*)"', html),
        *map(unquote, re.findall(r"login/\?next=([^\"]*)", html)),
    ]


def test_an_address_that_takes_only_forms_says_so_on_a_page(cast: Cast) -> None:
    answer = cast.browser(cast.seller).get(POST_ONLY)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is nothing to see here" in answer.content.decode()
    assert next_of(answer) == ["/"]


def test_programs_are_told_so_in_json(cast: Cast) -> None:
    answer = cast.browser(cast.seller).put("/api/v1/shops/")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/json")


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("http://testserver/listings/5/?page=2", "/listings/5/?page=2"),
        ("", "/"),
        ("https://evil.example/listings/5/", "/"),
        ("http://testserver//evil.example/", "/%2Fevil.example/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
    ],
)
def test_whoever_sent_a_form_signs_in_and_comes_back_to_the_page_it_was_on(
    db: None, referer: str, expected: str
) -> None:
    answer = Client().post(POST_ONLY, headers={"Referer": referer})
    assert answer.status_code == 404
    assert next_of(answer) == [expected, expected]


def test_whoever_reads_a_page_comes_back_to_it(db: None) -> None:
    answer = Client().get("/listings/5/?x=1", headers={"Referer": "http://testserver/elsewhere/"})
    assert next_of(answer) == ["/listings/5/?x=1"] * 2


def test_a_form_to_a_host_that_is_not_ours_is_a_bad_request_too(db: None) -> None:
    browser = Client(HTTP_HOST="elsewhere.example")
    assert browser.post(POST_ONLY, headers={"Referer": "http://elsewhere.example/"}).status_code == 400
