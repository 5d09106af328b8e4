"""What is refused as a whole says so on a page, in the reader's language."""

from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast


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
