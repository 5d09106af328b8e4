"""Each language of the pages: every sentence is translated, every term has a name, and nothing of it is out of date."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import admin
from django.test import Client
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override

from tests.conftest import Cast
from tests.services.binaries import find_binary

ROOT = Path(settings.BASE_DIR)
LOCALE = ROOT / "locale"
TERMS = ROOT / "catalog" / "terms"
TRANSLATED = sorted(code for code, _ in settings.LANGUAGES if code != "en")
DOMAINS = ("django", "djangojs")
THE_SAME = {"es": {"no", "error %(error)s"}}
THE_SAME_IN_ALL = {"A … Z", "Enter", "F1", "Macro-F1", "SHA-256", "Shift"}
"""Sentences that really are the same as in English: names, keys, and words that both languages have."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w+\}|</?[a-z]+[^>]*>")


def catalogue(language: str, domain: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def sentences(language: str) -> Iterator[tuple[str, Message]]:
    for domain in DOMAINS:
        for message in catalogue(language, domain):
            if message.id:
                yield name_of(message), message


def name_of(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def forms(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def terms(language: str) -> Any:
    return json.loads((TERMS / f"{language}.json").read_text(encoding="utf-8"))


def levels(
    entries: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Each term's siblings, itself among them, by the path of the one above."""
    yield path, entries
    for key, entry in entries.items():
        yield from levels(entry.get("children", {}), (*path, key))


def fields(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for field, entries in document.items():
        if field != "language":
            yield from levels(entries, (field,))


def test_whatever_the_admin_shows_of_a_row_has_a_name_that_can_be_translated() -> None:
    lines = {line.model for admin_of in admin.site._registry.values() for line in admin_of.inlines}
    shown = [
        field for model in {*admin.site._registry, *lines} for field in model._meta.fields if not field.primary_key
    ]
    own = [field for field in shown if field.model.__module__.startswith(("catalog", "onboarding"))]
    nameless = [str(field) for field in own if not isinstance(field.verbose_name, Promise)]
    assert sorted(nameless) == ["catalog.Listing.search_text", "catalog.TermName.search_text"]  # shown nowhere


def test_the_languages_are_those_that_have_files() -> None:
    assert [code for code, _ in settings.LANGUAGES] == ["en", *TRANSLATED]
    assert {"ar", "es", "hi"} <= set(TRANSLATED)
    assert {file.stem for file in TERMS.glob("*.json")} == {"en", *TRANSLATED}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    empty = [name for name, message in sentences(language) if not all(forms(message.string)) or not message.string]
    fuzzy = [name for name, message in sentences(language) if message.fuzzy]
    obsolete = [name for domain in DOMAINS for name in catalogue(language, domain).obsolete]
    assert (empty, fuzzy, obsolete) == ([], [], [])


@pytest.mark.parametrize("language", TRANSLATED)
def test_only_few_sentences_are_as_in_english(language: str) -> None:
    same = {name for name, message in sentences(language) if set(forms(message.string)) & set(forms(message.id))}
    assert same - THE_SAME_IN_ALL - THE_SAME.get(language, set()) == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in_and_how_they_begin_and_end(language: str) -> None:
    wrong = []
    for name, message in sentences(language):
        wanted = Counter(PLACEHOLDER.findall(forms(message.id)[-1]))
        is_counted = not isinstance(message.id, str)
        for form in forms(message.string):
            found = Counter(PLACEHOLDER.findall(form))
            lost = wanted - found
            if found - wanted or (lost and not (is_counted and lost.total() == 1)):  # "two photos" needs no figure
                wrong.append(name)
            if (form[0] == "\n", form[-1] == "\n") != (name[0] == "\n", name[-1] == "\n"):
                wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_number_has_a_form_in_djangos_own_order(language: str) -> None:
    """Django's catalogue of the language counts as ours does; otherwise one of both would take wrong forms."""
    own = Path(sys.modules["django"].__path__[0], "conf", "locale", language, "LC_MESSAGES", "django.po")
    with own.open("rb") as file:
        wanted = read_po(file).mime_headers
    for domain in DOMAINS:
        ours = catalogue(language, domain)
        assert dict(ours.mime_headers)["Plural-Forms"] == dict(wanted)["Plural-Forms"]
        counts = {len(message.string) for message in ours if message.id and not isinstance(message.id, str)}
        assert counts <= {ours.num_plurals}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_term_has_a_name_that_none_of_its_siblings_has(language: str) -> None:
    english, own = dict(fields(terms("en"))), dict(fields(terms(language)))
    assert {path: set(entries) for path, entries in own.items()} == {path: set(each) for path, each in english.items()}
    nameless = [(*path, key) for path, entries in own.items() for key in entries if not entries[key]["name"].strip()]
    assert nameless == []
    for path, entries in own.items():
        names = Counter(entry["name"].casefold() for entry in entries.values())
        assert [name for name, count in names.items() if count > 1] == [], path


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogues_are_todays(language: str) -> None:
    """If not: `make run` or `make test` compiles them."""
    with override(language):
        for name, message in sentences(language):
            if isinstance(message.id, str) and any("js" not in place for place, _ in message.locations):
                assert gettext(name) == message.string


def test_every_sentence_of_the_code_is_in_the_catalogues(tmp_path: Path) -> None:
    """If not: `make sentences`, then translate what is new."""
    find_binary("xgettext")
    for name in ("manage.py", "catalog", "onboarding", "templates", "static", "locale"):
        source, copy = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "vendor", "bundles"))
        else:
            shutil.copy(source, copy)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "onboarding.config.settings", "DEBUG": "1"}
    for domain in DOMAINS:
        command = [sys.executable, "manage.py", "makemessages", "--all", "--domain", domain, "--add-location", "file"]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        for language in TRANSLATED:
            with (tmp_path / "locale" / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
                wanted = {message.id for message in read_po(file) if message.id}
            assert {message.id for message in catalogue(language, domain) if message.id} == wanted


def test_counts_take_the_forms_of_the_language() -> None:
    with override("ar"):
        said = [
            ngettext("about %(count)s minute left", "about %(count)s minutes left", n) % {"count": n}
            for n in (1, 2, 3, 11, 100)
        ]
    assert len(set(said)) == len(said)


def test_a_visitor_reads_the_browsers_language_until_another_is_chosen(cast: Cast) -> None:
    visitor = cast.browser()
    asked = {"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.5"}
    assert '<html lang="hi"' in visitor.get("/", headers=asked).content.decode()
    visitor.post("/language/", {"language": "ar", "next": "/"})
    page = visitor.get("/", headers=asked).content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    for code, name in settings.LANGUAGES:
        assert f'value="{code}" lang="{code}"' in page
        assert name in page


def test_a_seller_reads_the_language_of_the_shop_until_another_is_chosen(cast: Cast) -> None:
    cast.shop.language = "es"
    cast.shop.save()
    seller, path = cast.browser(cast.seller), f"/shops/{cast.shop.pk}/listings/"
    seller.get(path)
    assert '<html lang="es"' in seller.get(path, headers={"Accept-Language": "ar"}).content.decode()
    seller.post("/language/", {"language": "en", "next": path})
    assert '<html lang="en"' in seller.get(path).content.decode()


def test_a_shop_whose_language_has_no_pages_leaves_the_browsers(cast: Cast) -> None:
    cast.shop.language = "sw"
    cast.shop.save()
    seller, path = cast.browser(cast.seller), f"/shops/{cast.shop.pk}/listings/"
    seller.get(path)
    assert '<html lang="hi"' in seller.get(path, headers={"Accept-Language": "hi"}).content.decode()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_says_what_it_is_called_in_itself(language: str) -> None:
    assert dict(settings.LANGUAGES)[language].casefold() == LANG_INFO[language]["name_local"].casefold()


def test_nobody_is_led_elsewhere_by_the_switch(cast: Cast) -> None:
    answer = cast.browser().post("/language/", {"language": "es", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_an_unknown_language_changes_nothing(cast: Cast) -> None:
    visitor = cast.browser()
    visitor.post("/language/", {"language": "xx", "next": "/"})
    assert '<html lang="en"' in visitor.get("/").content.decode()


def test_the_language_that_was_chosen_is_remembered_for_a_year(db: None, client: Client) -> None:
    chosen = client.post("/language/", {"language": "es"}).cookies["django_language"]
    assert chosen["max-age"] == 365 * 24 * 3600
    assert (chosen["secure"], chosen["httponly"], chosen["samesite"]) == (True, True, "Lax")
