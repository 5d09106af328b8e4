"""The sentences of the scripts: in one language, small, and kept by browsers until they change."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from onboarding.script_words import edition_of


def words(language: str, edition: str) -> HttpResponse:
    path = reverse("script_words", args=[language, edition])
    return Client().get(path, headers={"Accept-Encoding": "gzip", "Accept-Language": "hi"})  # type: ignore[return-value]


@pytest.mark.parametrize(("language", "said"), [("es", "Nada se llama"), ("ar", "صورة"), ("en", "django.catalog")])
def test_they_are_in_the_language_of_the_address_and_compressed(db: None, language: str, said: str) -> None:
    answer = words(language, edition_of(language))
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
    script = gzip.decompress(answer.content).decode()
    assert said.encode("unicode-escape").decode() in script or said in script
    assert "django.contrib.admin" not in script
    assert len(answer.content) < 4_000


def test_todays_edition_is_kept_for_good_and_any_other_asked_for_again(db: None) -> None:
    assert words("es", edition_of("es"))["Cache-Control"] == "public, immutable, max-age=31536000"
    assert words("es", "yesterday")["Cache-Control"] == "no-cache"


def test_languages_without_pages_have_none(db: None) -> None:
    assert words("sw", "0").status_code == 404


def test_editions_differ_by_language() -> None:
    assert len({edition_of(language) for language in ("es", "hi", "ar")}) == 3
